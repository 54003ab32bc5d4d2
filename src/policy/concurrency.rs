//! How many requests are in flight: as many as the rate needs at the latency that is seen, and fewer where more of them
//! only make answers slower.
//!
//! By Little's law, a rate of 20 a second needs 60 requests in flight when an answer takes 3 seconds. Where answers become
//! slower, one cannot tell from them alone whether the server is slow or whether it has too much to do at once. So half as
//! many are sent for a moment: if that makes answers faster, it stays at that; else the server is just slow. Throttles,
//! maintenance and timeouts halve it at once. What was taken away comes back step by step.

use std::fmt;
use std::time::Duration;

use crate::model::{Answer, LostResponse, error_code as code};

/// The most requests that are in flight, whatever the latency.
pub const MOST_IN_FLIGHT: usize = 64;
/// Requests that are in flight before any latency is known, and that no rate needs fewer than.
pub const AT_FIRST: usize = 8;
/// Requests that stay in flight however often the server says that it has too much to do: each of them that is turned
/// away pauses all others anyway.
const FEWEST_AFTER_OVERLOAD: usize = 4;
/// Answers that are slower than usual by less than this are no reason to send fewer.
const NOTICEABLE: Duration = Duration::from_millis(200);

/// How many requests may be in flight, as answers come in.
#[derive(Debug, Clone)]
pub struct AdaptiveConcurrency {
    limit: usize,
    /// What the limit cannot exceed for now, because of trouble.
    ceiling: usize,
    /// Requests a second that the rate allows; `None` without a rate.
    per_second: Option<u32>,
    /// How long an answer usually takes.
    usual: Option<Duration>,
    /// While half as many are sent for a look: how long an answer took before, and what the ceiling was.
    probe: Option<(Duration, usize)>,
    round: Round,
}

/// The answers to requests that were sent since the limit last changed.
#[derive(Debug, Clone, Copy, Default)]
struct Round {
    number: u32,
    answers: u32,
    took: Duration,
    soonest: Option<Duration>,
}

/// Which round a request was sent in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentIn(u32);

/// What an answer says of how much the server has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerLoad {
    /// Nothing out of the ordinary.
    Normal,
    /// It has too much to do.
    Overloaded,
}

/// What an answer says of how much the server has to do (API notes: 429, 503, 500/4004 and timeouts).
pub fn server_load(answer: &Answer) -> ServerLoad {
    let is_overloaded = match answer {
        Answer::Lost { how: LostResponse::Timeout, .. } => true,
        Answer::Lost { how: LostResponse::Connection | LostResponse::Abort, .. }
        | Answer::NotSent { .. }
        | Answer::Unexpected { .. } => false,
        Answer::Said { http, .. } | Answer::Unreadable { http, .. } => {
            matches!(http, 429 | 503) || answer.error_code() == Some(code::CONCURRENT_UPDATE)
        }
    };
    if is_overloaded { ServerLoad::Overloaded } else { ServerLoad::Normal }
}

/// Another number of requests in flight, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencyChange {
    /// The number before.
    pub from: usize,
    /// The number from now on.
    pub to: usize,
    /// Why.
    pub why: ChangeReason,
}

/// Why there are more or fewer requests in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeReason {
    /// Answers take so long, and the rate needs this many then.
    Latency(Duration),
    /// Answers have become slow, which may come of too many at once.
    Slower(Duration),
    /// The server throttles, is under maintenance, or does not answer in time.
    Overloaded,
}

impl fmt::Display for ChangeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(took) => write!(f, "an answer takes {:.2} s", took.as_secs_f64()),
            Self::Slower(took) => write!(f, "an answer takes {:.2} s, longer than before", took.as_secs_f64()),
            Self::Overloaded => f.write_str("the server has too much to do"),
        }
    }
}

impl AdaptiveConcurrency {
    /// For a rate of at most so many requests a second; `None` without a rate. `usual` is how long an answer took before.
    pub fn new(per_second: Option<u32>, usual: Option<Duration>) -> Self {
        let begin =
            Self { limit: AT_FIRST, ceiling: MOST_IN_FLIGHT, per_second, usual, probe: None, round: Round::default() };
        let needed = usual.map_or(AT_FIRST, |usual| begin.needed(usual));
        Self { limit: needed.clamp(AT_FIRST, MOST_IN_FLIGHT), ..begin }
    }

    /// How many requests may be in flight.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// A request is sent now.
    pub const fn sent(&self) -> SentIn {
        SentIn(self.round.number)
    }

    /// An answer came after `took`.
    pub fn answered(&mut self, sent: SentIn, took: Duration, load: ServerLoad) -> Option<ConcurrencyChange> {
        if sent != self.sent() {
            // It says something of how many were in flight before.
            return None;
        }
        match load {
            ServerLoad::Overloaded => {
                self.probe = None;
                self.ceiling = (self.limit / 2).max(FEWEST_AFTER_OVERLOAD).min(self.limit);
                self.change(self.ceiling, ChangeReason::Overloaded)
            }
            ServerLoad::Normal => {
                self.round.answers += 1;
                self.round.took += took;
                self.round.soonest = Some(self.round.soonest.map_or(took, |soonest| soonest.min(took)));
                let enough = (self.limit / 2).clamp(4, 16);
                if (self.round.answers as usize) < enough {
                    None
                } else {
                    self.judge(self.round.took / self.round.answers)
                }
            }
        }
    }

    /// Takes the mean of a round.
    fn judge(&mut self, took: Duration) -> Option<ConcurrencyChange> {
        match self.probe.take() {
            // Fewer at once are answered sooner.
            Some((before, _)) if took * 4 < before * 3 => self.ceiling = self.limit,
            // The server is slow by itself.
            Some((_, ceiling)) => (self.usual, self.ceiling) = (Some(took), ceiling),
            None => self.ceiling = (self.ceiling + self.ceiling.div_ceil(4)).min(MOST_IN_FLIGHT),
        }
        // The first that were sent may be a crowd already, but for the one that was answered first.
        let usual = *self.usual.get_or_insert(self.round.soonest.unwrap_or(took));
        if took > usual * 2 && took.saturating_sub(usual) > NOTICEABLE && self.limit > 1 {
            self.probe = Some((took, self.ceiling));
            return self.change(self.limit / 2, ChangeReason::Slower(took));
        }
        self.usual = Some((usual * 4 + took) / 5);
        // In steps, because the first answers of a round still show what few in flight come to.
        let step = (self.limit * 2).clamp(AT_FIRST, MOST_IN_FLIGHT);
        let needed = self.needed(took).clamp(AT_FIRST, step);
        self.change(needed.min(self.ceiling), ChangeReason::Latency(took))
    }

    /// Requests in flight that the rate needs at a latency (Little's law), and half as many again.
    fn needed(&self, took: Duration) -> usize {
        let Some(per_second) = self.per_second else { return MOST_IN_FLIGHT };
        let milliseconds = usize::try_from(took.as_millis()).unwrap_or(usize::MAX);
        milliseconds.saturating_mul(per_second as usize).saturating_mul(3).div_ceil(2_000)
    }

    fn change(&mut self, limit: usize, why: ChangeReason) -> Option<ConcurrencyChange> {
        self.round = Round { number: self.round.number.wrapping_add(1), ..Round::default() };
        let change = ConcurrencyChange { from: self.limit, to: limit, why };
        self.limit = limit;
        (change.from != change.to).then_some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApiResult, RetryAfter};

    /// Rounds of answers from a server that takes `latency` of how many are in flight; the limits that it comes to.
    fn limits(control: &mut AdaptiveConcurrency, rounds: usize, latency: impl Fn(usize) -> Duration) -> Vec<usize> {
        let mut limits = Vec::new();
        for _ in 0..rounds {
            let round = control.sent();
            while control.sent() == round {
                control.answered(round, latency(control.limit()), ServerLoad::Normal);
            }
            limits.push(control.limit());
        }
        limits
    }

    const fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn the_limit_is_what_the_rate_needs_at_the_latency() {
        let table = [(20, 8), (200, 8), (300, 9), (1_000, 30), (2_000, 60), (3_000, 64), (20_000, 64)];
        for (latency, expected) in table {
            let mut control = AdaptiveConcurrency::new(Some(20), None);
            let limits = limits(&mut control, 5, |_| milliseconds(latency));
            assert!(limits.is_sorted() && limits[3] == expected, "at {latency} ms: {limits:?}");
        }
        let known = AdaptiveConcurrency::new(Some(20), Some(milliseconds(2_000)));
        assert_eq!(known.limit(), 60, "what was read before the run has shown the latency");
        let mut without_rate = AdaptiveConcurrency::new(None, None);
        assert_eq!(limits(&mut without_rate, 4, |_| milliseconds(1)), [16, 32, MOST_IN_FLIGHT, MOST_IN_FLIGHT]);
    }

    #[test]
    fn a_server_that_becomes_slow_by_itself_gets_more_and_one_that_is_crowded_gets_fewer() {
        let mut control = AdaptiveConcurrency::new(Some(20), None);
        assert_eq!(limits(&mut control, 2, |_| milliseconds(50)), [8, 8]);
        let limits_of_slow = limits(&mut control, 5, |_| milliseconds(3_000));
        assert_eq!(limits_of_slow, [4, 8, 16, 32, 64], "half for a look, then all it needs");

        let one_at_a_time = |in_flight: usize| milliseconds(500) * u32::try_from(in_flight).unwrap();
        let mut control = AdaptiveConcurrency::new(Some(20), None);
        limits(&mut control, 1, |_| milliseconds(500));
        let crowded = limits(&mut control, 60, one_at_a_time);
        assert!(crowded[8..].iter().all(|limit| *limit <= 8), "{crowded:?}");
    }

    #[test]
    fn too_much_to_do_halves_it_once_for_all_that_were_in_flight_and_it_comes_back_step_by_step() {
        let mut control = AdaptiveConcurrency::new(Some(20), None);
        limits(&mut control, 4, |_| milliseconds(3_000));
        let sent = control.sent();
        for _ in 0..64 {
            control.answered(sent, milliseconds(10), ServerLoad::Overloaded);
        }
        assert_eq!(control.limit(), 32);
        let back = limits(&mut control, 5, |_| milliseconds(3_000));
        assert!(back.is_sorted() && back[0] < 64 && back[4] == 64, "{back:?}");
        for _ in 0..20 {
            control.answered(control.sent(), milliseconds(10), ServerLoad::Overloaded);
        }
        assert_eq!(control.limit(), FEWEST_AFTER_OVERLOAD);
    }

    #[test]
    fn what_says_that_the_server_has_too_much_to_do() {
        let page = |http| Answer::Unreadable { http, pause: RetryAfter::Absent, text: String::new() };
        let error = |http, code| Answer::Said {
            http,
            pause: RetryAfter::Absent,
            word: ApiResult { error_code: Some(code), ..ApiResult::default() },
        };
        let table = [
            (page(429), ServerLoad::Overloaded),
            (page(503), ServerLoad::Overloaded),
            (error(500, 4004), ServerLoad::Overloaded),
            (Answer::Lost { how: LostResponse::Timeout, text: String::new() }, ServerLoad::Overloaded),
            (Answer::Lost { how: LostResponse::Connection, text: String::new() }, ServerLoad::Normal),
            (Answer::NotSent { text: String::new() }, ServerLoad::Normal),
            (error(500, 4000), ServerLoad::Normal),
            (page(404), ServerLoad::Normal),
            (page(200), ServerLoad::Normal),
        ];
        for (answer, expected) in table {
            assert_eq!(server_load(&answer), expected, "{answer:?}");
        }
    }
}
