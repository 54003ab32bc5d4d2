//! Listings on standard output: written as they are read, so that their length costs no memory.

use std::io::{self, BufWriter, ErrorKind, Write};

use serde_json::Value;

use crate::app::{CommandError, Exit};
use crate::console::{standard_output, visible_json};

/// How a listing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListingFormat {
    /// For people.
    Text,
    /// An array, for programs.
    Json,
}

impl ListingFormat {
    /// JSON where that was asked for.
    pub(crate) const fn from_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// A listing on its way to standard output.
pub(crate) struct StreamedListing {
    output: BufWriter<Box<dyn Write + Send>>,
    /// What writing came to so far. After an error nothing more is written.
    written: io::Result<()>,
    entries: u64,
}

impl StreamedListing {
    /// A listing without entries.
    pub(crate) fn new() -> Self {
        Self { output: BufWriter::new(Box::new(standard_output())), written: Ok(()), entries: 0 }
    }

    /// Adds a line of text.
    pub(crate) fn line(&mut self, line: &str) {
        self.put(line.trim_end());
        self.put("\n");
    }

    /// Adds an object of the array.
    pub(crate) fn object(&mut self, object: &Value) {
        self.put(if self.entries == 0 { "[" } else { "," });
        self.entries += 1;
        let text = format!("\n{object:#}").replace('\n', "\n  ");
        self.put(&visible_json(&text));
    }

    /// Ends the array.
    pub(crate) fn end_array(&mut self) {
        self.put(if self.entries == 0 { "[]\n" } else { "\n]\n" });
    }

    /// Writes what is left. A reader that has seen enough is no mistake.
    pub(crate) fn finish(mut self) -> Result<Exit, CommandError> {
        match self.written.and_then(|()| self.output.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                let message = format!("standard output cannot be written: {error}");
                Err(CommandError::new(Exit::NoReport, message))
            }
            Ok(()) | Err(_) => Ok(Exit::Fine),
        }
    }

    fn put(&mut self, text: &str) {
        if self.written.is_ok() {
            self.written = self.output.write_all(text.as_bytes());
        }
    }
}

/// A text that takes at most `width` places, and says with an ellipsis that something is missing.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
