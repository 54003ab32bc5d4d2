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
    /// Whether `count` of `total` is more than the limit.
    pub fn is_exceeded_by(self, count: u64, total: u64) -> bool {
        match self {
            Self::Count(most) => count > most,
            Self::Percent(percent) => per_cent(count, total) > percent,
        }
    }

    /// Whether `count` of `total` is the limit, or more. Nothing at all reaches no limit.
    pub fn is_reached_by(self, count: u64, total: u64) -> bool {
        count > 0
            && match self {
                Self::Count(most) => count >= most,
                Self::Percent(percent) => per_cent(count, total) >= percent,
            }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
fn per_cent(count: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { count as f64 * 100.0 / total as f64 }
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
    fn a_limit_is_exceeded_above_and_reached_at_its_number() {
        use Limit::{Count, Percent};
        // limit, count, total, exceeded, reached
        let table = [
            (Count(5), 5, 5, false, true),
            (Count(5), 6, 9, true, true),
            (Count(0), 0, 9, false, false),
            (Count(0), 1, 9, true, true),
            (Percent(10.0), 1, 10, false, true),
            (Percent(10.0), 2, 11, true, true),
            (Percent(10.0), 0, 0, false, false),
            (Percent(0.0), 0, 30, false, false),
            (Percent(100.0), 7, 7, false, true),
        ];
        for (limit, count, total, exceeded, reached) in table {
            assert_eq!(limit.is_exceeded_by(count, total), exceeded, "{limit}, {count} of {total}");
            assert_eq!(limit.is_reached_by(count, total), reached, "{limit}, {count} of {total}");
        }
    }
}
