//! Parsing what was typed, and an error about it that repeats nothing that could steer a terminal.

use std::ffi::OsString;

use clap::Parser;

use crate::console::visible_line;

use super::Cli;
use super::tips::with_tip;

/// What was typed, by its first word the program's name.
///
/// # Errors
/// What is wrong with it, or the help or version that was asked for. An error repeats words as they are visible.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let words: Vec<_> = words.into_iter().collect();
    Cli::try_parse_from(&words).map_err(|error| {
        let shown: Vec<_> = words.iter().map(|word| visible_line(&word.to_string_lossy()).into_owned()).collect();
        // A word that is only understood once it is visible leaves the error as it was.
        with_tip(Cli::try_parse_from(&shown).err().unwrap_or(error), &shown)
    })
}
