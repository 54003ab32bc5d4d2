//! The tally: what the progress of a run has come to, in numbers.
//!
//! It counts what it is told and says what follows at a moment. It reads no clock and writes nothing, so an hour of a
//! run is a table in a test.

use std::time::{Duration, Instant};

use crate::engine::RunEvent;
use crate::model::Status;

const WINDOW: Duration = Duration::from_secs(60);

/// What has happened so far.
#[derive(Debug)]
pub(super) struct Tally {
    begun: Instant,
    jobs: u64,
    limit: Option<u32>,
    done: u64,
    failed: u64,
    unclear: u64,
    /// Jobs that the API called done and that are still to be looked at.
    unverified: u64,
    requests: u64,
    requested: LastMinute,
    settled: LastMinute,
    pause: Option<Pause>,
    draining: Option<String>,
}

#[derive(Debug)]
struct Pause {
    why: String,
    end: Instant,
}

/// What is worth a line of its own the moment it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nothing is sent for a while.
    Paused {
        /// Who asked for it and why.
        why: String,
        /// For how long.
        pause: Duration,
    },
    /// Somebody has to hear of something.
    Warned {
        /// Of what.
        text: String,
    },
    /// Nothing new is begun.
    Draining {
        /// Why.
        why: String,
    },
}

/// How a run stands at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProgressSnapshot {
    /// Jobs to settle in all.
    pub(super) jobs: u64,
    /// Jobs settled.
    pub(super) done: u64,
    /// Of these, the failed ones.
    pub(super) failed: u64,
    /// Of these, the ones that somebody has to look at: done in part, or unknown.
    pub(super) unclear: u64,
    /// Requests in the last minute.
    pub(super) requests: u64,
    /// Requests allowed in a minute.
    pub(super) limit: Option<u32>,
    /// Why nothing is sent, and for how much longer.
    pub(super) pause: Option<(String, Duration)>,
    /// Why nothing new is begun.
    pub(super) draining: Option<String>,
    /// How long until all is settled, once there is a pace to tell it from.
    pub(super) left: Option<Duration>,
}

impl Tally {
    /// Before anything has happened.
    pub(super) fn new(begun: Instant, jobs: u64, limit: Option<u32>) -> Self {
        Self {
            begun,
            jobs,
            limit,
            done: 0,
            failed: 0,
            unclear: 0,
            unverified: 0,
            requests: 0,
            requested: LastMinute::default(),
            settled: LastMinute::default(),
            pause: None,
            draining: None,
        }
    }

    /// Takes note of what happened, and says so if it is news.
    pub(super) fn on_event(&mut self, event: &RunEvent<'_>, now: Instant) -> Option<Notice> {
        let second = now.saturating_duration_since(self.begun).as_secs();
        match event {
            RunEvent::Requested => {
                self.requests += 1;
                self.requested.count(second);
                None
            }
            RunEvent::Unverified => {
                self.unverified += 1;
                self.settled.count(second);
                None
            }
            RunEvent::Settled { outcome, was_unverified, .. } => {
                if *was_unverified {
                    // It was counted when the API said so.
                    self.unverified -= 1;
                } else {
                    self.settled.count(second);
                }
                self.settle(outcome.status);
                None
            }
            RunEvent::Paused { why, pause } => self.paused(why, *pause, now),
            RunEvent::LimitChanged { limit } => {
                self.limit = Some(*limit);
                None
            }
            RunEvent::Warned { text } => Some(Notice::Warned { text: (*text).to_owned() }),
            RunEvent::Draining { why } => {
                let is_news = self.draining.replace((*why).to_owned()).is_none();
                is_news.then(|| Notice::Draining { why: (*why).to_owned() })
            }
            RunEvent::Started { .. } | RunEvent::Retrying { .. } | RunEvent::Finished => None,
        }
    }

    fn settle(&mut self, status: Status) {
        match status {
            Status::Failed | Status::Invalid | Status::Blocked => self.failed += 1,
            Status::Unknown | Status::PartialSuccess => self.unclear += 1,
            Status::Success | Status::Unchanged | Status::Skipped | Status::Planned => {}
            // Not done, whatever the reason: the bar of an interrupted run must not end full.
            Status::NotAttempted => return,
        }
        self.done += 1;
    }

    /// Every worker that is throttled asks for a pause of its own; only the first of them is news.
    fn paused(&mut self, why: &str, pause: Duration, now: Instant) -> Option<Notice> {
        let end = now + pause;
        let under_way = self.pause.as_ref().filter(|pause| pause.end > now);
        if under_way.is_some_and(|under_way| under_way.end >= end) {
            return None;
        }
        let is_news = under_way.is_none();
        self.pause = Some(Pause { why: why.to_owned(), end });
        is_news.then(|| Notice::Paused { why: why.to_owned(), pause })
    }

    /// How the run stands.
    pub(super) fn snapshot(&mut self, now: Instant) -> ProgressSnapshot {
        let elapsed = now.saturating_duration_since(self.begun);
        let (requests, settled) = (self.requested.sum(elapsed.as_secs()), self.settled.sum(elapsed.as_secs()));
        let pause = self.pause.as_ref().filter(|pause| pause.end > now);
        let pause = pause.map(|pause| (pause.why.clone(), pause.end - now));
        let paused = pause.as_ref().map_or(Duration::ZERO, |(_, left)| *left);
        ProgressSnapshot {
            jobs: self.jobs,
            done: self.done + self.unverified,
            failed: self.failed,
            unclear: self.unclear,
            requests,
            limit: self.limit,
            draining: self.draining.clone(),
            left: self.left(elapsed, requests, settled).map(|left| left + paused),
            pause,
        }
    }

    /// By the pace of the last minute, but not faster than the limit will allow: a run begins with a burst.
    fn left(&self, elapsed: Duration, requests: u64, settled: u64) -> Option<Duration> {
        let open = approximate(self.jobs.saturating_sub(self.done + self.unverified));
        if settled == 0 {
            return None;
        }
        let by_pace = open * elapsed.min(WINDOW).as_secs_f64() / approximate(settled);
        let to_send = open * approximate(self.requests) / approximate((self.done + self.unverified).max(1));
        let by_limit = self.limit.map_or(0.0, |limit| {
            let free_now = f64::from(limit) - approximate(requests);
            (to_send - free_now).max(0.0) / f64::from(limit) * WINDOW.as_secs_f64()
        });
        Duration::try_from_secs_f64(by_pace.max(by_limit)).ok()
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate needs no more than 53 bits")]
fn approximate(count: u64) -> f64 {
    count as f64
}

/// How often something happened in each of the last 60 seconds.
#[derive(Debug)]
struct LastMinute {
    counts: [u64; 60],
    /// The newest second that the counts are about.
    second: u64,
}

impl Default for LastMinute {
    fn default() -> Self {
        Self { counts: [0; 60], second: 0 }
    }
}

impl LastMinute {
    fn count(&mut self, second: u64) {
        self.advance(second);
        self.counts[Self::place(second)] += 1;
    }

    fn sum(&mut self, second: u64) -> u64 {
        self.advance(second);
        self.counts.iter().sum()
    }

    fn advance(&mut self, second: u64) {
        for passed in (self.second + 1..=second).take(60) {
            self.counts[Self::place(passed)] = 0;
        }
        self.second = self.second.max(second);
    }

    fn place(second: u64) -> usize {
        (second % 60) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Job, Outcome, UserId};

    /// A run of 1,000 jobs at 270 requests a minute, told by the second.
    struct Run {
        begun: Instant,
        tally: Tally,
    }

    impl Run {
        fn new() -> Self {
            let begun = Instant::now();
            Self { begun, tally: Tally::new(begun, 1_000, Some(270)) }
        }

        fn tell(&mut self, second: u64, event: &RunEvent<'_>) -> Option<Notice> {
            self.tally.on_event(event, self.begun + Duration::from_secs(second))
        }

        fn settle(&mut self, second: u64, status: Status) {
            let job = Job { user: UserId::new(1).unwrap(), action: Action::Deactivate };
            let outcome = Outcome::of_row(status, "");
            self.tell(second, &RunEvent::Requested);
            self.tell(second, &RunEvent::Settled { row: 2, job: &job, outcome: &outcome, was_unverified: false });
        }

        fn snapshot(&mut self, second: u64) -> ProgressSnapshot {
            self.tally.snapshot(self.begun + Duration::from_secs(second))
        }
    }

    #[test]
    fn rows_are_counted_by_what_a_person_has_to_do_about_them() {
        let mut run = Run::new();
        for status in Status::ALL {
            run.settle(1, status);
        }
        let snapshot = run.snapshot(1);
        assert_eq!((snapshot.done, snapshot.failed, snapshot.unclear), (9, 3, 2));
    }

    #[test]
    fn requests_are_those_of_the_last_minute() {
        let mut run = Run::new();
        for second in [0, 0, 1, 30, 59] {
            run.tell(second, &RunEvent::Requested);
        }
        let table = [(59, 5), (60, 3), (61, 2), (89, 2), (90, 1), (118, 1), (119, 0), (1_000_000, 0)];
        for (second, requests) in table {
            assert_eq!(run.snapshot(second).requests, requests, "after {second} s");
        }
    }

    #[test]
    fn the_time_left_follows_the_pace_of_the_last_minute() {
        let mut run = Run::new();
        assert_eq!(run.snapshot(5).left, None, "nothing is settled yet");
        (0..120).for_each(|second| run.settle(second, Status::Success));
        assert_eq!(run.snapshot(119).left.unwrap().as_secs(), 880, "one a second");
        (120..180).for_each(|second| (0..2).for_each(|_| run.settle(second, Status::Success)));
        assert_eq!(run.snapshot(179).left.unwrap().as_secs(), 380, "two a second now");
        assert_eq!(run.snapshot(400).left, None, "nothing for a minute");
    }

    #[test]
    fn a_first_burst_does_not_promise_what_the_limit_will_not_allow() {
        let mut run = Run::new();
        (0..10).for_each(|second| (0..20).for_each(|_| run.settle(second, Status::Success)));
        let left = run.snapshot(10).left.unwrap().as_secs();
        assert_eq!(left, (1_000 - 200 - 70) * 60 / 270, "70 of the 270 are still free");
    }

    #[test]
    fn a_pause_is_news_once_counts_down_and_only_moves_forward() {
        let mut run = Run::new();
        run.settle(0, Status::Success);
        let pause = |seconds| RunEvent::Paused { why: "429", pause: Duration::from_secs(seconds) };
        assert!(run.tell(1, &pause(60)).is_some());
        assert!(run.tell(2, &pause(60)).is_none());
        assert!(run.tell(3, &pause(10)).is_none());
        assert_eq!(run.snapshot(12).pause, Some(("429".into(), Duration::from_secs(50))));
        assert!(run.snapshot(12).left.unwrap() > Duration::from_secs(50));
        assert_eq!(run.snapshot(62).pause, None);
        assert!(run.tell(62, &pause(60)).is_some());
    }

    #[test]
    fn draining_is_news_once() {
        let mut run = Run::new();
        assert!(run.tell(1, &RunEvent::Draining { why: "interrupted" }).is_some());
        assert!(run.tell(2, &RunEvent::Draining { why: "deadline" }).is_none());
    }
}
