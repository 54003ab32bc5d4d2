//! What an undo comes to: the rows that put something back, and the changes that cannot be undone, each with its reason.

use jiff::Timestamp;

use crate::model::{Job, UserId};

/// A row that puts something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoRow {
    /// What has to be done.
    pub job: Job,
    /// The address that the user had before the run, where it was read.
    pub email: Option<String>,
    /// The user's name, where it was read.
    pub name: Option<String>,
    /// What that undoes, in a sentence.
    pub reason: String,
}

/// A change that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotUndoable {
    /// The row number of the change.
    pub row: u64,
    /// The user whose change it is.
    pub user: UserId,
    /// Why it cannot be undone.
    pub reason: String,
}

/// How a run is undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// The rows that put back what can be put back: users in the order of the run, each with the last change first.
    pub rows: Vec<UndoRow>,
    /// The changes that cannot be undone, by row.
    pub not_undoable: Vec<NotUndoable>,
    /// Until when all the reactivations among the rows are possible.
    pub until: Option<Timestamp>,
}
