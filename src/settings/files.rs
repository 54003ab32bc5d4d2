//! The settings files: where they are looked for and in which order they count.
//!
//! A file that nobody asked for may be missing; one that was asked for may not. What stands in them,
//! [`layer`](super::layer) judges.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::layer::{self, FileLayers};
use super::{SettingsError, Sources};

/// The weakest layer, and the documentation of every key.
const DEFAULTS: &str = include_str!("../../config/default.toml");

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
    let asked_for = sources.flags.config.clone().or_else(|| environment.raw("SEATRUN_CONFIG").map(PathBuf::from));
    let mut found = Found { paths: Vec::new(), layers: vec![layer::of_file(DEFAULTS, None, home, sources.fields)?] };
    for path in usual.into_iter().flatten() {
        if let Some(text) = text_if_there(&path)? {
            found.layers.push(layer::of_file(&text, Some(&path), home, sources.fields)?);
            found.paths.push(path);
        }
    }
    if let Some(path) = asked_for {
        let text = fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
        found.layers.push(layer::of_file(&text, Some(&path), home, sources.fields)?);
        found.paths.push(path);
    }
    Ok(found)
}

fn text_if_there(path: &Path) -> Result<Option<String>, SettingsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        // People switch a user's file off by pointing XDG_CONFIG_HOME to /dev/null, which is no directory.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unreadable(path, error)),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> SettingsError {
    SettingsError::Unreadable { path: path.to_owned(), source }
}
