//! Outcomes: how a row ended. A failure is data, never an `Err`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::action::folds_alike;
use super::{Answer, ReportedSeat};

/// The statuses of the `result_status` column. Their meanings are a contract: see the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The API said SUCCESS (0), or reading back shows it done.
    Success,
    /// The API said `PARTIAL_SUCCESS` (3).
    PartialSuccess,
    /// It was so already; nothing was sent.
    Unchanged,
    /// The API refused it, or every attempt failed without effect.
    Failed,
    /// It was sent, and no one can tell whether it was done.
    Unknown,
    /// Left out on purpose.
    Skipped,
    /// The row could not become a job.
    Invalid,
    /// The run ended before its turn.
    NotAttempted,
    /// Dry run: would be sent.
    Planned,
    /// Dry run: would be refused.
    Blocked,
}

impl Status {
    /// Every status, in the order in which summaries show them.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::PartialSuccess,
        Self::Unchanged,
        Self::Failed,
        Self::Unknown,
        Self::Skipped,
        Self::Invalid,
        Self::NotAttempted,
        Self::Planned,
        Self::Blocked,
    ];

    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::PartialSuccess => "PARTIAL_SUCCESS",
            Self::Unchanged => "UNCHANGED",
            Self::Failed => "FAILED",
            Self::Unknown => "UNKNOWN",
            Self::Skipped => "SKIPPED",
            Self::Invalid => "INVALID",
            Self::NotAttempted => "NOT_ATTEMPTED",
            Self::Planned => "PLANNED",
            Self::Blocked => "BLOCKED",
        }
    }

    /// Whether a run (or dry run) all of whose rows ended so has nothing left for a person to look at: exit code 0.
    pub const fn is_fine(self) -> bool {
        match self {
            Self::Success | Self::Unchanged | Self::Skipped | Self::Planned => true,
            Self::PartialSuccess
            | Self::Failed
            | Self::Unknown
            | Self::Invalid
            | Self::NotAttempted
            | Self::Blocked => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status")]
pub struct StatusError(pub String);

impl FromStr for Status {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, StatusError> {
        let named = Self::ALL.into_iter().find(|status| folds_alike(text, status.name()));
        named.ok_or_else(|| StatusError(text.trim().to_owned()))
    }
}

/// Why a row ended as it did, as far as carrying on later depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The API answered for good: done, refused, partly done.
    Answered,
    /// Reading the user's state settled it.
    ReadBack,
    /// The row itself: invalid, duplicate, left out, nothing to change.
    Row,
    /// Attempts ran out by throttling, maintenance or an unreachable host: worth another go.
    GaveUp,
    /// An earlier row of the same user ended in doubt.
    Predecessor,
    /// The review that the row comes from had ended it already.
    Reviewed,
    /// The row is approved, and what it says cannot run as it was reviewed.
    Approval,
    /// Nobody in the account has the row's address.
    MissingUser,
    /// The row's day is yet to come.
    Waiting,
}

/// How a row ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The verdict.
    pub status: Status,
    /// Why, as far as carrying on depends on it.
    pub reason: Reason,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// 0 or 3, as the API said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_code: Option<i64>,
    /// HTTP status of the answer that settled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Smartsheet's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i64>,
    /// The id of the error's occurrence, for Smartsheet's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_id: Option<String>,
    /// The seat that was found before anything was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_before: Option<ReportedSeat>,
    /// The seat that reading back found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_after: Option<ReportedSeat>,
}

impl Outcome {
    /// An outcome that rests on no answer of the API.
    pub fn of_row(status: Status, message: impl Into<String>) -> Self {
        Self::new(status, Reason::Row, message)
    }

    /// An outcome with everything but its verdict, reason and message left empty.
    pub fn new(status: Status, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            status,
            reason,
            message: message.into(),
            hint: None,
            result_code: None,
            http_status: None,
            error_code: None,
            ref_id: None,
            seat_before: None,
            seat_after: None,
        }
    }

    /// The outcome with what `answer` said: HTTP status, codes, the id of the error's occurrence.
    #[must_use]
    pub fn with_answer(mut self, answer: &Answer) -> Self {
        self.http_status = answer.http();
        if let Some(word) = answer.word() {
            self.result_code = word.result_code.filter(|_| word.error_code.is_none());
            self.error_code = word.error_code;
            self.ref_id.clone_from(&word.ref_id);
        }
        self
    }
}
