//! What becomes of a row whose address nobody in the account has (`--missing-users`).

use std::fmt;
use std::str::FromStr;

/// What becomes of a row that takes something from somebody who has no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingUserPolicy {
    /// It is skipped, where it is proved that the account has nobody of that address.
    #[default]
    Skip,
    /// It fails.
    Fail,
}

impl MissingUserPolicy {
    /// Every policy.
    pub const ALL: [Self; 2] = [Self::Skip, Self::Fail];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for MissingUserPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say what to do with missing users: it is skip or fail")]
pub struct MissingUserPolicyError(String);

impl FromStr for MissingUserPolicy {
    type Err = MissingUserPolicyError;

    fn from_str(text: &str) -> Result<Self, MissingUserPolicyError> {
        let found = Self::ALL.into_iter().find(|policy| policy.name().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| MissingUserPolicyError(text.trim().to_owned()))
    }
}
