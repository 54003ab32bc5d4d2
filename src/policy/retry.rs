//! When to try again: how often, and after how long.
//!
//! The official SDKs give up inside the minute that a throttle lasts; a bulk job must outlive several of them.

use std::time::Duration;

use crate::model::{Answer, error_code as code};

/// Change requests that a job may need before it is given up, apart from those that were turned away without effect.
pub const MAX_TRIES: u16 = 10;
/// Readings of a user's state that may fail, one after the other, before nobody waits for one any more.
pub const MAX_READS: u16 = 7;

/// Looks at a user, each after twice the time of the one before, until it counts that they do not show what the API said
/// was done: about seven seconds.
pub const MAX_LOOKS: u16 = 4;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// A random share of a span, from 0 (none) to 1 (all of it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jitter(f64);

impl Jitter {
    /// All of it.
    pub const FULL: Self = Self(1.0);

    /// The share, held within its bounds.
    pub const fn new(share: f64) -> Self {
        Self(share.clamp(0.0, 1.0))
    }
}

/// Times that something is read at the most while `answer` comes back in place of it, where `usual` is usual. 500/4000 is
/// documented as not to be retried, so it gets one more try.
pub fn most_reads(answer: &Answer, usual: u16) -> u16 {
    if answer.error_code() == Some(code::UNEXPECTED) { usual.min(2) } else { usual }
}

/// How long to wait before the next request after `failures` of them (1 or more): full jitter below a ceiling that
/// doubles from one second to a minute. Full jitter, so that what failed together does not come back together.
pub fn backoff(failures: u16, spread: Jitter) -> Duration {
    let doublings = u32::from(failures.saturating_sub(1)).min(16);
    let ceiling = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    ceiling.mul_f64(spread.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_a_minute_and_the_jitter_is_full() {
        for (failures, ceiling) in [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (10, 60), (u16::MAX, 60)] {
            assert_eq!(backoff(failures, Jitter::new(1.0)), Duration::from_secs(ceiling), "{failures}");
            assert_eq!(backoff(failures, Jitter::new(0.0)), Duration::ZERO, "{failures}");
        }
    }
}
