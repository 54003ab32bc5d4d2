//! The clock of a run: the time of day at its start, and from then on what the monotonic clock says.
//!
//! Within a process no record is older than the one before it, however somebody sets the time of day meanwhile.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Tells the time of what happens in a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunClock {
    started: Timestamp,
    origin: Instant,
}

impl RunClock {
    pub(super) fn start() -> Self {
        Self { started: Timestamp::now(), origin: Instant::now() }
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.origin.elapsed()).unwrap_or(SignedDuration::MAX);
        self.started.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}
