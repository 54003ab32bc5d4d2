//! From entries to a plan: users are identified, repeats and contradictions found, certain refusals foreseen.

use super::account_state::Circumstances;
use super::checks::{Foresight, of_unread, spare};
use super::conflicts;
use super::directory::{AddressOwner, Directory, Lookups};
use super::run_plan::{Plan, Planned, Step};
use crate::input::{Complaint, Entry, Subject};
use crate::model::{Action, Email, Job, Outcome, Status, UserId};

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
    pub fn add(&mut self, row: u64, entry: Entry, no_plan: impl FnOnce() -> Complaint) {
        let email = match &entry {
            Entry::Job { subject, .. } | Entry::NeedsPlan { subject, .. } => subject.email().cloned(),
            Entry::LeftOut { .. } | Entry::Invalid { .. } => None,
        };
        let (step, notes) = match entry {
            Entry::Job { subject, action, mut notes } => {
                let (step, note) = self.step(row, subject, action);
                notes.extend(note);
                (step, notes)
            }
            Entry::NeedsPlan { action, .. } if self.circumstances.directory.is_none() => {
                (Step::SendSomewhere(action), Vec::new())
            }
            Entry::NeedsPlan { .. } => (invalid(&[no_plan()]), Vec::new()),
            Entry::LeftOut { reason, .. } => (ended(Status::Skipped, reason), Vec::new()),
            Entry::Invalid { complaints } => (invalid(&complaints), Vec::new()),
        };
        // The step has it already.
        let email = email.filter(|_| !matches!(step, Step::SendTo(..)));
        self.rows.push(Planned { email, notes: notes.into(), ..Planned::new(row, step) });
    }

    /// The plan of all rows that were taken.
    pub fn finish(mut self) -> Plan {
        let repeated = conflicts::settle(&mut self.rows);
        spare(&mut self.rows, self.circumstances);
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

    /// What will happen to a row, and what a reviewer should know of how its user was found.
    fn step(&self, row: u64, subject: Subject, action: Action) -> (Step, Option<String>) {
        let Some(directory) = self.circumstances.directory.as_ref() else {
            let step = match subject {
                Subject::Id(user) | Subject::Both(user, _) => Step::Send(Job { user, action }),
                Subject::Email(email) => Step::SendTo(email, action),
            };
            return (step, None);
        };
        match identify(subject, directory) {
            Ok((user, note)) => (Step::Send(Job { user, action }), note),
            Err((message, hint)) => {
                (invalid(&[Complaint { row, column: None, message, hint: Some(hint.to_owned()) }]), None)
            }
        }
    }
}

/// The one user whom a row is about, and what should be known of how that was found; or why nobody can say who it is,
/// and what to do about it. Nobody is ever chosen among several.
fn identify(subject: Subject, directory: &Directory) -> Result<(UserId, Option<String>), (String, &'static str)> {
    let (user, email) = match subject {
        Subject::Id(user) => return Ok((user, None)),
        Subject::Email(email) => (None, email),
        Subject::Both(user, email) => (Some(user), email),
    };
    match (directory.owner(&email), user) {
        (AddressOwner::One(found), None) => Ok((found, None)),
        (AddressOwner::One(found), Some(user)) if found == user => Ok((user, None)),
        (AddressOwner::One(found), Some(user)) => Err((
            format!("user {user} and `{email}` are two people: the address belongs to user {found}"),
            "a spreadsheet may have rounded the id, or the rows have slipped: correct the row",
        )),
        (AddressOwner::Several(users), Some(user)) if users.contains(&user) => {
            let sharing = sharing(&email, &users, directory);
            Ok((user, Some(format!("{sharing}; the row's id decides, so it is user {user}"))))
        }
        (AddressOwner::Several(users), _) => {
            Err((sharing(&email, &users, directory), "give the id of the user who is meant in the column user_id"))
        }
        (AddressOwner::Nobody, Some(user)) if directory.lookups() == Lookups::Impossible => Ok((
            user,
            Some(format!("`{email}` is not checked, because this server has no list of users; the row's id decides")),
        )),
        (AddressOwner::Nobody, None) if directory.lookups() == Lookups::Impossible => Err((
            format!("`{email}` cannot be looked up, because this server has no list of users"),
            "give the user's id in the column user_id",
        )),
        (AddressOwner::Nobody, None) => Err((
            format!("nobody in the account has the address `{email}`"),
            "check the address, or give the user's id",
        )),
        (AddressOwner::Nobody, Some(user)) => {
            let known = directory.person(user).and_then(|person| person.email.as_ref());
            let message = match known {
                Some(found) => format!("user {user} has the address `{found}`, and not `{email}`"),
                None => {
                    format!("nobody in the account has the address `{email}`, so user {user} may be somebody else")
                }
            };
            Err((message, "correct the address, or take it out of the row"))
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
    Step::Ended(None, Box::new(Outcome::of_row(status, message)))
}

fn invalid(complaints: &[Complaint]) -> Step {
    let messages: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    let hints: Vec<_> = complaints.iter().filter_map(|complaint| complaint.hint.clone()).collect();
    let mut outcome = Outcome::of_row(Status::Invalid, messages.join("; "));
    outcome.hint = (!hints.is_empty()).then(|| hints.join("; "));
    Step::Ended(None, Box::new(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, DowngradeSeat, Email, PlanId, Seat, SeenSeat, UpgradeSeat, UserId};
    use crate::plan::{Directory, Held, Person, Tenant};

    pub(super) fn plan_of(circumstances: &Circumstances, entries: Vec<Entry>) -> Vec<String> {
        let mut builder = Builder::new(circumstances);
        for (at, entry) in entries.into_iter().enumerate() {
            let row = at as u64 + 2;
            builder.add(row, entry, || Complaint { row, column: None, message: "no plan_id".into(), hint: None });
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

    fn entry(subject: Subject, action: Action) -> Entry {
        Entry::Job { subject, action, notes: Vec::new() }
    }

    fn user(id: u64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn id(id: u64, action: Action) -> Entry {
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
        for (id, address, status) in [(10, "Lee@acme.example", "ACTIVE"), (11, "lee@ACME.example", "DEACTIVATED")] {
            let status = Some(status.to_owned());
            directory.note_person(user(id), Person { email: Some(email(address)), status, ..Person::default() });
        }
        let mut unlisted = Directory::default();
        unlisted.note_lookups(Lookups::Impossible);
        let unlisted = Circumstances { directory: Some(unlisted), ..Circumstances::default() };
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
            (
                &online,
                Subject::Email(email("lee@acme.example")),
                "INVALID: row 2: 2 users have the address `lee@acme.example`: user 10 (ACTIVE) and user 11 (DEACTIVATED)",
            ),
            (&online, both(10, "lee@acme.example"), "send 10"),
            (&online, both(5, "lee@acme.example"), "INVALID: row 2: 2 users have the address"),
            (
                &unlisted,
                Subject::Email(email("joe@acme.example")),
                "INVALID: row 2: `joe@acme.example` cannot be looked",
            ),
            (&unlisted, both(6, "joe@acme.example"), "send 6"),
            (&offline, Subject::Email(email("joe@acme.example")), "send to joe@acme.example"),
            (&offline, both(6, "jane@acme.example"), "send 6"),
        ];
        for (circumstances, subject, expected) in table {
            let plan = plan_of(circumstances, vec![entry(subject.clone(), Action::Deactivate)]);
            assert!(plan[0].starts_with(expected), "{subject:?}: {plan:?}");
        }
    }
}
