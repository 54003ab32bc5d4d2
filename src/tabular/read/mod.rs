//! Reading: a file becomes the text of one table, and that text becomes rows of cells.

mod biff_records;
mod chunks;
mod contents;
mod decode;
mod error;
mod hidden;
mod limits;
mod quotes;
mod rows;
mod workbook;
mod workbook_cells;
mod xlsx_package;

pub use chunks::{RowChunk, RowChunks};
pub use contents::{Contents, FileOptions, Origin};
pub use error::{ErrorSource, FileError};
pub use hidden::Hidden;
pub use limits::Limits;
pub use quotes::QuoteFault;
pub use rows::{EscapedFormulas, Row, Rows};
pub use workbook::is_workbook;
pub use workbook_cells::{Flaw, Flaws};

pub(super) use rows::Rows as RowsOfText;
