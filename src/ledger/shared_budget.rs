//! The shared budget: what every process on this machine sends to an API address, counted before it is sent.
//!
//! It is a file of its own beside the ledger, because it is about a minute and not about years: it is never waited for to
//! reach the disk, and losing it costs nothing but what was sent in the last minute. A place is taken in one transaction,
//! so that two processes never take the last one both.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::clock;

/// The file, in the state folder.
const FILE: &str = "budget.sqlite";
/// How long an answer is waited for whose process may have died: its place is free again a minute later.
const LONGEST_ANSWER: Duration = Duration::from_secs(120);
/// How long a place stays taken after its answer.
const WINDOW: Duration = Duration::from_secs(60);
/// How long it is remembered that the API allowed less than the rate.
const RATE_IS_KNOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest that a full budget is waited for before somebody looks again: another process may give a place back.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

const TABLES: &str = "
    PRAGMA busy_timeout = 2000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY, api_url TEXT NOT NULL, taken_at INTEGER NOT NULL, free_at INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS places_by_time ON places (api_url, free_at);
    CREATE TABLE IF NOT EXISTS pauses (api_url TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS rates
        (api_url TEXT PRIMARY KEY, allowed INTEGER NOT NULL, failed INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
";

/// What all processes together may send to one API address.
#[derive(Debug)]
pub struct SharedBudget {
    connection: Mutex<Connection>,
    api_url: String,
}

/// A place that was taken, or how long to wait before looking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedPlace {
    /// A place, by its number.
    Taken(i64),
    /// All places are taken, or somebody was asked to pause.
    Full(Duration),
}

/// A rate that the API was found to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearnedRate {
    /// Requests in any 60 seconds that were allowed.
    pub allowed: u32,
    /// Requests in any 60 seconds that were too many.
    pub failed: u32,
}

impl SharedBudget {
    /// The budget of an API address in a state folder.
    ///
    /// # Errors
    /// What SQLite says. Nobody needs to stop for it: each process still keeps to the rate by itself.
    pub fn open(folder: &Path, api_url: &str) -> rusqlite::Result<Self> {
        let path = folder.join(FILE);
        let connection = Connection::open(&path)?;
        connection.execute_batch(TABLES)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // It holds an address and times, and is as private as the ledger all the same.
            let _ = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600));
        }
        Ok(Self { connection: Mutex::new(connection), api_url: api_url.to_owned() })
    }

    /// Takes one of `limit` places.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn take(&self, limit: u32) -> rusqlite::Result<SharedPlace> {
        self.with(|transaction| self.take_at(transaction, limit, clock::now()))
    }

    fn take_at(&self, transaction: &Transaction<'_>, limit: u32, now: Timestamp) -> rusqlite::Result<SharedPlace> {
        let longest = later(now, LONGEST_ANSWER + WINDOW);
        // What would be free later than it can be was written before the clock was set back.
        transaction
            .execute("DELETE FROM places WHERE free_at <= ?1 OR free_at > ?2", [now.as_millisecond(), longest])?;
        let until: Option<i64> = transaction
            .query_row("SELECT until FROM pauses WHERE api_url = ?1", [&self.api_url], |row| row.get(0))
            .optional()?;
        if let Some(left) = until.and_then(|until| left_until(until, now)) {
            return Ok(SharedPlace::Full(left.min(LOOK_AGAIN)));
        }
        let taken: u32 =
            transaction
                .query_row("SELECT count(*) FROM places WHERE api_url = ?1", [&self.api_url], |row| row.get(0))?;
        if taken < limit {
            transaction.execute(
                "INSERT INTO places (api_url, taken_at, free_at) VALUES (?1, ?2, ?3)",
                params![self.api_url, now.as_millisecond(), longest],
            )?;
            return Ok(SharedPlace::Taken(transaction.last_insert_rowid()));
        }
        let free_at: i64 = transaction.query_row(
            "SELECT free_at FROM places WHERE api_url = ?1 ORDER BY free_at LIMIT 1 OFFSET ?2",
            params![self.api_url, taken - limit],
            |row| row.get(0),
        )?;
        Ok(SharedPlace::Full(left_until(free_at, now).unwrap_or_default().min(LOOK_AGAIN)))
    }

    /// How long answers took within the last minute, on the average; `None` where none came.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn usual_latency(&self) -> rusqlite::Result<Option<Duration>> {
        // While an answer is waited for, its place is free only after the longest that one takes.
        let (window, longest) = (milliseconds(WINDOW), milliseconds(LONGEST_ANSWER + WINDOW));
        let sql = "SELECT avg(free_at - ?2 - taken_at) FROM places WHERE api_url = ?1 AND free_at - taken_at < ?3";
        let average: Option<f64> = self
            .with(|transaction| transaction.query_row(sql, params![self.api_url, window, longest], |row| row.get(0)))?;
        Ok(average.and_then(|average| Duration::try_from_secs_f64(average / 1_000.0).ok()))
    }

    /// The answer came: the place is free again a minute from now.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn answered(&self, place: i64) -> rusqlite::Result<()> {
        let free_at = later(clock::now(), WINDOW);
        self.with(|transaction| {
            transaction.execute("UPDATE places SET free_at = ?2 WHERE id = ?1", [place, free_at]).map(drop)
        })
    }

    /// Nothing was sent: the place is free again at once.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn give_back(&self, place: i64) -> rusqlite::Result<()> {
        self.with(|transaction| transaction.execute("DELETE FROM places WHERE id = ?1", [place]).map(drop))
    }

    /// The server asked to be left alone for so long, which holds for every process.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn pause(&self, pause: Duration) -> rusqlite::Result<()> {
        let until = later(clock::now(), pause);
        let sql = "INSERT INTO pauses VALUES (?1, ?2) ON CONFLICT (api_url) DO UPDATE SET until = max(until, ?2)";
        self.with(|transaction| transaction.execute(sql, params![self.api_url, until]).map(drop))
    }

    /// Remembers for a day what the API allows.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn remember_rate(&self, rate: LearnedRate) -> rusqlite::Result<()> {
        let values = params![self.api_url, rate.allowed, rate.failed, clock::now().as_millisecond()];
        self.with(|transaction| {
            transaction.execute("INSERT OR REPLACE INTO rates VALUES (?1, ?2, ?3, ?4)", values).map(drop)
        })
    }

    /// What the API was found to allow within the last day.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn learned_rate(&self) -> rusqlite::Result<Option<LearnedRate>> {
        let now = clock::now();
        let earliest = now - SignedDuration::try_from(RATE_IS_KNOWN_FOR).unwrap_or_default();
        let sql = "SELECT allowed, failed FROM rates WHERE api_url = ?1 AND at BETWEEN ?2 AND ?3";
        let values = params![self.api_url, earliest.as_millisecond(), now.as_millisecond()];
        self.with(|transaction| {
            let rate = |row: &rusqlite::Row<'_>| Ok(LearnedRate { allowed: row.get(0)?, failed: row.get(1)? });
            transaction.query_row(sql, values, rate).optional()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A time so much later, in milliseconds since 1970.
fn later(now: Timestamp, span: Duration) -> i64 {
    now.as_millisecond().saturating_add(milliseconds(span))
}

/// How long it is until a time, if that is still to come.
fn left_until(at: i64, now: Timestamp) -> Option<Duration> {
    let left = u64::try_from(at.saturating_sub(now.as_millisecond())).ok()?;
    (left > 0).then(|| Duration::from_millis(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:1/2.0";

    fn open(folder: &Path) -> SharedBudget {
        SharedBudget::open(folder, URL).unwrap()
    }

    #[test]
    fn processes_share_the_places_of_an_address() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (open(folder.path()), open(folder.path()));
        let elsewhere = SharedBudget::open(folder.path(), "http://127.0.0.1:2/2.0").unwrap();
        let taken: Vec<_> = (0..4).map(|at| if at % 2 == 0 { one.take(3) } else { other.take(3) }.unwrap()).collect();
        assert!(matches!(
            taken[..],
            [SharedPlace::Taken(_), SharedPlace::Taken(_), SharedPlace::Taken(_), SharedPlace::Full(_)]
        ));
        assert!(matches!(elsewhere.take(3), Ok(SharedPlace::Taken(_))));
        let SharedPlace::Taken(first) = taken[0] else { panic!("{taken:?}") };
        one.answered(first).unwrap();
        assert!(matches!(other.take(3), Ok(SharedPlace::Full(_))), "it stays taken for a minute after its answer");
        assert!(one.usual_latency().unwrap().is_some_and(|took| took < Duration::from_secs(60)));
        one.give_back(first).unwrap();
        assert!(matches!(other.take(3), Ok(SharedPlace::Taken(_))));
    }

    #[test]
    fn a_pause_and_what_was_learned_hold_for_every_process() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (open(folder.path()), open(folder.path()));
        assert_eq!(other.learned_rate().unwrap(), None);
        let rate = LearnedRate { allowed: 147, failed: 210 };
        one.remember_rate(rate).unwrap();
        assert_eq!(other.learned_rate().unwrap(), Some(rate));
        one.pause(Duration::from_secs(60)).unwrap();
        one.pause(Duration::from_secs(5)).unwrap();
        assert_eq!(other.take(3).unwrap(), SharedPlace::Full(LOOK_AGAIN));
    }

    #[test]
    fn places_come_back_after_a_minute_after_a_crash_and_after_the_clock_was_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let budget = open(folder.path());
        let now = clock::now();
        let at = |seconds: i64| now + SignedDuration::from_secs(seconds);
        let take = |seconds| budget.with(|transaction| budget.take_at(transaction, 1, at(seconds))).unwrap();
        assert!(matches!(take(0), SharedPlace::Taken(_)));
        assert!(matches!(take(179), SharedPlace::Full(_)), "its process may still wait for the answer");
        assert!(matches!(take(181), SharedPlace::Taken(_)));
        assert!(matches!(take(-3_600), SharedPlace::Taken(_)), "it cannot have been taken an hour from now");
    }
}
