//! Ids of users and plans: 64-bit integers that exceed 2^53 (the API's own example is 48569348493401200), so they are
//! read from text digit by digit and never pass through a floating-point number.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing but white space.
    #[error("is empty")]
    Empty,
    /// Something other than the digits 0 to 9.
    #[error("`{0}` is not a number of 1 to 19 digits")]
    NotDigits(String),
    /// More than 19 digits.
    #[error("`{0}` has more than 19 digits")]
    TooLong(String),
    /// Zero is nobody's id.
    #[error("`{0}` is zero, which is nobody's id")]
    Zero(String),
}

fn parse(text: &str) -> Result<NonZeroU64, IdError> {
    let digits = text.trim();
    if digits.is_empty() {
        return Err(IdError::Empty);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IdError::NotDigits(digits.to_owned()));
    }
    if digits.len() > 19 {
        return Err(IdError::TooLong(digits.to_owned()));
    }
    // Nineteen nines fit into 64 bits, so the only value left to refuse is zero.
    let value = digits.bytes().fold(0, |value: u64, digit| value * 10 + u64::from(digit - b'0'));
    NonZeroU64::new(value).ok_or_else(|| IdError::Zero(digits.to_owned()))
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(NonZeroU64);

        impl $name {
            /// The id as the number that the API writes.
            pub const fn get(self) -> u64 {
                self.0.get()
            }

            /// The id of a number, unless it is zero.
            pub const fn new(value: u64) -> Option<Self> {
                match NonZeroU64::new(value) {
                    Some(value) => Some(Self(value)),
                    None => None,
                }
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// The id of a user (`userId` of seeds 000 to 003).
    UserId
}
id! {
    /// The id of a plan (`planId` of seeds 000 and 002).
    PlanId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_digit_by_digit() {
        let table = [
            ("48569348493401200", Ok(48_569_348_493_401_200)),
            (" 9007199254740993 ", Ok(9_007_199_254_740_993)),
            ("9999999999999999999", Ok(9_999_999_999_999_999_999)),
            ("007", Ok(7)),
            ("", Err(IdError::Empty)),
            ("   ", Err(IdError::Empty)),
            ("0", Err(IdError::Zero("0".into()))),
            ("12345678901234567890", Err(IdError::TooLong("12345678901234567890".into()))),
            ("4.85E+16", Err(IdError::NotDigits("4.85E+16".into()))),
            ("-5", Err(IdError::NotDigits("-5".into()))),
            ("+5", Err(IdError::NotDigits("+5".into()))),
            ("٣", Err(IdError::NotDigits("٣".into()))),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<UserId>().map(UserId::get), expected, "{text:?}");
        }
    }
}
