//! Reading: the views from which report, summary, history and resume are made.
//!
//! What a job's events mean is never decided here: they are folded through
//! [`JobState::next`](crate::model::JobState::next), as they were while the run was under way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Statement, params};

use super::checksum::{OF_EVENT, OF_ROW, OF_RUN, OF_SESSION};
use super::entry::{FileKind, NewRun, RowRecord, RunRecord, SessionRecord};
use super::records::{
    EventCursor, EventRecord, RecordError, damaged, from_json, job, row_record, text, text_or_null, time,
};
use super::reviews::spent_on;
use super::{Ledger, LedgerError};
use crate::model::{PastChange, UserId};

/// What a ledger shows.
#[derive(Debug)]
pub struct Views<'a> {
    ledger: &'a Ledger,
}

const RUN: &str = "SELECT id, name, account, who, input, sha256, header, settings, started, superseded_by, row_count,
    totals, checksum, events_sum, checksum IS";
const ROW: &str = "SELECT place, number, cells, job, outcome, before, checksum, checksum IS";
const EVENT: &str = "SELECT place, at, event, answer, outcome, checksum, checksum IS";

/// A row that mentions an address.
#[derive(Debug)]
pub struct Mention {
    /// The user of the row.
    pub user: UserId,
    /// The address that its user had before the run, where that was read.
    pub email: Option<String>,
    /// The cells under the run's header, as one CSV record.
    pub cells: String,
    /// The run's header, as one CSV record.
    pub header: String,
}

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

    /// So many of the newest runs, newest first.
    pub fn newest_runs(&self, number: usize) -> Result<Vec<RunRecord>, LedgerError> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.list_runs(&format!("{RUN} {OF_RUN} FROM runs ORDER BY id DESC LIMIT ?1"), [number])
    }

    /// Every run, newest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, LedgerError> {
        self.list_runs(&format!("{RUN} {OF_RUN} FROM runs ORDER BY id DESC"), [])
    }

    /// The run that somebody means: by its name, by a part of it that no other has, or `latest`.
    pub fn named(&self, text: &str) -> Result<RunRecord, LedgerError> {
        const SHOWN: usize = 5;
        let names = |sql: &str, text: &[&str]| -> rusqlite::Result<Vec<String>> {
            self.ledger
                .connection
                .prepare(sql)?
                .query_map(rusqlite::params_from_iter(text), |row| row.get(0))?
                .collect()
        };
        let found = match text {
            "latest" => names("SELECT name FROM runs ORDER BY id DESC LIMIT 1", &[]),
            part => {
                names("SELECT name FROM runs WHERE instr(name, ?1) ORDER BY name = ?1 DESC, id DESC LIMIT 6", &[part])
            }
        };
        match found.map_err(|error| self.ledger.refused("read", error))?.as_slice() {
            [] => Err(LedgerError::NoSuchRun(text.to_owned())),
            [name, rest @ ..] if rest.is_empty() || name == text => self.run(name),
            names => Err(LedgerError::AmbiguousRun {
                part: text.to_owned(),
                names: names.iter().take(SHOWN).cloned().collect(),
            }),
        }
    }

    /// The run of a name.
    pub fn run(&self, name: &str) -> Result<RunRecord, LedgerError> {
        let mut found = self.list_runs(&format!("{RUN} {OF_RUN} FROM runs WHERE name = ?1"), [name])?;
        found.pop().ok_or_else(|| LedgerError::NoSuchRun(name.to_owned()))
    }

    /// Calls `each` with the rows of a run, in the order of the file. One row is held at a time.
    pub fn each_row(&self, run: i64, mut each: impl FnMut(RowRecord)) -> Result<(), LedgerError> {
        self.fold_rows(run, &mut each).map_err(|error| self.error(error))
    }

    /// How many rows of a run want what, by the name of the action.
    pub fn actions_of(&self, run: i64) -> Result<BTreeMap<String, u64>, LedgerError> {
        let read = || -> rusqlite::Result<_> {
            // A job reads `u1:downgrade:…`.
            let mut statement = self.ledger.connection.prepare(
                "SELECT substr(rest, 1, instr(rest, ':') - 1), count(*)
                 FROM (SELECT substr(job, instr(job, ':') + 1) AS rest FROM rows WHERE run = ?1 AND job IS NOT NULL)
                 GROUP BY 1",
            )?;
            statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|error| self.ledger.refused("read", error))
    }

    /// Every row with a user that mentions an address, whether as the address of its user or not.
    pub fn mentions(&self, address: &str) -> Result<Vec<Mention>, LedgerError> {
        let read = || -> rusqlite::Result<_> {
            let mut statement = self.ledger.connection.prepare(
                "SELECT rows.user, rows.before ->> '$.email', rows.cells, runs.header
                 FROM rows JOIN runs ON runs.id = rows.run
                 WHERE rows.user IS NOT NULL
                 AND (instr(lower(rows.cells), lower(?1)) OR instr(lower(ifnull(rows.before, '')), lower(?1)))",
            )?;
            let mut rows = statement.query([address])?;
            let mut mentions = Vec::new();
            while let Some(row) = rows.next()? {
                if let Some(user) = UserId::new(row.get::<_, i64>(0)?.cast_unsigned()) {
                    mentions.push(Mention { user, email: row.get(1)?, cells: row.get(2)?, header: row.get(3)? });
                }
            }
            Ok(mentions)
        };
        read().map_err(|error| self.ledger.refused("read", error))
    }

    /// Every row that any run has had for a user, newest run first, with its run.
    pub fn rows_of_user(&self, user: UserId) -> Result<Vec<(RunRecord, RowRecord)>, LedgerError> {
        let of_user = "SELECT DISTINCT run FROM rows WHERE user = ?1";
        let user = user.get().cast_signed();
        let runs =
            self.list_runs(&format!("{RUN} {OF_RUN} FROM runs WHERE id IN ({of_user}) ORDER BY id DESC"), [user])?;
        let mut found = Vec::new();
        for run in runs {
            let rows = self.rows_of(run.id, user).map_err(|error| self.error(error))?;
            found.extend(rows.into_iter().map(|row| (run.clone(), row)));
        }
        Ok(found)
    }

    /// What the runs of an account are known to have changed of some users since a time, the oldest first.
    pub fn past_changes_since(
        &self,
        account: &str,
        since: Timestamp,
        users: &BTreeSet<UserId>,
    ) -> Result<Vec<PastChange>, LedgerError> {
        let read = || -> Result<_, RecordError> {
            // In this order: a user has few rows, and a ledger of years has many events.
            let mut statement = self.ledger.connection.prepare(
                "SELECT rows.job, events.at, runs.name FROM rows
                 CROSS JOIN runs ON runs.id = rows.run
                 CROSS JOIN events ON events.run = rows.run AND events.place = rows.place
                 WHERE rows.user = ?3 AND runs.account = ?1 AND events.at >= ?2
                 AND event ->> '$.settled.status' = 'SUCCESS' ORDER BY events.at, events.id",
            )?;
            let mut changes = Vec::new();
            for user in users {
                past_changes(
                    &mut statement,
                    params![account, since.as_millisecond(), user.get().cast_signed()],
                    &mut changes,
                )?;
            }
            changes.sort_by_key(|change: &PastChange| change.at);
            Ok(changes)
        };
        read().map_err(|error| self.error(error))
    }

    /// The deactivations and reactivations of an account since a time, the oldest first.
    pub fn status_changes_since(&self, account: &str, since: Timestamp) -> Result<Vec<PastChange>, LedgerError> {
        let read = || -> Result<_, RecordError> {
            let mut statement = self.ledger.connection.prepare(
                "SELECT rows.job, events.at, runs.name FROM sessions
                 CROSS JOIN runs ON runs.id = sessions.run
                 CROSS JOIN rows ON rows.run = runs.id
                 CROSS JOIN events ON events.run = rows.run AND events.place = rows.place
                 WHERE sessions.id IN (SELECT max(id) FROM sessions GROUP BY run) AND ifnull(sessions.ended, ?2) >= ?2
                 AND runs.account = ?1 AND (rows.job LIKE '%:deactivate:%' OR rows.job LIKE '%:reactivate:%')
                 AND events.at >= ?2 AND event ->> '$.settled.status' = 'SUCCESS' ORDER BY events.at, events.id",
            )?;
            let mut changes = Vec::new();
            past_changes(&mut statement, params![account, since.as_millisecond()], &mut changes)?;
            Ok(changes)
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
        let read = || -> Result<_, RecordError> {
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
                if !row.get::<_, bool>(14)? {
                    return Err(damaged(&format!("the record of run {}", run.name)));
                }
                let (superseded_by, rows) = (row.get(9)?, row.get(10)?);
                let totals = text_or_null(row, 11)?.map(from_json).transpose()?;
                runs.push(RunRecord {
                    id,
                    run,
                    superseded_by,
                    sessions: self.sessions(id)?,
                    rows,
                    totals,
                    events_sum: row.get(13)?,
                });
            }
            Ok(runs)
        };
        read().map_err(|error| self.error(error))
    }

    fn rows_of(&self, run: i64, user: i64) -> Result<Vec<RowRecord>, RecordError> {
        let connection = &self.ledger.connection;
        let mut statement = connection
            .prepare_cached(&format!("{ROW} {OF_ROW} FROM rows WHERE run = ?1 AND user = ?2 ORDER BY place"))?;
        let mut events = connection
            .prepare_cached(&format!("{EVENT} {OF_EVENT} FROM events WHERE run = ?1 AND place = ?2 ORDER BY id"))?;
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

    fn sessions(&self, run: i64) -> Result<Vec<SessionRecord>, RecordError> {
        let mut statement = self.ledger.connection.prepare_cached(&format!(
            "SELECT began, ended, ending, checksum IS {OF_SESSION} FROM sessions WHERE run = ?1 ORDER BY id"
        ))?;
        let mut rows = statement.query([run])?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            if !row.get::<_, bool>(3)? {
                return Err(damaged("the record of a session"));
            }
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

    fn fold_rows(&self, run: i64, each: &mut impl FnMut(RowRecord)) -> Result<(), RecordError> {
        let connection = &self.ledger.connection;
        // Both cursors must see the same moment, or a row could show an event whose cause is missing.
        let moment = connection.unchecked_transaction()?;
        let sql = "SELECT row_count, rows_sum, events_sum FROM runs WHERE id = ?1";
        let recorded: Sums = connection.query_row(sql, [run], |row| {
            Ok(Sums { rows: row.get(0)?, rows_sum: row.get(1)?, events_sum: row.get(2)? })
        })?;
        let mut statement = connection.prepare(&format!("{ROW} {OF_ROW} FROM rows WHERE run = ?1 ORDER BY place"))?;
        let mut events =
            connection.prepare(&format!("{EVENT} {OF_EVENT} FROM events WHERE run = ?1 ORDER BY place, id"))?;
        let mut rows = statement.query([run])?;
        let mut events = EventCursor::new(events.query([run])?);
        let (mut count, mut rows_sum) = (0, 0);
        while let Some(row) = rows.next()? {
            count += 1;
            rows_sum += row.get::<_, i64>(6)?;
            let mut record = row_record(row)?;
            while let Some(event) = events.next_of(record.place)? {
                event.apply(&mut record)?;
            }
            each(record);
        }
        drop(moment);
        let is_whole = (recorded.rows, recorded.rows_sum) == (count, rows_sum)
            && events.ahead.is_none()
            && recorded.events_sum.is_none_or(|sum| sum == events.sum);
        if is_whole {
            Ok(())
        } else {
            Err(RecordError::Meaning("rows of a run, or what became of them, are missing".to_owned()))
        }
    }

    pub(super) fn error(&self, error: RecordError) -> LedgerError {
        match error {
            RecordError::Sqlite(error) => self.ledger.refused("read", error),
            RecordError::Meaning(what) => LedgerError::Damaged { path: self.ledger.path.clone(), what },
        }
    }
}

/// How many rows a run entered with, and the sums of the checksums of its rows and, once its session is over, of its
/// events: where something is missing, they differ.
struct Sums {
    rows: i64,
    rows_sum: i64,
    events_sum: Option<i64>,
}

fn past_changes(
    statement: &mut Statement<'_>,
    params: impl rusqlite::Params,
    found: &mut Vec<PastChange>,
) -> Result<(), RecordError> {
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        found.push(PastChange { job: job(text(row, 0)?)?, at: time(row.get(1)?)?, run: row.get(2)? });
    }
    Ok(())
}
