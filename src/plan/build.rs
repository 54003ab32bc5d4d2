//! From entries to a plan: users are identified, repeats and contradictions found, certain refusals foreseen.

use super::caution::Cautions;
use super::conflict::{self, Repeated};
use super::directory::Directory;
use super::likely::of_unread;
use super::predict::{Foresight, Prediction};
use super::protect::{self, Protected};
use crate::input::{ParsedRow, RowError, Subject};
use crate::model::{Action, ActionName, Before, Email, Job, Outcome, Status, UserId};

/// Which kind of Smartsheet the account lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tenant {
    /// The ordinary one.
    #[default]
    Commercial,
    /// Smartsheet Gov, which has no deactivation.
    Gov,
}

/// Whether the addresses of the users of a file were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Not beyond what happened to be shown.
    #[default]
    Unread,
    /// All that the API shows, where anything depends on them.
    Read,
}

/// What is known of the account when a plan is made.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// The token's own user, once `/users/me` was read.
    pub own: Option<UserId>,
    /// Whether that user is a System Admin; `None` when the API does not say.
    pub own_is_admin: Option<bool>,
    /// The kind of tenant.
    pub tenant: Tenant,
    /// Users whom no run changes.
    pub protected: Vec<Protected>,
    /// Whether the addresses by which some of them are protected were read.
    pub addresses: Addresses,
    /// What the API says of the users now; `None` without a network.
    pub directory: Option<Directory>,
}

/// What will happen to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is sent.
    Send(Job),
    /// It is sent once its user's id is known; only in a review without a network.
    SendTo(Email, Action),
    /// It is sent once the only plan of the token's own user is known; only in a review without a network.
    SendSomewhere(ActionName),
    /// It is certain that the API would refuse it, so it is not sent. Boxed, because few rows are.
    Blocked(Job, Box<Prediction>),
    /// It ended without a request.
    Ended(Option<Job>, Box<Outcome>),
}

impl Step {
    /// The action that is sent, if one is.
    pub const fn sends(&self) -> Option<ActionName> {
        match self {
            Self::Send(job) => Some(job.action.name()),
            Self::SendTo(_, action) => Some(action.name()),
            Self::SendSomewhere(action) => Some(*action),
            Self::Blocked(..) | Self::Ended(..) => None,
        }
    }
}

/// A row and what will happen to it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// The address that the row gives, beside what its step says.
    pub email: Option<Email>,
    /// What the user holds now, where anything was read. Boxed, because a review without a network reads nothing.
    pub before: Option<Box<Before>>,
    /// What will happen.
    pub step: Step,
    /// What a reviewer should know of it.
    pub notes: Box<[String]>,
    /// What it is likely to meet, if it is sent.
    pub cautions: Cautions,
}

impl Planned {
    /// What the user holds now, as far as it was read.
    pub fn before(&self) -> &Before {
        const NOTHING: &Before = &Before { plan: None, seat: None, status: None, attributes: None };
        self.before.as_deref().unwrap_or(NOTHING)
    }

    /// A row of which nothing else is known yet.
    pub fn new(row: u64, step: Step) -> Self {
        Self { row, email: None, before: None, step, notes: Box::default(), cautions: Cautions::default() }
    }
}

/// Every row of the input, in its order.
#[derive(Debug, Default)]
pub struct Plan {
    /// The rows.
    pub rows: Vec<Planned>,
    /// Those who may have several rows, as far as rows say whom they are about. All others have one, so that nothing has
    /// to be remembered of them while the rows are gone through.
    pub(super) repeated: Repeated,
}

#[cfg(test)]
impl Plan {
    /// The plan of rows that were settled by hand.
    pub(super) fn of(rows: impl IntoIterator<Item = Planned>) -> Self {
        let rows: Vec<_> = rows.into_iter().collect();
        let repeated = Repeated::of(&rows);
        Self { rows, repeated }
    }
}

/// Takes the rows of an input one after the other.
#[derive(Debug)]
pub struct Builder<'a> {
    circumstances: &'a Circumstances,
    rows: Vec<Planned>,
}

impl<'a> Builder<'a> {
    /// A builder of an empty plan.
    pub const fn new(circumstances: &'a Circumstances) -> Self {
        Self { circumstances, rows: Vec::new() }
    }

    /// Takes a row. `no_plan` says what a row lacks whose plan nobody names.
    pub fn add(&mut self, row: u64, entry: ParsedRow, no_plan: impl FnOnce() -> RowError) {
        let email = match &entry {
            ParsedRow::Job { subject, .. } | ParsedRow::MissingPlan { subject, .. } => subject.email().cloned(),
            ParsedRow::Skipped { .. } | ParsedRow::Invalid { .. } => None,
        };
        let (step, notes) = match entry {
            ParsedRow::Job { subject, action, notes } => (self.step(row, subject, action), notes),
            ParsedRow::MissingPlan { action, .. } if self.circumstances.directory.is_none() => {
                (Step::SendSomewhere(action), Vec::new())
            }
            ParsedRow::MissingPlan { .. } => (invalid(&[no_plan()]), Vec::new()),
            ParsedRow::Skipped { reason, .. } => (ended(Status::Skipped, reason), Vec::new()),
            ParsedRow::Invalid { errors: complaints } => (invalid(&complaints), Vec::new()),
        };
        // The step has it already.
        let email = email.filter(|_| !matches!(step, Step::SendTo(..)));
        self.rows.push(Planned { email, notes: notes.into(), ..Planned::new(row, step) });
    }

    /// The plan of all rows that were taken.
    pub fn finish(mut self) -> Plan {
        let repeated = conflict::settle(&mut self.rows);
        protect::spare(&mut self.rows, self.circumstances);
        let mut foresight = Foresight::new(self.circumstances, &repeated.users);
        for planned in &mut self.rows {
            if let Step::Send(job) | Step::Ended(Some(job), _) = &planned.step {
                planned.before = Some(foresight.before(job)).filter(|before| !before.is_empty()).map(Box::new);
            }
            match &planned.step {
                Step::Send(job) => match foresight.foresee(job, planned.email.as_ref()) {
                    Ok(cautions) => planned.cautions = cautions,
                    Err(step) => planned.step = step,
                },
                Step::SendTo(email, action) => planned.cautions = of_unread(action, email),
                Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => {}
            }
        }
        Plan { rows: self.rows, repeated }
    }

    fn step(&self, row: u64, subject: Subject, action: Action) -> Step {
        let directory = self.circumstances.directory.as_ref();
        let complain = |message: String, hint: &str| {
            invalid(&[RowError { row, column: None, message, hint: Some(hint.to_owned()) }])
        };
        match (subject, directory) {
            (Subject::Id(user), _) | (Subject::Both(user, _), None) => Step::Send(Job { user, action }),
            (Subject::Email(email), None) => Step::SendTo(email, action),
            (Subject::Email(email), Some(directory)) => match directory.user(&email) {
                Some(user) => Step::Send(Job { user, action }),
                None => complain(
                    format!("nobody in the account has the address `{email}`"),
                    "check the address, or give the user's id",
                ),
            },
            (Subject::Both(user, email), Some(directory)) => match directory.user(&email) {
                Some(found) if found == user => Step::Send(Job { user, action }),
                Some(found) => complain(
                    format!("user {user} and `{email}` are two people: the address belongs to user {found}"),
                    "a spreadsheet may have rounded the id, or the rows have slipped: correct the row",
                ),
                None => {
                    let known = directory.person(user).and_then(|person| person.email.as_ref());
                    let message = match known {
                        Some(found) => format!("user {user} has the address `{found}`, and not `{email}`"),
                        None => format!(
                            "nobody in the account has the address `{email}`, so user {user} may be somebody else"
                        ),
                    };
                    complain(message, "correct the address, or take it out of the row")
                }
            },
        }
    }
}

fn ended(status: Status, message: String) -> Step {
    Step::Ended(None, Box::new(Outcome::of_row(status, message)))
}

fn invalid(complaints: &[RowError]) -> Step {
    let messages: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    let hints: Vec<_> = complaints.iter().filter_map(|complaint| complaint.hint.clone()).collect();
    let mut outcome = Outcome::of_row(Status::Invalid, messages.join("; "));
    outcome.hint = (!hints.is_empty()).then(|| hints.join("; "));
    Step::Ended(None, Box::new(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, DowngradeSeat, PlanId, Seat, SeenSeat, UpgradeSeat};
    use crate::plan::{Held, Person};

    pub(super) fn plan_of(circumstances: &Circumstances, entries: Vec<ParsedRow>) -> Vec<String> {
        let mut builder = Builder::new(circumstances);
        for (at, entry) in entries.into_iter().enumerate() {
            let row = at as u64 + 2;
            builder.add(row, entry, || RowError { row, column: None, message: "no plan_id".into(), hint: None });
        }
        builder.finish().rows.into_iter().map(|planned| words(&planned.step)).collect()
    }

    fn words(step: &Step) -> String {
        match step {
            Step::Send(job) => format!("send {}", job.user),
            Step::SendTo(email, _) => format!("send to {email}"),
            Step::SendSomewhere(action) => format!("{action} somewhere"),
            Step::Blocked(job, prediction) => format!("blocked {}: {}", job.user, prediction.message),
            Step::Ended(_, outcome) => format!("{}: {}", outcome.status, outcome.message),
        }
    }

    fn entry(subject: Subject, action: Action) -> ParsedRow {
        ParsedRow::Job { subject, action, notes: Vec::new() }
    }

    fn user(id: u64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn id(id: u64, action: Action) -> ParsedRow {
        entry(Subject::Id(user(id)), action)
    }

    fn down(plan: u64, to: DowngradeSeat) -> Action {
        Action::Downgrade { plan: PlanId::new(plan).unwrap(), to }
    }

    fn up(plan: u64) -> Action {
        Action::Upgrade { plan: PlanId::new(plan).unwrap(), to: UpgradeSeat::Member }
    }

    fn remove(plan: u64) -> Action {
        Action::Remove { plan: PlanId::new(plan).unwrap() }
    }

    #[test]
    fn exact_duplicates_run_once_and_contradictions_not_at_all() {
        use DowngradeSeat::{Contributor, Guest, Viewer};
        let send = |id: u64| format!("send {id}");
        let send_to = |name: &str| format!("send to {name}@acme.example");
        let at =
            |name: &str, action| entry(Subject::Email(Email::new(&format!("{name}@acme.example")).unwrap()), action);
        let table = [
            // an exact duplicate, and the same seat under its other name
            (
                vec![id(5, down(1, Viewer)), id(5, down(1, Viewer)), id(5, down(1, Contributor))],
                vec![send(5), "SKIPPED: a duplicate of row 2".into(), "SKIPPED: a duplicate of row 2".into()],
            ),
            // another plan, another seat, another user
            (
                vec![id(5, down(1, Viewer)), id(5, down(2, Viewer)), id(5, down(1, Guest)), id(6, down(1, Viewer))],
                vec![send(5), send(5), send(5), send(6)],
            ),
            (
                vec![id(5, down(1, Viewer)), id(5, up(1))],
                vec![
                    "INVALID: row 2: contradicts row 3 (upgrade to MEMBER in plan 1)".into(),
                    "INVALID: row 3: contradicts row 2 (downgrade to VIEWER in plan 1)".into(),
                ],
            ),
            (vec![id(5, down(1, Viewer)), id(5, up(2))], vec![send(5), send(5)]),
            (
                vec![id(5, Action::Deactivate), id(5, down(1, Viewer)), id(5, Action::Reactivate)],
                vec![
                    "INVALID: row 2: contradicts row 4 (reactivate)".into(),
                    send(5),
                    "INVALID: row 4: contradicts row 2 (deactivate)".into(),
                ],
            ),
            (
                vec![id(5, down(1, Viewer)), id(5, remove(1)), id(5, Action::Deactivate), id(5, Action::Plans)],
                vec![
                    send(5),
                    "INVALID: row 3: contradicts row 4 (deactivate)".into(),
                    "INVALID: row 4: contradicts row 3 (remove in plan 1)".into(),
                    send(5),
                ],
            ),
            // Without a network, addresses stand for users.
            (
                vec![at("jo", down(1, Viewer)), at("JO", down(1, Contributor)), at("al", down(1, Viewer))],
                vec![send_to("jo"), "SKIPPED: a duplicate of row 2".into(), send_to("al")],
            ),
            (
                vec![at("jo", down(1, Viewer)), at("jo", up(1))],
                vec![
                    "INVALID: row 2: contradicts row 3 (upgrade to MEMBER in plan 1)".into(),
                    "INVALID: row 3: contradicts row 2 (downgrade to VIEWER in plan 1)".into(),
                ],
            ),
        ];
        for (entries, expected) in table {
            assert_eq!(plan_of(&Circumstances::default(), entries.clone()), expected, "{entries:?}");
        }
    }

    #[test]
    fn what_is_certain_to_be_refused_is_not_sent() {
        let admin = |admin| Action::Update(Box::new(Attributes { admin: Some(admin), ..Attributes::default() }));
        let own = Circumstances { own: Some(user(5)), ..Circumstances::default() };
        let gov = Circumstances { tenant: Tenant::Gov, ..Circumstances::default() };
        let table = [
            (&own, 5, Action::Deactivate, "blocked 5"),
            (&own, 5, down(1, DowngradeSeat::Viewer), "blocked 5"),
            (&own, 5, remove(1), "blocked 5"),
            (&own, 5, admin(false), "blocked 5"),
            (&own, 5, admin(true), "send 5"),
            (&own, 5, Action::Plans, "send 5"),
            (&own, 6, Action::Deactivate, "send 6"),
            (&gov, 5, Action::Deactivate, "blocked 5"),
            (&gov, 5, Action::Reactivate, "blocked 5"),
            (&gov, 5, up(1), "send 5"),
        ];
        for (circumstances, user, action, expected) in table {
            let plan = plan_of(circumstances, vec![id(user, action.clone())]);
            assert!(plan[0].starts_with(expected), "{action}: {plan:?}");
        }
    }

    #[test]
    fn what_is_so_already_is_not_sent_unless_an_earlier_row_changes_it() {
        let plan = |id| PlanId::new(id).unwrap();
        let mut directory = Directory::default();
        directory.note_held(plan(1), user(5), Held::seat(SeenSeat::Known(Seat::Viewer)));
        directory.note_held(plan(1), user(6), Held::seat(SeenSeat::Known(Seat::Member)));
        directory.note_person(user(7), Person { status: Some("DEACTIVATED".to_owned()), ..Person::default() });
        directory.note_person(user(8), Person { status: Some("ACTIVE".to_owned()), ..Person::default() });
        let circumstances = Circumstances { directory: Some(directory), ..Circumstances::default() };
        let contributor = || down(1, DowngradeSeat::Contributor);
        let table = [
            (vec![id(5, contributor())], vec!["UNCHANGED"]),
            (vec![id(5, down(2, DowngradeSeat::Viewer))], vec!["send 5"]),
            (vec![id(6, contributor())], vec!["send 6"]),
            (vec![id(6, up(1))], vec!["UNCHANGED"]),
            (vec![id(9, contributor())], vec!["send 9"]),
            (vec![id(7, Action::Deactivate), id(8, Action::Deactivate)], vec!["UNCHANGED", "send 8"]),
            (vec![id(7, Action::Reactivate), id(8, Action::Reactivate)], vec!["send 7", "UNCHANGED"]),
            (vec![id(5, Action::Reactivate), id(5, contributor())], vec!["send 5", "send 5"]),
            (vec![id(5, contributor()), id(5, Action::Deactivate)], vec!["UNCHANGED", "send 5"]),
        ];
        for (entries, expected) in table {
            let plan = plan_of(&circumstances, entries.clone());
            for (found, expected) in plan.iter().zip(&expected) {
                assert!(found.starts_with(expected), "{entries:?}: {plan:?}");
            }
        }
    }

    #[test]
    fn an_address_must_be_known_and_must_be_the_ids() {
        let email = |text| Email::new(text).unwrap();
        let mut directory = Directory::default();
        directory.note_address(email("jane@acme.example"), user(5));
        directory.note_person(user(7), Person { email: Some(email("kim@acme.example")), ..Person::default() });
        let online = Circumstances { directory: Some(directory), ..Circumstances::default() };
        let offline = Circumstances::default();
        let both = |id, text| Subject::Both(user(id), email(text));
        let table = [
            (&online, Subject::Email(email("Jane@Acme.example")), "send 5"),
            (&online, Subject::Email(email("joe@acme.example")), "INVALID: row 2: nobody"),
            (&online, both(5, "jane@acme.example"), "send 5"),
            (&online, both(6, "jane@acme.example"), "INVALID: row 2: user 6 and `jane@acme.example` are two people"),
            (&online, both(6, "joe@acme.example"), "INVALID: row 2: nobody"),
            (
                &online,
                both(7, "joe@acme.example"),
                "INVALID: row 2: user 7 has the address `kim@acme.example`, and not",
            ),
            (&offline, Subject::Email(email("joe@acme.example")), "send to joe@acme.example"),
            (&offline, both(6, "jane@acme.example"), "send 6"),
        ];
        for (circumstances, subject, expected) in table {
            let plan = plan_of(circumstances, vec![entry(subject.clone(), Action::Deactivate)]);
            assert!(plan[0].starts_with(expected), "{subject:?}: {plan:?}");
        }
    }
}
