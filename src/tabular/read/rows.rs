//! Rows: the records of a text, each with the row number that a spreadsheet shows for it.
//!
//! The `csv` crate cuts a text into records and cells. This counts the rows, the empty lines that the crate passes over
//! among them, and hands on what [`quotes`](super::quotes) finds wrong with a record, because the cells of such a row may
//! stand in the wrong columns. No text is refused.

use std::io::{Chain, Read};

use csv::{Reader, ReaderBuilder, StringRecord};
use memchr::memchr;

use super::quotes::{self, QuoteFault};
use crate::tabular::{cell_text, formula_escape};

/// One record of the input that holds anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row number that a spreadsheet shows: header, blank and title lines are counted, and a record with line
    /// breaks inside quotes is one row.
    pub number: u64,
    cells: StringRecord,
    fault: Option<QuoteFault>,
}

impl Row {
    /// The row that one record of comma-separated cells holds; an empty text holds no cell.
    pub fn from_record(text: &str) -> Self {
        let record = Rows { number: 1, ..Rows::new(text, b',') }.record();
        record.unwrap_or(Self { number: 1, cells: StringRecord::new(), fault: None })
    }

    /// The same row under the number that a spreadsheet shows for it.
    #[must_use]
    pub fn numbered(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// The cells as they were, without the quotes of the file.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.width()).map(|column| self.cell(column))
    }

    /// The cell of one column as it was; empty where the row is too short.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }

    /// How many cells it has.
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// What is wrong with its quotes.
    pub const fn fault(&self) -> Option<QuoteFault> {
        self.fault
    }

    fn holds_anything(&self) -> bool {
        self.fault.is_some() || self.cells().any(|cell| !cell_text::is_blank(cell))
    }
}

/// Whether cells stand behind the apostrophe that keeps a spreadsheet from executing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscapedFormulas {
    /// They are as they are.
    Absent,
    /// Those that look like formulas do, because a report wrote them.
    Present,
}

/// The rows of a text, in order; those without anything in them are counted and passed over.
#[derive(Debug)]
pub struct Rows<'a> {
    pub(super) text: &'a str,
    pub(super) delimiter: u8,
    formulas: EscapedFormulas,
    /// The byte behind the last row.
    pub(super) at: usize,
    /// The byte at which the last row begins.
    begin: usize,
    /// How many rows stand before `at`.
    pub(super) number: u64,
    records: Option<Records<'a>>,
}

/// A clone begins where the other one is.
impl Clone for Rows<'_> {
    fn clone(&self) -> Self {
        Self { records: None, ..*self }
    }
}

impl<'a> Rows<'a> {
    /// The rows of a text whose cells this byte separates.
    pub const fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, delimiter, formulas: EscapedFormulas::Absent, at: 0, begin: 0, number: 0, records: None }
    }

    /// Carries on at a byte that begins a row, where `number` rows stand before it.
    #[must_use]
    pub fn starting_at(self, at: usize, number: u64) -> Self {
        Self { at, begin: at, number, records: None, ..self }
    }

    /// Takes the apostrophes off that stand in front of formulas, where there are any.
    #[must_use]
    pub fn unescaped(self, formulas: EscapedFormulas) -> Self {
        Self { formulas, ..self }
    }

    /// The byte behind the last row that was read.
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The byte at which the last row that was read begins.
    pub const fn begin(&self) -> usize {
        self.begin
    }

    /// Takes the line end at the present byte, if there is one.
    pub(super) fn take_line_end(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let length =
            if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\r") || rest.starts_with(b"\n")) };
        self.at += length;
        length > 0
    }

    /// The record that begins at the present byte.
    fn record(&mut self) -> Option<Row> {
        let (text, begin) = (self.text, self.at);
        let records = self.records.get_or_insert_with(|| Records::new(text, begin, self.delimiter));
        let (mut cells, length) = records.next()?;
        self.at = length;
        // The crate takes the first half of a line end, and passes over the other one later.
        if text.as_bytes()[..self.at].ends_with(b"\r") && text.as_bytes()[self.at..].starts_with(b"\n") {
            self.at += 1;
        }
        let mut fault = None;
        if memchr(b'"', &text.as_bytes()[begin..self.at]).is_some() {
            let quotes = quotes::scan(&text[begin..], self.delimiter);
            fault = quotes.fault;
            if !quotes.padded.is_empty() {
                cells = quotes.without_padding(&cells);
            }
        }
        if self.formulas == EscapedFormulas::Present && memchr(b'\'', cells.as_slice().as_bytes()).is_some() {
            cells = cells.iter().map(formula_escape::unescape).collect();
        }
        Some(Row { number: self.number, cells, fault })
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.at < self.text.len() {
            self.number += 1;
            self.begin = self.at;
            if !self.take_line_end()
                && let Some(row) = self.record()
                && row.holds_anything()
            {
                return Some(row);
            }
        }
        None
    }
}

/// The records of a text from a byte on, as the `csv` crate reads them.
#[derive(Debug)]
struct Records<'a> {
    reader: Reader<Chain<&'static [u8], &'a [u8]>>,
    /// The byte of the text at which the reader began.
    base: u64,
    record: StringRecord,
}

/// Longest record for which room is made beforehand, in bytes.
const USUAL_RECORD: usize = 1 << 10;

impl<'a> Records<'a> {
    fn new(text: &'a str, base: usize, delimiter: u8) -> Self {
        // The crate takes a byte order mark off where a text begins, and here it belongs to a cell: so a line break, which
        // it passes over, comes first.
        let bytes = b"\n".as_slice().chain(&text.as_bytes()[base..]);
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        Self { reader, base: base as u64, record: StringRecord::with_capacity(128, 8) }
    }

    /// The next record, and the byte behind it.
    fn next(&mut self) -> Option<(StringRecord, usize)> {
        // Any text has records of any length, and memory does not fail to be read.
        if !self.reader.read_record(&mut self.record).is_ok_and(|is_there| is_there) {
            return None;
        }
        let end = self.base + self.reader.position().byte() - 1;
        let length = self.record.as_slice().len();
        let room = StringRecord::with_capacity((length + length / 4).min(USUAL_RECORD), self.record.len());
        Some((std::mem::replace(&mut self.record, room), usize::try_from(end).unwrap_or(usize::MAX)))
    }
}

/// The number of the row to which the end of `prefix` belongs: where in a spreadsheet a byte behind it would stand.
pub(super) fn row_at_end(prefix: &str, delimiter: u8) -> u64 {
    let mut rows = Rows::new(prefix, delimiter);
    let is_open = rows.by_ref().last().is_some_and(|row| matches!(row.fault, Some(QuoteFault::NeverClosed { .. })));
    let is_between = prefix.is_empty() || prefix.ends_with(['\n', '\r']);
    if is_between && !is_open { rows.number + 1 } else { rows.number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tabular::read::quotes::MOST_LINE_BREAKS;

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        Rows::new(text, b',').map(|row| (row.number, row.cells().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let table = [
            ("", vec![]),
            ("a,b", vec![(1, vec!["a", "b"])]),
            ("a,b\n", vec![(1, vec!["a", "b"])]),
            ("a\nb\n", vec![(1, vec!["a"]), (2, vec!["b"])]),
            ("a\r\nb\r\n", vec![(1, vec!["a"]), (2, vec!["b"])]),
            ("a\rb\r", vec![(1, vec!["a"]), (2, vec!["b"])]),
            ("a\n\n\r\nb", vec![(1, vec!["a"]), (4, vec!["b"])]),
            ("a,b\n,,\n  ,\u{a0}\nc,d", vec![(1, vec!["a", "b"]), (4, vec!["c", "d"])]),
            ("\"a\nb\nc\",d\ne,f", vec![(1, vec!["a\nb\nc", "d"]), (2, vec!["e", "f"])]),
            ("a,\n,b", vec![(1, vec!["a", ""]), (2, vec!["", "b"])]),
            ("\"say \"\"hi\"\"\",\"\"\n\"\"\"\"", vec![(1, vec!["say \"hi\"", ""]), (2, vec!["\""])]),
            ("a\"b, \"c\"\n\"d\" ,e", vec![(1, vec!["a\"b", " \"c\""]), (2, vec!["d", "e"])]),
        ];
        for (text, expected) in table {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(row, cells): (u64, Vec<&str>)| (row, cells.into_iter().map(str::to_owned).collect()))
                .collect();
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn faulty_quotes_are_faults_of_the_row_in_which_they_open() {
        let long = format!("a,\"{}\"\nb,c", "x\n".repeat(MOST_LINE_BREAKS + 1));
        let table = [
            ("a,b\nc,\"d\ne,f\n", 2, QuoteFault::NeverClosed { cell: 1, breaks: 2 }),
            ("\"", 1, QuoteFault::NeverClosed { cell: 0, breaks: 0 }),
            ("a,\"b\nc,\"d\"\ne,f", 1, QuoteFault::TextBehind { cell: 1 }),
            ("\"a\"b\"", 1, QuoteFault::TextBehind { cell: 0 }),
            (&long, 1, QuoteFault::Swallows { cell: 1, breaks: MOST_LINE_BREAKS + 1 }),
        ];
        for (text, number, fault) in table {
            let rows: Vec<_> = Rows::new(text, b',').filter(|row| row.fault.is_some()).collect();
            assert_eq!(rows.len(), 1, "{text:?}");
            assert_eq!((rows[0].number, rows[0].fault), (number, Some(fault)), "{text:?}");
        }
    }

    #[test]
    fn a_place_in_the_text_belongs_to_the_row_around_it() {
        let table =
            [("", 1), ("a", 1), ("a\n", 2), ("a\r\n", 2), ("a\n\n\n", 4), ("a\nb,\"c\n", 2), ("a\n\"b\nc\",", 2)];
        for (prefix, expected) in table {
            assert_eq!(row_at_end(prefix, b','), expected, "{prefix:?}");
        }
        assert_eq!(row_at_end("a;b\n1;\"c\nd\";", b';'), 2);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back_cell_by_cell(
            table in proptest::collection::vec(proptest::collection::vec("[a-z,;\"\r\n é']{0,6}", 2..5), 0..6),
            delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(Vec::new());
            for record in &table {
                writer.write_record(record).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> =
                Rows::new(&text, delimiter).map(|row| row.cells().map(str::to_owned).collect()).collect();
            let written: Vec<Vec<String>> =
                table.into_iter().filter(|record| record.iter().any(|cell| !cell_text::is_blank(cell))).collect();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn any_text_is_cut_without_a_panic_and_to_its_end(text in "[a-b,\"\r\n é]{0,40}") {
            let mut rows = Rows::new(&text, b',');
            let mut last = 0;
            for row in rows.by_ref() {
                prop_assert!(row.number > last);
                last = row.number;
            }
            prop_assert_eq!(rows.offset(), text.len());
        }
    }
}
