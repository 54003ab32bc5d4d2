//! The rate that is really kept to: below the one that was set while the API throttles all the same, as it does where
//! another client shares the token.
//!
//! A throttle takes three tenths away, but not below the lowest rate. A twentieth of the set rate comes back every two
//! minutes without another throttle; close to what was too much before, only every ten minutes.

use std::time::{Duration, Instant};

/// For so long after a throttle, another says nothing new: what was sent before still counts.
const EPISODE: Duration = Duration::from_secs(60);
/// How long nothing may be throttled before some of the rate comes back.
const STEP: Duration = Duration::from_secs(2 * 60);
/// The same, close to what was too much before.
const CAREFUL_STEP: Duration = Duration::from_secs(10 * 60);

/// The rate that is kept to.
#[derive(Debug, Clone)]
pub struct AdaptiveRate {
    set: u32,
    lowest: u32,
    current: u32,
    /// When it last changed.
    since: Option<Instant>,
    /// When it was lowered the last time.
    lowered: Option<Instant>,
    /// What was too much.
    failed: Option<u32>,
}

/// Another rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateChange {
    /// Requests in any 60 seconds before.
    pub from: u32,
    /// Requests in any 60 seconds from now on.
    pub to: u32,
}

impl AdaptiveRate {
    /// At most `set` requests in any 60 seconds, and `lowest` however often the API throttles.
    pub fn new(set: u32, lowest: u32) -> Self {
        Self { set, lowest: lowest.min(set), current: set, since: None, lowered: None, failed: None }
    }

    /// As it was learned before: so many were allowed, and `failed` were too many. It counts from `now`.
    #[must_use]
    pub fn learned(self, allowed: u32, failed: u32, now: Instant) -> Self {
        if allowed >= self.set {
            return self;
        }
        Self { current: allowed.max(self.lowest), since: Some(now), failed: Some(failed), ..self }
    }

    /// Requests in any 60 seconds.
    pub const fn current(&self) -> u32 {
        self.current
    }

    /// Whether it is below the rate that was set. Then requests are spread evenly over the minute.
    pub const fn is_lowered(&self) -> bool {
        self.current < self.set
    }

    /// What was too much, the last time.
    pub const fn failed(&self) -> Option<u32> {
        self.failed
    }

    /// The API throttled a request at `now`.
    pub fn throttled(&mut self, now: Instant) -> Option<RateChange> {
        let is_news = self.lowered.is_none_or(|lowered| now.duration_since(lowered) >= EPISODE);
        if !is_news {
            return None;
        }
        (self.failed, self.lowered) = (Some(self.current), Some(now));
        self.change((self.current * 7 / 10).max(self.lowest), now)
    }

    /// Some of the rate comes back, where nothing was throttled for long enough at `now`.
    pub fn recover(&mut self, now: Instant) -> Option<RateChange> {
        let since = self.since.filter(|_| self.is_lowered())?;
        let to = (self.current + (self.set / 20).max(1)).min(self.set);
        let is_close = self.failed.is_some_and(|failed| to > failed * 9 / 10);
        let step = if is_close { CAREFUL_STEP } else { STEP };
        if now.duration_since(since) < step { None } else { self.change(to, now) }
    }

    fn change(&mut self, to: u32, now: Instant) -> Option<RateChange> {
        let change = RateChange { from: self.current, to };
        (self.current, self.since) = (to, Some(now));
        (change.from != change.to).then_some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttles_lower_the_rate_step_by_step_to_its_bound_and_time_brings_it_back() {
        let start = Instant::now();
        let second = |seconds| start + Duration::from_secs(seconds);
        let mut rate = AdaptiveRate::new(300, 100);
        assert_eq!(rate.throttled(second(0)), Some(RateChange { from: 300, to: 210 }));
        assert_eq!(rate.throttled(second(1)), None, "it was in flight already");
        assert_eq!(rate.throttled(second(60)), Some(RateChange { from: 210, to: 147 }));
        assert_eq!(rate.throttled(second(120)), Some(RateChange { from: 147, to: 102 }));
        assert_eq!(rate.throttled(second(180)), Some(RateChange { from: 102, to: 100 }));
        assert_eq!(rate.throttled(second(240)), None, "the lowest rate");
        assert_eq!(rate.recover(second(300)), None);
        let mut now = 240;
        let mut steps = Vec::new();
        while rate.is_lowered() {
            now += 1;
            steps.extend(rate.recover(second(now)).map(|change| (now, change.to)));
        }
        assert_eq!(steps[0], (840, 115), "close to what was too much, it takes ten minutes");
        assert_eq!(steps.last().unwrap().1, 300);
    }

    #[test]
    fn what_was_learned_is_where_the_next_process_begins() {
        let now = Instant::now();
        let table = [(147, 147), (20, 30), (270, 270), (500, 270)];
        for (allowed, expected) in table {
            assert_eq!(AdaptiveRate::new(270, 30).learned(allowed, 210, now).current(), expected);
        }
    }
}
