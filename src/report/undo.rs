//! Undo: from what a run has done, an input whose run puts it back.
//!
//! What counts is the net effect on a user: the way from how the run left them to how they were before it. So a user's
//! rows never contradict each other, however many rows of the run they undo. What cannot be put back, or is not known,
//! is never passed over: it is listed with the reason.

#[cfg(test)]
mod tests;
mod user;

use std::collections::HashMap;
use std::io::{self, Write};

use jiff::Timestamp;

use super::{SheetFormat, Table};
use crate::model::{Action, Attributes, Before, Job, JobState, Past, Status, UserId};
use crate::plan::REACTIVATION;

/// The columns of an undo's input. All but the reason are fields that an input knows.
const COLUMNS: [&str; 12] = [
    "user_id",
    "action",
    "plan_id",
    "seat_type",
    "admin",
    "licensed_sheet_creator",
    "group_admin",
    "resource_viewer",
    "first_name",
    "last_name",
    "reason",
    "result_key",
];

/// A change that a run made, or may have made.
#[derive(Debug, Clone)]
pub struct Change {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// What was wanted.
    pub job: Job,
    /// What the user held before the run.
    pub before: Before,
    /// When its request began; where there were several, the first.
    pub at: Timestamp,
    /// Whether it is known to be done.
    pub certainty: Certainty,
}

/// Whether a change is known to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is.
    Made,
    /// It may have been done, or in part; why nobody knows.
    Unclear(&'static str),
}

/// What is known of the effect of a job that stands at `state` after `attempts` change requests; nothing when it is
/// known to have none.
pub const fn certainty(state: JobState, attempts: u32) -> Option<Certainty> {
    let unclear = match state {
        JobState::Done { .. } | JobState::Settled { status: Status::Success, .. } => return Some(Certainty::Made),
        JobState::Sent { .. } | JobState::InDoubt { .. } | JobState::Ready { past: Past::Doubted, .. } => {
            "it was sent, and its answer is not known"
        }
        JobState::Partly { .. } | JobState::Settled { status: Status::PartialSuccess, .. } => {
            "the API did it only in part (PARTIAL_SUCCESS)"
        }
        JobState::Settled { status: Status::Unknown, .. } => "nobody can tell whether it was done (UNKNOWN)",
        JobState::Settled { status: Status::Skipped, .. } if attempts > 0 => {
            "it was sent and then left out, so nobody has looked whether it was done"
        }
        JobState::Ready { past: Past::Clean, .. } | JobState::Settled { .. } => return None,
    };
    Some(Certainty::Unclear(unclear))
}

/// A row that puts something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// What has to be done.
    pub job: Job,
    /// What that undoes, in a sentence.
    pub reason: String,
}

/// A change that stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stays {
    /// The row number of the change.
    pub row: u64,
    /// Whose it is.
    pub user: UserId,
    /// Why it stays.
    pub reason: String,
}

/// How a run is undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// What puts back what can be put back: users in the order of the run, for each of them the last change first.
    pub back: Vec<Back>,
    /// What stays, by row.
    pub stays: Vec<Stays>,
    /// Until when all the reactivations among it are possible.
    pub until: Option<Timestamp>,
}

/// How a run is undone at `now` that has made these changes, given in the order of its rows.
pub fn undo(run: &str, changes: &[Change], now: Timestamp) -> Undo {
    let mut users: Vec<Vec<&Change>> = Vec::new();
    let mut place_of: HashMap<UserId, usize> = HashMap::new();
    for change in changes {
        let place = *place_of.entry(change.job.user).or_insert(users.len());
        if place == users.len() {
            users.push(Vec::new());
        }
        users[place].push(change);
    }
    let mut undo = Undo::default();
    for changes in users {
        let of_user = user::undo(run, &changes, now);
        undo.back.extend(of_user.back);
        undo.stays.extend(of_user.stays);
        undo.until = [undo.until, of_user.until].into_iter().flatten().min();
    }
    undo.stays.sort();
    undo
}

impl Undo {
    /// Writes the input that undoes it.
    ///
    /// # Errors
    /// What the output says.
    pub fn write<W: Write + Send>(&self, output: W, form: SheetFormat) -> io::Result<W> {
        let mut table = Table::begin(output, form, COLUMNS, &[])?;
        for back in &self.back {
            table.write_cells(back.cells().iter().map(String::as_str))?;
        }
        table.finish()
    }
}

impl Back {
    fn cells(&self) -> [String; COLUMNS.len()] {
        let none = Attributes::default();
        let set = match &self.job.action {
            Action::Update(attributes) => attributes,
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Plans => &none,
        };
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string()).unwrap_or_default();
        [
            self.job.user.to_string(),
            self.job.action.name().to_string(),
            self.job.action.plan().map(|plan| plan.to_string()).unwrap_or_default(),
            self.job.action.seat().map(|seat| seat.to_string()).unwrap_or_default(),
            flag(set.admin),
            flag(set.licensed_sheet_creator),
            flag(set.group_admin),
            flag(set.resource_viewer),
            set.first_name.clone().unwrap_or_default(),
            set.last_name.clone().unwrap_or_default(),
            self.reason.clone(),
            self.job.key().to_string(),
        ]
    }
}
