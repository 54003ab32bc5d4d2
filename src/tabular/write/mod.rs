//! Writing: rows of cells become a file, as CSV in a dialect or as a workbook.

mod cell_style;
mod csv;
mod record;
mod sheet;
mod transcoder;
mod workbook;
mod workbook_extras;

pub use cell_style::CellStyle;
pub use record::record;
pub use sheet::{SheetFormat, SheetWriter};
pub use workbook::{ROWS_SHEET, WORKSHEET_ROWS};
pub use workbook_extras::WorkbookExtras;
