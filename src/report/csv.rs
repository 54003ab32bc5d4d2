//! CSV: the report in the dialect of its input, so that it opens where the input came from.
//!
//! Cells are quoted here, in one pass over a row: there are twenty times a million of them, and most are empty.

use std::io::{self, Write};

use super::transcoder::{Transcoder, faithful};
use crate::input::{Dialect, LineEnding, SeparatorLine, formula};

/// How much is gathered before it is passed on.
const BUFFER: usize = 1 << 16;

/// A CSV that is being written.
pub(super) struct Csv<W: Write> {
    output: Transcoder<W>,
    gathered: Vec<u8>,
    delimiter: u8,
    line_ending: &'static [u8],
    next: Next,
}

/// What comes next in a row.
enum Next {
    FirstCell,
    Cell,
}

impl<W: Write> Csv<W> {
    pub(super) fn begin(output: W, dialect: Dialect) -> io::Result<Self> {
        let Dialect { encoding, mark, delimiter, line_ending, separator_line } = faithful(dialect);
        let line_ending: &[u8] = match line_ending {
            LineEnding::Lf => b"\n",
            LineEnding::CrLf => b"\r\n",
            LineEnding::Cr => b"\r",
        };
        let mut gathered = Vec::with_capacity(2 * BUFFER);
        match separator_line {
            SeparatorLine::Present => gathered.extend([b"sep=", [delimiter].as_slice(), line_ending].concat()),
            SeparatorLine::Absent => {}
        }
        let output = Transcoder::begin(output, encoding, mark)?;
        Ok(Self { output, gathered, delimiter, line_ending, next: Next::FirstCell })
    }

    pub(super) fn cell(&mut self, text: &str) {
        match self.next {
            Next::FirstCell => self.next = Next::Cell,
            Next::Cell => self.gathered.push(self.delimiter),
        }
        if text.is_empty() {
            return;
        }
        let guard: &[u8] = if formula::needs_guard(text) { b"'" } else { b"" };
        // Without an early end, so that many bytes are looked at in one step.
        let delimiter = self.delimiter;
        let is_special = |byte: u8| matches!(byte, b'"' | b'\r' | b'\n' | b'\0') || byte == delimiter;
        let specials = text.bytes().fold(0_usize, |count, byte| count + usize::from(is_special(byte)));
        if specials > 0 || guard.contains(&self.delimiter) {
            // No text file holds a NUL, and the API may say one.
            let text = text.replace('\0', "\u{fffd}").replace('"', "\"\"");
            for piece in [b"\"", guard, text.as_bytes(), b"\""] {
                self.gathered.extend_from_slice(piece);
            }
        } else {
            self.gathered.extend_from_slice(guard);
            self.gathered.extend_from_slice(text.as_bytes());
        }
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.gathered.extend_from_slice(self.line_ending);
        self.next = Next::FirstCell;
        if self.gathered.len() < BUFFER { Ok(()) } else { self.pass_on() }
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        self.output.finish()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.output.write_all(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }
}
