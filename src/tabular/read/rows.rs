//! Rows: a text is cut into records and cells, and every record knows the number that a spreadsheet shows for it.
//!
//! Quotes are read as RFC 4180 means them and forgiven as little as is safe: a quote that is never closed, that swallows
//! half the file, or that has text behind it is handed on as a fault of its row, because the cells of such a row may
//! stand in the wrong columns. No text is refused and nothing is copied but cells that hold doubled quotes.

use std::borrow::Cow;
use std::iter::Take;

use memchr::memchr3;

use crate::tabular::{cell_text, formula_escape};

/// More line breaks than this in one cell are not a person's note but rows behind a stray quote.
const MOST_LINE_BREAKS: usize = 1000;

/// One record of the input that holds anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The row number that a spreadsheet shows: header, blank and title lines are counted, and a record with line
    /// breaks inside quotes is one row.
    pub number: u64,
    cells: Vec<Cow<'a, str>>,
    fault: Option<QuoteFault>,
}

/// What is wrong with the quotes of a row, and in which of its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteFault {
    /// The quote that opens the cell is never closed.
    NeverClosed {
        /// Index of the cell.
        cell: usize,
        /// Line breaks between the quote and the end of the text.
        breaks: usize,
    },
    /// The quoted cell holds more line breaks than a person writes.
    Swallows {
        /// Index of the cell.
        cell: usize,
        /// How many.
        breaks: usize,
    },
    /// Something other than space stands between the closing quote and the delimiter.
    TextBehind {
        /// Index of the cell.
        cell: usize,
    },
}

impl<'a> Row<'a> {
    /// The row that one record of comma-separated cells holds; an empty text holds no cell.
    pub fn of_record(text: &'a str) -> Self {
        if text.is_empty() {
            return Self { number: 1, cells: Vec::new(), fault: None };
        }
        Rows { number: 1, ..Rows::new(text, b',') }.record()
    }
}

impl Row<'_> {
    /// The cells as they were, without the quotes of the file.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &str> {
        self.cells.iter().map(AsRef::as_ref)
    }

    /// The cell of one column as it was; empty where the row is too short.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", AsRef::as_ref)
    }

    /// How many cells it has.
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// What is wrong with its quotes.
    pub const fn fault(&self) -> Option<QuoteFault> {
        self.fault
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
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    text: &'a str,
    delimiter: u8,
    at: usize,
    begin: usize,
    number: u64,
    width: usize,
    guards: EscapedFormulas,
}

impl<'a> Rows<'a> {
    /// The rows of a text whose cells this byte separates.
    pub const fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, delimiter, at: 0, begin: 0, number: 0, width: 8, guards: EscapedFormulas::Absent }
    }

    /// Carries on at a byte that begins a row, where `number` rows stand before it.
    pub const fn starting_at(self, at: usize, number: u64) -> Self {
        Self { at, begin: at, number, ..self }
    }

    /// Takes off the guards that there are.
    pub const fn behind(self, guards: EscapedFormulas) -> Self {
        Self { guards, ..self }
    }

    /// The byte behind the last row that was read.
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The byte at which the last row that was read begins.
    pub const fn begin(&self) -> usize {
        self.begin
    }

    /// Passes over the next row that holds anything, as [`Iterator::next`] does, and mostly without cutting it into cells.
    /// Says whether there was one.
    fn pass(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let holds_something =
            rest.first().is_some_and(|first| first.is_ascii_alphanumeric() && *first != self.delimiter);
        let length = memchr3(b'"', b'\r', b'\n', rest).unwrap_or(rest.len());
        if !holds_something || rest.get(length) == Some(&b'"') {
            return self.next().is_some();
        }
        self.number += 1;
        self.begin = self.at;
        self.at += length;
        self.line_end();
        true
    }

    fn record(&mut self) -> Row<'a> {
        let mut cells = Vec::with_capacity(self.width);
        let mut fault = None;
        loop {
            let (cell, wrong) = match self.peek() {
                Some(b'"') => self.quoted(cells.len()),
                Some(_) | None => (Cow::Borrowed(self.plain()), None),
            };
            cells.push(match self.guards {
                EscapedFormulas::Absent => cell,
                EscapedFormulas::Present => formula_escape::unguarded_cell(cell),
            });
            fault = fault.or(wrong);
            if self.peek() != Some(self.delimiter) {
                break;
            }
            self.at += 1;
        }
        self.line_end();
        self.width = cells.len();
        Row { number: self.number, cells, fault }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn line_end(&mut self) {
        let end = self.peek();
        if matches!(end, Some(b'\r' | b'\n')) {
            self.at += 1;
        }
        if end == Some(b'\r') && self.peek() == Some(b'\n') {
            self.at += 1;
        }
    }

    /// The text up to the next delimiter or line end.
    fn plain(&mut self) -> &'a str {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let is_end = |byte: &u8| *byte == self.delimiter || *byte == b'\n' || *byte == b'\r';
        self.at = start + rest.iter().position(is_end).unwrap_or(rest.len());
        &self.text[start..self.at]
    }

    /// The cell that begins with the quote at the present byte; `index` is its place in the row.
    fn quoted(&mut self, index: usize) -> (Cow<'a, str>, Option<QuoteFault>) {
        let mut content = Cow::Borrowed("");
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let Some(length) = rest.find('"') else {
                self.at = self.text.len();
                push(&mut content, rest);
                let breaks = line_breaks(&content);
                return (content, Some(QuoteFault::NeverClosed { cell: index, breaks }));
            };
            let is_doubled = rest.as_bytes().get(length + 1) == Some(&b'"');
            self.at += length + 1;
            if !is_doubled {
                push(&mut content, &rest[..length]);
                break;
            }
            push(&mut content, &rest[..=length]);
            self.at += 1;
        }
        let breaks = line_breaks(&content);
        let behind = self.plain();
        if breaks > MOST_LINE_BREAKS {
            return (content, Some(QuoteFault::Swallows { cell: index, breaks }));
        }
        if cell_text::is_blank(behind) {
            return (content, None);
        }
        push(&mut content, behind);
        (content, Some(QuoteFault::TextBehind { cell: index }))
    }
}

/// Appends, without copying as long as there is nothing to append to.
fn push<'a>(content: &mut Cow<'a, str>, piece: &'a str) {
    if content.is_empty() {
        *content = Cow::Borrowed(piece);
    } else {
        content.to_mut().push_str(piece);
    }
}

fn line_breaks(text: &str) -> usize {
    let newlines = text.bytes().filter(|byte| *byte == b'\n').count();
    if newlines > 0 { newlines } else { text.bytes().filter(|byte| *byte == b'\r').count() }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        while self.at < self.text.len() {
            self.number += 1;
            self.begin = self.at;
            let row = self.record();
            if row.fault.is_some() || row.cells().any(|cell| !cell_text::is_blank(cell)) {
                return Some(row);
            }
        }
        None
    }
}

/// So many rows of a text, or fewer at its end.
pub type Stretch<'a> = Take<Rows<'a>>;

/// A text's rows, a stretch at a time.
#[derive(Debug, Clone)]
pub struct Stretches<'a> {
    rows: Rows<'a>,
    length: usize,
}

impl<'a> Stretches<'a> {
    /// The rows, so many at a time.
    pub const fn new(rows: Rows<'a>, length: usize) -> Self {
        Self { rows, length }
    }
}

impl<'a> Iterator for Stretches<'a> {
    type Item = Stretch<'a>;

    fn next(&mut self) -> Option<Stretch<'a>> {
        let begin = self.rows.clone();
        let passed = (0..self.length).take_while(|_| self.rows.pass()).count();
        (passed > 0).then(|| begin.take(passed))
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
        fn stretches_are_the_rows_piece_by_piece(
            text in "([a-b][a-b,é]{0,3}\r?\n|[a-b,\"\r\n é]{0,9}){0,9}",
            delimiter in proptest::sample::select(vec![b',', b'a']),
            length in 1_usize..4,
        ) {
            let rows = || Rows::new(&text, delimiter);
            let stretches: Vec<Vec<_>> = Stretches::new(rows(), length).map(Iterator::collect).collect();
            let whole: Vec<_> = rows().collect();
            prop_assert_eq!(stretches, whole.chunks(length).map(<[_]>::to_vec).collect::<Vec<_>>());
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
