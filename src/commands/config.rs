//! `seatrun config show`: every setting, its value and where it came from.

use std::io::Write;

use super::context::Context;
use super::{Exit, Failure};
use crate::cli;

/// Runs `seatrun config show`.
pub(super) fn show(arguments: &cli::ConfigShow) -> Result<Exit, Failure> {
    let context = Context::new(arguments.flags(), arguments.connection.target())?;
    let table = context.settings.table();
    let written = std::io::stdout().lock().write_all(table.as_bytes());
    written.map_err(|error| Failure::refused(format!("the settings could not be printed: {error}")))?;
    Ok(Exit::Fine)
}
