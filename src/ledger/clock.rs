//! The clock of the process: the time of day that never goes back.
//!
//! Between two looks at it at least as much time has passed as the monotonic clock says, however somebody sets the time of
//! day meanwhile; where that was set forward, or the machine slept, it follows. So nothing that one process records is
//! older than what it recorded before.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// When the time of day was last ahead, and the monotonic clock then.
static LAST_SET: Mutex<Option<(Timestamp, Instant)>> = Mutex::new(None);

/// The time now.
pub fn now() -> Timestamp {
    let mut last_set = LAST_SET.lock().unwrap_or_else(PoisonError::into_inner);
    let (now, set) = tell(*last_set, Timestamp::now(), Instant::now());
    *last_set = Some(set);
    now
}

/// What the clock tells, and what it goes by from then on.
fn tell(
    last_set: Option<(Timestamp, Instant)>,
    time_of_day: Timestamp,
    instant: Instant,
) -> (Timestamp, (Timestamp, Instant)) {
    let fresh = (time_of_day, (time_of_day, instant));
    let Some((set, at)) = last_set else { return fresh };
    let elapsed = SignedDuration::try_from(instant.saturating_duration_since(at)).unwrap_or_default();
    let steady = set.checked_add(elapsed).unwrap_or(Timestamp::MAX);
    if time_of_day > steady { fresh } else { (steady, (set, at)) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_passes_as_it_should_whatever_becomes_of_the_time_of_day() {
        // Seconds of the monotonic clock, what the time of day says then, and what the clock tells.
        let table = [(0, 100, 100), (5, 105, 105), (6, 10, 106), (9, 13, 109), (10, 5_000, 5_000), (12, 16, 5_002)];
        let (origin, mut last_set) = (Instant::now(), None);
        for (elapsed, time_of_day, told) in table {
            let at = |second| Timestamp::from_second(second).unwrap();
            let (now, set) = tell(last_set, at(time_of_day), origin + Duration::from_secs(elapsed));
            assert_eq!(now, at(told), "after {elapsed} s");
            last_set = Some(set);
        }
    }
}
