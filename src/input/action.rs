//! Orders: the action that the cells of a row ask for, with exactly the arguments it takes.
//!
//! The row's own word comes first, then the options. Nothing is assumed that changes a seat: only an upgrade knows a
//! seat of its own (MEMBER, as the API does), and a seat that the action cannot give is a complaint.

use crate::model::{Action, ActionName, Attributes, DowngradeSeat, PlanId, Seat, UpgradeSeat};

use super::cell::{self, Unreadable};
use super::row_parser::RowParser;
use super::{Field, row_error};
use crate::tabular::cell_text::list;

/// What a row asks for.
pub(super) enum RowAction {
    /// This.
    Do(Action),
    /// All is said but the plan, which nobody names.
    MissingPlan(ActionName),
    /// It cannot be told; the parser has the errors.
    Unclear,
}

enum PlanOf {
    Known(PlanId),
    Unsaid,
    Unclear,
}

/// Reads the order of a row.
pub(super) fn read(parser: &mut RowParser<'_>) -> RowAction {
    let Some(name) = action_name(parser) else { return RowAction::Unclear };
    if name != ActionName::Update {
        note_attributes(parser, name);
    }
    match name {
        ActionName::Downgrade => {
            let to = downgrade_seat(parser);
            in_plan(parser, name, |plan| to.map(|to| Action::Downgrade { plan, to }))
        }
        ActionName::Upgrade => {
            let to = upgrade_seat(parser);
            in_plan(parser, name, |plan| to.map(|to| Action::Upgrade { plan, to }))
        }
        ActionName::Remove => {
            note_seat(parser, name);
            in_plan(parser, name, |plan| Some(Action::Remove { plan }))
        }
        ActionName::Deactivate => without_arguments(parser, Action::Deactivate),
        ActionName::Reactivate => without_arguments(parser, Action::Reactivate),
        ActionName::Plans => without_arguments(parser, Action::Plans),
        ActionName::Update => {
            note_seat(parser, name);
            update(parser)
        }
    }
}

fn without_arguments(parser: &mut RowParser<'_>, action: Action) -> RowAction {
    note_seat(parser, action.name());
    RowAction::Do(action)
}

fn action_name(parser: &mut RowParser<'_>) -> Option<ActionName> {
    if parser.cell(Field::Action).is_some() {
        return parser.value(Field::Action, read_action);
    }
    if parser.options.action.is_none() {
        let message = match parser.columns.at(Field::Action) {
            Some(_) => "is empty, so the row does not say what is to be done",
            None => "no action: the row does not say what is to be done",
        };
        parser.complain(Field::Action, message.to_owned(), Some("fill it in, or say --action for rows that do not"));
    }
    parser.options.action
}

/// Reads the name of an action.
pub(super) fn read_action(text: &str) -> Result<ActionName, Unreadable> {
    text.parse().map_err(|_| {
        let names: Vec<_> = ActionName::ALL.iter().map(|action| action.name()).collect();
        Unreadable {
            message: format!("{} is not an action", cell::quote(text)),
            hint: Some(format!("it is one of {}", names.join(", "))),
        }
    })
}

/// Reads the name of a seat.
pub(super) fn read_seat(text: &str) -> Result<Seat, Unreadable> {
    text.parse().map_err(|_| Unreadable { message: format!("{} is not a seat type", cell::quote(text)), hint: None })
}

fn in_plan(parser: &mut RowParser<'_>, name: ActionName, action: impl FnOnce(PlanId) -> Option<Action>) -> RowAction {
    match plan(parser) {
        PlanOf::Known(plan) => action(plan).map_or(RowAction::Unclear, RowAction::Do),
        PlanOf::Unsaid => RowAction::MissingPlan(name),
        PlanOf::Unclear => RowAction::Unclear,
    }
}

fn plan(parser: &mut RowParser<'_>) -> PlanOf {
    if parser.cell(Field::PlanId).is_some() {
        return parser.value(Field::PlanId, cell::id).map_or(PlanOf::Unclear, PlanOf::Known);
    }
    parser.options.plan_id.map_or(PlanOf::Unsaid, PlanOf::Known)
}

/// The seats that a downgrade gives, for messages.
pub(super) const DOWNGRADES: &str = "GUEST (external users only), VIEWER or CONTRIBUTOR";
/// The seats that an upgrade gives, for messages.
pub(super) const UPGRADES: &str = "MEMBER or GUEST (external users only)";

fn downgrade_seat(parser: &mut RowParser<'_>) -> Option<DowngradeSeat> {
    let Wish::Seat(seat) = wished_seat(parser, DOWNGRADES) else {
        return None;
    };
    let target = match seat {
        None => {
            match parser.columns.at(Field::SeatType) {
                Some(_) => parser.complain(
                    Field::SeatType,
                    format!("is empty, and a downgrade needs a seat: {DOWNGRADES}"),
                    Some("fill it in, or say --seat-type for rows that do not"),
                ),
                None => parser.complain(
                    Field::SeatType,
                    "no seat named: say --seat-type VIEWER or add a column seat_type".to_owned(),
                    Some(&format!("a downgrade gives {DOWNGRADES}")),
                ),
            }
            return None;
        }
        Some(Seat::Guest) => DowngradeSeat::Guest,
        Some(Seat::Viewer) => DowngradeSeat::Viewer,
        Some(Seat::Contributor) => DowngradeSeat::Contributor,
        Some(seat @ (Seat::Member | Seat::ProvisionalMember)) => {
            complain_of_seat(parser, seat, "a downgrade", DOWNGRADES);
            return None;
        }
    };
    Some(target)
}

fn upgrade_seat(parser: &mut RowParser<'_>) -> Option<UpgradeSeat> {
    let Wish::Seat(seat) = wished_seat(parser, UPGRADES) else {
        return None;
    };
    match seat {
        None | Some(Seat::Member) => Some(UpgradeSeat::Member),
        Some(Seat::Guest) => Some(UpgradeSeat::Guest),
        Some(seat @ (Seat::Viewer | Seat::Contributor | Seat::ProvisionalMember)) => {
            complain_of_seat(parser, seat, "an upgrade", UPGRADES);
            None
        }
    }
}

enum Wish {
    Seat(Option<Seat>),
    Unclear,
}

/// The seat that the row names, else the one for rows that do not.
fn wished_seat(parser: &mut RowParser<'_>, allowed: &str) -> Wish {
    if parser.cell(Field::SeatType).is_none() {
        return Wish::Seat(parser.options.seat);
    }
    let read = |text: &str| {
        read_seat(text).map_err(|Unreadable { message, .. }| Unreadable {
            message: format!("{message}: the action gives {allowed}"),
            hint: None,
        })
    };
    parser.value(Field::SeatType, read).map_or(Wish::Unclear, |seat| Wish::Seat(Some(seat)))
}

fn complain_of_seat(parser: &mut RowParser<'_>, seat: Seat, action: &str, allowed: &str) {
    let origin = if parser.cell(Field::SeatType).is_some() { "" } else { " (from --seat-type or the settings)" };
    let message = format!("{seat}{origin} is not a seat that {action} gives: it gives {allowed}");
    let hint = "if the column says what the seat was, rename it and say --seat-type";
    parser.complain(Field::SeatType, message, origin.is_empty().then_some(hint));
}

fn update(parser: &mut RowParser<'_>) -> RowAction {
    let fields: Vec<_> = parser.columns.attributes().collect();
    if fields.is_empty() {
        let was = parser.columns.was();
        let hint = if was.is_empty() {
            "add a column for what is to change, such as `admin` or `first_name`".to_owned()
        } else {
            format!("{} say what was: add a column `action` to have attributes read as orders", list(&was))
        };
        let message = "an update needs one of the columns admin, licensed_sheet_creator, group_admin, resource_viewer, \
                       first_name, last_name";
        parser.complain(Field::Admin, message.to_owned(), Some(&hint));
        return RowAction::Unclear;
    }
    let attributes = attributes(parser);
    if !parser.is_sound() {
        return RowAction::Unclear;
    }
    if attributes.is_empty() {
        let names: Vec<_> = fields.into_iter().filter_map(|field| parser.columns.name_of(field)).collect();
        let message = format!("nothing to change: {} empty", row_error::are(&names));
        parser.complain_of_row(message, "fill what is to change, or take the row out");
        return RowAction::Unclear;
    }
    RowAction::Do(Action::Update(Box::new(attributes)))
}

/// The attributes that the row sets; unreadable ones are complained of.
fn attributes(parser: &mut RowParser<'_>) -> Attributes {
    Attributes {
        admin: parser.value(Field::Admin, cell::flag),
        licensed_sheet_creator: parser.value(Field::LicensedSheetCreator, cell::flag),
        group_admin: parser.value(Field::GroupAdmin, cell::flag),
        resource_viewer: parser.value(Field::ResourceViewer, cell::flag),
        first_name: parser.text(Field::FirstName),
        last_name: parser.text(Field::LastName),
    }
}

/// Says that attributes of a row that is no update are left alone. Where the sheet has no action column, that was said
/// once for the file.
pub(super) fn note_attributes(parser: &mut RowParser<'_>, name: ActionName) {
    if parser.columns.at(Field::Action).is_none() {
        return;
    }
    let columns = parser.columns;
    let mut filled = columns.attributes().filter(|field| parser.cell(*field).is_some()).peekable();
    if filled.peek().is_some() {
        let names: Vec<_> = filled.filter_map(|field| columns.name_of(field)).collect();
        let note = format!("{} ignored: only an update sets attributes, and this is a {name}", row_error::are(&names));
        parser.note(note);
    }
}

/// Says that a seat beside an action that takes none is left alone.
pub(super) fn note_seat(parser: &mut RowParser<'_>, name: ActionName) {
    if let (Some(seat), Some(column)) = (parser.cell(Field::SeatType), parser.columns.name_of(Field::SeatType)) {
        parser.note(format!("{} {} is ignored: {name} takes no seat", cell::quote(column), cell::quote(seat)));
    }
}
