//! `seatrun man`: the manual pages, as packagers ship them.

use std::fs;
use std::path::Path;

use clap::CommandFactory;

use crate::app::{CommandError, Exit};
use crate::cli::{self, Cli};
use crate::console;

/// Prints the page of the program, or writes a page for each command into a folder.
pub(super) fn man(arguments: &cli::Man) -> Result<Exit, CommandError> {
    match &arguments.out {
        Some(folder) => write_pages(folder),
        None => print_page(),
    }
}

fn write_pages(folder: &Path) -> Result<Exit, CommandError> {
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| {
        CommandError::refused(format!("the manual pages cannot be written to {}: {error}", folder.display()))
    })?;
    Ok(Exit::Fine)
}

fn print_page() -> Result<Exit, CommandError> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| CommandError::new(Exit::Bug, format!("the manual page cannot be made: {error}")))?;
    console::print(&page)
        .map_err(|error| CommandError::refused(format!("standard output cannot be written: {error}")))?;
    Ok(Exit::Fine)
}
