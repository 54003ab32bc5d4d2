//! Workbook cells: the cells of a workbook's sheet as the text that the row cutter reads, each at the row and column at which the
//! spreadsheet shows it.
//!
//! A cell is written as its reader sees it, with one exception: a number too large to be exact is written in scientific
//! notation, whatever its format shows. As plain digits it would pass for somebody's id, here and in every report that
//! carries it along.

use std::collections::BTreeSet;

use calamine::{Data, ExcelDateTime};

use super::{FileError, Limits};

/// From here on a 64-bit floating-point number, which is what a numeric cell holds, cannot tell a whole number from the
/// next: 2 to the power of 53.
const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;

/// The first number of sixteen digits, of which some programs keep all and spreadsheets fifteen.
const SIXTEEN_DIGITS: f64 = 1e15;

/// The days that a spreadsheet shows as a date end with 9999-12-31, which is the one before this.
const END_OF_DATES: f64 = 2_958_466.0;

/// The size of the largest sheets that spreadsheet programs open.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: u32 = 1 << 14;

const SECONDS_A_DAY: f64 = 86_400.0;

/// What stands for the value of a formula that has none: the error by which spreadsheets say so.
const NO_VALUE: &str = "#N/A";

/// What a cell of a workbook holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// A value, typed or calculated.
    Value(Data),
    /// A formula that was never calculated.
    Uncalculated,
    /// A formula that shows nothing, or was never calculated: the file does not tell.
    Unshown,
}

/// Why a cell of a workbook is not what its author meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is a number of which only the first digits are kept.
    LostDigits,
    /// It is a number of sixteen digits that ends in zero, as it does where only fifteen were kept.
    PerhapsLostDigit,
    /// It is a formula that was never calculated.
    Uncalculated,
    /// It is a formula that shows nothing, or was never calculated.
    Unshown,
}

/// The cells that are not what their author meant, by row and column. A text file has none.
#[derive(Debug, Clone, Default)]
pub struct Flaws {
    cells: Vec<(u64, usize, Flaw)>,
    /// Columns in which a number has a sixteenth digit, which spreadsheet programs do not keep.
    long: BTreeSet<usize>,
}

impl Flaws {
    /// Whether a column holds a number of sixteen digits of which the last is kept.
    pub fn keeps_sixteen_digits(&self, column: usize) -> bool {
        self.long.contains(&column)
    }

    /// What is wrong with a cell, by the row that the spreadsheet shows and the index of its column.
    pub fn at(&self, row: u64, column: usize) -> Option<Flaw> {
        let found = self.cells.binary_search_by_key(&(row, column), |(row, column, _)| (*row, *column)).ok()?;
        Some(self.cells[found].2)
    }
}

/// The cells of one sheet.
#[derive(Debug, Default)]
pub(super) struct WorkbookCells {
    /// Its rows, separated by commas and line feeds.
    pub(super) text: String,
    /// How many cells the widest row has.
    pub(super) width: usize,
    /// The cells that are not what their author meant.
    pub(super) flaws: Flaws,
    row: u32,
    /// Delimiters that were written of the row.
    delimiters: u32,
    limits: Limits,
    count: u64,
}

/// Of a cell that stands before one that was written already, or beyond the end of every sheet.
pub(super) const MISPLACED: &str = "a cell stands where none can";

impl WorkbookCells {
    /// No cells yet.
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Writes a cell at a row and a column, both counted from 0.
    ///
    /// # Errors
    /// The row, or the column in the same row, is before the last one; no sheet is so large, or more than is allowed.
    pub(super) fn push(&mut self, row: u32, column: u32, content: &Content) -> Result<(), FileError> {
        let (text, flaw) = match content {
            Content::Value(Data::Empty) => return Ok(()),
            Content::Value(data) => text_of(data),
            Content::Uncalculated => (NO_VALUE.to_owned(), Some(Flaw::Uncalculated)),
            Content::Unshown => (String::new(), Some(Flaw::Unshown)),
        };
        let is_behind = row > self.row || (row == self.row && column >= self.delimiters);
        if !is_behind || row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(FileError::DamagedWorkbook(MISPLACED.to_owned()));
        }
        let gaps = if row > self.row { row - self.row + column } else { column - self.delimiters };
        self.check_limits(text.len() as u64 + u64::from(gaps))?;
        if row > self.row {
            self.text.extend((self.row..row).map(|_| '\n'));
            (self.row, self.delimiters) = (row, 0);
        }
        self.text.extend((self.delimiters..column).map(|_| ','));
        self.delimiters = column;
        let index = column as usize;
        self.width = self.width.max(index + 1);
        self.flaws.cells.extend(flaw.map(|flaw| (u64::from(row) + 1, index, flaw)));
        if flaw.is_none() && matches!(content, Content::Value(Data::Float(number)) if number.abs() >= SIXTEEN_DIGITS) {
            self.flaws.long.insert(index);
        }
        self.write(&text);
        Ok(())
    }

    /// Counts a cell, and refuses it where it makes too much of the sheet.
    fn check_limits(&mut self, more: u64) -> Result<(), FileError> {
        self.count += 1;
        let Limits { cells, text_bytes, .. } = self.limits;
        if self.count > cells {
            return Err(FileError::TooLarge { limit: cells, what: "cells" });
        }
        if self.text.len() as u64 + more > text_bytes {
            return Err(FileError::TooLarge { limit: text_bytes, what: "bytes of text" });
        }
        Ok(())
    }

    /// Whether there is nothing in it to see.
    pub(super) fn is_blank(&self) -> bool {
        self.text.chars().all(|letter| letter == ',' || letter.is_whitespace())
    }

    fn write(&mut self, text: &str) {
        // Some writers of old workbooks leave NUL behind a text; no spreadsheet shows it.
        let text = text.replace('\0', "");
        if text.contains([',', '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(&text);
        }
    }
}

fn text_of(data: &Data) -> (String, Option<Flaw>) {
    match data {
        Data::Float(number) => number_text(*number),
        Data::DateTime(time) if time.as_f64() >= 0.0 && time.as_f64() < END_OF_DATES => (time_text(*time), None),
        Data::DateTime(time) => number_text(time.as_f64()),
        Data::Bool(flag) => (if *flag { "TRUE" } else { "FALSE" }.to_owned(), None),
        Data::Int(number) => (number.to_string(), None),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), None),
        Data::Error(error) => (error.to_string(), None),
        Data::Empty => (String::new(), None),
    }
}

fn number_text(number: f64) -> (String, Option<Flaw>) {
    if number.abs() < FIRST_INEXACT {
        let may_be_rounded = number.abs() >= SIXTEEN_DIGITS && number % 10.0 == 0.0;
        return (number.to_string(), may_be_rounded.then_some(Flaw::PerhapsLostDigit));
    }
    // The fifteen digits that a spreadsheet shows of a number.
    let text = format!("{number:.14E}");
    let text = match text.split_once('E') {
        Some((digits, exponent)) => format!("{}E+{exponent}", digits.trim_end_matches('0').trim_end_matches('.')),
        None => text,
    };
    (text, Some(Flaw::LostDigits))
}

/// A date, a time of day, or both, in ISO 8601; a span as hours, minutes and seconds.
fn time_text(time: ExcelDateTime) -> String {
    let days = time.as_f64();
    if time.is_duration() {
        let seconds = (days * SECONDS_A_DAY).round();
        let (hours, minutes, seconds) = ((seconds / 3600.0).floor(), (seconds / 60.0).floor() % 60.0, seconds % 60.0);
        return format!("{hours}:{minutes:02}:{seconds:02}");
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    if days < 1.0 {
        return clock;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if days.fract() == 0.0 { date } else { format!("{date}T{clock}") }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTimeType};

    use super::*;

    fn time(days: f64, kind: ExcelDateTimeType) -> Data {
        Data::DateTime(ExcelDateTime::new(days, kind, false))
    }

    #[test]
    fn cells_are_written_as_their_readers_see_them() {
        use ExcelDateTimeType::{DateTime, TimeDelta};
        let table = [
            (Data::Float(7.0), "7"),
            (Data::Float(-1.5), "-1.5"),
            (Data::Float(4_843_937_635_559_345.0), "4843937635559345"),
            (Data::Float(9_007_199_254_740_991.0), "9007199254740991"),
            (Data::Int(7), "7"),
            (Data::Bool(true), "TRUE"),
            (Data::Bool(false), "FALSE"),
            (Data::String(" 48569348493401267".into()), " 48569348493401267"),
            (Data::String("a\0".into()), "a"),
            (Data::String("say \"hi\", Bo".into()), "\"say \"\"hi\"\", Bo\""),
            (Data::String("two\nlines".into()), "\"two\nlines\""),
            (Data::Error(CellErrorType::NA), "#N/A"),
            (Data::Error(CellErrorType::Div0), "#DIV/0!"),
            (Data::DateTimeIso("2026-05-31".into()), "2026-05-31"),
            (time(46_173.0, DateTime), "2026-05-31"),
            (time(46_173.5, DateTime), "2026-05-31T12:00:00"),
            (time(0.25, DateTime), "06:00:00"),
            (time(1.5, TimeDelta), "36:00:00"),
            (time(3_000_000.0, DateTime), "3000000"),
            (Data::Empty, ""),
        ];
        for (data, expected) in table {
            let mut grid = WorkbookCells::default();
            grid.push(0, 0, &Content::Value(data.clone())).unwrap();
            assert_eq!((grid.text.as_str(), grid.flaws.at(1, 0)), (expected, None), "{data:?}");
        }
    }

    #[test]
    fn a_number_that_cannot_be_exact_never_looks_like_an_id() {
        let table = [
            (9_007_199_254_740_992.0, "9.00719925474099E+15"),
            (48_569_348_493_401_267.0, "4.85693484934013E+16"),
            (48_569_348_493_401_200.0, "4.85693484934012E+16"),
            (5e18, "5E+18"),
            (-1e300, "-1E+300"),
            (f64::INFINITY, "inf"),
        ];
        for (number, expected) in table {
            for data in [Data::Float(number), time(number, ExcelDateTimeType::DateTime)] {
                let mut grid = WorkbookCells::default();
                grid.push(0, 0, &Content::Value(data)).unwrap();
                assert_eq!((grid.text.as_str(), grid.flaws.at(1, 0)), (expected, Some(Flaw::LostDigits)));
            }
        }
    }

    #[test]
    fn a_number_of_sixteen_digits_that_ends_in_zero_may_have_ended_otherwise() {
        for (number, flaw) in [
            (999_999_999_999_990.0, None),
            (1_000_000_000_000_000.0, Some(Flaw::PerhapsLostDigit)),
            (4_843_937_635_559_345.0, None),
            (4_843_937_635_559_340.0, Some(Flaw::PerhapsLostDigit)),
        ] {
            assert_eq!(number_text(number), (number.to_string(), flaw));
        }
    }

    #[test]
    fn every_cell_stands_in_its_row_and_column() {
        let mut grid = WorkbookCells::default();
        for (row, column) in [(1, 2), (1, 4), (4, 0)] {
            grid.push(row, column, &Content::Value(Data::Float(7.0))).unwrap();
        }
        grid.push(4, 3, &Content::Uncalculated).unwrap();
        assert_eq!((grid.text.as_str(), grid.width), ("\n,,7,,7\n\n\n7,,,#N/A", 5));
        assert_eq!(grid.flaws.at(5, 3), Some(Flaw::Uncalculated));
        for (row, column) in [(3, 9), (4, 2), (1_048_576, 0), (5, 16_384)] {
            assert_eq!(
                grid.push(row, column, &Content::Uncalculated),
                Err(FileError::DamagedWorkbook(MISPLACED.to_owned()))
            );
        }
    }
}
