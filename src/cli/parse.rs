//! Parsing what was typed, and an error about it that repeats nothing that could steer a terminal, and no password.

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
        let shown: Vec<_> = words.iter().map(|word| without_password(&visible_line(&word.to_string_lossy()))).collect();
        // A word that is only understood once it is visible leaves the error as it was.
        with_tip(Cli::try_parse_from(&shown).err().unwrap_or(error), &shown)
    })
}

/// A word without what stands before the `@` of an address such as `https://jane:hush@host`. What remains is still such an
/// address, so that it is refused for the same reason.
fn without_password(word: &str) -> String {
    let parts = word.split_once("://").map(|(scheme, rest)| (scheme, rest.rsplit_once('@')));
    match parts {
        Some((scheme, Some((_, host)))) => format!("{scheme}://…@{host}"),
        Some((_, None)) | None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_repeats_no_password() {
        let commands = [
            "run in.csv --api-url https://jane:hush@host/2.0",
            "run in.csv --api-url=https://jane:hush@host",
            "run in.csv --api-url https://jane:h@hush@host",
            "run in.csv --api-url=ftp://hush@host",
            "run in.csv https://jane:hush@host",
            "doctor --api-url http://:hush@127.0.0.1",
            "doctor --api-urll https://jane:hush@host",
            "https://jane:hush@host",
        ];
        for command in commands {
            let words = std::iter::once("seatrun").chain(command.split(' ')).map(OsString::from);
            let error = parse(words).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{command}: {error}");
        }
    }
}
