//! The report: what is said of every row, as a table, a summary, a review and a page.
//!
//! Pure: values in, text and bytes out. One line for every row of the input, in its order, whatever happened.

mod column;
mod csv;
mod money;
mod page;
mod record;
mod review;
mod standing;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod transcoder;
mod undo_input;
mod workbook;

pub use column::Column;
pub use page::{Occasion, Order, Overview, Page, PageRow, Remark, Rows as PageRows, Stage, Traffic, Weight};
pub use record::record;
pub use review::{Estimate, Review};
pub use standing::standing;
pub use summary::{Counts, Summary};
pub use table::{Form, Line, Table};
pub use undo_input::write_undo;
pub use workbook::WORKSHEET_ROWS;
