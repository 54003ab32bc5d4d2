//! Writing: one writer, on a thread of its own, that commits what has gathered in one transaction.
//!
//! A record is acknowledged only when it is on disk. When a write fails, nothing is acknowledged any more, so nothing
//! more is sent.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::checksum::{seal_run, seal_session};
use super::entry::{FileKind, NewRow, NewRun, Record, ResumeEvent, RunRecord, RunTotals, TakenOver};
use super::reviews::spend;
use super::schema::refused;
use super::{Ledger, LedgerError};
use crate::model::{Event, StopReason};

/// The most records that one transaction takes.
const GROUP: usize = 4096;

const INSERT_EVENT: &str = "INSERT INTO events (run, place, at, event, answer, outcome, checksum)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, crc32(?1, ?2, ?3, ?4, ?5, ?6))";

/// Takes records and says when they are safe.
pub trait Journal {
    /// Records what happened. `committed` is told when it is on disk, and dropped when it will never be.
    fn record(&mut self, record: Record, committed: Option<oneshot::Sender<()>>);

    /// Why records are not committed any more, once they are not.
    fn failure(&self) -> Option<String>;
}

/// The one writer of a run's events.
#[derive(Debug)]
pub struct Writer {
    inbox: Option<Sender<Message>>,
    thread: Option<JoinHandle<Ledger>>,
    failure: Arc<OnceLock<String>>,
}

#[derive(Debug)]
struct Message {
    record: Record,
    committed: Option<oneshot::Sender<()>>,
}

impl Ledger {
    /// Enters a run with its whole plan and the session that begins with it, in one transaction with what it takes over
    /// and the reviews that it spends. [`LedgerError::Spent`] when another run was first with one of these.
    pub fn enter(
        &mut self,
        run: &NewRun,
        rows: impl IntoIterator<Item = NewRow>,
        takeovers: &[TakenOver],
    ) -> Result<i64, LedgerError> {
        self.refuse_absence()?;
        let path = self.path.clone();
        let failed = |error| refused(&path, "written", error);
        let transaction = self.connection.transaction().map_err(failed)?;
        transaction
            .execute(
                "INSERT INTO runs (name, account, who, input, sha256, header, settings, started)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    run.name,
                    run.account,
                    run.who,
                    run.input,
                    run.sha256,
                    run.header,
                    json(&run.settings),
                    run.started.as_millisecond(),
                ],
            )
            .map_err(failed)?;
        let id = transaction.last_insert_rowid();
        insert_rows(&transaction, id, rows).map_err(failed)?;
        transaction
            .execute(
                "UPDATE runs SET row_count = (SELECT count(*) FROM rows WHERE run = ?1),
                 rows_sum = (SELECT ifnull(sum(checksum), 0) FROM rows WHERE run = ?1) WHERE id = ?1",
                [id],
            )
            .and_then(|_| insert_session(&transaction, id, run.started))
            .map_err(failed)?;
        for takeover in takeovers {
            take_over(&transaction, run, takeover).map_err(failed)?;
        }
        for review in &run.reviews {
            if !spend(&transaction, review, &run.name).map_err(failed)? {
                return Err(LedgerError::Spent(review.clone()));
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(id)
    }

    /// Notes a request to `api_url` that belongs to no job, before it is sent, and forgets those that no minute holds
    /// any more. Returns by what it is known.
    pub fn note_request(&self, api_url: &str, at: Timestamp) -> Result<i64, LedgerError> {
        let note = |connection: &Connection| {
            connection.execute("DELETE FROM requests WHERE at < ?1", [at.as_millisecond() - 600_000])?;
            connection
                .execute("INSERT INTO requests (at, api_url) VALUES (?1, ?2)", params![at.as_millisecond(), api_url])
        };
        note(&self.connection).map_err(|error| self.refused("written", error))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes when the answer to such a request came: the server may have counted it as late as that.
    pub fn note_answer(&self, request: i64, at: Timestamp) -> Result<(), LedgerError> {
        self.connection
            .execute("UPDATE requests SET at = ?2 WHERE rowid = ?1", params![request, at.as_millisecond()])
            .map(drop)
            .map_err(|error| self.refused("written", error))
    }

    /// Begins another session of a run, in one transaction with what becomes of its jobs first.
    pub fn begin_session(&mut self, run: i64, began: Timestamp, revivals: &[ResumeEvent]) -> Result<(), LedgerError> {
        self.refuse_absence()?;
        let path = self.path.clone();
        let failed = |error| refused(&path, "written", error);
        let transaction = self.connection.transaction().map_err(failed)?;
        insert_session(&transaction, run, began).map_err(failed)?;
        for revival in revivals {
            let ResumeEvent { place, event, outcome } = revival.clone();
            insert_now(&transaction, run, &Record { place, at: began, event, answer: None, outcome })
                .map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    /// Records how the current session of a run ended, which is never before it began.
    pub fn end_session(&mut self, run: i64, ended: Timestamp, ending: &StopReason) -> Result<(), LedgerError> {
        let end = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "SELECT max(id) FROM sessions WHERE run = ?1";
            let session: i64 = transaction.query_row(sql, [run], |row| row.get(0))?;
            transaction.execute(
                "UPDATE sessions SET ended = max(?2, began), ending = ?3 WHERE id = ?1",
                params![session, ended.as_millisecond(), json(ending)],
            )?;
            seal_session(&transaction, session)?;
            sum_events(&transaction, run)?;
            transaction.commit()
        };
        end(&mut self.connection).map_err(|error| refused(&self.path, "written", error))
    }

    /// Keeps what the rows of a run came to, until something more happens to it.
    pub fn keep_totals(&self, record: &RunRecord, totals: &RunTotals) -> Result<(), LedgerError> {
        let keep = || {
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            let sql = "UPDATE runs SET totals = ?2 WHERE id = ?1 AND events_sum IS ?3";
            transaction.execute(sql, params![record.id, json(totals), record.events_sum])?;
            seal_run(&transaction, record.id)?;
            transaction.commit()
        };
        keep().map_err(|error| self.refused("written", error))
    }

    /// Remembers a file that seatrun wrote.
    pub fn remember_file(&mut self, path: &str, sha256: &str, keep: FileKind) -> Result<(), LedgerError> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO files (path, sha256, of_run) VALUES (?1, ?2, ?3)",
                params![path, sha256, keep == FileKind::Run],
            )
            .map(drop)
            .map_err(|error| self.refused("written", error))
    }

    /// Hands the ledger to a writer for the events of `run`.
    pub fn into_writer(self, run: i64) -> Writer {
        let (inbox, messages) = channel();
        let failure = Arc::new(OnceLock::new());
        let noted = Arc::clone(&failure);
        let thread = std::thread::spawn(move || {
            write_groups(&self, run, &messages, &noted);
            self
        });
        Writer { inbox: Some(inbox), thread: Some(thread), failure }
    }
}

impl Journal for Writer {
    fn record(&mut self, record: Record, committed: Option<oneshot::Sender<()>>) {
        if let Some(inbox) = &self.inbox {
            // The thread outlives this sender, and it drains the channel even after a failure.
            let _ = inbox.send(Message { record, committed });
        }
    }

    fn failure(&self) -> Option<String> {
        self.failure.get().cloned()
    }
}

impl Writer {
    /// Commits what is left and gives the ledger back, with the reason why not everything was committed, if so.
    pub fn close(mut self) -> (Option<Ledger>, Option<String>) {
        drop(self.inbox.take());
        let ledger = self.thread.take().and_then(|thread| thread.join().ok());
        (ledger, self.failure())
    }
}

fn write_groups(ledger: &Ledger, run: i64, messages: &Receiver<Message>, failure: &OnceLock<String>) {
    let mut group = Vec::new();
    let mut is_writable = true;
    let fail = |error: LedgerError| {
        let _ = failure.set(error.to_string());
    };
    while let Ok(first) = messages.recv() {
        group.push(first);
        group.extend(messages.try_iter().take(GROUP - 1));
        ledger.refuse_absence().unwrap_or_else(fail);
        if failure.get().is_some() {
            // What has not begun does not begin. What was sent already is still recorded for the report, even in a file
            // that nobody else finds any more.
            group.retain(|message| message.committed.is_none());
        }
        if is_writable && let Err(error) = commit(&ledger.connection, run, &group) {
            is_writable = false;
            fail(ledger.refused("written", error));
        }
        // A file that is gone now may have been gone when the group was written to it.
        ledger.refuse_absence().unwrap_or_else(fail);
        for message in group.drain(..) {
            if let (None, Some(committed)) = (failure.get(), message.committed) {
                // Whoever asked may be gone, which changes nothing about what is on disk.
                let _ = committed.send(());
            }
        }
    }
}

fn commit(connection: &Connection, run: i64, group: &[Message]) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    {
        let mut insert = transaction.prepare_cached(INSERT_EVENT)?;
        for Message { record, .. } in group {
            insert_event(&mut insert, run, record)?;
        }
    }
    transaction.commit()
}

fn insert_event(insert: &mut CachedStatement<'_>, run: i64, record: &Record) -> rusqlite::Result<usize> {
    insert.execute(params![
        run,
        record.place,
        record.at.as_millisecond(),
        json(&record.event),
        record.answer.as_ref().map(json),
        record.outcome.as_ref().map(json),
    ])
}

fn insert_rows(connection: &Connection, run: i64, rows: impl IntoIterator<Item = NewRow>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO rows (run, place, number, cells, user, job, before, outcome, checksum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, crc32(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
    )?;
    for (place, row) in (0..).zip(rows) {
        insert.execute(params![
            run,
            place,
            row.number,
            row.cells,
            // SQLite's integers are signed; the same 64 bits come back.
            row.job.as_ref().map(|job| job.user.get().cast_signed()),
            row.job.as_ref().map(|job| job.key().to_string()),
            Some(&row.before).filter(|before| !before.is_empty()).map(json),
            row.outcome.as_ref().map(json),
        ])?;
        if let Some(sent) = row.doubted {
            for event in [Event::Begun, Event::Orphaned] {
                insert_now(connection, run, &Record { place, at: sent, event, answer: None, outcome: None })?;
            }
        }
    }
    Ok(())
}

fn take_over(connection: &Connection, run: &NewRun, takeover: &TakenOver) -> rusqlite::Result<()> {
    for ResumeEvent { place, event, outcome } in takeover.ends.iter().cloned() {
        insert_now(connection, takeover.run, &Record { place, at: run.started, event, answer: None, outcome })?;
    }
    if takeover.whole {
        let sql = "UPDATE runs SET superseded_by = ?2 WHERE id = ?1";
        connection.execute(sql, params![takeover.run, run.name])?;
    }
    sum_events(connection, takeover.run)
}

/// Sums up the checksums of a run's events, now that its session is over. What it came to has to be counted anew.
fn sum_events(connection: &Connection, run: i64) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE runs SET totals = NULL, events_sum = (SELECT ifnull(sum(checksum), 0) FROM events WHERE run = ?1)
         WHERE id = ?1",
        [run],
    )?;
    seal_run(connection, run)
}

fn insert_now(connection: &Connection, run: i64, record: &Record) -> rusqlite::Result<()> {
    insert_event(&mut connection.prepare_cached(INSERT_EVENT)?, run, record).map(drop)
}

fn insert_session(connection: &Connection, run: i64, began: Timestamp) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO sessions (run, began) VALUES (?1, ?2)", params![run, began.as_millisecond()])?;
    seal_session(connection, connection.last_insert_rowid())?;
    connection.execute("UPDATE runs SET totals = NULL, events_sum = NULL WHERE id = ?1", [run])?;
    seal_run(connection, run)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("our own types are always JSON")
}
