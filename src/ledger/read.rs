//! Reading: the views from which report, summary, history and resume are made.
//!
//! What a job's events mean is never decided here: they are folded through
//! [`JobState::next`](crate::model::JobState::next), as they were while the run was under way.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Rows, params};
use serde::de::DeserializeOwned;

use super::entry::{FileKind, NewRun, RowRecord, RunRecord, SessionRecord};
use super::reviews::spent_on;
use super::{Ledger, LedgerError};
use crate::model::{Answer, Event, Job, JobKey, JobState, Outcome, PastChange, UserId};

/// What a ledger shows.
#[derive(Debug)]
pub struct Views<'a> {
    ledger: &'a Ledger,
}

const RUN: &str = "SELECT id, name, account, who, input, sha256, header, settings, started, superseded_by,
    (SELECT count(*) FROM rows WHERE run = runs.id) FROM runs";

impl Ledger {
    /// What it shows.
    pub const fn views(&self) -> Views<'_> {
        Views { ledger: self }
    }
}

impl Views<'_> {
    pub(super) const fn ledger(&self) -> &Ledger {
        self.ledger
    }

    /// Every run, newest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, LedgerError> {
        self.list_runs(&format!("{RUN} ORDER BY id DESC"), [])
    }

    /// The run of a name.
    pub fn run(&self, name: &str) -> Result<RunRecord, LedgerError> {
        let mut found = self.list_runs(&format!("{RUN} WHERE name = ?1"), [name])?;
        found.pop().ok_or_else(|| LedgerError::NoSuchRun(name.to_owned()))
    }

    /// Calls `each` with the rows of a run, in the order of the file. One row is held at a time.
    pub fn each_row(&self, run: i64, mut each: impl FnMut(RowRecord)) -> Result<(), LedgerError> {
        self.fold_rows(run, &mut each).map_err(|error| self.error(error))
    }

    /// Every row that any run has had for a user, newest run first, with its run.
    pub fn rows_of_user(&self, user: UserId) -> Result<Vec<(RunRecord, RowRecord)>, LedgerError> {
        let of_user = "SELECT DISTINCT run FROM rows WHERE user = ?1";
        let user = user.get().cast_signed();
        let runs = self.list_runs(&format!("{RUN} WHERE id IN ({of_user}) ORDER BY id DESC"), [user])?;
        let mut found = Vec::new();
        for run in runs {
            let rows = self.rows_of(run.id, user).map_err(|error| self.error(error))?;
            found.extend(rows.into_iter().map(|row| (run.clone(), row)));
        }
        Ok(found)
    }

    /// When the answer to each request came that may have been counted since a time, as far as the ledger knows, and
    /// `now` for those without one. What seems to come from the future was sent before the clock was set back, and does not
    /// count. It holds for every account at an API address: before the first request nobody knows
    /// which of them the token belongs to.
    pub fn requests_since(
        &self,
        api_url: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError> {
        let read = || -> Result<_, Unreadable> {
            let connection = &self.ledger.connection;
            // What happens next to the row of a request is its answer.
            let mut statement = connection.prepare(
                "WITH answered AS (
                     SELECT (SELECT at FROM events AS later WHERE later.run = events.run
                             AND later.place = events.place AND later.id > events.id ORDER BY id LIMIT 1) AS at
                     FROM events WHERE at BETWEEN ?2 - 600000 AND ?3 AND event IN ('\"begun\"', '\"read_begun\"')
                     AND run IN (SELECT id FROM runs WHERE settings ->> 'api_url' = ?1)
                     UNION ALL SELECT at FROM requests WHERE api_url = ?1)
                 SELECT ifnull(at, ?3) FROM answered WHERE ifnull(at, ?3) BETWEEN ?2 AND ?3",
            )?;
            let mut rows = statement.query(params![api_url, since.as_millisecond(), now.as_millisecond()])?;
            let mut times = Vec::new();
            while let Some(row) = rows.next()? {
                times.push(time(row.get(0)?)?);
            }
            Ok(times)
        };
        read().map_err(|error| self.error(error))
    }

    /// When each request of a run was begun, and those to its API address that belong to no job but come with its
    /// sessions: they are remembered for some minutes only, so those of long ago are missing.
    pub fn requests_of(&self, run: i64) -> Result<Vec<Timestamp>, LedgerError> {
        let read = || -> Result<_, Unreadable> {
            // What a run took over as begun was begun before it.
            let mut statement = self.ledger.connection.prepare(
                "SELECT at FROM events WHERE run = ?1 AND event IN ('\"begun\"', '\"read_begun\"')
                 AND at >= (SELECT min(began) FROM sessions WHERE run = ?1)
                 UNION ALL
                 SELECT at FROM requests WHERE api_url = (SELECT settings ->> 'api_url' FROM runs WHERE id = ?1)
                 AND EXISTS (SELECT 1 FROM sessions WHERE run = ?1
                             AND requests.at BETWEEN began - 600000 AND ifnull(ended, requests.at))",
            )?;
            let mut rows = statement.query([run])?;
            let mut times = Vec::new();
            while let Some(row) = rows.next()? {
                times.push(time(row.get(0)?)?);
            }
            Ok(times)
        };
        read().map_err(|error| self.error(error))
    }

    /// The answers since a time that left no doubt and no effect, such as throttles, with their times.
    pub fn put_off_since(&self, api_url: &str, since: Timestamp) -> Result<Vec<(Timestamp, Answer)>, LedgerError> {
        let read = || -> Result<_, Unreadable> {
            let mut statement = self.ledger.connection.prepare(
                "SELECT at, answer FROM events WHERE at >= ?2 AND answer IS NOT NULL
                 AND event IN ('\"no_effect\"', '\"read_failed\"', '\"read_put_off\"')
                 AND run IN (SELECT id FROM runs WHERE settings ->> 'api_url' = ?1)",
            )?;
            let mut rows = statement.query(params![api_url, since.as_millisecond()])?;
            let mut answers = Vec::new();
            while let Some(row) = rows.next()? {
                answers.push((time(row.get(0)?)?, from_json(text(row, 1)?)?));
            }
            Ok(answers)
        };
        read().map_err(|error| self.error(error))
    }

    /// What the runs of an account are known to have changed since a time, the oldest first.
    pub fn past_changes_since(&self, account: &str, since: Timestamp) -> Result<Vec<PastChange>, LedgerError> {
        let read = || -> Result<_, Unreadable> {
            let mut statement = self.ledger.connection.prepare(
                "SELECT rows.job, events.at, runs.name FROM events
                 JOIN runs ON runs.id = events.run
                 JOIN rows ON rows.run = events.run AND rows.place = events.place
                 WHERE runs.account = ?1 AND events.at >= ?2 AND event ->> '$.settled.status' = 'SUCCESS'
                 ORDER BY events.at, events.id",
            )?;
            let mut rows = statement.query(params![account, since.as_millisecond()])?;
            let mut past_changes = Vec::new();
            while let Some(row) = rows.next()? {
                past_changes.push(PastChange { job: job(text(row, 0)?)?, at: time(row.get(1)?)?, run: row.get(2)? });
            }
            Ok(past_changes)
        };
        read().map_err(|error| self.error(error))
    }

    /// The SHA-256 that a file had when seatrun wrote it, and what it is worth.
    pub fn written_file(&self, path: &str) -> Result<Option<(String, FileKind)>, LedgerError> {
        let keep = |of_run| if of_run { FileKind::Run } else { FileKind::Other };
        self.ledger
            .connection
            .query_row("SELECT sha256, of_run FROM files WHERE path = ?1", [path], |row| {
                Ok((row.get(0)?, keep(row.get(1)?)))
            })
            .optional()
            .map_err(|error| self.ledger.refused("read", error))
    }

    fn list_runs(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<RunRecord>, LedgerError> {
        let read = || -> Result<_, Unreadable> {
            let mut statement = self.ledger.connection.prepare(sql)?;
            let mut rows = statement.query(params)?;
            let mut runs = Vec::new();
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                let name: String = row.get(1)?;
                let run = NewRun {
                    reviews: spent_on(&self.ledger.connection, &name)?,
                    name,
                    account: row.get(2)?,
                    who: row.get(3)?,
                    input: row.get(4)?,
                    sha256: row.get(5)?,
                    header: row.get(6)?,
                    settings: from_json(text(row, 7)?)?,
                    started: time(row.get(8)?)?,
                };
                let (superseded_by, rows) = (row.get(9)?, row.get(10)?);
                runs.push(RunRecord { id, run, superseded_by, sessions: self.sessions(id)?, rows });
            }
            Ok(runs)
        };
        read().map_err(|error| self.error(error))
    }

    fn rows_of(&self, run: i64, user: i64) -> Result<Vec<RowRecord>, Unreadable> {
        let connection = &self.ledger.connection;
        let mut statement = connection.prepare_cached(
            "SELECT place, number, cells, job, outcome, before FROM rows WHERE run = ?1 AND user = ?2 ORDER BY place",
        )?;
        let mut events = connection.prepare_cached(
            "SELECT place, at, event, answer, outcome FROM events WHERE run = ?1 AND place = ?2 ORDER BY id",
        )?;
        let mut rows = statement.query(params![run, user])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut record = row_record(row)?;
            let mut of_row = events.query(params![run, record.place])?;
            while let Some(event) = of_row.next()? {
                EventRecord::read(event)?.apply(&mut record)?;
            }
            found.push(record);
        }
        Ok(found)
    }

    fn sessions(&self, run: i64) -> Result<Vec<SessionRecord>, Unreadable> {
        let mut statement = self
            .ledger
            .connection
            .prepare_cached("SELECT began, ended, ending FROM sessions WHERE run = ?1 ORDER BY id")?;
        let mut rows = statement.query([run])?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            let ended: Option<i64> = row.get(1)?;
            let ending: Option<String> = row.get(2)?;
            sessions.push(SessionRecord {
                began: time(row.get(0)?)?,
                ended: ended.map(time).transpose()?,
                ending: ending.map(|text| from_json(&text)).transpose()?,
            });
        }
        Ok(sessions)
    }

    fn fold_rows(&self, run: i64, each: &mut impl FnMut(RowRecord)) -> Result<(), Unreadable> {
        let connection = &self.ledger.connection;
        // Both cursors must see the same moment, or a row could show an event whose cause is missing.
        let moment = connection.unchecked_transaction()?;
        let mut statement = connection
            .prepare("SELECT place, number, cells, job, outcome, before FROM rows WHERE run = ?1 ORDER BY place")?;
        let mut events = connection
            .prepare("SELECT place, at, event, answer, outcome FROM events WHERE run = ?1 ORDER BY place, id")?;
        let mut rows = statement.query([run])?;
        let mut events = EventCursor { rows: events.query([run])?, ahead: None };
        while let Some(row) = rows.next()? {
            let mut record = row_record(row)?;
            while let Some(event) = events.next_of(record.place)? {
                event.apply(&mut record)?;
            }
            each(record);
        }
        drop(moment);
        Ok(())
    }

    fn error(&self, error: Unreadable) -> LedgerError {
        match error {
            Unreadable::Sqlite(error) => self.ledger.refused("read", error),
            Unreadable::Meaning(what) => LedgerError::Damaged { path: self.ledger.path.clone(), what },
        }
    }
}

/// Why something in the ledger could not be read.
#[derive(Debug)]
enum Unreadable {
    Sqlite(rusqlite::Error),
    Meaning(String),
}

impl From<rusqlite::Error> for Unreadable {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

#[derive(Debug)]
struct EventRecord {
    place: u32,
    at: Timestamp,
    event: Event,
    answer: Option<String>,
    outcome: Option<String>,
}

impl EventRecord {
    fn read(row: &Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            place: row.get(0)?,
            at: time(row.get(1)?)?,
            event: from_json(text(row, 2)?)?,
            answer: row.get(3)?,
            outcome: row.get(4)?,
        })
    }

    fn apply(self, record: &mut RowRecord) -> Result<(), Unreadable> {
        record.state = record
            .state
            .next(self.event)
            .map_err(|nonsense| Unreadable::Meaning(format!("row {} of its input: {nonsense}", record.number)))?;
        if self.event == Event::Begun {
            record.attempts += 1;
            record.began.get_or_insert(self.at);
            record.last_began = Some(self.at);
        }
        if self.event == Event::Reopened {
            record.outcome = None;
        }
        // A clock that was set back must not make a row finish before it starts.
        record.touched = record.touched.max(Some(self.at));
        // What came back for a reading is not what came back for the job.
        let is_of_reading = matches!(self.event, Event::ReadFailed | Event::ReadPutOff);
        if let Some(answer) = self.answer.filter(|_| !is_of_reading) {
            record.answer = Some(from_json(&answer)?);
        }
        if let Some(outcome) = self.outcome {
            record.outcome = Some(from_json(&outcome)?);
        }
        Ok(())
    }
}

/// Walks the events of a run beside its rows, both in the order of the file.
struct EventCursor<'a> {
    rows: Rows<'a>,
    ahead: Option<EventRecord>,
}

impl EventCursor<'_> {
    fn next_of(&mut self, place: u32) -> Result<Option<EventRecord>, Unreadable> {
        if self.ahead.is_none()
            && let Some(row) = self.rows.next()?
        {
            self.ahead = Some(EventRecord::read(row)?);
        }
        Ok(self.ahead.take_if(|event| event.place == place))
    }
}

/// A row's record before any event.
fn row_record(row: &Row<'_>) -> Result<RowRecord, Unreadable> {
    let job = text_or_null(row, 3)?.map(job).transpose()?;
    let outcome: Option<Outcome> = text_or_null(row, 4)?.map(from_json).transpose()?;
    let before = text_or_null(row, 5)?.map(from_json).transpose()?.unwrap_or_default();
    let state = match &outcome {
        Some(outcome) => JobState::Settled { status: outcome.status, reason: outcome.reason },
        None => JobState::default(),
    };
    Ok(RowRecord {
        place: row.get(0)?,
        number: row.get(1)?,
        cells: row.get(2)?,
        job,
        before,
        state,
        outcome,
        attempts: 0,
        began: None,
        last_began: None,
        touched: None,
        answer: None,
    })
}

/// A text without a copy of it.
fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, Unreadable> {
    text_or_null(row, column)?.ok_or_else(|| Unreadable::Meaning("a text is missing".to_owned()))
}

fn text_or_null<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>, Unreadable> {
    row.get_ref(column)?.as_str_or_null().map_err(|error| Unreadable::Meaning(error.to_string()))
}

fn job(key: &str) -> Result<Job, Unreadable> {
    key.parse().map(JobKey::into_job).map_err(|error| Unreadable::Meaning(format!("{key}: {error}")))
}

fn time(milliseconds: i64) -> Result<Timestamp, Unreadable> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| Unreadable::Meaning(error.to_string()))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| Unreadable::Meaning(format!("{error} in `{text}`")))
}
