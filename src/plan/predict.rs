//! Predictions: what the API is certain to refuse is not sent.

use super::build::{Circumstances, Tenant};
use crate::model::{Action, Job, Outcome, Status};

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

/// The certain refusal of a job, if there is one (API notes: 1336, 1355 and 1049 "yourself", 1356 "not in Gov").
pub(super) fn predict(job: &Job, circumstances: &Circumstances) -> Option<Prediction> {
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
