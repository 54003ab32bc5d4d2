//! The rate limit: at most so many requests in any 60 seconds.
//!
//! It decides whether one more request is let in at an instant that it is given. It must never wait or read a clock.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The time over which requests are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// The requests of one token that were let in during the last 60 seconds. What is turned away does not count, so a
/// client that hammers on is let in again as soon as one that waits.
#[derive(Debug)]
pub(super) struct SlidingWindow {
    /// 0 is no limit.
    most: usize,
    let_in: VecDeque<Instant>,
}

impl SlidingWindow {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, let_in: VecDeque::new() }
    }

    /// Lets a request in, or says how long until the next one can be.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        if self.most == 0 {
            return Ok(());
        }
        while self.let_in.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            self.let_in.pop_front();
        }
        match self.let_in.front() {
            Some(first) if self.let_in.len() >= self.most => Err(WINDOW.saturating_sub(now.duration_since(*first))),
            _ => {
                self.let_in.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_sixty_seconds_hold_no_more_than_the_limit() {
        let start = Instant::now();
        let mut window = SlidingWindow::new(3);
        let table = [
            // milliseconds since the start, milliseconds to wait
            (0, None),
            (30_000, None),
            (59_000, None),
            (59_999, Some(1)),
            (60_000, None),
            (60_001, Some(29_999)),
            (89_999, Some(1)),
            (90_000, None),
            (200_000, None),
        ];
        for (at, expected) in table {
            let answer = window.admit(start + Duration::from_millis(at));
            assert_eq!(answer.err(), expected.map(Duration::from_millis), "at {at} ms");
        }
    }

    #[test]
    fn zero_is_no_limit() {
        let mut window = SlidingWindow::new(0);
        let now = Instant::now();
        assert!((0..10_000).all(|_| window.admit(now).is_ok()));
    }
}
