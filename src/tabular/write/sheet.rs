//! Sheet writer: cells go in, row by row, and a CSV or a workbook comes out.

use std::io::{self, Write};

use super::cell_style::CellStyle;
use super::csv::Csv;
use super::workbook::Book;
use super::workbook_extras::WorkbookExtras;
use crate::tabular::Dialect;

/// In which format a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// CSV in a dialect.
    Csv(Dialect),
    /// An Excel workbook (`.xlsx`).
    Workbook,
}

/// A sheet that is being written.
pub enum SheetWriter<W: Write> {
    /// As CSV.
    Csv(Box<Csv<W>>),
    /// As a workbook.
    Workbook(Box<Book<W>>),
}

impl<W: Write + Send> SheetWriter<W> {
    /// An empty sheet.
    ///
    /// # Errors
    /// What the output says.
    pub fn new(output: W, format: SheetFormat) -> io::Result<Self> {
        Ok(match format {
            SheetFormat::Csv(dialect) => Self::Csv(Box::new(Csv::new(output, dialect)?)),
            SheetFormat::Workbook => Self::Workbook(Box::new(Book::new(output)?)),
        })
    }

    /// Gives a workbook what it has beside its cells. A CSV has none of it.
    pub fn add(&mut self, extras: WorkbookExtras) {
        match self {
            Self::Csv(_) => {}
            Self::Workbook(book) => book.add(extras),
        }
    }

    /// Writes the next cell of a row.
    ///
    /// # Errors
    /// What the output says.
    pub fn cell(&mut self, text: &str, style: CellStyle) -> io::Result<()> {
        match self {
            Self::Csv(csv) => {
                csv.cell(text);
                Ok(())
            }
            Self::Workbook(book) => book.cell(text, style),
        }
    }

    /// Ends a row.
    ///
    /// # Errors
    /// What the output says.
    pub fn end_row(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(csv) => csv.end_row(),
            Self::Workbook(book) => {
                book.end_row();
                Ok(())
            }
        }
    }

    /// Ends the sheet and gives the output back.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(self) -> io::Result<W> {
        let mut output = match self {
            Self::Csv(csv) => csv.finish()?,
            Self::Workbook(book) => book.finish()?,
        };
        output.flush()?;
        Ok(output)
    }
}
