//! What a user says about an input beyond the file itself: flags and settings, already parsed.
//!
//! Values only: nothing here decides what a file means.

use crate::model::{ActionName, PlanId, Seat, Status};
use crate::tabular::read::Limits;

use super::Field;

/// How an input is to be read. The default is what a bare `seatrun run INPUT` says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--delimiter`; found from the header when absent.
    pub delimiter: Option<u8>,
    /// `--encoding`: a label of the WHATWG encoding standard, such as `windows-1252`.
    pub encoding: Option<String>,
    /// `--sheet`: which sheet of a workbook; the only one that holds anything when absent.
    pub sheet: Option<String>,
    /// The row that holds the header, as a spreadsheet numbers it. Rows above are passed over; the first row that holds
    /// anything when absent.
    pub header_row: Option<u64>,
    /// `--map FIELD=COLUMN`, and `[columns]` of the settings.
    pub map: Vec<(Field, String)>,
    /// `--plan-id`, for rows that do not say.
    pub plan_id: Option<PlanId>,
    /// `--action`, for rows that do not say.
    pub action: Option<ActionName>,
    /// `--seat-type`, for rows that do not say.
    pub seat: Option<Seat>,
    /// `--only`: the statuses of a report fed back in that are to run.
    pub only: Option<Vec<Status>>,
    /// `--visible-only` and `--all-rows`.
    pub hidden_rows: HiddenRows,
    /// `--ids-are-exact`.
    pub ids: IdTrust,
    /// How much may be made of a workbook.
    pub limits: Limits,
}

/// What becomes of rows of a workbook that are hidden or filtered out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HiddenRows {
    /// They are read, and a run in which one of them would change a user is refused.
    #[default]
    Refused,
    /// They are skipped (`--visible-only`).
    Skipped,
    /// They are read as the others are (`--all-rows`).
    Read,
}

/// Whether ids that look as if a spreadsheet had rounded them are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdTrust {
    /// A file whose ids were rounded beyond reasonable doubt is refused.
    #[default]
    Judged,
    /// They are as they should be (`--ids-are-exact`).
    Exact,
}
