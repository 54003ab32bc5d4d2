//! Origins: where the value of a setting was said, so that `config show` and every complaint can name the place.

use std::fmt;
use std::path::PathBuf;

/// Where a value was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default of the program.
    BuiltIn,
    /// In a settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In a `[profile.NAME]` of a settings file.
    Profile {
        /// The profile's name.
        name: String,
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In a variable of the environment.
    Environment {
        /// The variable's name.
        name: String,
    },
    /// In a flag of the command line.
    Flag {
        /// The flag, dashes included.
        name: String,
    },
}

impl Origin {
    /// Whether it was said on the command line, and so for this one command.
    pub fn is_flag(&self) -> bool {
        match self {
            Self::Flag { .. } => true,
            Self::BuiltIn | Self::File { .. } | Self::Profile { .. } | Self::Environment { .. } => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Profile { name, path, line } => write!(f, "{}:{line} [profile.{name}]", path.display()),
            Self::Environment { name } | Self::Flag { name } => f.write_str(name),
        }
    }
}

/// A value and where it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it was said.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value that stands on the command line.
    pub(super) fn from_flag(name: impl Into<String>, value: T) -> Self {
        Self { value, origin: Origin::Flag { name: name.into() } }
    }
}
