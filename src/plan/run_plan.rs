//! The plan of a run: every row of the input, and what will happen to it.

use std::collections::HashSet;

use super::row_warning::RowWarnings;
use crate::input::Row;
use crate::model::{Action, ActionName, Email, Job, Outcome, PriorState, Status, UserId};

/// What will happen to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is sent.
    Send(Job),
    /// It is sent once the id of its user is known; only in a dry run without a network.
    UnresolvedUser(Email, Action),
    /// It is sent once the only plan of the token's own user is known; only in a dry run without a network.
    UnresolvedPlan(ActionName),
    /// The API would certainly refuse it, so it is not sent. Boxed, because few rows are blocked.
    Blocked(Job, Box<CertainRefusal>),
    /// It ends without a request.
    Final(Option<Job>, Box<Outcome>),
}

impl Step {
    /// The job that is sent, if its user is known.
    pub const fn job(&self) -> Option<&Job> {
        match self {
            Self::Send(job) => Some(job),
            Self::UnresolvedUser(..) | Self::UnresolvedPlan(_) | Self::Blocked(..) | Self::Final(..) => None,
        }
    }

    /// The action that is sent, with its arguments, if they are known.
    pub const fn action(&self) -> Option<&Action> {
        match self {
            Self::Send(job) => Some(&job.action),
            Self::UnresolvedUser(_, action) => Some(action),
            Self::UnresolvedPlan(_) | Self::Blocked(..) | Self::Final(..) => None,
        }
    }

    /// The name of the action that is sent.
    pub const fn sends(&self) -> Option<ActionName> {
        match self {
            Self::Send(job) => Some(job.action.name()),
            Self::UnresolvedUser(_, action) => Some(action.name()),
            Self::UnresolvedPlan(action) => Some(*action),
            Self::Blocked(..) | Self::Final(..) => None,
        }
    }

    /// The address to which it is sent, if the user's id is unknown.
    pub(super) const fn address(&self) -> Option<&Email> {
        match self {
            Self::UnresolvedUser(email, _) => Some(email),
            Self::Send(_) | Self::UnresolvedPlan(_) | Self::Blocked(..) | Self::Final(..) => None,
        }
    }
}

/// A row and what will happen to it.
#[derive(Debug, Clone)]
pub struct PlannedRow {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// The address that the row gives, unless its step has it.
    pub email: Option<Email>,
    /// What the user holds now, where anything was read. Boxed, because a dry run without a network reads nothing.
    pub before: Option<Box<PriorState>>,
    /// What will happen.
    pub step: Step,
    /// What a reviewer should know of it.
    pub notes: Box<[String]>,
    /// Why the API may refuse it, if it is sent.
    pub row_warnings: RowWarnings,
}

impl PlannedRow {
    /// What the user holds now, as far as it was read.
    pub fn before(&self) -> &PriorState {
        const NOTHING: &PriorState =
            &PriorState { plan: None, seat: None, status: None, attributes: None, email: None, name: None };
        self.before.as_deref().unwrap_or(NOTHING)
    }

    /// A row of which nothing else is known yet.
    pub fn new(row: u64, step: Step) -> Self {
        Self { row, email: None, before: None, step, notes: Box::default(), row_warnings: RowWarnings::default() }
    }

    /// Ends the row without a request.
    pub(super) fn end(&mut self, outcome: Outcome) {
        self.step = Step::Final(self.step.job().cloned(), Box::new(outcome));
    }
}

/// Every row of the input, in its order.
#[derive(Debug, Default)]
pub struct RunPlan {
    /// The rows.
    pub rows: Vec<PlannedRow>,
    /// Users who may have several rows, as far as the rows say. All others have one, so nothing has to be remembered of
    /// them from row to row.
    pub(super) repeated: RepeatedUsers,
}

impl RunPlan {
    /// Rows of the input, each with what will happen to it.
    pub fn beside(&self, rows: impl Iterator<Item = Row>) -> impl Iterator<Item = (Row, &PlannedRow)> {
        let mut planned = [].iter();
        rows.filter_map(move |row| {
            if planned.as_slice().first().is_none_or(|next: &PlannedRow| next.row != row.number) {
                planned = self.rows[self.place(row.number)..].iter();
            }
            let planned = planned.next().filter(|planned| planned.row == row.number)?;
            Some((row, planned))
        })
    }

    /// What will happen to the row of a number.
    pub fn row_mut(&mut self, number: u64) -> Option<&mut PlannedRow> {
        let place = self.place(number);
        self.rows.get_mut(place).filter(|planned| planned.row == number)
    }

    /// Where the row of a number stands, or would stand.
    fn place(&self, number: u64) -> usize {
        self.rows.partition_point(|planned| planned.row < number)
    }
}

#[cfg(test)]
impl RunPlan {
    /// The plan of rows whose steps are given.
    pub(super) fn new(rows: impl IntoIterator<Item = PlannedRow>) -> Self {
        let rows: Vec<_> = rows.into_iter().collect();
        let repeated = RepeatedUsers::new(&rows);
        Self { rows, repeated }
    }
}

/// Users who may have several rows.
#[derive(Debug, Default)]
pub(super) struct RepeatedUsers {
    /// By id.
    pub(super) users: HashSet<UserId>,
    /// By address, where ids were not looked up.
    pub(super) addresses: HashSet<Email>,
}

impl RepeatedUsers {
    /// The users of rows that would be sent.
    pub(super) fn new(rows: &[PlannedRow]) -> Self {
        let (mut seen, mut users) = (Vec::with_capacity(rows.len()), HashSet::new());
        seen.extend(rows.iter().filter_map(|planned| Some(planned.step.job()?.user)));
        // Sorting needs no map with an entry for each of a million users.
        seen.sort_unstable();
        users.extend(seen.chunk_by(PartialEq::eq).filter(|same| same.len() > 1).map(|same| same[0]));
        let mut seen = HashSet::new();
        let addresses = rows.iter().filter_map(|planned| planned.step.address());
        Self { users, addresses: addresses.filter(|email| !seen.insert(*email)).cloned().collect() }
    }
}

/// A refusal that is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertainRefusal {
    /// Why it would be refused, and which document says so.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl CertainRefusal {
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
