//! Tabular: the bytes of a file become cells, and cells become bytes again.
//!
//! This room decides how cells stand in a file: encoding, dialect, quotes, the sheets of a workbook, the row numbers that
//! a spreadsheet shows, and the apostrophe in front of a formula. It gives no cell a meaning: which column holds what is
//! decided in [`input`](crate::input), and what a report says in [`report`](crate::report). Bytes in, values out.

mod catch_panic;
pub(crate) mod cell_text;
mod dialect;
pub mod formula_escape;
pub mod read;
pub mod write;

pub(crate) use dialect::delimiter_of_header;
pub use dialect::{Bom, DELIMITERS, Dialect, LineEnding, SeparatorLine, delimiter_name};
