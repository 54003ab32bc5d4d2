//! Observers: who is told what happens while a run is under way.
//!
//! An observer can change nothing, cannot fail a run and must not slow it: it is called from the dispatcher's loop, so
//! it only notes what it is told and draws at its own leisure.

use std::time::Duration;

use crate::model::{Job, Outcome};

/// What an observer is told.
#[derive(Debug, Clone, Copy)]
pub enum RunEvent<'a> {
    /// The run begins.
    Started {
        /// Jobs that it has to settle.
        jobs: u64,
        /// Requests allowed in any 60 seconds; `None` without a limit.
        limit: Option<u32>,
    },
    /// A request leaves.
    Requested,
    /// A job ended.
    Settled {
        /// The row number that a spreadsheet shows for it.
        row: u64,
        /// What was wanted.
        job: &'a Job,
        /// How it ended.
        outcome: &'a Outcome,
        /// Whether it was [`RunEvent::Unverified`] before.
        was_unverified: bool,
    },
    /// The API said SUCCESS of a job, and its user is looked at once all changes are made.
    Unverified,
    /// A try had no effect, or left doubt, and something will follow.
    Retrying {
        /// The row number that a spreadsheet shows for it.
        row: u64,
        /// What was wanted.
        job: &'a Job,
        /// What came back.
        why: &'a str,
        /// How long until the next request for this job, at the earliest.
        after: Duration,
    },
    /// Nothing is sent for a while, by anybody.
    Paused {
        /// Who asked for it and why.
        why: &'a str,
        /// For how long from now on.
        pause: Duration,
    },
    /// The limit is another one, because the API throttles, or has not for a while.
    LimitChanged {
        /// Requests allowed in any 60 seconds from now on.
        limit: u32,
    },
    /// Something that a person has to hear of at once.
    Warned {
        /// What.
        text: &'a str,
    },
    /// Nothing new is begun any more; what is in flight is finished.
    Draining {
        /// Why.
        why: &'a str,
    },
    /// The run is over.
    Finished,
}

/// Somebody who is told.
pub trait Observer: Send + Sync {
    /// Takes note.
    fn on_event(&self, event: &RunEvent<'_>);
}

/// An observer that listens to nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoopObserver;

impl Observer for NoopObserver {
    fn on_event(&self, _: &RunEvent<'_>) {}
}
