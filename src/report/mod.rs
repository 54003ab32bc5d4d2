//! The report: what is said of every row, as a table, a summary, a review and a page.
//!
//! Pure: values in, text and bytes out. One line for every row of the input, in its order, whatever happened.

mod column;
mod money;
mod page;
mod question;
mod report_row;
mod review;
mod row_totals;
mod standing;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod undo_input;

pub use column::Column;
pub use page::{Approval, Occasion, Overview, Page, PageRows, PersonColumns, Remark, Stage, Traffic, Weight};
pub use question::DecisionText;
pub use report_row::{ReportRow, RowRequest};
pub use review::{Estimate, PlanOverview};
pub use row_totals::RowTotals;
pub use standing::standing;
pub use summary::{Counts, QuotedAddresses, RunFacts, StopNotice, Summary};
pub use table::Table;
pub use undo_input::write_undo;

pub use crate::tabular::write::{SheetFormat, WORKSHEET_ROWS, record};
