//! Forgetting: old runs are taken out with everything about them, and the space that they took is given back.
//!
//! What is forgotten holds names of people, so nothing of it may stay in the file or in the journal beside it.

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use super::{Ledger, LedgerError};

/// What becomes of old runs that were not worked to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfinishedRuns {
    /// They stay, because they can be resumed.
    Kept,
    /// They go like the others.
    Forgotten,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Runs that are forgotten.
    pub forgotten: usize,
    /// Runs that are as old and stay, because they are not finished.
    pub unfinished: usize,
}

/// The old runs: nobody has worked on them since `?1`.
const OLD: &str = "started < ?1
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE run = runs.id AND max(began, ifnull(ended, began)) >= ?1)
    AND NOT EXISTS (SELECT 1 FROM events WHERE run = runs.id AND at >= ?1)";

/// The runs of which nothing is left to carry on, as [`RunRecord::is_unfinished`](super::RunRecord::is_unfinished) has it.
const FINISHED: &str = "(superseded_by IS NOT NULL
    OR (SELECT ending FROM sessions WHERE run = runs.id ORDER BY id DESC LIMIT 1) IS '\"finished\"')";

impl Ledger {
    /// Takes out the runs that nobody has worked on since `limit`, with everything about them, and gives their space back:
    /// an old one that was resumed since stays. Reviews made before `limit` go, too, and never run again: whether they have
    /// run is forgotten only with what it takes to know their rows.
    ///
    /// The caller holds the lock of every account: the file is written anew, which no run should have to wait for.
    pub fn prune(&mut self, limit: Timestamp, unfinished: UnfinishedRuns) -> Result<Pruned, LedgerError> {
        forget(&mut self.connection, limit.as_millisecond(), unfinished)
            .and_then(|pruned| shrink(&self.connection).map(|()| pruned))
            .map_err(|error| self.refused("written", error))
    }
}

fn forget(connection: &mut Connection, limit: i64, unfinished: UnfinishedRuns) -> rusqlite::Result<Pruned> {
    connection.pragma_update(None, "secure_delete", true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("DELETE FROM reviews WHERE made < ?1", [limit])?;
    let which = match unfinished {
        UnfinishedRuns::Kept => FINISHED,
        UnfinishedRuns::Forgotten => "true",
    };
    let forgotten = transaction.execute(&format!("DELETE FROM runs WHERE {OLD} AND {which}"), [limit])?;
    let unfinished =
        transaction.query_row(&format!("SELECT count(*) FROM runs WHERE {OLD}"), [limit], |row| row.get(0))?;
    transaction.commit()?;
    Ok(Pruned { forgotten, unfinished })
}

/// Writes the file anew without what was deleted, this time or before, and empties the journal, which still holds it.
fn shrink(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("VACUUM")?;
    let is_in_use: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_in_use {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    Ok(())
}
