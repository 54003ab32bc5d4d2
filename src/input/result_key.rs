//! Rows with a key: reports and reviews that come back, perhaps through a spreadsheet that rounded every id in them.
//!
//! The key says who, what and how; the cells beside it must not say otherwise. A cell that a spreadsheet has rounded is
//! no contradiction, an edited one is, and then nobody can tell which of the two is meant: neither runs.

use std::fmt::Display;

use crate::model::{Action, Job, JobKey};

use super::row_parser::RowParser;
use super::{Field, Subject, action, cell, number};

/// What the key column of a row says.
pub(super) enum Key {
    /// There is none: the row is read by its other columns.
    Absent,
    /// The row is this job.
    Job(Job),
    /// There is one, and it is damaged; the parser has the error.
    Broken,
}

/// Reads the key of a row.
pub(super) fn key(parser: &mut RowParser<'_>) -> Key {
    let Some(text) = parser.cell(Field::ResultKey) else { return Key::Absent };
    match cell::bare(text).parse::<JobKey>() {
        Ok(key) => Key::Job(key.into_job()),
        Err(error) => {
            let message = format!("{} is not a key of a report: {error}", cell::quote(text));
            let hint = match parser.columns.at(Field::ResultSignature) {
                Some(_) => "copy the cell from the review again",
                None => "copy the cell from the report again, or empty it to have the row read by its other columns",
            };
            parser.complain(Field::ResultKey, message, Some(hint));
            Key::Broken
        }
    }
}

/// Whom a keyed row is about; complains of every cell that contradicts the key.
pub(super) fn subject(parser: &mut RowParser<'_>, job: &Job) -> Subject {
    check_id(parser, Field::UserId, job.user.get());
    check_action(parser, &job.action);
    if let Some(plan) = job.action.plan() {
        check_id(parser, Field::PlanId, plan.get());
    }
    match parser.email() {
        Some(email) => Subject::Both(job.user, email),
        None => Subject::Id(job.user),
    }
}

fn check_id(parser: &mut RowParser<'_>, field: Field, exact: u64) {
    let Some(text) = parser.cell(field) else { return };
    if !number::shows(cell::bare(text), exact) {
        contradiction(parser, field, text, &exact);
    }
}

fn check_action(parser: &mut RowParser<'_>, action: &Action) {
    let name = parser.value(Field::Action, action::read_action);
    if let Some(name) = name.filter(|name| *name != action.name()) {
        contradiction(parser, Field::Action, name.name(), &action.name());
    }
    if let Some(wanted) = action.seat() {
        let seat = parser.value(Field::SeatType, action::read_seat);
        if let Some(seat) = seat.filter(|seat| !seat.is_same(wanted)) {
            contradiction(parser, Field::SeatType, seat.name(), &wanted);
        }
    }
    match action {
        Action::Update(_) => {
            action::note_seat(parser, action.name());
            check_attributes(parser, action);
        }
        Action::Downgrade { .. } | Action::Upgrade { .. } => action::note_attributes(parser, action.name()),
        Action::Deactivate | Action::Reactivate | Action::Remove { .. } | Action::Plans => {
            action::note_seat(parser, action.name());
            action::note_attributes(parser, action.name());
        }
    }
}

/// An update's cells say the same as its key, emptied ones included: an emptied cell is how a person takes an attribute
/// out. Columns that are gone say nothing.
fn check_attributes(parser: &mut RowParser<'_>, action: &Action) {
    let Action::Update(wanted) = action else { return };
    let columns = parser.columns;
    let is_there = |field: &Field| columns.at(*field).is_some();
    let flags = [
        (Field::Admin, wanted.admin),
        (Field::LicensedSheetCreator, wanted.licensed_sheet_creator),
        (Field::GroupAdmin, wanted.group_admin),
        (Field::ResourceViewer, wanted.resource_viewer),
    ];
    let names = [(Field::FirstName, &wanted.first_name), (Field::LastName, &wanted.last_name)];
    for (field, wanted) in flags.into_iter().filter(|(field, _)| is_there(field)) {
        if parser.value(field, cell::flag) != wanted {
            contradicts(parser, field, wanted.map(|flag| flag.to_string()));
        }
    }
    for (field, wanted) in names.into_iter().filter(|(field, _)| is_there(field)) {
        // The key proves that this is a name, however it looks.
        if parser.cell(field) != wanted.as_deref() {
            contradicts(parser, field, wanted.clone());
        }
    }
}

fn contradicts(parser: &mut RowParser<'_>, field: Field, wanted: Option<String>) {
    let text = parser.cell(field).unwrap_or_default();
    contradiction(parser, field, text, &wanted.unwrap_or_else(|| "left as it is".to_owned()));
}

fn contradiction(parser: &mut RowParser<'_>, field: Field, said: &str, wanted: &dyn Display) {
    let key = parser.columns.name_of(Field::ResultKey).unwrap_or_default();
    let said = if said.is_empty() { "an empty cell".to_owned() } else { cell::quote(said) };
    let message = format!("{said} contradicts {}, which says {}", cell::quote(key), cell::quote(&wanted.to_string()));
    let hint = match parser.columns.at(Field::ResultSignature) {
        Some(_) => "a review runs as it was reviewed: put back what it was, or change the input and review that again",
        None => {
            "to run what the columns say, empty the key; to run what the key says, empty this cell or put back what it was"
        }
    };
    parser.complain(field, message, Some(hint));
}
