//! `seatrun completions` and `seatrun man`: what packagers ship beside the program.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::app::{CommandError, Exit};
use crate::cli::Cli;
use crate::console::standard_output;

/// Prints the completion script for a shell.
pub(super) fn completions(shell: Shell) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "seatrun", &mut script);
    print(&script)
}

/// Prints the manual page, as roff, with a section for each command.
pub(super) fn man() -> Result<Exit, CommandError> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| CommandError::new(Exit::Bug, format!("the manual page cannot be made: {error}")))?;
    print(&page)
}

fn print(bytes: &[u8]) -> Result<Exit, CommandError> {
    match standard_output().write_all(bytes) {
        Ok(()) => Ok(Exit::Fine),
        Err(error) => Err(CommandError::refused(format!("standard output cannot be written: {error}"))),
    }
}
