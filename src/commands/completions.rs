//! `seatrun completions`: a completion script, as packagers ship it.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::app::{CommandError, Exit};
use crate::cli::Cli;
use crate::console;

/// Prints the completion script for a shell.
pub(super) fn completions(shell: Shell) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "seatrun", &mut script);
    console::print(&script)
        .map_err(|error| CommandError::refused(format!("standard output cannot be written: {error}")))?;
    Ok(Exit::Fine)
}
