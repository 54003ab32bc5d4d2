//! Records: what one row of a table means, and what becomes of a job's row with each of its events.
//!
//! What is not as it was written is never believed: its checksum tells.

use jiff::Timestamp;
use rusqlite::{Row, Rows};
use serde::de::DeserializeOwned;

use super::entry::RowRecord;
use crate::model::{Event, Job, JobKey, JobState, Outcome, PriorState, Status};

/// Why something in the ledger could not be read.
#[derive(Debug)]
pub(super) enum RecordError {
    Sqlite(rusqlite::Error),
    Meaning(String),
}

impl From<rusqlite::Error> for RecordError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

#[derive(Debug)]
pub(super) struct EventRecord {
    at: Timestamp,
    event: Event,
    answer: Option<String>,
    outcome: Option<String>,
}

impl EventRecord {
    pub(super) fn read(row: &Row<'_>) -> Result<ReadEvent, RecordError> {
        if !row.get::<_, bool>(6)? {
            return Ok(ReadEvent::Damaged);
        }
        Ok(ReadEvent::Intact(Self {
            at: time(row.get(1)?)?,
            event: from_json(text(row, 2)?)?,
            answer: row.get(3)?,
            outcome: row.get(4)?,
        }))
    }

    fn apply(self, record: &mut RowRecord) -> Result<(), RecordError> {
        if record.is_damaged {
            return Ok(());
        }
        record.state = record
            .state
            .next(self.event)
            .map_err(|nonsense| RecordError::Meaning(format!("row {} of its input: {nonsense}", record.number)))?;
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

/// What was read of an event.
#[derive(Debug)]
pub(super) enum ReadEvent {
    Intact(EventRecord),
    /// It is not as it was written.
    Damaged,
}

impl ReadEvent {
    pub(super) fn apply(self, record: &mut RowRecord) -> Result<(), RecordError> {
        match self {
            Self::Intact(event) => event.apply(record)?,
            Self::Damaged => damage(record),
        }
        Ok(())
    }
}

/// What is left to say of a row whose record is damaged: nobody knows what was wanted or done, and nothing is sent for it.
pub(super) fn damage(record: &mut RowRecord) {
    let hint = Some("look the user up; `seatrun doctor` says what else is damaged".to_owned());
    let outcome =
        Outcome { hint, ..Outcome::of_row(Status::Unknown, "the record of this row in the ledger is damaged") };
    record.state = JobState::Settled { status: outcome.status, reason: outcome.reason };
    (record.is_damaged, record.job, record.outcome) = (true, None, Some(outcome));
}

/// Walks the events of a run beside its rows, both in the order of the file.
pub(super) struct EventCursor<'a> {
    rows: Rows<'a>,
    pub(super) ahead: Option<(u32, ReadEvent)>,
    /// The sum of the checksums so far.
    pub(super) sum: i64,
}

impl<'a> EventCursor<'a> {
    pub(super) const fn new(rows: Rows<'a>) -> Self {
        Self { rows, ahead: None, sum: 0 }
    }

    /// The next event of the row at a place.
    pub(super) fn next_of(&mut self, place: u32) -> Result<Option<ReadEvent>, RecordError> {
        if self.ahead.is_none()
            && let Some(row) = self.rows.next()?
        {
            self.sum += row.get::<_, i64>(5)?;
            self.ahead = Some((row.get(0)?, EventRecord::read(row)?));
        }
        Ok(self.ahead.take_if(|(of, _)| *of == place).map(|(_, event)| event))
    }
}

/// A row's record before any event.
pub(super) fn row_record(row: &Row<'_>) -> Result<RowRecord, RecordError> {
    let mut record = RowRecord {
        place: row.get(0)?,
        number: row.get(1).unwrap_or_default(),
        cells: row.get(2).unwrap_or_default(),
        job: None,
        before: PriorState::default(),
        state: JobState::default(),
        outcome: None,
        attempts: 0,
        began: None,
        last_began: None,
        touched: None,
        answer: None,
        is_damaged: false,
    };
    if !row.get::<_, bool>(7)? {
        damage(&mut record);
        return Ok(record);
    }
    record.job = text_or_null(row, 3)?.map(job).transpose()?;
    record.outcome = text_or_null(row, 4)?.map(from_json).transpose()?;
    record.before = text_or_null(row, 5)?.map(from_json).transpose()?.unwrap_or_default();
    if let Some(outcome) = &record.outcome {
        record.state = JobState::Settled { status: outcome.status, reason: outcome.reason };
    }
    Ok(record)
}

pub(super) fn damaged(what: &str) -> RecordError {
    RecordError::Meaning(format!("{what} was changed by something else than seatrun"))
}

/// A text without a copy of it.
pub(super) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, RecordError> {
    text_or_null(row, column)?.ok_or_else(|| RecordError::Meaning("a text is missing".to_owned()))
}

pub(super) fn text_or_null<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>, RecordError> {
    row.get_ref(column)?.as_str_or_null().map_err(|error| RecordError::Meaning(error.to_string()))
}

pub(super) fn job(key: &str) -> Result<Job, RecordError> {
    key.parse().map(JobKey::into_job).map_err(|error| RecordError::Meaning(format!("{key}: {error}")))
}

pub(super) fn time(milliseconds: i64) -> Result<Timestamp, RecordError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| RecordError::Meaning(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, RecordError> {
    serde_json::from_str(text).map_err(|error| RecordError::Meaning(format!("{error} in `{text}`")))
}
