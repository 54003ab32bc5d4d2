//! The undo of one user: the rows that reverse the net effect of the user's changes.
//!
//! What a user has falls into parts that can be put back one by one: whether they are active, the seat in each plan,
//! each attribute. A part is put back when every change of it is known to be made and it is known what it was.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::change::{Certainty, Change};
use super::undo_rows::{NotUndoable, Undo, UndoRow};
use crate::model::{Action, ActionName, Attributes, DowngradeSeat, Job, PlanId, ReportedSeat, Seat, UpgradeSeat};
use crate::plan::REACTIVATION;

/// The undo of one user, whose changes these are in the order of the rows.
pub(super) fn undo(run: &str, changes: &[&Change], now: Timestamp) -> Undo {
    let mut builder = UndoBuilder { run, changes, now, rows: Vec::new(), not_undoable: Vec::new(), until: None };
    let status = builder.status();
    builder.seats(status);
    builder.attributes(status);
    builder.rows.sort_by_key(|(order, _)| *order);
    Undo {
        rows: builder.rows.into_iter().map(|(_, row)| row).collect(),
        not_undoable: builder.not_undoable,
        until: builder.until,
    }
}

/// The order of the rows of one undo. Seats are changed while the user is active, so a reactivation comes first and a
/// deactivation last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum UndoOrder {
    Reactivation,
    SeatOfReactivation,
    /// The last change first.
    Change(std::cmp::Reverse<usize>),
    SeatOfDeactivation,
    Deactivation,
}

/// What the undo does to the user's status.
#[derive(Debug, Clone, Copy)]
enum StatusUndo<'a> {
    /// Nothing: the status is as it was, or it is unknown.
    None,
    /// The user is reactivated, which takes back this change.
    Reactivated(&'a Change),
    /// The user is deactivated, which takes back this change.
    Deactivated(&'a Change),
    /// The user stays deactivated for this reason, so nothing else of the user can be put back.
    StaysDeactivated(&'static str),
    /// The user may be deactivated: the result of this row is unknown.
    Unknown(u64),
}

impl StatusUndo<'_> {
    /// Whether it may give a MEMBER seat in a plan: a reactivation does so in the user's own.
    fn may_give_member_in(self, plan: PlanId) -> bool {
        match self {
            Self::Reactivated(change) => change.before.plan.is_none_or(|own| own == plan),
            Self::None | Self::Deactivated(_) | Self::StaysDeactivated(_) | Self::Unknown(_) => false,
        }
    }

    /// Why nothing else of the user can be put back, if nothing can.
    fn blocker(self) -> Option<String> {
        match self {
            Self::StaysDeactivated(why) => Some(why.to_owned()),
            Self::Unknown(row) => Some(format!(
                "row {row} may have left the user deactivated, and a deactivated user cannot be changed: \
                 check the user and undo this by hand"
            )),
            Self::None | Self::Reactivated(_) | Self::Deactivated(_) => None,
        }
    }
}

struct UndoBuilder<'a> {
    run: &'a str,
    changes: &'a [&'a Change],
    now: Timestamp,
    rows: Vec<(UndoOrder, UndoRow)>,
    not_undoable: Vec<NotUndoable>,
    until: Option<Timestamp>,
}

impl<'a> UndoBuilder<'a> {
    /// Whether the user is active.
    fn status(&mut self) -> StatusUndo<'a> {
        let part = self.part(|action| matches!(action, Action::Deactivate | Action::Reactivate));
        let Some((first, last)) = self.first_and_last_if_certain(&part) else {
            let unclear = part.iter().map(|at| self.changes[*at]).find(|change| change.certainty != Certainty::Made);
            return unclear.map_or(StatusUndo::None, |change| StatusUndo::Unknown(change.row));
        };
        let is_deactivated = last.job.action == Action::Deactivate;
        let was_deactivated = match first.before.status.as_deref() {
            Some("ACTIVE") => false,
            Some("DEACTIVATED") => true,
            // Only an active user can be deactivated, and only a deactivated one reactivated.
            None => first.job.action == Action::Reactivate,
            Some(other) => {
                self.cannot_undo(&part, &format!("the user was {other} before, and no user can be set to that status"));
                return if is_deactivated { StatusUndo::StaysDeactivated(NOT_ACTIVE_BEFORE) } else { StatusUndo::None };
            }
        };
        match (was_deactivated, is_deactivated) {
            (false, true) => self.reactivate(&part, last),
            (true, false) => {
                self.add_row(UndoOrder::Deactivation, Action::Deactivate, &part, "reactivate");
                StatusUndo::Deactivated(last)
            }
            (true, true) | (false, false) => StatusUndo::None,
        }
    }

    fn reactivate(&mut self, part: &[usize], change: &'a Change) -> StatusUndo<'a> {
        let until = change.at + REACTIVATION;
        if until <= self.now {
            let day = change.at.strftime("%Y-%m-%d");
            self.cannot_undo(
                part,
                &format!("the user was deactivated on {day}, and can be reactivated for 30 days only"),
            );
            return StatusUndo::StaysDeactivated(TOO_LATE);
        }
        self.until = Some(until);
        let what = format!("deactivate (possible until {})", until.strftime("%Y-%m-%d %H:%MZ"));
        self.add_row(UndoOrder::Reactivation, Action::Reactivate, part, &what);
        StatusUndo::Reactivated(change)
    }

    /// The seats in all plans.
    fn seats(&mut self, status: StatusUndo<'a>) {
        let mut parts: Vec<(PlanId, Vec<usize>)> = Vec::new();
        for (at, change) in self.changes.iter().enumerate() {
            let Some(plan) = change.job.action.plan() else { continue };
            match parts.iter_mut().find(|(known, _)| *known == plan) {
                Some((_, part)) => part.push(at),
                None => parts.push((plan, vec![at])),
            }
        }
        for (plan, part) in &parts {
            self.seat(*plan, part, status);
        }
        self.seat_after_status(status, &parts);
    }

    /// The seat in a plan in which it was changed.
    fn seat(&mut self, plan: PlanId, part: &[usize], status: StatusUndo<'a>) {
        let Some((first, last)) = self.first_and_last_if_certain(part) else { return };
        if let Some(removal) = part.iter().find(|at| matches!(self.changes[**at].job.action, Action::Remove { .. })) {
            let row = self.changes[*removal].row;
            self.cannot_undo(&[*removal], "a removal cannot be reversed: the user's shares in the plan are gone");
            let others: Vec<_> = part.iter().copied().filter(|at| at != removal).collect();
            return self.cannot_undo(&others, &format!("the user was removed from the plan in row {row}"));
        }
        if let Some(why) = status.blocker() {
            return self.cannot_undo(part, &why);
        }
        let Some(after) = last.job.action.seat() else { return };
        let held = &first.before;
        let before = held.seat.as_ref().filter(|_| held.plan.is_none_or(|held| held == plan));
        let mut back = seat_back(plan, before, after);
        // A reactivation may have given back the seat already; a row that asks for it again does no harm, and the
        // documents do not say in which plans it gives one.
        if status.may_give_member_in(plan)
            && let other @ (Ok(Some(_)) | Err(_)) = seat_back(plan, before, Seat::Member)
        {
            back = other;
        }
        match back {
            Ok(None) => {}
            Ok(Some(action)) => {
                let from = before.map(ToString::to_string).unwrap_or_default();
                let what = format!("{} from {from} to {after}", last.job.action.name());
                self.add_row(UndoOrder::Change(std::cmp::Reverse(part[0])), action, part, &what);
            }
            Err(why) => self.cannot_undo(part, &why),
        }
    }

    /// The seat that only a deactivation or a reactivation changed, which gives a paid MEMBER seat.
    fn seat_after_status(&mut self, status: StatusUndo<'a>, parts: &[(PlanId, Vec<usize>)]) {
        let (order, change) = match status {
            StatusUndo::Reactivated(change) => (UndoOrder::SeatOfReactivation, change),
            StatusUndo::Deactivated(change) => (UndoOrder::SeatOfDeactivation, change),
            StatusUndo::None | StatusUndo::StaysDeactivated(_) | StatusUndo::Unknown(_) => return,
        };
        let is_known_by_others = change.before.plan.is_none() && !parts.is_empty();
        if is_known_by_others || parts.iter().any(|(plan, _)| change.before.plan == Some(*plan)) {
            return;
        }
        let part = self.part(|action| *action == change.job.action);
        let before = change.before.seat.as_ref();
        let back = match change.before.plan {
            Some(plan) => seat_back(plan, before, Seat::Member),
            None => Err(UNKNOWN_SEAT.to_owned()),
        };
        match (back, status) {
            (Ok(Some(action)), _) => {
                let held = before.map(ToString::to_string).unwrap_or_default();
                let what = format!("{}: the seat was {held}, and reactivating gives MEMBER", change.job.action.name());
                self.add_row(order, action, &part, &what);
            }
            (Err(why), StatusUndo::Reactivated(_)) => {
                self.cannot_undo(&part, &format!("reactivating gives a paid MEMBER seat, and {why}"));
            }
            // A deactivated user holds no seat that could be missed.
            (Ok(None), _)
            | (
                Err(_),
                StatusUndo::Deactivated(_)
                | StatusUndo::None
                | StatusUndo::StaysDeactivated(_)
                | StatusUndo::Unknown(_),
            ) => {}
        }
    }

    fn attributes(&mut self, status: StatusUndo<'a>) {
        if let Some(why) = status.blocker() {
            let part = self.part(|action| action.name() == ActionName::Update);
            return self.cannot_undo(&part, &why);
        }
        let mut back = BTreeMap::new();
        self.attribute("admin", |attributes| &mut attributes.admin, &mut back);
        self.attribute("licensedSheetCreator", |attributes| &mut attributes.licensed_sheet_creator, &mut back);
        self.attribute("groupAdmin", |attributes| &mut attributes.group_admin, &mut back);
        self.attribute("resourceViewer", |attributes| &mut attributes.resource_viewer, &mut back);
        self.attribute("firstName", |attributes| &mut attributes.first_name, &mut back);
        self.attribute("lastName", |attributes| &mut attributes.last_name, &mut back);
        for (at, FormerAttributes { attributes, names, mut part }) in back {
            part.sort_unstable();
            part.dedup();
            let (order, action) = (UndoOrder::Change(std::cmp::Reverse(at)), Action::Update(Box::new(attributes)));
            self.add_row(order, action, &part, &format!("update of {}", names.join(", ")));
        }
    }

    /// One attribute: what it was goes into `back`, under the first change that set it.
    fn attribute<T: AttributeValue>(
        &mut self,
        name: &'static str,
        field: fn(&mut Attributes) -> &mut Option<T>,
        back: &mut BTreeMap<usize, FormerAttributes>,
    ) {
        let set = |action: &Action| field(&mut action.attributes()?.clone()).take();
        let part = self.part(|action| set(action).is_some());
        let Some((first, last)) = self.first_and_last_if_certain(&part) else { return };
        let former = first.before.attributes.clone().and_then(|mut before| field(&mut before).take());
        match former.map(AttributeValue::tidy) {
            None => self.cannot_undo(&part, &format!("the value of {name} before the run is unknown")),
            Some(former) if former.is_empty() => {
                self.cannot_undo(&part, &format!("{name} was empty before, and an input cannot empty a name"));
            }
            Some(former) if set(&last.job.action) == Some(former.clone()) => {}
            Some(former) => {
                let step = back.entry(part[0]).or_default();
                *field(&mut step.attributes) = Some(former);
                step.names.push(name);
                step.part.extend(part);
            }
        }
    }

    /// The indices of the changes whose action is of one part.
    fn part(&self, is_of_it: impl Fn(&Action) -> bool) -> Vec<usize> {
        (0..self.changes.len()).filter(|at| is_of_it(&self.changes[*at].job.action)).collect()
    }

    /// The first and the last change of a part, unless one of them is unclear: then all of them stay.
    fn first_and_last_if_certain(&mut self, part: &[usize]) -> Option<(&'a Change, &'a Change)> {
        let of = |at: &usize| self.changes[*at];
        let unclear = part.iter().map(of).find(|change| change.certainty != Certainty::Made).map(|change| change.row);
        let (first, last) = (part.first().map(of)?, part.last().map(of)?);
        let Some(row) = unclear else { return Some((first, last)) };
        for at in part {
            match of(at).certainty {
                Certainty::Unclear(why) => self.cannot_undo(&[*at], why),
                Certainty::Made => {
                    self.cannot_undo(&[*at], &format!("row {row} changes the same thing, and its result is unknown"));
                }
            }
        }
        None
    }

    fn add_row(&mut self, order: UndoOrder, action: Action, part: &[usize], what: &str) {
        let Some(Change { job: Job { user, .. }, before, .. }) = self.changes.first() else { return };
        let rows: Vec<_> = part.iter().map(|at| self.changes[*at].row.to_string()).collect();
        let rows = match rows.as_slice() {
            [row] => format!("row {row}"),
            rows => format!("rows {}", rows.join(", ")),
        };
        let reason = format!("undoes {rows} of run {}: {what}", self.run);
        let (email, name) = (before.email.clone(), before.name.clone());
        self.rows.push((order, UndoRow { job: Job { user: *user, action }, email, name, reason }));
    }

    fn cannot_undo(&mut self, part: &[usize], why: &str) {
        for at in part {
            let Change { row, job, .. } = self.changes[*at];
            let kept = NotUndoable { row: *row, user: job.user, reason: format!("{}: {why}", job.action.name()) };
            // An unclear update is found once for each attribute that it sets.
            if !self.not_undoable.contains(&kept) {
                self.not_undoable.push(kept);
            }
        }
    }
}

const TOO_LATE: &str = "the user is deactivated and can no longer be reactivated";
const NOT_ACTIVE_BEFORE: &str =
    "the user is deactivated, and was not active before: reactivate the user first, if that is wanted";
const UNKNOWN_SEAT: &str = "the seat before the run is unknown";

/// What gives back the seat `before` to a user who holds `now`; nothing when it is the same.
fn seat_back(plan: PlanId, before: Option<&ReportedSeat>, now: Seat) -> Result<Option<Action>, String> {
    let before = match before {
        Some(ReportedSeat::Known(before)) => *before,
        Some(ReportedSeat::Other(before)) => {
            return Err(format!("the seat before, {before}, cannot be requested"));
        }
        None => return Err(UNKNOWN_SEAT.to_owned()),
    };
    if before.is_same(now) {
        return Ok(None);
    }
    let down = |to| Action::Downgrade { plan, to };
    let up = |to| Action::Upgrade { plan, to };
    Ok(Some(match before {
        Seat::Member => up(UpgradeSeat::Member),
        Seat::Viewer => down(DowngradeSeat::Viewer),
        Seat::Contributor => down(DowngradeSeat::Contributor),
        Seat::Guest => match now {
            Seat::Member | Seat::ProvisionalMember => down(DowngradeSeat::Guest),
            Seat::Guest | Seat::Viewer | Seat::Contributor => up(UpgradeSeat::Guest),
        },
        Seat::ProvisionalMember => {
            return Err("the seat before was a trial (PROVISIONAL_MEMBER), which cannot be assigned".to_owned());
        }
    }))
}

/// Attributes that are put back by one step.
#[derive(Debug, Default)]
struct FormerAttributes {
    attributes: Attributes,
    names: Vec<&'static str>,
    part: Vec<usize>,
}

/// The value of an attribute.
trait AttributeValue: Clone + PartialEq {
    /// As an input's cell holds it.
    fn tidy(self) -> Self;

    /// Whether no cell can hold it.
    fn is_empty(&self) -> bool;
}

impl AttributeValue for bool {
    fn tidy(self) -> Self {
        self
    }

    fn is_empty(&self) -> bool {
        false
    }
}

impl AttributeValue for String {
    fn tidy(self) -> Self {
        self.trim().to_owned()
    }

    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}
