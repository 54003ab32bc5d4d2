//! Reviews: dry runs that were written down for somebody to approve, and how long each holds good.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How far the clocks of two machines may differ: a review may be so much younger than nothing.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What all rows of a review have in common. It never changes once it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The name by which people and signatures call it.
    pub name: String,
    /// When it was made.
    pub made: Timestamp,
    /// The name of the input that was reviewed.
    pub input: String,
    /// The SHA-256 of that input, in hexadecimal.
    pub sha256: String,
    /// The account that was looked at: the API address and the id of `/users/me`. None without a network.
    pub account: Option<String>,
    /// The encoding that it is written in; none where that is not known. Its signatures say nothing of it, because a
    /// spreadsheet may choose another one.
    pub encoding: Option<String>,
}

/// Whether a review holds good at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It does.
    Good,
    /// It is older than reviews may be; how old it is.
    TooOld(SignedDuration),
    /// It is yet to come by the clock; in how long.
    ToCome(SignedDuration),
}

impl Review {
    /// Its age at `now`, where reviews hold good for `valid_for`.
    pub fn age(&self, now: Timestamp, valid_for: Duration) -> Age {
        let age = now.duration_since(self.made);
        let valid_for = SignedDuration::try_from(valid_for).unwrap_or(SignedDuration::MAX);
        if age > valid_for {
            Age::TooOld(age)
        } else if age < -SKEW {
            Age::ToCome(-age)
        } else {
            Age::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_holds_good_as_long_as_it_may_and_not_before_it_is_made() {
        let made = Timestamp::from_second(1_700_000_000).unwrap();
        let review = Review {
            name: "r".into(),
            made,
            input: "in.csv".into(),
            sha256: "00".into(),
            account: Some("a 1".into()),
            encoding: None,
        };
        let week = Duration::from_secs(7 * 86_400);
        // Seconds after it was made, and what it is then.
        let table = [
            (0, Age::Good),
            (7 * 86_400, Age::Good),
            (7 * 86_400 + 1, Age::TooOld(SignedDuration::from_secs(7 * 86_400 + 1))),
            (-300, Age::Good),
            (-301, Age::ToCome(SignedDuration::from_secs(301))),
        ];
        for (seconds, expected) in table {
            assert_eq!(review.age(made + SignedDuration::from_secs(seconds), week), expected, "{seconds} s");
        }
        assert_eq!(review.age(Timestamp::MAX, Duration::MAX), Age::Good);
    }
}
