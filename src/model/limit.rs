//! Limits of the guards: a number of rows or users, or a share of them.
//!
//! A limit only says how many is too many. What is counted, of how many, and what follows, the guards decide.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many are allowed: `N` or `N%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// So many, however large the whole is.
    Count(u64),
    /// So many per cent of the whole, from 0 to 100.
    Percent(f64),
}

impl Limit {
    /// Whether `count` out of `whole` are more than allowed. Exactly as many as allowed are not.
    pub fn is_exceeded_by(self, count: u64, whole: u64) -> bool {
        match self {
            Self::Count(most) => count > most,
            Self::Percent(most) => approximate(count) * 100.0 > approximate(whole) * most,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "rows and users stay far below 2^53, where every integer is exact")]
fn approximate(count: u64) -> f64 {
    count as f64
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(most) => write!(f, "{most}"),
            Self::Percent(most) => write!(f, "{most}%"),
        }
    }
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a limit: write a whole number such as 500, or per cent from 0% to 100% such as 25%")]
pub struct LimitError(pub String);

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let refuse = || LimitError(text.trim().to_owned());
        // Only digits and a point: Rust's own number grammar would let `1e2%`, `+5` and `inf%` through.
        let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match text.trim().strip_suffix('%').map(str::trim_end) {
            Some(share) => {
                let percent = share.parse().ok().filter(|percent| number(share) && (0.0..=100.0).contains(percent));
                percent.map(Self::Percent).ok_or_else(refuse)
            }
            None => text.trim().parse().ok().filter(|_| number(text.trim())).map(Self::Count).ok_or_else(refuse),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_counts_or_shares_and_nothing_else() {
        let table = [
            ("500", Some(Limit::Count(500))),
            ("0", Some(Limit::Count(0))),
            (" 25% ", Some(Limit::Percent(25.0))),
            ("2.5 %", Some(Limit::Percent(2.5))),
            ("0%", Some(Limit::Percent(0.0))),
            ("100%", Some(Limit::Percent(100.0))),
            ("101%", None),
            ("-1", None),
            ("+5", None),
            ("1e2%", None),
            ("inf%", None),
            ("NaN%", None),
            ("2.5", None),
            ("1,000", None),
            ("%", None),
            (".%", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Limit>().ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_limit_reads_back_from_what_it_writes() {
        for text in ["500", "25%", "2.5%"] {
            let limit: Limit = text.parse().unwrap();
            assert_eq!(limit.to_string(), text);
            let json = serde_json::to_string(&limit).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Limit>(&json).unwrap(), limit);
        }
    }

    #[test]
    fn as_many_as_allowed_are_not_too_many() {
        let table = [
            ("500", 500, 9_000, false),
            ("500", 501, 9_000, true),
            ("0", 1, 1, true),
            ("25%", 203, 812, false),
            ("25%", 204, 812, true),
            ("0%", 0, 812, false),
            ("0%", 1, 812, true),
            ("100%", 812, 812, false),
            ("50%", 0, 0, false),
        ];
        for (limit, count, whole, exceeded) in table {
            assert_eq!(
                limit.parse::<Limit>().unwrap().is_exceeded_by(count, whole),
                exceeded,
                "{count} of {whole}, {limit}"
            );
        }
    }
}
