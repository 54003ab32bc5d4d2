//! Predictions: what is so already, and what the API is certain to refuse, is not sent.
//!
//! Certain is what follows from the documents and from what was read, where no earlier row of the file can change it.
//! What the rows above are to bring about is only hoped for, so that nothing certain follows from it: if such a row
//! failed, a right row below it would have been kept back.

use std::collections::{HashMap, HashSet};

use super::build::{Circumstances, Step, Tenant};
use super::caution::Cautions;
use super::domain::{Domains, is_provider};
use super::likely;
use super::standing::{Holding, Hopes, Standing};
use crate::model::{Action, Before, Email, Job, Outcome, Seat, Status, UserId};

/// A refusal that is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// Why it would be refused, and which document says so.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Prediction {
    fn new(message: String, hint: &str) -> Self {
        Self { message, hint: hint.to_owned() }
    }

    /// What a run says of the row.
    pub fn failed(&self) -> Outcome {
        self.outcome(Status::Failed)
    }

    /// What a dry run says of the row.
    pub fn blocked(&self) -> Outcome {
        self.outcome(Status::Blocked)
    }

    fn outcome(&self, status: Status) -> Outcome {
        let mut outcome = Outcome::of_row(status, format!("not sent: {}", self.message));
        outcome.hint = Some(self.hint.clone());
        outcome
    }
}

/// Looks ahead, row by row in the order of the file.
#[derive(Debug)]
pub(super) struct Foresight<'a> {
    circumstances: &'a Circumstances,
    domains: Domains<'a>,
    /// Users with several rows, and what those so far are to bring about.
    hopes: HashMap<UserId, Hopes>,
}

impl<'a> Foresight<'a> {
    /// `repeated` are the users who have more than one row.
    pub(super) fn new(circumstances: &'a Circumstances, repeated: &HashSet<UserId>) -> Self {
        let domains = circumstances.directory.as_ref().map(Domains::of).unwrap_or_default();
        let hopes = repeated.iter().map(|user| (*user, Hopes::default())).collect();
        Self { circumstances, domains, hopes }
    }

    /// What was read of the job's user, whatever the rows above do: the seat in the plan that the job is about, or in
    /// the one that rows about no plan are judged by.
    pub(super) fn before(&self, job: &Job) -> Before {
        let Some(directory) = &self.circumstances.directory else { return Before::default() };
        let attributes = match job.action {
            Action::Update(_) => directory.person(job.user).map(|person| Box::new(person.attributes.clone())),
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Plans => None,
        };
        let (plan, seat) = match job.action.plan() {
            Some(plan) => (None, directory.seat(plan, job.user)),
            None => directory.some_seat(job.user).map(|(plan, held)| (plan, &held.seat)).unzip(),
        };
        Before {
            plan,
            seat: seat.cloned(),
            status: directory.status(job.user).map(str::to_owned),
            attributes: attributes.filter(|attributes| !attributes.is_empty()),
        }
    }

    /// What becomes of a job that would otherwise be sent, if that is certain; else what it is likely to meet. `email`
    /// is the address that its row gives.
    pub(super) fn foresee(&mut self, job: &Job, email: Option<&Email>) -> Result<Cautions, Step> {
        let directory = self.circumstances.directory.as_ref();
        let standing = Standing::of(job.user, directory, self.hopes.get(&job.user));
        if let Some(message) = already_so(&job.action, standing) {
            return Err(Step::Ended(Some(job.clone()), Box::new(Outcome::of_row(Status::Unchanged, message))));
        }
        // Where users were read, an address that is not the user's has made the row invalid.
        let address = standing.address().or(email.filter(|_| directory.is_none()));
        if let Some(prediction) = self.certain(job, standing, address) {
            return Err(Step::Blocked(job.clone(), Box::new(prediction)));
        }
        let cautions = likely::cautions(&job.action, standing, directory, &self.domains);
        if let Some(hopes) = self.hopes.get_mut(&job.user) {
            hopes.take(&job.action);
        }
        Ok(cautions)
    }

    fn certain(&self, job: &Job, standing: Standing<'_>, address: Option<&Email>) -> Option<Prediction> {
        self.yourself(job)
            .or_else(|| self.missing_in_gov(&job.action))
            .or_else(|| provider(&job.action, address))
            .or_else(|| absent(job, standing))
            .or_else(|| internal_guest(job, standing))
            .or_else(|| illegal_step(job, standing))
    }

    fn yourself(&self, job: &Job) -> Option<Prediction> {
        let source = match &job.action {
            Action::Downgrade { .. } => "Smartsheet's C# SDK, downgradeUser: not an admin",
            Action::Deactivate => "error 1336",
            Action::Reactivate => "error 1355",
            Action::Remove { .. } => "error 1047",
            Action::Update(attributes) if attributes.admin == Some(false) => "error 1049",
            Action::Update(_) | Action::Upgrade { .. } | Action::Plans => return None,
        };
        (self.circumstances.own == Some(job.user)).then(|| {
            let (user, action) = (job.user, job.action.name());
            Prediction::new(
                format!("user {user} is the token's own user, and nobody can {action} themselves ({source})"),
                "take the row out, or use another System Admin's token",
            )
        })
    }

    fn missing_in_gov(&self, action: &Action) -> Option<Prediction> {
        (is_about_access(action) && self.circumstances.tenant == Tenant::Gov).then(|| {
            Prediction::new(
                format!("Smartsheet Gov has no {} (API documentation, Deactivate user; error 1356)", action.name()),
                "remove the user from the plan, or downgrade",
            )
        })
    }
}

/// Whether an action shuts a user out or lets one in again.
pub(super) const fn is_about_access(action: &Action) -> bool {
    match action {
        Action::Deactivate | Action::Reactivate => true,
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => false,
    }
}

/// Why nothing has to be sent, if what is wanted is so already.
fn already_so(action: &Action, standing: Standing<'_>) -> Option<String> {
    match action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let (Holding::Seat(found), wanted) = (standing.holding(*plan).fact()?, action.seat()?) else { return None };
            found.is_same(wanted).then(|| format!("the seat is {found} already"))
        }
        Action::Deactivate => {
            (standing.status().fact()?? == "DEACTIVATED").then(|| "the user is deactivated already".to_owned())
        }
        Action::Reactivate => (standing.status().fact()?? == "ACTIVE").then(|| "the user is active already".to_owned()),
        // Somebody whom the API does not know at all was perhaps never there: that row is worth a look.
        Action::Remove { plan } => {
            let is_gone = standing.holding(*plan).fact()? == Holding::Absent && standing.is_known();
            is_gone.then(|| format!("the user is not in plan {plan} any more"))
        }
        Action::Update(wanted) => standing.has(wanted).fact()?.then(|| {
            let set: Vec<_> = wanted.set().into_iter().map(|(name, value)| format!("{name} is {value}")).collect();
            format!("{} already", set.join(", "))
        }),
        Action::Plans => None,
    }
}

/// Seed 001: the 17 domains whose users cannot be deactivated; "same domain rules" for a reactivation (API notes).
fn provider(action: &Action, address: Option<&Email>) -> Option<Prediction> {
    let domain = address.filter(|_| is_about_access(action))?.domain();
    is_provider(domain).then(|| {
        Prediction::new(
            format!(
                "{domain} is an internet provider's domain, and its users cannot be {}d (API documentation, Deactivate \
                 user; error 1359)",
                action.name()
            ),
            "remove the user from the plan instead, or downgrade",
        )
    })
}

/// What only a user of the plan can be given or lose. Without a plan, the user may be in another organization.
fn absent(job: &Job, standing: Standing<'_>) -> Option<Prediction> {
    let plan = job.action.plan()?;
    (standing.holding(plan).fact()? == Holding::Absent).then(|| {
        Prediction::new(
            format!(
                "user {} is not in plan {plan}, as reading this one user's plans confirmed (API documentation, List user \
                 plans; errors 1004, 1006, 1013)",
                job.user
            ),
            "check user_id, which a spreadsheet may have rounded, and plan_id",
        )
    })
}

fn internal_guest(job: &Job, standing: Standing<'_>) -> Option<Prediction> {
    let plan = job.action.plan().filter(|_| job.action.seat() == Some(Seat::Guest))?;
    (standing.held(plan)?.is_internal == Some(true)).then(|| {
        Prediction::new(
            format!(
                "user {} is internal to plan {plan}, and GUEST is for external users only (API documentation, Downgrade \
                 user)",
                job.user
            ),
            "downgrade to VIEWER or CONTRIBUTOR instead",
        )
    })
}

/// A step that the table of seats does not have.
fn illegal_step(job: &Job, standing: Standing<'_>) -> Option<Prediction> {
    let Holding::Seat(found) = standing.holding(job.action.plan()?).fact()? else { return None };
    is_illegal(&job.action, found).then(|| {
        let (message, hint) = match job.action {
            Action::Upgrade { .. } => ("GUEST is no upgrade from there", "`downgrade` to GUEST is the way"),
            Action::Downgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Update(_)
            | Action::Plans => ("GUEST is no downgrade from there", "`upgrade` to GUEST is the way"),
        };
        let source = "API documentation, Downgrade user and Upgrade user";
        Prediction::new(format!("user {} holds {found}, and {message} ({source})", job.user), hint)
    })
}

/// Whether the table of seats (API notes, "Seats") has no such step. The same seat again is none.
pub(super) const fn is_illegal(action: &Action, from: Seat) -> bool {
    match (action.seat(), action) {
        (Some(Seat::Guest), Action::Downgrade { .. }) => matches!(from, Seat::Viewer | Seat::Contributor),
        (Some(Seat::Guest), Action::Upgrade { .. }) => matches!(from, Seat::Member | Seat::ProvisionalMember),
        (Some(_) | None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{ParsedRow, Subject};
    use crate::model::{Attributes, DowngradeSeat, PlanId, SeenSeat, UpgradeSeat};
    use crate::plan::{Builder, Directory, Extent, Held, Person, Planned, Reach};

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

    fn rows(directory: &Directory, rows: &[(u64, Action)]) -> Vec<Planned> {
        let circumstances = Circumstances { directory: Some(directory.clone()), ..Circumstances::default() };
        let mut builder = Builder::new(&circumstances);
        for (row, (id, action)) in (2..).zip(rows) {
            let entry = ParsedRow::Job { subject: Subject::Id(user(*id)), action: action.clone(), notes: Vec::new() };
            builder.add(row, entry, || unreachable!("every row names its plan"));
        }
        builder.finish().rows
    }

    fn words(step: &Step) -> String {
        match step {
            Step::Send(_) | Step::SendTo(..) | Step::SendSomewhere(_) => "sent".to_owned(),
            Step::Blocked(_, prediction) => format!("blocked: {}", prediction.message),
            Step::Ended(_, outcome) => format!("{}: {}", outcome.status, outcome.message),
        }
    }

    /// Somebody at a seat, at an address.
    fn holding(seat: SeenSeat, is_internal: Option<bool>, address: &str, status: &str) -> Directory {
        let mut directory = Directory::default();
        directory.note_extent(plan_id(), Extent { users: Some(1), reach: Reach::Whole });
        directory.note_home(plan_id());
        directory.note_held(plan_id(), user(5), Held { is_internal, ..Held::seat(seat) });
        let person = Person { email: Email::new(address), status: Some(status.to_owned()), ..Person::default() };
        directory.note_person(user(5), person);
        directory
    }

    #[test]
    fn a_seat_can_only_become_what_the_table_of_seats_has() {
        use DowngradeSeat::{Contributor, Guest, Viewer};
        use UpgradeSeat::Member;
        let (internal, external) = (Some(true), Some(false));
        let known = |seat| SeenSeat::Known(seat);
        // the seat, whether internal, what is asked for, what becomes of it
        let table = [
            (known(Seat::Viewer), external, down(Contributor), "UNCHANGED"),
            (known(Seat::Viewer), external, down(Guest), "blocked: user 5 holds VIEWER, and GUEST is no downgrade"),
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
            // Of a seat that no document names, nothing is certain.
            (SeenSeat::Other("GALACTIC".into()), external, down(Guest), "sent"),
            (SeenSeat::Other("GALACTIC".into()), external, up(UpgradeSeat::Guest), "sent"),
        ];
        for (seat, is_internal, action, expected) in table {
            let directory = holding(seat.clone(), is_internal, "jo@acme.example", "ACTIVE");
            let found = words(&rows(&directory, &[(5, action.clone())])[0].step);
            assert!(found.starts_with(expected), "{seat}, {is_internal:?}, {action}: {found}");
        }
    }

    #[test]
    fn addresses_of_providers_cannot_be_shut_out_and_nothing_else_is_certain_of_an_address() {
        let table = [
            ("jo@gmail.com", Action::Deactivate, "blocked: gmail.com is an internet provider's"),
            ("jo@Web.DE", Action::Deactivate, "blocked: web.de"),
            ("jo@mail.gmail.com", Action::Deactivate, "sent"),
            ("jo@partner.example", Action::Deactivate, "sent"),
            ("jo@gmail.com", down(DowngradeSeat::Viewer), "sent"),
            ("jo@gmail.com", Action::Remove { plan: plan_id() }, "sent"),
            // What is so already would be no failure.
            ("jo@gmail.com", Action::Reactivate, "UNCHANGED"),
        ];
        for (address, action, expected) in table {
            let directory = holding(SeenSeat::Known(Seat::Member), Some(true), address, "ACTIVE");
            let found = words(&rows(&directory, &[(5, action.clone())])[0].step);
            assert!(found.starts_with(expected), "{address}, {action}: {found}");
        }
        let gone = holding(SeenSeat::Known(Seat::Member), Some(true), "jo@aol.com", "DEACTIVATED");
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
            (true, true, remove(), "UNCHANGED: the user is not in plan 9 any more"),
            (true, true, Action::Deactivate, "sent"),
            (true, true, admin(true), "sent"),
            (false, false, down(DowngradeSeat::Viewer), "sent"),
            (false, false, remove(), "sent"),
        ];
        for (is_confirmed, is_known, action, expected) in table {
            let mut directory = holding(SeenSeat::Known(Seat::Member), Some(true), "jo@acme.example", "ACTIVE");
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
    fn nothing_is_certain_of_what_the_rows_above_are_to_bring_about() {
        use DowngradeSeat::{Guest, Viewer};
        let free = || holding(SeenSeat::Known(Seat::Viewer), Some(false), "jo@acme.example", "ACTIVE");
        let paid = || holding(SeenSeat::Known(Seat::Member), Some(false), "jo@acme.example", "ACTIVE");
        let gone = || holding(SeenSeat::Known(Seat::Viewer), Some(false), "jo@acme.example", "DEACTIVATED");
        let mut nobody = Directory::default();
        nobody.note_person(user(5), Person { status: Some("DEACTIVATED".into()), ..Person::default() });
        nobody.note_absence(plan_id(), user(5));
        let table = [
            // A reactivation gives a Member seat, so the downgrade below has something to do.
            (gone(), vec![Action::Reactivate, down(Viewer)], vec!["sent", "sent"]),
            (gone(), vec![down(Viewer)], vec!["UNCHANGED"]),
            // Whoever is in no plan while deactivated may be in it again.
            (nobody.clone(), vec![Action::Reactivate, down(Viewer)], vec!["sent", "sent"]),
            (nobody, vec![down(Viewer), Action::Reactivate], vec!["blocked", "sent"]),
            // The first downgrade may fail, and then the second is right.
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
            (vec![admin(false)], vec!["UNCHANGED: admin is false already"]),
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
        let mut directory = holding(SeenSeat::Known(Seat::Member), Some(true), "jo@acme.example", "ACTIVE");
        let attributes = Attributes { admin: Some(true), ..Attributes::default() };
        directory.note_person(user(5), Person { attributes: attributes.clone(), ..Person::default() });
        let other = Action::Downgrade { plan: PlanId::new(1).unwrap(), to: DowngradeSeat::Viewer };
        let actions = [down(DowngradeSeat::Viewer), other, admin(false), up(UpgradeSeat::Member), Action::Plans];
        let rows = rows(&directory, &actions.map(|action| (5, action)));
        let (seat, status) = (Some(SeenSeat::Known(Seat::Member)), Some("ACTIVE".to_owned()));
        let of_plan = Before { seat, status, ..Before::default() };
        let of_other = Before { seat: None, ..of_plan.clone() };
        let of_none = Before { plan: Some(plan_id()), ..of_plan.clone() };
        let of_update = Before { attributes: Some(Box::new(attributes)), ..of_none.clone() };
        let found: Vec<_> = rows.iter().map(Planned::before).collect();
        assert_eq!(found, [&of_plan, &of_other, &of_update, &of_plan, &of_none]);
    }
}
