//! Predictions: what is so already, and what the API is certain to refuse, is not sent.
//!
//! Certain is what follows from the documents and from what was read, where no earlier row of the file can change it.
//! What the rows above are to bring about is only hoped for, so that nothing certain follows from it: if such a row
//! failed, a right row below it would have been kept back.

use std::collections::HashMap;

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
    pub(super) fn new(circumstances: &'a Circumstances, repeated: impl IntoIterator<Item = UserId>) -> Self {
        let domains = circumstances.directory.as_ref().map(Domains::of).unwrap_or_default();
        let hopes = repeated.into_iter().map(|user| (user, Hopes::default())).collect();
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
