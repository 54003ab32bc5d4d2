//! The clock of a run: the time of day at its start, and from then on what the monotonic clock says.
//!
//! Within a process no record is older than the one before it, however somebody sets the time of day meanwhile. A test
//! that lets tokio's clock run ahead has its records run ahead, too.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::ledger::clock;

/// Tells the time of what happens in a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunClock {
    started: Timestamp,
    origin: Instant,
}

impl RunClock {
    pub(super) fn start() -> Self {
        Self { started: clock::now(), origin: Instant::now() }
    }

    /// When `span` from `began` on is over, if that is still to come. What seems to have begun in the future began just now.
    pub(super) fn left_of(&self, span: Duration, began: Timestamp) -> Option<Instant> {
        let age = Duration::try_from(self.now().duration_since(began)).unwrap_or_default();
        let left = span.checked_sub(age).filter(|left| !left.is_zero())?;
        Some(Instant::now() + left)
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.origin.elapsed()).unwrap_or(SignedDuration::MAX);
        self.started.checked_add(elapsed).unwrap_or(Timestamp::MAX).max(clock::now())
    }
}
