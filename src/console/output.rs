//! Standard output: data as it is for a program, and as visible text for a person at a terminal.

use std::io::{self, IsTerminal, Write};

use super::visible::VisibleWriter;

/// Standard output. On a terminal nothing that is written to it can steer the terminal.
pub fn standard_output() -> Box<dyn Write + Send> {
    let stdout = io::stdout();
    if stdout.is_terminal() { Box::new(VisibleWriter::new(stdout)) } else { Box::new(stdout) }
}
