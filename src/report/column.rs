//! The columns that a report adds behind those of its input, and what each says of a row.

use std::fmt::{self, Display, Write as _};

use jiff::Timestamp;

use super::ReportRow;
use crate::model::SIGNATURE_COLUMN;

/// A column that says what became of a row (interface, "Report").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The row number that a spreadsheet shows for the row of the input.
    Row,
    /// How it ended.
    Status,
    /// The API's `resultCode`.
    Code,
    /// Why, in words.
    Message,
    /// What to do about it.
    Hint,
    /// The HTTP status of the last answer.
    HttpStatus,
    /// The API's `errorCode`.
    ErrorCode,
    /// The API's `refId`.
    RefId,
    /// Change requests that were sent for it.
    Attempts,
    /// The seat before.
    SeatBefore,
    /// The seat after.
    SeatAfter,
    /// When the first request began.
    StartedAt,
    /// When it ended.
    FinishedAt,
    /// The run.
    RunId,
    /// The job as text that no spreadsheet will round.
    Key,
    /// By what the row of a review is known.
    Signature,
}

impl Column {
    /// The columns of a report, in its order.
    pub const REPORT: &'static [Self] = &[
        Self::Row,
        Self::Status,
        Self::Code,
        Self::Message,
        Self::Hint,
        Self::HttpStatus,
        Self::ErrorCode,
        Self::RefId,
        Self::Attempts,
        Self::SeatBefore,
        Self::SeatAfter,
        Self::StartedAt,
        Self::FinishedAt,
        Self::RunId,
        Self::Key,
    ];

    /// The columns of a review, in its order.
    pub const REVIEW: &'static [Self] = &{
        let mut columns = [Self::Signature; Self::REPORT.len() + 1];
        let (report, _) = columns.split_at_mut(Self::REPORT.len());
        report.copy_from_slice(Self::REPORT);
        columns
    };

    /// The columns of a review as a workbook: what people read, and then what only the program does. Of a row that has not
    /// run, the others say nothing.
    pub const REVIEW_WORKBOOK: &'static [Self] =
        &[Self::Row, Self::Status, Self::Message, Self::Hint, Self::SeatBefore, Self::Key, Self::Signature];

    /// How many of them, at the end, only the program reads.
    pub const FOLDED: u16 = 2;

    /// Its header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Row => "result_row",
            Self::Status => "result_status",
            Self::Code => "result_code",
            Self::Message => "result_message",
            Self::Hint => "result_hint",
            Self::HttpStatus => "result_http_status",
            Self::ErrorCode => "result_error_code",
            Self::RefId => "result_ref_id",
            Self::Attempts => "result_attempts",
            Self::SeatBefore => "result_seat_before",
            Self::SeatAfter => "result_seat_after",
            Self::StartedAt => "result_started_at",
            Self::FinishedAt => "result_finished_at",
            Self::RunId => "result_run_id",
            Self::Key => "result_key",
            Self::Signature => SIGNATURE_COLUMN,
        }
    }

    /// What it says of a row. What has to be put into words first is put into `scratch`.
    pub(super) fn text<'a>(self, row: &'a ReportRow<'_>, scratch: &'a mut String) -> &'a str {
        let outcome = &row.outcome;
        scratch.clear();
        match self {
            Self::Row => say(scratch, Some(row.input.number)),
            Self::Status => return outcome.status.name(),
            Self::Code => say(scratch, outcome.result_code),
            Self::Message => return &outcome.message,
            Self::Hint => return outcome.hint.as_deref().unwrap_or_default(),
            Self::HttpStatus => say(scratch, outcome.http_status),
            Self::ErrorCode => say(scratch, outcome.error_code),
            Self::RefId => return outcome.ref_id.as_deref().unwrap_or_default(),
            Self::Attempts => say(scratch, Some(row.attempts)),
            Self::SeatBefore => say(scratch, outcome.seat_before.as_ref()),
            Self::SeatAfter => say(scratch, outcome.seat_after.as_ref()),
            Self::StartedAt => say(scratch, row.began.map(Milliseconds)),
            Self::FinishedAt => say(scratch, row.finished.map(Milliseconds)),
            Self::RunId => return row.run.unwrap_or_default(),
            Self::Key => return row.key.as_deref().unwrap_or_default(),
            Self::Signature => say(scratch, row.signature),
        }
        scratch
    }
}

fn say(scratch: &mut String, value: Option<impl Display>) {
    if let Some(value) = value {
        // Writing to a string cannot fail.
        let _ = write!(scratch, "{value}");
    }
}

/// RFC 3339 in UTC, to the millisecond.
struct Milliseconds(Timestamp);

impl Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::REPORT_COLUMNS;

    #[test]
    fn the_reader_knows_every_column_of_a_report() {
        let names: Vec<_> = Column::REPORT.iter().map(|column| column.name()).collect();
        assert_eq!(names, REPORT_COLUMNS);
        let of_review: Vec<_> = Column::REVIEW.iter().map(|column| column.name()).collect();
        assert_eq!(of_review, [&names[..], &[SIGNATURE_COLUMN]].concat());
    }
}
