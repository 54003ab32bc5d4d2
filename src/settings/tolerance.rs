//! Whether a night without an input, or with an empty one, is a good one.

use std::fmt;
use std::str::FromStr;

/// What a run makes of an input that is not there, or that has no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// There is nothing to do, and that is well.
    Ok,
    /// It is refused.
    Error,
}

impl Tolerance {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ok, Self::Error];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither ok nor error")]
pub struct ToleranceError(String);

impl FromStr for Tolerance {
    type Err = ToleranceError;

    fn from_str(text: &str) -> Result<Self, ToleranceError> {
        let found = Self::ALL.into_iter().find(|tolerance| tolerance.name().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| ToleranceError(text.trim().to_owned()))
    }
}
