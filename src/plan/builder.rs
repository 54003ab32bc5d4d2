//! Builds the plan of a run from the rows of an input: finds the users, the conflicts, and what is not sent.

use std::cell::OnceCell;

use super::account_state::AccountState;
use super::checks::{Checker, skip_protected, unread_user_warnings};
use super::conflicts;
use super::directory::{AddressOwner, Directory, Lookups};
use super::missing_users::{NearMisses, missing_user};
use super::run_plan::{PlannedRow, RunPlan, Step};
use crate::input::{ParsedRow, RowError, Subject};
use crate::model::{Action, Email, Job, Outcome, Reason, Status, UserId};

/// Takes the rows of an input one by one.
#[derive(Debug)]
pub struct RunPlanBuilder<'a> {
    account_state: &'a AccountState,
    rows: Vec<PlannedRow>,
    /// Made when it is needed, because most files need none.
    near_misses: OnceCell<NearMisses<'a>>,
}

impl<'a> RunPlanBuilder<'a> {
    /// A builder of an empty plan.
    pub const fn new(account_state: &'a AccountState) -> Self {
        Self { account_state, rows: Vec::new(), near_misses: OnceCell::new() }
    }

    /// Takes a row. `no_plan` is the error of a row whose plan is unknown.
    pub fn add(&mut self, row: u64, entry: ParsedRow, no_plan: impl FnOnce() -> RowError) {
        let email = match &entry {
            ParsedRow::Job { subject, .. } | ParsedRow::MissingPlan { subject, .. } => subject.email().cloned(),
            ParsedRow::Skipped { .. } | ParsedRow::Invalid { .. } => None,
        };
        let (step, notes) = match entry {
            ParsedRow::Job { subject, action, mut notes } => {
                let (step, note) = self.step(row, subject, action);
                notes.extend(note);
                (step, notes)
            }
            ParsedRow::MissingPlan { action, .. } if self.account_state.directory.is_none() => {
                (Step::UnresolvedPlan(action), Vec::new())
            }
            ParsedRow::MissingPlan { .. } => (invalid(&[no_plan()]), Vec::new()),
            ParsedRow::Skipped { reason, .. } => (ended(Status::Skipped, reason), Vec::new()),
            ParsedRow::Invalid { errors: complaints } => (invalid(&complaints), Vec::new()),
        };
        // The step has it already.
        let email = email.filter(|_| !matches!(step, Step::UnresolvedUser(..)));
        self.rows.push(PlannedRow { email, notes: notes.into(), ..PlannedRow::new(row, step) });
    }

    /// Takes a row that the review it comes from has settled.
    pub fn add_settled(&mut self, row: u64, outcome: Outcome) {
        self.rows.push(PlannedRow::new(row, Step::Final(None, Box::new(outcome))));
    }

    /// The plan of all rows that were taken.
    pub fn finish(mut self) -> RunPlan {
        let repeated = conflicts::settle(&mut self.rows);
        skip_protected(&mut self.rows, self.account_state);
        let mut checker = Checker::new(self.account_state, &repeated.users);
        for planned in &mut self.rows {
            if let Step::Send(job) | Step::Final(Some(job), _) = &planned.step {
                planned.before = Some(checker.before(job)).filter(|before| !before.is_empty()).map(Box::new);
            }
            match &planned.step {
                Step::Send(job) => match checker.check(job, planned.email.as_ref()) {
                    Ok(row_warnings) => planned.row_warnings = row_warnings,
                    Err(step) => planned.step = step,
                },
                Step::UnresolvedUser(email, action) => planned.row_warnings = unread_user_warnings(action, email),
                Step::UnresolvedPlan(_) | Step::Blocked(..) | Step::Final(..) => {}
            }
        }
        RunPlan { rows: self.rows, repeated }
    }

    /// What will happen to a row, and what a reviewer should know of how its user was found.
    fn step(&self, row: u64, subject: Subject, action: Action) -> (Step, Option<String>) {
        let Some(directory) = self.account_state.directory.as_ref() else {
            let step = match subject {
                Subject::Id(user) | Subject::Both(user, _) => Step::Send(Job { user, action }),
                Subject::Email(email) => Step::UnresolvedUser(email, action),
            };
            return (step, None);
        };
        match identify(subject, &action, directory) {
            Ok((user, note)) => (Step::Send(Job { user, action }), note),
            Err(Unidentified::Nobody(email)) => {
                let near_misses = self.near_misses.get_or_init(|| NearMisses::from_directory(directory));
                let outcome = missing_user(&email, &action, directory, self.account_state, near_misses);
                (Step::Final(None, Box::new(outcome)), None)
            }
            Err(Unidentified::Wrong { message, hint }) => {
                (invalid(&[RowError { row, column: None, message, hint: Some(hint.to_owned()) }]), None)
            }
            Err(Unidentified::Failed { reason, message, hint }) => {
                let outcome = Outcome { hint: Some(hint.to_owned()), ..Outcome::new(Status::Failed, reason, message) };
                (Step::Final(None, Box::new(outcome)), None)
            }
        }
    }
}

/// Why nobody can say whom a row is about, and what to do about it.
enum Unidentified {
    /// Nobody has the only address that it gives.
    Nobody(Email),
    /// The row itself is wrong.
    Wrong { message: String, hint: &'static str },
    /// Somebody could not be looked up, or is not there.
    Failed { reason: Reason, message: String, hint: &'static str },
}

/// The one user whom a row is about, and what should be known of how that was found. Nobody is ever chosen among several.
fn identify(
    subject: Subject,
    action: &Action,
    directory: &Directory,
) -> Result<(UserId, Option<String>), Unidentified> {
    let wrong = |message, hint| Err(Unidentified::Wrong { message, hint });
    let (user, email) = match subject {
        Subject::Id(user) => return Ok((user, None)),
        Subject::Email(email) => (None, email),
        Subject::Both(user, email) => (Some(user), email),
    };
    match (directory.owner(&email), user) {
        (AddressOwner::One(found), None) => Ok((found, None)),
        (AddressOwner::One(found), Some(user)) if found == user => Ok((user, None)),
        (AddressOwner::One(found), Some(user)) => wrong(
            format!("user {user} and `{email}` are two people: the address belongs to user {found}"),
            "a spreadsheet may have rounded the id, or one column was sorted alone: correct the row",
        ),
        (AddressOwner::Several(users), Some(user)) if users.contains(&user) => {
            let sharing = sharing(&email, &users, directory);
            Ok((user, Some(format!("{sharing}; the row's id decides, so it is user {user}"))))
        }
        (AddressOwner::Several(users), _) => {
            wrong(sharing(&email, &users, directory), "give the id of the user who is meant in the column user_id")
        }
        (AddressOwner::Nobody, Some(user)) if directory.lookups() == Lookups::Impossible => Ok((
            user,
            Some(format!("`{email}` is not checked, because this server has no list of users; the row's id decides")),
        )),
        (AddressOwner::Nobody, None) if directory.lookups() == Lookups::Impossible => Err(Unidentified::Failed {
            reason: Reason::Row,
            message: format!("`{email}` cannot be looked up, because this server has no list of users"),
            hint: "give the user's id in the column user_id",
        }),
        (AddressOwner::Nobody, None) => Err(Unidentified::Nobody(email)),
        (AddressOwner::Nobody, Some(user))
            if directory.person(user).is_none() && directory.proves_absence(action.plan(), &email) =>
        {
            Err(Unidentified::Failed {
                reason: Reason::MissingUser,
                message: format!(
                    "nobody in the account has the address `{email}`, and user {user} was not found either"
                ),
                hint: "check the id and the address, which may be damaged, or remove the row",
            })
        }
        (AddressOwner::Nobody, Some(user)) => {
            let known = directory.person(user).and_then(|person| person.email.as_ref());
            let message = match known {
                Some(found) => format!("user {user} has the address `{found}`, and not `{email}`"),
                None => {
                    format!("nobody in the account has the address `{email}`, so user {user} may be somebody else")
                }
            };
            wrong(message, "correct the address, or remove it from the row")
        }
    }
}

/// Who has the same address, with what tells them apart.
fn sharing(email: &Email, users: &[UserId], directory: &Directory) -> String {
    let users: Vec<_> = users
        .iter()
        .map(|user| format!("user {user} ({})", directory.status(*user).unwrap_or("status not shown")))
        .collect();
    format!("{} users have the address `{email}`: {}", users.len(), users.join(" and "))
}

fn ended(status: Status, message: String) -> Step {
    Step::Final(None, Box::new(Outcome::of_row(status, message)))
}

fn invalid(complaints: &[RowError]) -> Step {
    let messages: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    let hints: Vec<_> = complaints.iter().filter_map(|complaint| complaint.hint.clone()).collect();
    let mut outcome = Outcome::of_row(Status::Invalid, messages.join("; "));
    outcome.hint = (!hints.is_empty()).then(|| hints.join("; "));
    Step::Final(None, Box::new(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, DowngradeSeat, Email, PlanId, ReportedSeat, Seat, UpgradeSeat, UserId};
    use crate::plan::{CloudKind, Directory, Person, SeatRecord};

    pub(super) fn plan_of(account_state: &AccountState, entries: Vec<ParsedRow>) -> Vec<String> {
        let mut builder = RunPlanBuilder::new(account_state);
        for (at, entry) in entries.into_iter().enumerate() {
            let row = at as u64 + 2;
            builder.add(row, entry, || RowError { row, column: None, message: "no plan_id".into(), hint: None });
        }
        builder.finish().rows.into_iter().map(|planned| words(&planned.step)).collect()
    }

    fn words(step: &Step) -> String {
        match step {
            Step::Send(job) => format!("send {}", job.user),
            Step::UnresolvedUser(email, _) => format!("send to {email}"),
            Step::UnresolvedPlan(action) => format!("{action} somewhere"),
            Step::Blocked(job, refusal) => format!("blocked {}: {}", job.user, refusal.message),
            Step::Final(_, outcome) => format!("{}: {}", outcome.status, outcome.message),
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
            assert_eq!(plan_of(&AccountState::default(), entries.clone()), expected, "{entries:?}");
        }
    }

    #[test]
    fn a_certain_refusal_is_not_sent() {
        let admin = |admin| Action::Update(Box::new(Attributes { admin: Some(admin), ..Attributes::default() }));
        let own = AccountState { own: Some(user(5)), ..AccountState::default() };
        let gov = AccountState { cloud_kind: CloudKind::Gov, ..AccountState::default() };
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
        for (account_state, user, action, expected) in table {
            let plan = plan_of(account_state, vec![id(user, action.clone())]);
            assert!(plan[0].starts_with(expected), "{action}: {plan:?}");
        }
    }

    #[test]
    fn a_no_op_is_not_sent_unless_an_earlier_row_changes_the_user() {
        let plan = |id| PlanId::new(id).unwrap();
        let mut directory = Directory::default();
        directory.note_seat(plan(1), user(5), SeatRecord::seat(ReportedSeat::Known(Seat::Viewer)));
        directory.note_seat(plan(1), user(6), SeatRecord::seat(ReportedSeat::Known(Seat::Member)));
        directory.note_person(user(7), Person { status: Some("DEACTIVATED".to_owned()), ..Person::default() });
        directory.note_person(user(8), Person { status: Some("ACTIVE".to_owned()), ..Person::default() });
        let account_state = AccountState { directory: Some(directory), ..AccountState::default() };
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
            let plan = plan_of(&account_state, entries.clone());
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
        for (id, address, status) in [(10, "Lee@acme.example", "ACTIVE"), (11, "lee@ACME.example", "DEACTIVATED")] {
            let status = Some(status.to_owned());
            directory.note_person(user(id), Person { email: Some(email(address)), status, ..Person::default() });
        }
        let mut unlisted = Directory::default();
        unlisted.note_lookups(Lookups::Impossible);
        let unlisted = AccountState { directory: Some(unlisted), ..AccountState::default() };
        let online = AccountState { directory: Some(directory), ..AccountState::default() };
        let offline = AccountState::default();
        let both = |id, text| Subject::Both(user(id), email(text));
        let table = [
            (&online, Subject::Email(email("Jane@Acme.example")), "send 5"),
            (&online, Subject::Email(email("joe@acme.example")), "FAILED: nobody"),
            (&online, both(5, "jane@acme.example"), "send 5"),
            (&online, both(6, "jane@acme.example"), "INVALID: row 2: user 6 and `jane@acme.example` are two people"),
            (&online, both(6, "joe@acme.example"), "INVALID: row 2: nobody"),
            (
                &online,
                both(7, "joe@acme.example"),
                "INVALID: row 2: user 7 has the address `kim@acme.example`, and not",
            ),
            (
                &online,
                Subject::Email(email("lee@acme.example")),
                "INVALID: row 2: 2 users have the address `lee@acme.example`: user 10 (ACTIVE) and user 11 (DEACTIVATED)",
            ),
            (&online, both(10, "lee@acme.example"), "send 10"),
            (&online, both(5, "lee@acme.example"), "INVALID: row 2: 2 users have the address"),
            (&unlisted, Subject::Email(email("joe@acme.example")), "FAILED: `joe@acme.example` cannot be looked up"),
            (&unlisted, both(6, "joe@acme.example"), "send 6"),
            (&offline, Subject::Email(email("joe@acme.example")), "send to joe@acme.example"),
            (&offline, both(6, "jane@acme.example"), "send 6"),
        ];
        for (account_state, subject, expected) in table {
            let plan = plan_of(account_state, vec![entry(subject.clone(), Action::Deactivate)]);
            assert!(plan[0].starts_with(expected), "{subject:?}: {plan:?}");
        }
    }
}
