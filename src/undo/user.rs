//! The changes of one user, and the way back from their net effect.
//!
//! What a user has falls into parts that can be put back one by one: whether they are active, the seat in each plan,
//! each attribute. A part is put back when every change of it is known to be made and it is known what it was.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Back, Certainty, Change, REACTIVATION, Stays, Undo};
use crate::model::{Action, ActionName, Attributes, DowngradeSeat, Job, PlanId, Seat, SeenSeat, UpgradeSeat};

/// The way back for a user whose changes these are, in the order of the rows.
pub(super) fn undo(run: &str, changes: &[&Change], now: Timestamp) -> Undo {
    let mut way = Way { run, changes, now, steps: Vec::new(), stays: Vec::new(), until: None };
    let turn = way.standing();
    way.seats(turn);
    way.attributes(turn);
    way.steps.sort_by_key(|(place, _)| *place);
    Undo { back: way.steps.into_iter().map(|(_, back)| back).collect(), stays: way.stays, until: way.until }
}

/// Where a step stands on the way back. Seats are changed while the user is active, so a reactivation comes first and a
/// deactivation last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Reactivation,
    SeatOfReactivation,
    /// The last change first.
    Change(std::cmp::Reverse<usize>),
    SeatOfDeactivation,
    Deactivation,
}

/// What the way back makes of a user's standing.
#[derive(Debug, Clone, Copy)]
enum Turn<'a> {
    /// Nothing: it is as it was, or not known.
    None,
    /// The user is reactivated, which takes back this change.
    Reactivated(&'a Change),
    /// The user is deactivated, which takes back this change.
    Deactivated(&'a Change),
    /// The user stays deactivated, and so nothing else of them can be put back, for this reason.
    Shut(&'static str),
    /// The user may be deactivated: what became of this row is not known.
    Unclear(u64),
}

impl Turn<'_> {
    /// Whether it may give a MEMBER seat in a plan: a reactivation does so in the user's own.
    fn may_give_member_in(self, plan: PlanId) -> bool {
        match self {
            Self::Reactivated(change) => change.before.plan.is_none_or(|own| own == plan),
            Self::None | Self::Deactivated(_) | Self::Shut(_) | Self::Unclear(_) => false,
        }
    }

    /// Why nothing else of the user can be put back, if it cannot.
    fn lock(self) -> Option<String> {
        match self {
            Self::Shut(why) => Some(why.to_owned()),
            Self::Unclear(row) => Some(format!(
                "row {row} may have left the user deactivated, and then nothing can be changed: look at the user, and put \
                 this back by hand"
            )),
            Self::None | Self::Reactivated(_) | Self::Deactivated(_) => None,
        }
    }
}

struct Way<'a> {
    run: &'a str,
    changes: &'a [&'a Change],
    now: Timestamp,
    steps: Vec<(Place, Back)>,
    stays: Vec<Stays>,
    until: Option<Timestamp>,
}

impl<'a> Way<'a> {
    /// Whether the user is active.
    fn standing(&mut self) -> Turn<'a> {
        let part = self.part(|action| matches!(action, Action::Deactivate | Action::Reactivate));
        let Some((first, last)) = self.if_clear(&part) else {
            let unclear = part.iter().map(|at| self.changes[*at]).find(|change| change.certainty != Certainty::Made);
            return unclear.map_or(Turn::None, |change| Turn::Unclear(change.row));
        };
        let is_deactivated = last.job.action == Action::Deactivate;
        let was_deactivated = match first.before.status.as_deref() {
            Some("ACTIVE") => false,
            Some("DEACTIVATED") => true,
            // Only who is active can be deactivated, and the other way round.
            None => first.job.action == Action::Reactivate,
            Some(other) => {
                self.stay(&part, &format!("the user was {other} before, and nobody can be made that"));
                return if is_deactivated { Turn::Shut(SHUT) } else { Turn::None };
            }
        };
        match (was_deactivated, is_deactivated) {
            (false, true) => self.reactivate(&part, last),
            (true, false) => {
                self.step(Place::Deactivation, Action::Deactivate, &part, "reactivate");
                Turn::Deactivated(last)
            }
            (true, true) | (false, false) => Turn::None,
        }
    }

    fn reactivate(&mut self, part: &[usize], change: &'a Change) -> Turn<'a> {
        let until = change.at + REACTIVATION;
        if until <= self.now {
            let day = change.at.strftime("%Y-%m-%d");
            self.stay(part, &format!("the user was deactivated on {day}, and 30 days later nobody can be reactivated"));
            return Turn::Shut(TOO_LATE);
        }
        self.until = Some(until);
        let what = format!("deactivate (possible until {})", until.strftime("%Y-%m-%d %H:%MZ"));
        self.step(Place::Reactivation, Action::Reactivate, part, &what);
        Turn::Reactivated(change)
    }

    /// The seats in all plans.
    fn seats(&mut self, turn: Turn<'a>) {
        let mut parts: Vec<(PlanId, Vec<usize>)> = Vec::new();
        for (at, change) in self.changes.iter().enumerate() {
            let Some(plan) = change.job.action.plan() else { continue };
            match parts.iter_mut().find(|(known, _)| *known == plan) {
                Some((_, part)) => part.push(at),
                None => parts.push((plan, vec![at])),
            }
        }
        for (plan, part) in &parts {
            self.seat(*plan, part, turn);
        }
        self.seat_of_standing(turn, &parts);
    }

    /// The seat in a plan in which it was changed.
    fn seat(&mut self, plan: PlanId, part: &[usize], turn: Turn<'a>) {
        let Some((first, last)) = self.if_clear(part) else { return };
        if let Some(removal) = part.iter().find(|at| matches!(self.changes[**at].job.action, Action::Remove { .. })) {
            let row = self.changes[*removal].row;
            self.stay(&[*removal], "a removal cannot be reversed: every share inside the plan is gone");
            let others: Vec<_> = part.iter().copied().filter(|at| at != removal).collect();
            return self.stay(&others, &format!("the user was removed from the plan in row {row}"));
        }
        if let Some(why) = turn.lock() {
            return self.stay(part, &why);
        }
        let Some(after) = last.job.action.seat() else { return };
        let held = &first.before;
        let before = held.seat.as_ref().filter(|_| held.plan.is_none_or(|held| held == plan));
        let mut back = seat_back(plan, before, after);
        // Where that gives what it was, saying so once more does no harm, and in which plans it does, nobody says.
        if turn.may_give_member_in(plan)
            && let other @ (Ok(Some(_)) | Err(_)) = seat_back(plan, before, Seat::Member)
        {
            back = other;
        }
        match back {
            Ok(None) => {}
            Ok(Some(action)) => {
                let from = before.map(ToString::to_string).unwrap_or_default();
                let what = format!("{} from {from} to {after}", last.job.action.name());
                self.step(Place::Change(std::cmp::Reverse(part[0])), action, part, &what);
            }
            Err(why) => self.stay(part, &why),
        }
    }

    /// The seat that nobody changed but by deactivating or reactivating, which gives a paid MEMBER seat.
    fn seat_of_standing(&mut self, turn: Turn<'a>, parts: &[(PlanId, Vec<usize>)]) {
        let (place, change) = match turn {
            Turn::Reactivated(change) => (Place::SeatOfReactivation, change),
            Turn::Deactivated(change) => (Place::SeatOfDeactivation, change),
            Turn::None | Turn::Shut(_) | Turn::Unclear(_) => return,
        };
        let is_known_by_others = change.before.plan.is_none() && !parts.is_empty();
        if is_known_by_others || parts.iter().any(|(plan, _)| change.before.plan == Some(*plan)) {
            return;
        }
        let part = self.part(|action| *action == change.job.action);
        let before = change.before.seat.as_ref();
        let back = match change.before.plan {
            Some(plan) => seat_back(plan, before, Seat::Member),
            None => Err(UNKNOWN.to_owned()),
        };
        match (back, turn) {
            (Ok(Some(action)), _) => {
                let held = before.map(ToString::to_string).unwrap_or_default();
                let what = format!("{}: the seat was {held}, and reactivating gives MEMBER", change.job.action.name());
                self.step(place, action, &part, &what);
            }
            (Err(why), Turn::Reactivated(_)) => {
                self.stay(&part, &format!("reactivating gives a paid MEMBER seat, and {why}"));
            }
            // Who is deactivated holds no seat that anybody could miss.
            (Ok(None), _) | (Err(_), Turn::Deactivated(_) | Turn::None | Turn::Shut(_) | Turn::Unclear(_)) => {}
        }
    }

    fn attributes(&mut self, turn: Turn<'a>) {
        if let Some(why) = turn.lock() {
            let part = self.part(|action| action.name() == ActionName::Update);
            return self.stay(&part, &why);
        }
        let mut back = BTreeMap::new();
        self.attribute("admin", |attributes| &mut attributes.admin, &mut back);
        self.attribute("licensedSheetCreator", |attributes| &mut attributes.licensed_sheet_creator, &mut back);
        self.attribute("groupAdmin", |attributes| &mut attributes.group_admin, &mut back);
        self.attribute("resourceViewer", |attributes| &mut attributes.resource_viewer, &mut back);
        self.attribute("firstName", |attributes| &mut attributes.first_name, &mut back);
        self.attribute("lastName", |attributes| &mut attributes.last_name, &mut back);
        for (at, Former { attributes, names, mut part }) in back {
            part.sort_unstable();
            part.dedup();
            let action = Action::Update(Box::new(attributes));
            self.step(Place::Change(std::cmp::Reverse(at)), action, &part, &format!("update of {}", names.join(", ")));
        }
    }

    /// One attribute: what it was goes into `back`, under the first change that set it.
    fn attribute<T: Value>(
        &mut self,
        name: &'static str,
        field: fn(&mut Attributes) -> &mut Option<T>,
        back: &mut BTreeMap<usize, Former>,
    ) {
        let set = |action: &Action| match action {
            Action::Update(attributes) => field(&mut attributes.clone()).take(),
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Plans => None,
        };
        let part = self.part(|action| set(action).is_some());
        let Some((first, last)) = self.if_clear(&part) else { return };
        let former = first.before.attributes.clone().and_then(|mut before| field(&mut before).take());
        match former.map(Value::tidy) {
            None => self.stay(&part, &format!("what {name} was before is not known")),
            Some(former) if former.is_empty() => {
                self.stay(&part, &format!("{name} was empty before, and no cell of an input empties a name"));
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

    /// The places of the changes whose action is of one part.
    fn part(&self, is_of_it: impl Fn(&Action) -> bool) -> Vec<usize> {
        (0..self.changes.len()).filter(|at| is_of_it(&self.changes[*at].job.action)).collect()
    }

    /// The first and the last change of a part, unless one of them is unclear: then all of them stay.
    fn if_clear(&mut self, part: &[usize]) -> Option<(&'a Change, &'a Change)> {
        let of = |at: &usize| self.changes[*at];
        let unclear = part.iter().map(of).find(|change| change.certainty != Certainty::Made).map(|change| change.row);
        let (first, last) = (part.first().map(of)?, part.last().map(of)?);
        let Some(row) = unclear else { return Some((first, last)) };
        for at in part {
            match of(at).certainty {
                Certainty::Unclear(why) => self.stay(&[*at], why),
                Certainty::Made => self.stay(&[*at], &format!("row {row} changes the same, and is not settled")),
            }
        }
        None
    }

    fn step(&mut self, place: Place, action: Action, part: &[usize], what: &str) {
        let Some(user) = self.changes.first().map(|change| change.job.user) else { return };
        let rows: Vec<_> = part.iter().map(|at| self.changes[*at].row.to_string()).collect();
        let rows = match rows.as_slice() {
            [row] => format!("row {row}"),
            rows => format!("rows {}", rows.join(", ")),
        };
        let reason = format!("undoes {rows} of run {}: {what}", self.run);
        self.steps.push((place, Back { job: Job { user, action }, reason }));
    }

    fn stay(&mut self, part: &[usize], why: &str) {
        for at in part {
            let Change { row, job, .. } = self.changes[*at];
            let stays = Stays { row: *row, user: job.user, reason: format!("{}: {why}", job.action.name()) };
            // An unclear update is found once for each attribute that it sets.
            if !self.stays.contains(&stays) {
                self.stays.push(stays);
            }
        }
    }
}

const TOO_LATE: &str = "the user is deactivated, and nobody can reactivate them any more";
const SHUT: &str = "the user is deactivated, and was not active before: reactivate them first, where that is wanted";
const UNKNOWN: &str = "what seat the user held before is not known";

/// What gives back the seat `before` to a user who holds `now`; nothing when it is the same.
fn seat_back(plan: PlanId, before: Option<&SeenSeat>, now: Seat) -> Result<Option<Action>, String> {
    let before = match before {
        Some(SeenSeat::Known(before)) => *before,
        Some(SeenSeat::Other(before)) => {
            return Err(format!("the seat before, {before}, is none that can be asked for"));
        }
        None => return Err(UNKNOWN.to_owned()),
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
            return Err("the seat before was a trial (PROVISIONAL_MEMBER), which nobody can be given".to_owned());
        }
    }))
}

/// Attributes that are put back by one step.
#[derive(Debug, Default)]
struct Former {
    attributes: Attributes,
    names: Vec<&'static str>,
    part: Vec<usize>,
}

/// The value of an attribute.
trait Value: Clone + PartialEq {
    /// As an input's cell holds it.
    fn tidy(self) -> Self;

    /// Whether no cell can hold it.
    fn is_empty(&self) -> bool;
}

impl Value for bool {
    fn tidy(self) -> Self {
        self
    }

    fn is_empty(&self) -> bool {
        false
    }
}

impl Value for String {
    fn tidy(self) -> Self {
        self.trim().to_owned()
    }

    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}
