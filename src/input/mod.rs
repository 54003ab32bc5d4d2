//! Input: the cells of a spreadsheet's export become jobs, and rows that say why they are none.
//!
//! This room decides what a table means: which row is its header, which column holds what, and what each row orders. How
//! cells stand in a file is decided in [`tabular`](crate::tabular).
//! It must never stop at a bad row (a row is read to its value and all its complaints), never correct a damaged id, and
//! never take what an export says of the past for an order. It reads no file, no clock and no network: bytes in, values
//! out, and a second pass over a [`Sheet`] gives what the first one gave.

mod action;
mod approved;
mod cell;
mod columns;
mod error;
mod field;
mod lost_signatures;
mod number;
mod options;
mod parsed_row;
mod result_key;
mod rounding;
mod row_error;
mod row_parser;
mod sheet;
mod template;
#[cfg(test)]
mod tests;

pub use error::InputError;
pub use field::{Field, FieldError};
pub use lost_signatures::LostSignatures;
pub use options::{HiddenRows, IdTrust, Options};
pub use parsed_row::{ParsedRow, Subject};
pub use rounding::{Among, Zeros};
pub use row_error::{RowError, Warning, WarningWeight};
pub use sheet::Sheet;
pub use template::template;

pub use crate::tabular::read::{ErrorSource, Row, RowChunk, Rows, is_workbook};
