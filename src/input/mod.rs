//! Input: the bytes of a spreadsheet's export become jobs, and rows that say why they are none.
//!
//! This room decides what a file means: its encoding and dialect, which sheet of a workbook is read, which column holds
//! what, and what each row orders.
//! It must never stop at a bad row (a row is read to its value and all its complaints), never correct a damaged id, and
//! never take what an export says of the past for an order. It reads no file, no clock and no network: bytes in, values
//! out, and a second pass over a [`Sheet`] gives what the first one gave.

mod cell;
mod columns;
mod complaint;
mod contents;
mod decode;
mod dialect;
mod entry;
mod error;
mod field;
pub mod formula;
mod grid;
mod guarded;
mod hidden;
mod keyed;
mod number;
mod options;
mod order;
mod parts;
mod reading;
mod records;
mod rounding;
mod rows;
mod sheet;
mod template;
#[cfg(test)]
mod tests;
mod workbook;

pub use complaint::{Complaint, Warning};
pub use dialect::{Bom, Dialect, LineEnding, SeparatorLine};
pub use entry::{Entry, Subject};
pub use error::{Blame, InputError};
pub use field::{Field, FieldError, REPORT_COLUMNS, SIGNATURE_COLUMN};
pub use options::{IdTrust, Options};
pub use rounding::{Among, Zeros};
pub use rows::{Row, RowChunk, Rows, Stretches};
pub use sheet::Sheet;
pub use template::template;
pub use workbook::is_workbook;
