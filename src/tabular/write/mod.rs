//! Writing: rows of cells become a file, as CSV in a dialect or as a workbook.

mod csv;
mod record;
mod sheet;
mod transcoder;
mod workbook;

pub use csv::CsvLines;
pub use record::record;
pub use sheet::{CellStyle, SheetFormat, SheetWriter};
pub use workbook::WORKSHEET_ROWS;
