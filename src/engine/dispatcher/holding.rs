//! How long is waited after an answer, and by whom.

use std::time::Duration;

use tokio::time::Instant;

use super::Dispatcher;
use crate::engine::observer::RunEvent;
use crate::ledger::Journal;
use crate::model::{Answer, StopReason};
use crate::policy::{Jitter, TurnedAway, Verdict, Wait, backoff, classify};

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
                if self.pace.pause(pause) {
                    self.tell(&RunEvent::Paused { why: &answer.describe(), pause });
                }
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

    pub(super) fn hold_everybody(&self, wait: Wait, pause: Duration, answer: &Answer) {
        match wait {
            Wait::Backoff => {}
            Wait::AllJobs | Wait::Pause(_) => {
                if self.pace.pause(pause) {
                    self.tell(&RunEvent::Paused { why: &answer.describe(), pause });
                }
            }
        }
    }
}
