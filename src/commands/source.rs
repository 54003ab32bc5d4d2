//! Where rows come from: a file, or standard input, read as a whole before anything else.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Failure;
use super::target::hex;
use crate::cli::Stream;
use crate::input::{Options, Sheet};

/// An input that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// The file; none for standard input.
    pub path: Option<PathBuf>,
    /// The name for people.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it holds.
    pub sheet: Sheet,
}

impl Source {
    /// Reads an input as a whole.
    pub(super) fn read(input: &Stream, options: &Options) -> Result<Self, Failure> {
        let (path, name) = match input {
            Stream::Standard => (None, "standard input".to_owned()),
            Stream::File(path) => (Some(path.clone()), path.display().to_string()),
        };
        let bytes = bytes(path.as_deref())
            .map_err(|error| Failure::refused(format!("{name} cannot be read: {error}")).hint("check the path"))?;
        let mut sum = Sha256::new();
        sum.update(&bytes);
        let sheet = Sheet::read(bytes, options).map_err(|error| {
            let failure = Failure::from(error);
            Failure { message: format!("{name}: {}", failure.message), ..failure }
        })?;
        Ok(Self { path, name, sha256: hex(sum), sheet })
    }
}

fn bytes(path: Option<&Path>) -> io::Result<Vec<u8>> {
    let Some(path) = path else {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    };
    let before = fs::metadata(path)?;
    let bytes = fs::read(path)?;
    let after = fs::metadata(path)?;
    // An export that is still being written would otherwise run without its end.
    if before.is_file() && (before.len() != after.len() || before.modified().ok() != after.modified().ok()) {
        return Err(io::Error::other("it was changed while it was read; try again when nobody writes to it"));
    }
    Ok(bytes)
}
