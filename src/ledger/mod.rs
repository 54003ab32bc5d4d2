//! The ledger: the durable record of runs, jobs and attempts, one SQLite file in the state folder.
//!
//! It is the one source: resume, report, history, summary and undo are views of it. No request leaves before its event is
//! committed here, and it never forgets a row: a run enters with its whole plan in one transaction, or not at all.
//! Events are only ever added; what they mean is [`JobState::next`](crate::model::JobState::next), live and later.

mod busy;
mod checksum;
pub mod clock;
mod damage;
mod entry;
mod facts;
mod lock;
mod presence;
mod prune;
mod read;
mod recent;
mod records;
mod reviews;
mod schema;
mod shared_budget;
#[cfg(test)]
mod tests;
mod write;

pub use busy::{Waiting, wait_as};
pub use entry::{
    Confirmation, FileKind, NewRow, NewRun, Record, ResumeEvent, RowRecord, RunRecord, RunSettings, RunTotals,
    SessionRecord, TakenOver, Verification,
};
pub use lock::{AccountLock, Holder, LockError};
pub use prune::{Pruned, UnfinishedRuns};
pub use read::{Mention, Views};
pub use reviews::ReviewRecord;
pub use schema::Ledger;
pub use shared_budget::{LearnedRate, SharedBudget, SharedPlace};
pub use write::{Journal, Writer};

use std::path::PathBuf;

use crate::settings::FileError;

/// Why the ledger could not be used. Nothing may be sent while it cannot.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder or file could not be made or opened.
    #[error("cannot open the ledger {path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the ledger {path} cannot be {doing}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// Somebody else can change it, or it is not a file.
    #[error("{path} {source}")]
    Untrusted {
        /// The folder or file.
        path: PathBuf,
        /// Why it is not used.
        source: FileError,
    },
    /// Another process writes to it, for longer than anybody waits.
    #[error("the ledger {0} is busy: another process is writing to it")]
    Busy(PathBuf),
    /// It is not a ledger, or damaged.
    #[error("{path} is no intact ledger: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It is not under its name any more.
    #[error("{0} was deleted or replaced while it was in use")]
    Gone(PathBuf),
    /// A newer seatrun wrote it.
    #[error("the ledger {path} was written by a newer seatrun (its schema is {found}, this program knows {known})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A review that was to run has gone into another run meanwhile.
    #[error("review {0} has gone into another run meanwhile, and a review runs once")]
    Spent(String),
    /// No such run.
    #[error("there is no run `{0}` in the ledger")]
    NoSuchRun(String),
    /// A part of a run's id that several runs have.
    #[error("`{part}` is a part of several run ids: {}", .names.join(", "))]
    AmbiguousRun {
        /// What was typed.
        part: String,
        /// Some of the runs, the newest first.
        names: Vec<String>,
    },
}
