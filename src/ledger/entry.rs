//! What is recorded: a run with its plan, and then one event after another.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{
    Answer, Event, FreeSeatName, Job, JobState, Limit, Outcome, PlanId, PriorState, Status, StopReason,
};
use crate::tabular::Dialect;

/// The settings of a run that a resume must repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The API's base URL.
    pub api_url: String,
    /// Requests in any 60 seconds; 0 without a limit.
    pub rate: u32,
    /// Requests in flight at the most; `None`: as many as the rate needs.
    pub concurrency: Option<u32>,
    /// When to stop for failures.
    pub max_errors: Limit,
    /// By which name the free seat is asked for.
    pub free_seat_name: FreeSeatName,
    /// The input's path, which does not depend on the working folder; none for standard input.
    pub input_path: Option<String>,
    /// Where the report goes: a path that does not depend on the working folder, or `-`.
    pub report: String,
    /// Where the page goes, if one is wanted: a path that does not depend on the working folder.
    #[serde(default)]
    pub page: Option<String>,
    /// Where the summary for machines goes, if one is wanted, in the same way.
    #[serde(default)]
    pub summary: Option<String>,
    /// How the input was written, and so how the report is. A record from before this was kept says what all reports were.
    #[serde(default)]
    pub dialect: Dialect,
    /// Whether the run was started without a question.
    pub confirmation: Confirmation,
    /// Whether the API is taken at its word.
    #[serde(default)]
    pub verification: Verification,
    /// The folder that the input is moved to once the run has finished.
    #[serde(default)]
    pub archive_to: Option<String>,
    /// How the plans are called that the rows are about, as far as the API said.
    #[serde(default)]
    pub plan_names: BTreeMap<PlanId, String>,
}

/// Whether a run asks before it changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// It asks, and is refused where nobody can answer.
    Asked,
    /// It was told not to (`--yes`).
    Waived,
}

/// Whether a SUCCESS of the API is taken at its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// It is.
    #[default]
    Waived,
    /// Each changed user is read back (`--verify`).
    ReadBack,
}

/// A run as it enters the ledger.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The name by which people call it.
    pub name: String,
    /// The API address and the id of `/users/me`.
    pub account: String,
    /// The token's user, as a person would name it.
    pub who: String,
    /// The input's name, as it was given.
    pub input: String,
    /// The input's SHA-256, in hexadecimal.
    pub sha256: String,
    /// The input's columns that the report carries, as one CSV record.
    pub header: String,
    /// What a resume must repeat.
    pub settings: RunSettings,
    /// When it was started.
    pub started: Timestamp,
    /// The reviews of which it runs approved rows: with its entry they are spent.
    pub reviews: Vec<String>,
}

/// A row as it enters the ledger.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// When the same job was sent by an earlier run that left it in doubt, if one did.
    pub doubted: Option<Timestamp>,
    /// The row number that a spreadsheet shows for it.
    pub number: u64,
    /// The cells under the run's header, as one CSV record.
    pub cells: String,
    /// The job, unless the row is none.
    pub job: Option<Job>,
    /// What its user held before the run.
    pub before: PriorState,
    /// How it ended before anything was sent, if it did.
    pub outcome: Option<Outcome>,
}

/// One thing that happened to the job of a row.
#[derive(Debug, Clone)]
pub struct Record {
    /// The place of the row in its file, from 0.
    pub place: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// What had come back, where something had.
    pub answer: Option<Answer>,
    /// How the job ended, where it did.
    pub outcome: Option<Outcome>,
}

/// A run as it stands in the ledger.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Its number in the ledger.
    pub id: i64,
    /// What it entered with.
    pub run: NewRun,
    /// The run that took over what this one had left.
    pub superseded_by: Option<String>,
    /// The processes that worked on it, in order.
    pub sessions: Vec<SessionRecord>,
    /// Rows in all.
    pub rows: u64,
    /// What its rows came to, where nothing has happened to it since that was counted.
    pub totals: Option<RunTotals>,
    /// The sum of the checksums of its events, once its session is over.
    pub(super) events_sum: Option<i64>,
}

/// What the rows of a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTotals {
    /// How many rows have which status.
    pub counts: BTreeMap<Status, u64>,
    /// How many rows want what, by the name of the action; rows that are no job are missing.
    pub actions: BTreeMap<String, u64>,
    /// Paid seats that are no longer needed, as far as that is certain.
    pub seats_freed: u64,
    /// Paid seats that are needed in addition, as far as that is certain.
    pub seats_taken: u64,
}

impl RunRecord {
    /// How the last process left it; `None` when it said nothing, because it is at work or dead.
    pub fn ending(&self) -> Option<&StopReason> {
        self.sessions.last().and_then(|session| session.ending.as_ref())
    }

    /// Whether something of it is left to carry on: it was not worked to its end, and no other run took it over.
    pub fn is_unfinished(&self) -> bool {
        self.superseded_by.is_none() && self.ending() != Some(&StopReason::Finished)
    }
}

/// One process that worked on a run.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// When it began.
    pub began: Timestamp,
    /// When it ended, if it said so.
    pub ended: Option<Timestamp>,
    /// How it ended, if it said so.
    pub ending: Option<StopReason>,
}

/// What a file is worth that seatrun wrote under a default name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The report of a run: only the report of another run takes its place.
    Run,
    /// A review, a rehearsal, a refusal.
    Other,
}

/// What a new run takes over from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    /// The earlier run.
    pub run: i64,
    /// How its jobs end that the new run does.
    pub ends: Vec<ResumeEvent>,
    /// Whether that leaves it nothing.
    pub whole: bool,
}

/// What a resumed run does first with a job: it is orphaned, reopened, or ends before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeEvent {
    /// The place of the row in its file, from 0.
    pub place: u32,
    /// What becomes of it.
    pub event: Event,
    /// How it ended, where it did.
    pub outcome: Option<Outcome>,
}

/// A row as it stands in the ledger.
#[derive(Debug, Clone)]
pub struct RowRecord {
    /// The place of the row in its file, from 0.
    pub place: u32,
    /// The row number that a spreadsheet shows for it.
    pub number: u64,
    /// The cells under the run's header, as one CSV record.
    pub cells: String,
    /// The job, unless the row is none.
    pub job: Option<Job>,
    /// What its user held before the run.
    pub before: PriorState,
    /// Where the job stands.
    pub state: JobState,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
    /// Change requests begun.
    pub attempts: u32,
    /// When the first began.
    pub began: Option<Timestamp>,
    /// When the last began.
    pub last_began: Option<Timestamp>,
    /// When the last thing happened to it.
    pub touched: Option<Timestamp>,
    /// The last answer that came back for it.
    pub answer: Option<Answer>,
    /// Whether something else than seatrun has changed its record. Then nobody knows what was wanted or done: it has no job
    /// and counts as `UNKNOWN`.
    pub is_damaged: bool,
}
