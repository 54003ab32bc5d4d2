//! Contents: the text of a file, whatever the file is, and how it was written.
//!
//! A text file is decoded; the sheet of a workbook is written out as the text that it would be. From here on there is
//! only one kind of input. What still differs between the two, [`Origin`] says.

use std::ops::Range;

use encoding_rs::{Encoding, UTF_8};

use super::hidden::Hidden;
use super::workbook_cells::{Flaw, Flaws};
use super::{FileError, Limits, decode, workbook};
use crate::tabular::dialect::{self, Bom, Dialect, LineEnding, SeparatorLine};

/// What a user says about how a file is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileOptions<'a> {
    /// `--delimiter`; found from the header when absent.
    pub delimiter: Option<u8>,
    /// `--encoding`: a label of the WHATWG encoding standard.
    pub encoding: Option<&'a str>,
    /// `--sheet`: which sheet of a workbook; the only one that holds anything when absent.
    pub sheet: Option<&'a str>,
    /// How much may be made of the file.
    pub limits: Limits,
}

/// The text of a file.
#[derive(Debug)]
pub struct Contents {
    /// Its rows.
    pub text: String,
    /// The byte at which its first row begins.
    pub start: usize,
    /// What separates cells, where that was said before the header.
    pub delimiter: Option<u8>,
    /// What the text was made of.
    pub origin: Origin,
    /// How many cells the widest row of a workbook has.
    pub width: usize,
    /// What of a workbook nobody sees.
    pub hidden: Hidden,
    /// What `--encoding` named, where the file's byte order mark says otherwise and was believed.
    pub overruled: Option<String>,
    encoding: &'static Encoding,
    mark: Bom,
}

/// What a text was made of.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Of a text file.
    Text,
    /// Of the cells of a workbook, some of which are not what their author meant. Rows are as long as their last cell.
    Workbook(Flaws),
}

impl Origin {
    /// Whether a column of numbers holds one whose sixteenth digit was kept.
    pub fn keeps_sixteen_digits(&self, column: usize) -> bool {
        match self {
            Self::Text => false,
            Self::Workbook(flaws) => flaws.keeps_sixteen_digits(column),
        }
    }

    /// What is wrong with a cell, beyond what its text tells.
    pub fn flaw(&self, row: u64, column: usize) -> Option<Flaw> {
        match self {
            Self::Text => None,
            Self::Workbook(flaws) => flaws.at(row, column),
        }
    }
}

impl Contents {
    /// The contents of a file: of the sheet that the options choose, if it is a workbook.
    ///
    /// # Errors
    /// It can be neither, or the options are about the other kind.
    pub fn read(bytes: Vec<u8>, options: &FileOptions<'_>) -> Result<Self, FileError> {
        if workbook::is_workbook(&bytes) { Self::of_workbook(&bytes, options) } else { Self::of_text(bytes, options) }
    }

    fn of_text(bytes: Vec<u8>, options: &FileOptions<'_>) -> Result<Self, FileError> {
        let decoded = decode::decode(bytes, options.encoding)?;
        if options.sheet.is_some() {
            return Err(FileError::SheetOfText);
        }
        let separator_line = dialect::separator_line(&decoded.text);
        Ok(Self {
            start: separator_line.map_or(0, |(_, length)| length),
            delimiter: options.delimiter.or(separator_line.map(|(delimiter, _)| delimiter)),
            origin: Origin::Text,
            width: 0,
            hidden: Hidden::default(),
            overruled: decoded.overruled,
            encoding: decoded.encoding,
            mark: decoded.mark,
            text: decoded.text,
        })
    }

    fn of_workbook(bytes: &[u8], options: &FileOptions<'_>) -> Result<Self, FileError> {
        for (option, is_said) in
            [("--encoding", options.encoding.is_some()), ("--delimiter", options.delimiter.is_some())]
        {
            if is_said {
                return Err(FileError::OptionForText(option));
            }
        }
        let workbook::Chosen { cells, hidden } = workbook::read(bytes, options.sheet, &options.limits)?;
        Ok(Self {
            text: cells.text,
            start: 0,
            delimiter: Some(b','),
            origin: Origin::Workbook(cells.flaws),
            width: cells.width,
            hidden,
            overruled: None,
            encoding: UTF_8,
            mark: Bom::Present,
        })
    }

    /// How the file is written, given its delimiter and where its header stands. A workbook passes for the CSV that Excel
    /// writes.
    pub fn dialect(&self, delimiter: u8, header: Range<usize>) -> Dialect {
        let (line_ending, separator_line) = match self.origin {
            Origin::Workbook(_) => (LineEnding::CrLf, SeparatorLine::Absent),
            Origin::Text if self.start > 0 => (dialect::line_ending(&self.text[header]), SeparatorLine::Present),
            Origin::Text => (dialect::line_ending(&self.text[header]), SeparatorLine::Absent),
        };
        Dialect { encoding: self.encoding, mark: self.mark, delimiter, line_ending, separator_line }
    }
}
