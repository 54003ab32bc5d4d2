//! A stream: standard input or output, or a file, as a path or `-` names it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Standard input or output, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// `-`.
    Standard,
    /// Anything else.
    File(PathBuf),
}

impl From<OsString> for Stream {
    fn from(text: OsString) -> Self {
        if text == "-" { Self::Standard } else { Self::File(text.into()) }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.pad("-"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
