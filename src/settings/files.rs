//! The settings files: where they are looked for and in which order they count.
//!
//! A file that nobody asked for may be missing; one that was asked for may not. What stands in them,
//! [`layer`](super::layer) judges.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::layer::{self, FileLayers};
use super::trusted_file::{self, FileError};
use super::{Setting, Settings, SettingsError, Sources};

/// The weakest layer, and the documentation of every key.
const DEFAULTS: &str = include_str!("../../config/default.toml");

/// A settings file to begin with, in which every setting is commented out.
pub const EXAMPLE: &str = include_str!("../../config/example.toml");

/// What was found.
pub(super) struct Found {
    /// The files that were read, the weakest first.
    pub(super) paths: Vec<PathBuf>,
    /// What they say, the weakest first, before them all what is built in.
    pub(super) layers: Vec<FileLayers>,
}

/// Reads the built-in defaults and every settings file that there is.
pub(super) fn read(sources: &Sources) -> Result<Found, SettingsError> {
    let environment = &sources.environment;
    let home = environment.home();
    let usual = [Some(sources.system_file.clone()), environment.user_file()];
    let asked_for = asked_for(sources);
    let mut found = Found { paths: Vec::new(), layers: vec![layer::from_file(DEFAULTS, None, home, sources.fields)?] };
    for path in usual.into_iter().flatten() {
        if let Some(text) = text_if_there(&path)? {
            found.layers.push(layer::from_file(&text, Some(&path), home, sources.fields)?);
            found.paths.push(path);
        }
    }
    if let Some(path) = asked_for {
        let text = text(&path).map_err(|problem| unusable(&path, problem))?;
        found.layers.push(layer::from_file(&text, Some(&path), home, sources.fields)?);
        found.paths.push(path);
    }
    Ok(found)
}

/// The file that somebody asks for beside the usual ones.
fn asked_for(sources: &Sources) -> Option<PathBuf> {
    sources.flags.config.clone().or_else(|| sources.environment.raw("SEATRUN_CONFIG").map(PathBuf::from))
}

/// Where a user's own settings are looked for, whether or not there are any: the file that is asked for, else the usual
/// one of the user.
pub fn own_file(sources: &Sources) -> Option<PathBuf> {
    asked_for(sources).or_else(|| sources.environment.user_file())
}

fn text_if_there(path: &Path) -> Result<Option<String>, SettingsError> {
    match text(path) {
        Ok(text) => Ok(Some(text)),
        // People switch a user's file off by pointing XDG_CONFIG_HOME to /dev/null, which is not a folder.
        Err(FileError::Io(error)) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(problem) => Err(unusable(path, problem)),
    }
}

fn text(path: &Path) -> Result<String, FileError> {
    const MOST_BYTES: u64 = 1024 * 1024;
    let bytes = trusted_file::read(path, MOST_BYTES)?.bytes;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error.utf8_error()).into())
}

fn unusable(path: &Path, problem: FileError) -> SettingsError {
    SettingsError::File { what: "settings file", path: path.to_owned(), problem }
}

impl Settings {
    /// The text of [`ca_file`](Self::ca_file), read now.
    ///
    /// # Errors
    /// It can't be read or must not be trusted.
    pub fn ca_certificates(&self) -> Result<Option<Vec<u8>>, SettingsError> {
        // Several times what all authorities that browsers know come to.
        const MOST_BYTES: u64 = 4 * 1024 * 1024;
        let Some(Setting { value: path, .. }) = &self.ca_file else { return Ok(None) };
        match trusted_file::read(path, MOST_BYTES) {
            Ok(file) => Ok(Some(file.bytes)),
            Err(problem) => Err(SettingsError::File { what: "ca_file", path: path.clone(), problem }),
        }
    }
}
