//! Past changes: changes that earlier runs are known to have made.

use jiff::Timestamp;

use super::Job;

/// A change that a run is known to have made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastChange {
    /// What was done.
    pub job: Job,
    /// When it was known to be done.
    pub at: Timestamp,
    /// The run that did it, by its name.
    pub run: String,
}
