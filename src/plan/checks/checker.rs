//! Checks the rows one by one, in the order of the file: what is so already and what the API would certainly refuse is
//! not sent.
//!
//! A refusal is certain if it follows from the documents and from what was read, and no earlier row of the file can
//! change that. What the rows above will do is only projected, so nothing certain follows from it: if such a row failed,
//! a correct row below it would have been held back.

use std::collections::{HashMap, HashSet};

use super::domains::Domains;
use super::no_op::no_op_reason;
use super::projected_user::{PendingChanges, ProjectedUser};
use super::refusals::certain_refusal;
use super::row_warnings::row_warnings;
use crate::model::{Attributes, Email, Job, Outcome, PriorState, Status, UserId};
use crate::plan::account_state::AccountState;
use crate::plan::row_warning::RowWarnings;
use crate::plan::run_plan::Step;

/// Checks rows in the order of the file.
#[derive(Debug)]
pub(in crate::plan) struct Checker<'a> {
    account_state: &'a AccountState,
    domains: Domains<'a>,
    /// The changes that the earlier rows of users with several rows will make.
    pending: HashMap<UserId, PendingChanges>,
}

impl<'a> Checker<'a> {
    /// `repeated` are the users who have more than one row.
    pub(in crate::plan) fn new(account_state: &'a AccountState, repeated: &HashSet<UserId>) -> Self {
        let domains = account_state.directory.as_ref().map(Domains::from_directory).unwrap_or_default();
        let pending = repeated.iter().map(|user| (*user, PendingChanges::default())).collect();
        Self { account_state, domains, pending }
    }

    /// What was read of the user of a job, whatever the rows above do: the seat in the plan of the job, or in the plan
    /// that rows about no plan are judged by.
    pub(in crate::plan) fn before(&self, job: &Job) -> PriorState {
        let Some(directory) = &self.account_state.directory else { return PriorState::default() };
        let person = directory.person(job.user);
        let attributes = job.action.attributes().and_then(|_| Some(person?.attributes.clone()));
        let (plan, seat) = match job.action.plan() {
            Some(plan) => (None, directory.seat(plan, job.user)),
            None => directory.some_seat(job.user).map(|(plan, held)| (plan, &held.seat)).unzip(),
        };
        PriorState {
            plan,
            seat: seat.cloned(),
            status: directory.status(job.user).map(str::to_owned),
            attributes: attributes.filter(|attributes| !attributes.is_empty()).map(Box::new),
            email: person.and_then(|person| person.email.as_ref()).map(ToString::to_string),
            name: person.and_then(|person| full_name(&person.attributes)),
        }
    }

    /// The warnings of a job that is sent, or else the step that takes its place. `email` is the address that the row
    /// gives.
    pub(in crate::plan) fn check(&mut self, job: &Job, email: Option<&Email>) -> Result<RowWarnings, Step> {
        let directory = self.account_state.directory.as_ref();
        let user = ProjectedUser::new(job.user, directory, self.pending.get(&job.user));
        if let Some(message) = no_op_reason(&job.action, user) {
            return Err(Step::Final(Some(job.clone()), Box::new(Outcome::of_row(Status::Unchanged, message))));
        }
        // Where users were read, a row with another user's address is invalid already.
        let address = user.address().or(email.filter(|_| directory.is_none()));
        if let Some(refusal) = certain_refusal(job, user, address, self.account_state) {
            return Err(Step::Blocked(job.clone(), Box::new(refusal)));
        }
        let row_warnings = row_warnings(&job.action, user, directory, &self.domains);
        if let Some(pending) = self.pending.get_mut(&job.user) {
            pending.add(&job.action);
        }
        Ok(row_warnings)
    }
}

fn full_name(attributes: &Attributes) -> Option<String> {
    let names: Vec<_> =
        [&attributes.first_name, &attributes.last_name].into_iter().flatten().map(|name| name.trim()).collect();
    Some(names.join(" ").trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{ParsedRow, Subject};
    use crate::model::{Action, Attributes, DowngradeSeat, PlanId, ReportedSeat, Seat, UpgradeSeat};
    use crate::plan::{Coverage, Directory, Person, PlanCoverage, PlannedRow, RunPlanBuilder, SeatRecord};

    const PLAN: u64 = 9;

    fn plan_id() -> PlanId {
        PlanId::new(PLAN).unwrap()
    }

    fn user(id: u64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn down(to: DowngradeSeat) -> Action {
        Action::Downgrade { plan: plan_id(), to }
    }

    fn up(to: UpgradeSeat) -> Action {
        Action::Upgrade { plan: plan_id(), to }
    }

    fn admin(is_admin: bool) -> Action {
        Action::Update(Box::new(Attributes { admin: Some(is_admin), ..Attributes::default() }))
    }

    fn rows(directory: &Directory, rows: &[(u64, Action)]) -> Vec<PlannedRow> {
        let account_state = AccountState { directory: Some(directory.clone()), ..AccountState::default() };
        let mut builder = RunPlanBuilder::new(&account_state);
        for (row, (id, action)) in (2..).zip(rows) {
            let entry = ParsedRow::Job { subject: Subject::Id(user(*id)), action: action.clone(), notes: Vec::new() };
            builder.add(row, entry, || unreachable!("every row names its plan"));
        }
        builder.finish().rows
    }

    fn words(step: &Step) -> String {
        match step {
            Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => "sent".to_owned(),
            Step::Blocked(_, refusal) => format!("blocked: {}", refusal.message),
            Step::Final(_, outcome) => format!("{}: {}", outcome.status, outcome.message),
        }
    }

    /// The directory of one user with a seat, an address and a status.
    fn holding(seat: ReportedSeat, is_internal: Option<bool>, address: &str, status: &str) -> Directory {
        let mut directory = Directory::default();
        directory.note_plan_coverage(plan_id(), PlanCoverage { users: Some(1), coverage: Coverage::Whole });
        directory.note_default_plan(plan_id());
        directory.note_seat(plan_id(), user(5), SeatRecord { is_internal, ..SeatRecord::seat(seat) });
        let person = Person { email: Email::new(address), status: Some(status.to_owned()), ..Person::default() };
        directory.note_person(user(5), person);
        directory
    }

    #[test]
    fn a_seat_can_only_become_what_the_table_of_seats_has() {
        use DowngradeSeat::{Contributor, Guest, Viewer};
        use UpgradeSeat::Member;
        let (internal, external) = (Some(true), Some(false));
        let known = |seat| ReportedSeat::Known(seat);
        // the seat, whether internal, what is asked for, what becomes of it
        let table = [
            (known(Seat::Viewer), external, down(Contributor), "UNCHANGED"),
            (known(Seat::Viewer), external, down(Guest), "blocked: user 5 holds VIEWER, and GUEST is not a downgrade"),
            (known(Seat::Contributor), external, down(Guest), "blocked: user 5 holds CONTRIBUTOR"),
            (known(Seat::Viewer), external, up(UpgradeSeat::Guest), "sent"),
            (known(Seat::Viewer), internal, up(UpgradeSeat::Guest), "blocked: user 5 is internal"),
            (known(Seat::Viewer), None, up(UpgradeSeat::Guest), "sent"),
            (known(Seat::Viewer), internal, up(Member), "sent"),
            (known(Seat::Guest), external, down(Viewer), "sent"),
            (known(Seat::Guest), external, down(Guest), "UNCHANGED"),
            (known(Seat::Guest), external, up(Member), "sent"),
            (known(Seat::ProvisionalMember), internal, up(Member), "sent"),
            (known(Seat::ProvisionalMember), internal, down(Viewer), "sent"),
            (known(Seat::ProvisionalMember), external, down(Guest), "sent"),
            (
                known(Seat::ProvisionalMember),
                external,
                up(UpgradeSeat::Guest),
                "blocked: user 5 holds PROVISIONAL_MEMBER",
            ),
            (known(Seat::Member), internal, up(Member), "UNCHANGED"),
            (known(Seat::Member), internal, down(Viewer), "sent"),
            (known(Seat::Member), external, down(Guest), "sent"),
            (known(Seat::Member), internal, down(Guest), "blocked: user 5 is internal to plan 9"),
            (known(Seat::Member), external, up(UpgradeSeat::Guest), "blocked: user 5 holds MEMBER"),
            // Nothing is certain of a seat that no document names.
            (ReportedSeat::Other("GALACTIC".into()), external, down(Guest), "sent"),
            (ReportedSeat::Other("GALACTIC".into()), external, up(UpgradeSeat::Guest), "sent"),
        ];
        for (seat, is_internal, action, expected) in table {
            let directory = holding(seat.clone(), is_internal, "jo@acme.example", "ACTIVE");
            let found = words(&rows(&directory, &[(5, action.clone())])[0].step);
            assert!(found.starts_with(expected), "{seat}, {is_internal:?}, {action}: {found}");
        }
    }

    #[test]
    fn users_at_a_provider_cannot_be_deactivated_and_nothing_else_is_certain_of_an_address() {
        let table = [
            ("jo@gmail.com", Action::Deactivate, "blocked: gmail.com belongs to an internet provider"),
            ("jo@Web.DE", Action::Deactivate, "blocked: web.de"),
            ("jo@mail.gmail.com", Action::Deactivate, "sent"),
            ("jo@partner.example", Action::Deactivate, "sent"),
            ("jo@gmail.com", down(DowngradeSeat::Viewer), "sent"),
            ("jo@gmail.com", Action::Remove { plan: plan_id() }, "sent"),
            // What is so already is not a failure.
            ("jo@gmail.com", Action::Reactivate, "UNCHANGED"),
        ];
        for (address, action, expected) in table {
            let directory = holding(ReportedSeat::Known(Seat::Member), Some(true), address, "ACTIVE");
            let found = words(&rows(&directory, &[(5, action.clone())])[0].step);
            assert!(found.starts_with(expected), "{address}, {action}: {found}");
        }
        let gone = holding(ReportedSeat::Known(Seat::Member), Some(true), "jo@aol.com", "DEACTIVATED");
        assert!(words(&rows(&gone, &[(5, Action::Reactivate)])[0].step).starts_with("blocked: aol.com"));
    }

    #[test]
    fn only_a_confirmed_absence_is_certain_and_only_in_a_plan() {
        let remove = || Action::Remove { plan: plan_id() };
        // whether the absence was confirmed, whether the API knows the user, what is asked for, what becomes of it
        let table = [
            (true, false, down(DowngradeSeat::Viewer), "blocked: user 6 is not in plan 9"),
            (true, true, up(UpgradeSeat::Member), "blocked: user 6 is not in plan 9"),
            (true, false, remove(), "blocked: user 6 is not in plan 9"),
            (true, true, remove(), "UNCHANGED: the user is no longer in plan 9"),
            (true, true, Action::Deactivate, "sent"),
            (true, true, admin(true), "sent"),
            (false, false, down(DowngradeSeat::Viewer), "sent"),
            (false, false, remove(), "sent"),
        ];
        for (is_confirmed, is_known, action, expected) in table {
            let mut directory = holding(ReportedSeat::Known(Seat::Member), Some(true), "jo@acme.example", "ACTIVE");
            if is_confirmed {
                directory.note_absence(plan_id(), user(6));
            }
            if is_known {
                directory.note_person(user(6), Person::default());
            }
            let found = words(&rows(&directory, &[(6, action.clone())])[0].step);
            assert!(found.starts_with(expected), "{action}, {is_confirmed}, {is_known}: {found}");
        }
    }

    #[test]
    fn nothing_is_certain_of_what_the_rows_above_change() {
        use DowngradeSeat::{Guest, Viewer};
        let free = || holding(ReportedSeat::Known(Seat::Viewer), Some(false), "jo@acme.example", "ACTIVE");
        let paid = || holding(ReportedSeat::Known(Seat::Member), Some(false), "jo@acme.example", "ACTIVE");
        let gone = || holding(ReportedSeat::Known(Seat::Viewer), Some(false), "jo@acme.example", "DEACTIVATED");
        let mut nobody = Directory::default();
        nobody.note_person(user(5), Person { status: Some("DEACTIVATED".into()), ..Person::default() });
        nobody.note_absence(plan_id(), user(5));
        let table = [
            // A reactivation gives a MEMBER seat, so the downgrade below has an effect.
            (gone(), vec![Action::Reactivate, down(Viewer)], vec!["sent", "sent"]),
            (gone(), vec![down(Viewer)], vec!["UNCHANGED"]),
            // A deactivated user who is in no plan may be in it again once reactivated.
            (nobody.clone(), vec![Action::Reactivate, down(Viewer)], vec!["sent", "sent"]),
            (nobody, vec![down(Viewer), Action::Reactivate], vec!["blocked", "sent"]),
            // The first downgrade may fail, and then the second is correct.
            (paid(), vec![down(Viewer), down(Guest)], vec!["sent", "sent"]),
            // What is not sent changes nothing.
            (free(), vec![down(Viewer), down(Guest)], vec!["UNCHANGED", "blocked"]),
            (free(), vec![Action::Deactivate, down(Viewer)], vec!["sent", "sent"]),
            (free(), vec![Action::Plans, down(Viewer)], vec!["sent", "UNCHANGED"]),
        ];
        for (directory, actions, expected) in table {
            let actions: Vec<_> = actions.into_iter().map(|action| (5, action)).collect();
            let found: Vec<_> = rows(&directory, &actions).iter().map(|planned| words(&planned.step)).collect();
            let is_right = found.iter().zip(&expected).all(|(found, expected)| found.starts_with(expected));
            assert!(is_right && found.len() == expected.len(), "{actions:?}: {found:?}");
        }
    }

    #[test]
    fn an_update_to_what_is_there_already_is_not_sent() {
        let mut directory = Directory::default();
        let attributes = Attributes { admin: Some(false), first_name: Some("Jo".into()), ..Attributes::default() };
        directory.note_person(user(5), Person { attributes, ..Person::default() });
        let name = |first: &str, last: Option<&str>| {
            let (first_name, last_name) = (Some(first.to_owned()), last.map(str::to_owned));
            Action::Update(Box::new(Attributes { first_name, last_name, ..Attributes::default() }))
        };
        let table = [
            (vec![admin(false)], vec!["UNCHANGED: admin is already false"]),
            (vec![admin(true)], vec!["sent"]),
            (vec![name("Jo", None)], vec!["UNCHANGED"]),
            // The last name was not shown.
            (vec![name("Jo", Some("Doe"))], vec!["sent"]),
            (vec![admin(true), admin(false)], vec!["sent", "sent"]),
            (vec![admin(true), name("Jo", None)], vec!["sent", "UNCHANGED"]),
        ];
        for (actions, expected) in table {
            let actions: Vec<_> = actions.into_iter().map(|action| (5, action)).collect();
            let found: Vec<_> = rows(&directory, &actions).iter().map(|planned| words(&planned.step)).collect();
            assert!(found.iter().zip(&expected).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
        }
    }

    #[test]
    fn every_row_has_what_its_user_held_before_the_whole_run() {
        let mut directory = holding(ReportedSeat::Known(Seat::Member), Some(true), "jo@acme.example", "ACTIVE");
        let attributes = Attributes { admin: Some(true), ..Attributes::default() };
        directory.note_person(user(5), Person { attributes: attributes.clone(), ..Person::default() });
        let other = Action::Downgrade { plan: PlanId::new(1).unwrap(), to: DowngradeSeat::Viewer };
        let actions = [down(DowngradeSeat::Viewer), other, admin(false), up(UpgradeSeat::Member), Action::Plans];
        let rows = rows(&directory, &actions.map(|action| (5, action)));
        let (seat, status) = (Some(ReportedSeat::Known(Seat::Member)), Some("ACTIVE".to_owned()));
        let email = Some("jo@acme.example".to_owned());
        let of_plan = PriorState { seat, status, email, ..PriorState::default() };
        let of_other = PriorState { seat: None, ..of_plan.clone() };
        let of_none = PriorState { plan: Some(plan_id()), ..of_plan.clone() };
        let of_update = PriorState { attributes: Some(Box::new(attributes)), ..of_none.clone() };
        let found: Vec<_> = rows.iter().map(PlannedRow::before).collect();
        assert_eq!(found, [&of_plan, &of_other, &of_update, &of_plan, &of_none]);
    }
}
