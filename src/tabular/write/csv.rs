//! CSV: cells become lines of text in a dialect.

use std::io::{self, Write};

use super::record::push_cell;
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
pub struct CsvLines {
    text: String,
    delimiter: u8,
    line_ending: &'static str,
    next: Next,
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// The first cell of a row.
    First,
    /// Another.
    Other,
}

impl<W: Write> Csv<W> {
    pub(super) fn new(output: W, dialect: Dialect) -> io::Result<Self> {
        let Dialect { encoding, mark, delimiter, line_ending, separator_line } = faithful(dialect);
        let line_ending = match line_ending {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
            LineEnding::Cr => "\r",
        };
        let text = match separator_line {
            SeparatorLine::Present => format!("sep={}{line_ending}", char::from(delimiter)),
            SeparatorLine::Absent => String::new(),
        };
        let output = Transcoder::begin(output, encoding, mark)?;
        Ok(Self { output, lines: CsvLines { text, delimiter, line_ending, next: Next::First } })
    }

    /// No lines yet, as they are written here.
    pub(super) fn new_lines(&self) -> CsvLines {
        CsvLines { text: String::new(), ..self.lines }
    }

    pub(super) fn cell(&mut self, text: &str) {
        self.lines.cell(text);
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.lines.end_row();
        if self.lines.text.len() < BUFFER { Ok(()) } else { self.pass_on() }
    }

    pub(super) fn append(&mut self, lines: &CsvLines) -> io::Result<()> {
        self.pass_on()?;
        self.output.write(&lines.text)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        Ok(self.output.into_output())
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.output.write(&self.lines.text)?;
        self.lines.text.clear();
        Ok(())
    }
}

impl CsvLines {
    /// Makes room for so many bytes, so that the text is not moved about while it grows.
    pub fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
    }

    /// Adds a cell to the last row.
    pub fn cell(&mut self, text: &str) {
        match self.next {
            Next::First => self.next = Next::Other,
            Next::Other => self.text.push(char::from(self.delimiter)),
        }
        // Most cells of a report hold nothing.
        if text.is_empty() {
            return;
        }
        // Spreadsheet programs may split cells at what separates them in other files, too, unless they are quoted.
        let separates = |byte| matches!(byte, b',' | b';' | b'\t' | b'|') || byte == self.delimiter;
        if text.contains('\0') {
            // No text file holds one, and the API may say it.
            let text = text.replace('\0', "\u{fffd}");
            push_cell(&mut self.text, &formula_escape::guarded(&text), separates);
        } else {
            push_cell(&mut self.text, &formula_escape::guarded(text), separates);
        }
    }

    /// Ends the last row.
    pub fn end_row(&mut self) {
        self.text.push_str(self.line_ending);
        self.next = Next::First;
    }
}
