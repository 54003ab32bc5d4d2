//! Limits that a user sets as a count or as a share: `--max-errors 20` or `--max-errors 5%`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number of rows or users, or a per cent of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// So many.
    Count(u64),
    /// So many in a hundred, from 0 to 100.
    Percent(f64),
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a limit: write a number (`20`) or a per cent (`5%`)")]
pub struct LimitError(pub String);

impl Limit {
    /// The number that the limit comes to for so many in all; a per cent is rounded up.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of rows are far below 2^53, and a per cent of one is not negative"
    )]
    pub fn of(self, total: u64) -> u64 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (total as f64 * percent / 100.0).ceil() as u64,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let error = || LimitError(text.trim().to_owned());
        match text.trim().strip_suffix('%') {
            Some(percent) => percent
                .trim()
                .parse()
                .ok()
                .filter(|percent| (0.0..=100.0).contains(percent))
                .map(Self::Percent)
                .ok_or_else(error),
            None => text.trim().parse().map(Self::Count).map_err(|_| error()),
        }
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitError;

    fn try_from(text: String) -> Result<Self, LimitError> {
        text.parse()
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers_or_per_cents() {
        let table = [
            ("20", Some(Limit::Count(20))),
            (" 5% ", Some(Limit::Percent(5.0))),
            ("0.5 %", Some(Limit::Percent(0.5))),
            ("101%", None),
            ("-1", None),
            ("NaN%", None),
            ("all", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Limit>().ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_per_cent_comes_to_a_number_rounded_up() {
        for (percent, total, expected) in [(50.0, 20, 10), (10.0, 15, 2), (0.0, 100, 0), (100.0, 7, 7)] {
            assert_eq!(Limit::Percent(percent).of(total), expected, "{percent}% of {total}");
        }
    }
}
