//! The two numbers that bound the traffic: requests a minute, and requests in flight.
//!
//! They only say what was asked for. That no limit at all is for loopback addresses only is decided where the address
//! is known, in [`load`](super::load).

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::str::FromStr;

/// The most requests in any 60 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Option<NonZeroU32>);

impl Rate {
    /// No limit.
    pub const UNLIMITED: Self = Self(None);

    /// Requests in any 60 seconds; `None` is no limit.
    pub const fn per_minute(self) -> Option<NonZeroU32> {
        self.0
    }
}

impl fmt::Display for Rate {
    /// Writes 0 for no limit, as it is asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.map_or(0, NonZeroU32::get))
    }
}

/// A text that is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number of requests a minute: write a whole number such as 270, or 0 for no limit")]
pub struct RateError(String);

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let number: u32 = text.trim().parse().map_err(|_| RateError(text.trim().to_owned()))?;
        Ok(Self(NonZeroU32::new(number)))
    }
}

/// The most requests in flight at once: 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency(NonZeroU16);

impl Concurrency {
    const MOST: u16 = 1_000;

    /// Requests in flight at once.
    pub fn get(self) -> u32 {
        u32::from(self.0.get())
    }
}

impl fmt::Display for Concurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no concurrency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number of requests in flight: write a whole number from 1 to 1000")]
pub struct ConcurrencyError(String);

impl FromStr for Concurrency {
    type Err = ConcurrencyError;

    fn from_str(text: &str) -> Result<Self, ConcurrencyError> {
        let number = text.trim().parse().ok().filter(|number: &NonZeroU16| number.get() <= Self::MOST);
        number.map(Self).ok_or_else(|| ConcurrencyError(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_whole_number_and_zero_is_no_limit() {
        let table =
            [("270", Some(Some(270))), ("0", Some(None)), ("-1", None), ("4.5", None), ("fast", None), ("", None)];
        for (text, expected) in table {
            let rate = text.parse::<Rate>().ok().map(|rate| rate.per_minute().map(NonZeroU32::get));
            assert_eq!(rate, expected, "{text:?}");
        }
    }

    #[test]
    fn between_one_and_a_thousand_requests_are_in_flight() {
        let table = [
            ("1", Some(1)),
            ("1000", Some(1000)),
            ("0", None),
            ("1001", None),
            ("70000", None),
            ("8.0", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Concurrency>().ok().map(Concurrency::get), expected, "{text:?}");
        }
    }
}
