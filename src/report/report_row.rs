//! A row of the report: what came in, what it orders, and what became of it. A plan makes such rows where there is no run,
//! and the ledger where there is one; report, page and summary are made of them, whoever made them.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::model::{Action, ActionName, Job, Outcome, PriorState, Signature, UserId};
use crate::plan::{JobCertainty, Person};
use crate::tabular::read::Row;

/// A row of the input, and what became of it.
#[derive(Debug, Clone)]
pub struct ReportRow<'a> {
    /// The row as it came in.
    pub input: Row,
    /// What it orders.
    pub request: RowRequest<'a>,
    /// Who its user is, where the API said it.
    pub person: Option<&'a Person>,
    /// What became of it.
    pub outcome: Outcome,
    /// What its user held before.
    pub before: Cow<'a, PriorState>,
    /// How certain it is that the user was changed; none where nothing was.
    pub certainty: Option<JobCertainty>,
    /// Change requests that were sent for it.
    pub attempts: u32,
    /// When the first began.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// The run; none in a dry run.
    pub run: Option<&'a str>,
    /// The job as text that no spreadsheet will round; none for a row that is not a job.
    pub key: Option<String>,
    /// What tells a row of a review from any other; none in a report.
    pub signature: Option<Signature<'a>>,
    /// What the column `approved` of a review says before anybody has approved anything.
    pub approved: &'static str,
}

/// What a row orders.
#[derive(Debug, Clone)]
pub enum RowRequest<'a> {
    /// An action for a user.
    Job(Cow<'a, Job>),
    /// An action for a user whose id is not known yet; only in a review without a network.
    Unresolved(&'a Action),
    /// An action in a plan that is not known yet; only in a review without a network.
    Named(ActionName),
    /// Nothing that could be understood.
    Unclear,
}

impl RowRequest<'_> {
    /// The user, if the id is known.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Job(job) => Some(job.user),
            Self::Unresolved(_) | Self::Named(_) | Self::Unclear => None,
        }
    }

    /// The action with its arguments, if they are known.
    pub fn action(&self) -> Option<&Action> {
        match self {
            Self::Job(job) => Some(&job.action),
            Self::Unresolved(action) => Some(action),
            Self::Named(_) | Self::Unclear => None,
        }
    }

    /// The name of the action.
    pub fn action_name(&self) -> Option<ActionName> {
        match self {
            Self::Named(action) => Some(*action),
            Self::Job(_) | Self::Unresolved(_) | Self::Unclear => self.action().map(Action::name),
        }
    }
}
