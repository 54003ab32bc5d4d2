//! How long is waited after an answer, and by whom.

use std::time::Duration;

use jiff::{SignedDuration, Zoned};
use tokio::time::Instant;

use super::Dispatcher;
use crate::engine::observer::RunEvent;
use crate::ledger::Journal;
use crate::model::{Answer, StopReason, error_code};
use crate::policy::{Jitter, TurnedAway, Verdict, Wait, backoff, classify};

/// A pause of which people want to know when it ends, by their clock.
const LONG_PAUSE: Duration = Duration::from_secs(15 * 60);

impl<J: Journal> Dispatcher<'_, J> {
    pub(super) fn wait(&mut self, wait: Wait, failures: u16) -> Duration {
        match wait {
            Wait::Backoff | Wait::AllJobs => backoff(failures, Jitter::new(self.random.f64())),
            Wait::Pause(pause) => pause,
        }
    }

    /// Notices whether an answer shows that requests are let through.
    pub(super) fn notice(&mut self, answer: &Answer, now: Instant) {
        if answer.http().is_some() && !matches!(classify(answer), Verdict::NoEffect(_)) {
            self.patience.let_through(now.into_std());
        }
    }

    /// Holds everybody after an answer that turned a request away, and says for how long. `None` when that has gone on for
    /// too long: the run ends.
    pub(super) fn hold(&mut self, answer: &Answer, now: Instant) -> Option<Duration> {
        if self.ending.is_some() {
            return Some(Duration::ZERO);
        }
        match self.patience.turned_away(now.into_std(), answer, Jitter::new(self.random.f64())) {
            TurnedAway::Pause(pause) => {
                self.pause(answer, pause);
                Some(pause)
            }
            TurnedAway::GiveUp => {
                let why = answer.describe();
                self.drain(if answer.http().is_some() {
                    StopReason::Throttled(why)
                } else {
                    StopReason::Unreachable(why)
                });
                None
            }
        }
    }

    pub(super) fn hold_everybody(&mut self, wait: Wait, pause: Duration, answer: &Answer) {
        match wait {
            Wait::Backoff => {}
            Wait::AllJobs | Wait::Pause(_) => self.pause(answer, pause),
        }
    }

    /// Holds everybody for `pause`. A throttle lowers the limit as well, once for all requests that were in flight.
    fn pause(&mut self, answer: &Answer, pause: Duration) {
        let left = self.pace.pause_left().unwrap_or_default();
        let is_throttle = answer.http() == Some(429) || answer.error_code() == Some(error_code::RATE_LIMITED);
        if is_throttle {
            self.traffic.throttles += u32::from(left.is_zero());
            // One throttle may have any reason.
            self.traffic.is_token_shared |= self.pace.throttled() && self.traffic.throttles > 1;
            self.tell_limit();
        }
        if !self.pace.pause(pause) {
            return;
        }
        self.traffic.waited += pause.saturating_sub(left);
        let why = if pause > LONG_PAUSE {
            let end = Zoned::now().saturating_add(SignedDuration::try_from(pause).unwrap_or_default());
            format!("{}; the run goes on at {}", answer.describe(), end.strftime("%Y-%m-%d %H:%M"))
        } else {
            answer.describe()
        };
        self.tell(&RunEvent::Paused { why: &why, pause });
    }

    /// Tells the limit if it is another one.
    pub(super) fn tell_limit(&mut self) {
        if let Some(limit) = self.pace.limit().filter(|limit| self.told_limit != Some(*limit)) {
            self.told_limit = Some(limit);
            self.tell(&RunEvent::LimitChanged { limit });
        }
    }
}
