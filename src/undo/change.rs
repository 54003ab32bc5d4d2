//! The changes of a run, and what is known of their effect.

use jiff::Timestamp;

use crate::model::{Job, JobState, PriorAttempts, PriorState, Status};

/// A change that a run made, or may have made.
#[derive(Debug, Clone)]
pub struct Change {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// What was wanted.
    pub job: Job,
    /// What the user held before the run.
    pub before: PriorState,
    /// When its request began; where there were several, the first.
    pub at: Timestamp,
    /// Whether it is known to be done.
    pub certainty: Certainty,
}

/// Whether a change is known to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is done.
    Made,
    /// It may have been done, wholly or in part, and this is why that is unknown.
    Unclear(&'static str),
}

/// What is known of the effect of a job in `state` after `attempts` change requests; `None` when it has no effect.
pub const fn certainty(state: JobState, attempts: u32) -> Option<Certainty> {
    let unclear = match state {
        JobState::Done { .. } | JobState::Settled { status: Status::Success, .. } => return Some(Certainty::Made),
        JobState::Sent { .. } | JobState::InDoubt { .. } | JobState::Ready { past: PriorAttempts::Uncertain, .. } => {
            "it was sent, and the answer is unknown"
        }
        JobState::Partly { .. } | JobState::Settled { status: Status::PartialSuccess, .. } => {
            "the API did it only in part (PARTIAL_SUCCESS)"
        }
        JobState::Settled { status: Status::Unknown, .. } => "it is unknown whether it was done (UNKNOWN)",
        JobState::Settled { status: Status::Skipped, .. } if attempts > 0 => {
            "it was sent and then skipped, so its effect was not checked"
        }
        JobState::Ready { past: PriorAttempts::NoEffect, .. } | JobState::Settled { .. } => return None,
    };
    Some(Certainty::Unclear(unclear))
}
