//! Predictions: what the API is certain to refuse, and what is so already, is not sent.

use std::collections::HashSet;

use super::build::{Circumstances, Step, Tenant};
use crate::model::{Action, Job, Outcome, PlanId, SeenSeat, Status, UserId};

/// A refusal that is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// Why it would be refused.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Prediction {
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
    /// Users whose seat in a plan, or (without a plan) whose status an earlier row changes, so that what was read says
    /// nothing of their later rows.
    changed: HashSet<(UserId, Option<PlanId>)>,
}

impl<'a> Foresight<'a> {
    pub(super) fn new(circumstances: &'a Circumstances) -> Self {
        Self { circumstances, changed: HashSet::new() }
    }

    /// The seat that the user holds now in the plan that the row is about.
    pub(super) fn seat(&self, job: &Job) -> Option<SeenSeat> {
        self.circumstances.directory.as_ref()?.seat(job.action.plan()?, job.user).cloned()
    }

    /// What becomes of a job that would otherwise be sent, if that is certain.
    pub(super) fn foresee(&mut self, job: &Job) -> Option<Step> {
        if let Some(prediction) = predict(job, self.circumstances) {
            return Some(Step::Blocked(job.clone(), prediction));
        }
        if let Some(message) = self.already_so(job) {
            let outcome = Outcome::of_row(Status::Unchanged, message);
            return Some(Step::Ended(Some(job.clone()), Box::new(outcome)));
        }
        match job.action {
            Action::Update(_) | Action::Plans => {}
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. } => _ = self.changed.insert((job.user, job.action.plan())),
        }
        None
    }

    fn is_changed(&self, job: &Job) -> bool {
        let plan = job.action.plan();
        self.changed.contains(&(job.user, None))
            || plan.is_some_and(|plan| self.changed.contains(&(job.user, Some(plan))))
    }

    /// Why nothing has to be sent, if what is wanted is so already.
    fn already_so(&self, job: &Job) -> Option<String> {
        if self.is_changed(job) {
            return None;
        }
        let status = || self.circumstances.directory.as_ref()?.status(job.user);
        match job.action {
            Action::Downgrade { .. } | Action::Upgrade { .. } => {
                let (found, wanted) = (self.seat(job)?, job.action.seat()?);
                found.is(wanted).then(|| format!("the seat is {found} already"))
            }
            Action::Deactivate => (status()? == "DEACTIVATED").then(|| "the user is deactivated already".to_owned()),
            Action::Reactivate => (status()? == "ACTIVE").then(|| "the user is active already".to_owned()),
            Action::Remove { .. } | Action::Update(_) | Action::Plans => None,
        }
    }
}

/// The certain refusal of a job, if there is one (API notes: 1336, 1355 and 1049 "yourself", 1356 "not in Gov").
fn predict(job: &Job, circumstances: &Circumstances) -> Option<Prediction> {
    let takes_own_access = match &job.action {
        Action::Downgrade { .. } | Action::Deactivate | Action::Reactivate | Action::Remove { .. } => true,
        Action::Update(attributes) => attributes.admin == Some(false),
        Action::Upgrade { .. } | Action::Plans => false,
    };
    if takes_own_access && circumstances.own == Some(job.user) {
        return Some(Prediction {
            message: format!(
                "user {} is the token's own user, and nobody can {} themselves",
                job.user,
                job.action.name()
            ),
            hint: "take the row out, or use another System Admin's token".to_owned(),
        });
    }
    let missing_in_gov = match &job.action {
        Action::Deactivate | Action::Reactivate => true,
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => false,
    };
    (missing_in_gov && circumstances.tenant == Tenant::Gov).then(|| Prediction {
        message: format!("Smartsheet Gov has no {}", job.action.name()),
        hint: "remove the user from the plan, or downgrade".to_owned(),
    })
}
