//! Claims about any file at all: each takes bytes, reads them as a file, and panics where the reader breaks its word.
//!
//! The property tests beside this make such files up, the targets in `tests/fuzz` search for them, and the zoo holds
//! known ones. What a claim compares with is the `csv` crate, the standard library or a few lines written here; never
//! the reader's own parts.

mod columns;
mod decode;
mod dialect;
mod rows;
mod table;
mod workbook;

pub(crate) use columns::columns;
pub(crate) use decode::decode;
pub(crate) use dialect::dialect;
pub(crate) use rows::rows;
pub(crate) use table::{Line, Table, options};
pub(crate) use workbook::workbook;
