//! Lost signatures: what an unsigned sheet still shows of the review that it was.
//!
//! Who deletes the column of signatures may write anything into the other columns. A sheet that shows that it was a review
//! is therefore not taken for an ordinary input; one from which every trace was removed cannot be told from one.

use std::fmt;

use super::{Field, Sheet, cell};
use crate::model::Status;

/// The trace that a review has left in a sheet without signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostSignatures {
    /// A row has a status that only a review gives.
    ReviewedRow {
        /// The row, as a spreadsheet numbers it.
        row: u64,
        /// Its status.
        status: Status,
    },
    /// Rows are approved and have keys, and no run has ended any of them.
    KeysWithoutRun,
}

impl fmt::Display for LostSignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the sheet is a review that has lost its signatures: ")?;
        match self {
            Self::ReviewedRow { row, status } => {
                write!(f, "row {row} is {status}, and there is no column `result_signature`")
            }
            Self::KeysWithoutRun => write!(
                f,
                "it has the columns `approved` and `result_key`, but no `result_signature` and no value in \
                 `result_run_id`"
            ),
        }
    }
}

/// The trace in a sheet, if there is one.
pub(super) fn find(sheet: &Sheet) -> Option<LostSignatures> {
    if sheet.is_signed() {
        return None;
    }
    reviewed_row(sheet).or_else(|| keys_without_run(sheet).then_some(LostSignatures::KeysWithoutRun))
}

fn reviewed_row(sheet: &Sheet) -> Option<LostSignatures> {
    let column = sheet.columns().at(Field::ResultStatus)?;
    sheet.rows().find_map(|row| {
        let status = cell::trim(row.cell(column)).parse().ok()?;
        let is_of_review = matches!(status, Status::Planned | Status::Blocked);
        is_of_review.then_some(LostSignatures::ReviewedRow { row: row.number, status })
    })
}

fn keys_without_run(sheet: &Sheet) -> bool {
    let columns = sheet.columns();
    let names_run = |column| sheet.rows().any(|row| !cell::is_blank(row.cell(column)));
    columns.at(Field::Approved).is_some()
        && columns.at(Field::ResultKey).is_some()
        && !columns.at(Field::ResultRunId).is_some_and(names_run)
}
