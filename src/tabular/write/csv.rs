//! CSV: cells become lines of text in a dialect.
//!
//! The `csv` crate's core writes the cells. This decides which of them stand in quotes that the dialect does not ask for,
//! and puts apostrophes in front of formulas.

use std::borrow::Cow;
use std::io::{self, Write};

use csv_core::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::transcoder::{Transcoder, faithful};
use crate::tabular::{Dialect, LineEnding, SeparatorLine, formula_escape};

/// How much is gathered before it is passed on, in bytes.
const BUFFER: usize = 1 << 16;

/// A CSV that is being written.
pub struct Csv<W: Write> {
    output: Transcoder<W>,
    lines: CsvLines,
}

/// Lines of a CSV, as text.
#[derive(Debug, Clone)]
struct CsvLines {
    buffer: Vec<u8>,
    /// How much of the buffer is text.
    length: usize,
    /// Where the last row begins in it.
    row: usize,
    /// Whether the last row has a cell.
    has_cells: bool,
    /// Quotes a cell where the dialect asks for it.
    sparing: Writer,
    /// Quotes every cell.
    quoting: Writer,
    /// Which of the two has the last cell.
    last: Quotes,
}

/// Which cells a writer puts into quotes.
#[derive(Debug, Clone, Copy)]
enum Quotes {
    WhereNeeded,
    Always,
}

impl<W: Write> Csv<W> {
    pub(super) fn new(output: W, dialect: Dialect) -> io::Result<Self> {
        let Dialect { encoding, mark, delimiter, line_ending, separator_line } = faithful(dialect);
        let mut output = Transcoder::new(output, encoding, mark)?;
        let (terminator, ending) = match line_ending {
            LineEnding::Lf => (Terminator::Any(b'\n'), "\n"),
            LineEnding::CrLf => (Terminator::CRLF, "\r\n"),
            LineEnding::Cr => (Terminator::Any(b'\r'), "\r"),
        };
        if separator_line == SeparatorLine::Present {
            output.write(format!("sep={}{ending}", char::from(delimiter)).as_bytes())?;
        }
        let writer =
            |style| WriterBuilder::new().delimiter(delimiter).terminator(terminator).quote_style(style).build();
        let lines = CsvLines {
            buffer: Vec::new(),
            length: 0,
            row: 0,
            has_cells: false,
            sparing: writer(QuoteStyle::Necessary),
            quoting: writer(QuoteStyle::Always),
            last: Quotes::WhereNeeded,
        };
        Ok(Self { output, lines })
    }

    pub(super) fn cell(&mut self, text: &str) {
        self.lines.cell(text);
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.lines.end_row();
        if self.lines.length < BUFFER { Ok(()) } else { self.pass_on() }
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        Ok(self.output.into_output())
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.output.write(self.lines.text())?;
        (self.lines.length, self.lines.row) = (0, 0);
        Ok(())
    }
}

impl CsvLines {
    /// Makes room for so many bytes, so that the text is not moved about while it grows.
    fn reserve(&mut self, bytes: usize) {
        if self.buffer.len() - self.length < bytes {
            self.buffer.resize((self.length + bytes).max(2 * self.buffer.len()), 0);
        }
    }

    /// Adds a cell to the last row.
    fn cell(&mut self, text: &str) {
        if self.has_cells {
            self.emit(2, |writer, output| writer.delimiter(output).1);
        }
        self.has_cells = true;
        // Most cells of a report hold nothing.
        if text.is_empty() {
            return;
        }
        // No text file holds a NUL, and the API may say it.
        let text = if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) };
        self.field(&formula_escape::escape(&text));
    }

    /// Ends the last row.
    fn end_row(&mut self) {
        if self.length == self.row {
            // A row of one empty cell is no empty line.
            self.last = Quotes::Always;
            self.emit(2, |writer, output| writer.field(b"", output).2);
        }
        self.emit(3, |writer, output| writer.terminator(output).1);
        (self.row, self.has_cells) = (self.length, false);
    }

    fn text(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    fn field(&mut self, text: &str) {
        // Spreadsheet programs may split cells at what separates them in other files, too, unless they are quoted.
        self.last = if formula_escape::is_splittable(text) { Quotes::Always } else { Quotes::WhereNeeded };
        self.emit(2 * text.len() + 2, |writer, output| writer.field(text.as_bytes(), output).2);
    }

    /// Has something written that takes at most so much room.
    fn emit(&mut self, room: usize, write: impl FnOnce(&mut Writer, &mut [u8]) -> usize) {
        self.reserve(room);
        let writer = match self.last {
            Quotes::WhereNeeded => &mut self.sparing,
            Quotes::Always => &mut self.quoting,
        };
        self.length += write(writer, &mut self.buffer[self.length..]);
    }
}
