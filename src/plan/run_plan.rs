//! The plan of a run: every row of the input, and what will happen to it.

use std::collections::HashSet;

use super::row_warning::Cautions;
use crate::model::{Action, ActionName, Before, Email, Job, Outcome, Status, UserId};

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

/// Those who may have several rows.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    /// By id.
    pub(super) users: HashSet<UserId>,
    /// By address, where nobody was looked up.
    pub(super) addresses: HashSet<Email>,
}

impl Repeated {
    /// Those of rows that would be sent.
    pub(super) fn of(rows: &[Planned]) -> Self {
        let (mut seen, mut users) = (Vec::with_capacity(rows.len()), HashSet::new());
        seen.extend(rows.iter().filter_map(|planned| user(&planned.step)));
        // Sorted, a million rows of a million users take no map with an entry for each.
        seen.sort_unstable();
        users.extend(seen.chunk_by(PartialEq::eq).filter(|same| same.len() > 1).map(|same| same[0]));
        let mut seen = HashSet::new();
        let addresses = rows.iter().filter_map(|planned| address(&planned.step));
        Self { users, addresses: addresses.filter(|email| !seen.insert(*email)).cloned().collect() }
    }
}

/// A refusal that is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// Why it would be refused, and which document says so.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Prediction {
    pub(super) fn new(message: String, hint: &str) -> Self {
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

/// The user to whose id a step is sent.
pub(super) fn user(step: &Step) -> Option<UserId> {
    match step {
        Step::Send(job) => Some(job.user),
        Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    }
}

/// The address to which a step is sent.
pub(super) const fn address(step: &Step) -> Option<&Email> {
    match step {
        Step::SendTo(email, _) => Some(email),
        Step::Send(_) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    }
}
