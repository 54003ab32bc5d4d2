//! CSV: the report in the dialect of its input, so that it opens where the input came from.

use std::io::{self, Write};

use super::transcoder::{Transcoder, faithful};
use crate::input::{Dialect, LineEnding, SeparatorLine, formula};

/// How much is gathered before it is passed on.
const BUFFER: usize = 1 << 16;

/// A CSV that is being written.
pub(super) struct Csv<W: Write> {
    writer: csv::Writer<Transcoder<W>>,
}

impl<W: Write> Csv<W> {
    pub(super) fn begin(output: W, dialect: Dialect) -> io::Result<Self> {
        let dialect = faithful(dialect);
        let mut transcoder = Transcoder::begin(output, dialect.encoding, dialect.mark)?;
        let line_ending = match dialect.line_ending {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
            LineEnding::Cr => "\r",
        };
        match dialect.separator_line {
            SeparatorLine::Present => write!(transcoder, "sep={}{line_ending}", char::from(dialect.delimiter))?,
            SeparatorLine::Absent => {}
        }
        let terminator = match dialect.line_ending {
            LineEnding::Lf => csv::Terminator::Any(b'\n'),
            LineEnding::CrLf => csv::Terminator::CRLF,
            LineEnding::Cr => csv::Terminator::Any(b'\r'),
        };
        let mut builder = csv::WriterBuilder::new();
        builder.flexible(true).delimiter(dialect.delimiter).terminator(terminator).buffer_capacity(BUFFER);
        Ok(Self { writer: builder.from_writer(transcoder) })
    }

    pub(super) fn cell(&mut self, text: &str) -> io::Result<()> {
        if !text.contains('\0') {
            return Ok(self.writer.write_field(&*formula::guarded(text))?);
        }
        // No text file holds this character, and the API may say it.
        let text = text.replace('\0', "\u{fffd}");
        Ok(self.writer.write_field(&*formula::guarded(&text))?)
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)?.finish()
    }
}
