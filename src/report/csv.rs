//! CSV: the report in the dialect of its input, so that it opens where the input came from.

use std::io::{self, Write};

use super::record::push_cell;
use super::transcoder::{Transcoder, faithful};
use crate::input::{Dialect, LineEnding, SeparatorLine, formula};

/// How much is gathered before it is passed on, in bytes.
const BUFFER: usize = 1 << 16;

/// A CSV that is being written.
pub(super) struct Csv<W: Write> {
    output: Transcoder<W>,
    gathered: String,
    delimiter: u8,
    line_ending: &'static str,
    next: Next,
}

/// What comes next.
enum Next {
    /// The first cell of a row.
    First,
    /// Another.
    Other,
}

impl<W: Write> Csv<W> {
    pub(super) fn begin(output: W, dialect: Dialect) -> io::Result<Self> {
        let Dialect { encoding, mark, delimiter, line_ending, separator_line } = faithful(dialect);
        let line_ending = match line_ending {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
            LineEnding::Cr => "\r",
        };
        let gathered = match separator_line {
            SeparatorLine::Present => format!("sep={}{line_ending}", char::from(delimiter)),
            SeparatorLine::Absent => String::new(),
        };
        let output = Transcoder::begin(output, encoding, mark)?;
        Ok(Self { output, gathered, delimiter, line_ending, next: Next::First })
    }

    pub(super) fn cell(&mut self, text: &str) {
        match self.next {
            Next::First => self.next = Next::Other,
            Next::Other => self.gathered.push(char::from(self.delimiter)),
        }
        if text.contains('\0') {
            // No text file holds one, and the API may say it.
            let text = text.replace('\0', "\u{fffd}");
            push_cell(&mut self.gathered, self.delimiter, &formula::guarded(&text));
        } else {
            push_cell(&mut self.gathered, self.delimiter, &formula::guarded(text));
        }
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.gathered.push_str(self.line_ending);
        self.next = Next::First;
        if self.gathered.len() < BUFFER { Ok(()) } else { self.pass_on() }
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        Ok(self.output.into_output())
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.output.write(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }
}
