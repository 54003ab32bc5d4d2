//! Patience: how long everybody waits while requests are turned away without effect, and when that has lasted too long.
//!
//! Throttling, maintenance and a host that is not there cost time and never a row's tries. The pauses double up to a
//! minute while it goes on, and none is shorter than what the server asked for. It ends when nothing has been let through
//! for the longest silence, counted from the end of the first pause that the server named, or of one that was longer than
//! that silence; and after a day, whatever the server names.

use std::time::{Duration, Instant};

use super::classify::{LONGEST_PAUSE, Verdict, Wait, classify};
use super::retry::{Jitter, backoff};
use crate::model::Answer;

/// How long a run waits without one request let through.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(15 * 60);
/// How long a host that cannot be reached is tried before its first answer.
pub const FIRST_CONTACT: Duration = Duration::from_secs(10);

/// The shortest pause: a `Retry-After: 0` would otherwise become a tight loop.
const SHORTEST: Duration = Duration::from_secs(1);

/// How long may nothing be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// While the server throttles or is under maintenance.
    pub throttled: Duration,
    /// While the host cannot be reached.
    pub unreachable: Duration,
}

impl Default for Silence {
    fn default() -> Self {
        Self { throttled: LONGEST_SILENCE, unreachable: LONGEST_SILENCE }
    }
}

impl Silence {
    /// Before the host has answered once: a wrong address is not waited for.
    pub const fn before_first_answer() -> Self {
        Self { throttled: LONGEST_SILENCE, unreachable: FIRST_CONTACT }
    }
}

/// What follows when a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// Everybody waits for so long.
    Pause(Duration),
    /// Nothing has been let through for too long.
    GiveUp,
}

/// Keeps count of requests that were turned away, one after the other.
#[derive(Debug, Clone)]
pub struct Patience {
    silence: Silence,
    /// Pauses since a request was let through.
    pauses: u16,
    /// When the current pause ends.
    paused_until: Option<Instant>,
    /// The silence, while there is one.
    silent: Option<Silent>,
}

/// A time in which nothing is let through.
#[derive(Debug, Clone, Copy)]
struct Silent {
    /// When the first request was turned away.
    began: Instant,
    /// From when on it counts.
    counts_from: Instant,
    /// Whether the server has named a pause.
    has_named_pause: bool,
}

impl Patience {
    /// Full patience, up to a silence of so long.
    pub const fn new(silence: Silence) -> Self {
        Self { silence, pauses: 0, paused_until: None, silent: None }
    }

    /// A request was let through at `now`. One that was in flight when the pause began does not shorten the next pause.
    pub fn let_through(&mut self, now: Instant) {
        self.silent = None;
        if !self.is_paused(now) {
            self.pauses = 0;
        }
    }

    /// A request was turned away at `now` by `answer`, which is known to have had no effect.
    pub fn turned_away(&mut self, now: Instant, answer: &Answer, spread: Jitter) -> TurnedAway {
        let (asked, longest) = match classify(answer) {
            Verdict::NoEffect(Wait::Pause(asked)) => (asked, self.silence.throttled),
            Verdict::NoEffect(Wait::Backoff | Wait::AllJobs)
            | Verdict::Done(_)
            | Verdict::Refused
            | Verdict::CheckAdmin
            | Verdict::InDoubt(..)
            | Verdict::StopRun(_) => (Duration::ZERO, self.silence.unreachable),
        };
        // What was in flight when the pause began belongs to it.
        if !self.is_paused(now) {
            self.pauses = self.pauses.saturating_add(1);
        }
        let is_named = answer.names_pause();
        let step = backoff(self.pauses, if is_named { Jitter::FULL } else { spread });
        let pause = asked.max(step).max(SHORTEST);
        let named = is_named.then_some(asked);
        if !self.may_wait(now, pause, longest, named) {
            return TurnedAway::GiveUp;
        }
        self.paused_until = self.paused_until.max(Some(now + pause));
        TurnedAway::Pause(pause)
    }

    /// Whether the silence may last for another `pause` from `now` on, of which the server `named` so much.
    fn may_wait(&mut self, now: Instant, pause: Duration, longest: Duration, named: Option<Duration>) -> bool {
        let silent = self.silent.get_or_insert(Silent { began: now, counts_from: now, has_named_pause: false });
        if let Some(named) = named.filter(|named| *named > longest) {
            silent.counts_from = silent.counts_from.max(now + named);
            return now.duration_since(silent.began) < LONGEST_PAUSE;
        }
        if now.duration_since(silent.counts_from) >= longest {
            return false;
        }
        if let Some(named) = named.filter(|_| !silent.has_named_pause) {
            (silent.has_named_pause, silent.counts_from) = (true, now + named);
        }
        // Where nothing could be tried before it is too late, waiting is of no use.
        named.is_some() || (now + pause).duration_since(silent.counts_from) <= longest
    }

    fn is_paused(&self, now: Instant) -> bool {
        self.paused_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::RetryAfter;

    fn throttled(pause: Option<u64>) -> Answer {
        let pause = pause.map_or(RetryAfter::Absent, |seconds| RetryAfter::For(Duration::from_secs(seconds)));
        Answer::Unreadable { http: 429, pause, text: "slow down".into() }
    }

    fn refused() -> Answer {
        Answer::NotSent { text: "connection refused".into() }
    }

    /// The pauses, in seconds, of a server that turns every request away as soon as the pause is over.
    fn pauses(silence: Silence, answer: impl Fn(usize) -> Answer, most: usize) -> Vec<u64> {
        let mut patience = Patience::new(silence);
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for at in 0..most {
            match patience.turned_away(now, &answer(at), Jitter::FULL) {
                TurnedAway::Pause(pause) => {
                    pauses.push(pause.as_secs());
                    now += pause;
                }
                TurnedAway::GiveUp => return pauses,
            }
        }
        pauses
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_are_never_shorter_than_what_was_asked_for() {
        let silence = Silence::default();
        assert_eq!(pauses(silence, |_| throttled(Some(0)), 9), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(pauses(silence, |_| throttled(Some(1)), 4), [1, 2, 4, 8]);
        assert_eq!(pauses(silence, |_| throttled(Some(20)), 7), [20, 20, 20, 20, 20, 32, 60]);
        assert_eq!(pauses(silence, |_| throttled(Some(120)), 3), [120, 120, 120]);
        assert_eq!(pauses(silence, |_| throttled(None), 3), [60, 60, 60], "the documents ask for a minute");
        assert_eq!(pauses(silence, |_| refused(), 4), [1, 2, 4, 8]);
    }

    #[test]
    fn a_silence_ends_the_waiting_and_a_named_pause_is_waited_for_however_long() {
        let silence = Silence::default();
        let waited = |answer: fn(usize) -> Answer| pauses(silence, answer, 10_000).iter().sum::<u64>();
        assert!((840..=900).contains(&waited(|_| throttled(None))), "{}", waited(|_| throttled(None)));
        assert!((840..=900).contains(&waited(|_| refused())));
        assert!((900..=1_030).contains(&waited(|_| throttled(Some(60)))), "{}", waited(|_| throttled(Some(60))));
        let an_hour_then_nothing = |at: usize| throttled(if at == 0 { Some(3_600) } else { None });
        assert!((3_600 + 840..=3_600 + 900).contains(&waited(an_hour_then_nothing)));
        let (a_day, for_ever) = (24 * 3_600, waited(|_| throttled(Some(1_200))));
        assert!((a_day..=a_day + 1_200).contains(&for_ever), "nobody is believed for ever: {for_ever}");
        let half_a_minute = Silence { throttled: Duration::from_secs(30), ..silence };
        let short = pauses(half_a_minute, |_| throttled(Some(0)), 10_000).iter().sum::<u64>();
        assert!((30..=70).contains(&short), "a pause that only we make longer is not one that was named: {short}");
        let first = pauses(Silence::before_first_answer(), |_| refused(), 100);
        assert!(first.iter().sum::<u64>() <= 10, "{first:?}");
        assert!(pauses(Silence::before_first_answer(), |_| throttled(Some(20)), 100).len() > 10);
    }

    #[test]
    fn what_was_in_flight_when_a_pause_began_neither_lengthens_nor_lifts_it() {
        let mut patience = Patience::new(Silence::default());
        let start = Instant::now();
        let second = |seconds| start + Duration::from_secs(seconds);
        let turned_away = |patience: &mut Patience, at| patience.turned_away(at, &throttled(Some(1)), Jitter::FULL);
        let pause = |seconds| TurnedAway::Pause(Duration::from_secs(seconds));
        for _ in 0..8 {
            assert_eq!(turned_away(&mut patience, second(0)), pause(1));
        }
        patience.let_through(second(0));
        assert_eq!(turned_away(&mut patience, second(1)), pause(2), "a success in flight does not start over");
        patience.let_through(second(3));
        assert_eq!(turned_away(&mut patience, second(4)), pause(1), "a success after the pause does");
    }

    proptest! {
        #[test]
        fn no_pause_is_shorter_than_asked_or_than_a_second_and_every_silence_ends(
            asked in proptest::collection::vec(proptest::option::of(0_u64..4_000), 1..40),
            spread in 0.0_f64..1.0,
        ) {
            let mut patience = Patience::new(Silence::default());
            let start = Instant::now();
            let mut now = start;
            let mut at = 0;
            loop {
                let answer = throttled(asked[at % asked.len()]);
                match patience.turned_away(now, &answer, Jitter::new(spread)) {
                    TurnedAway::GiveUp => break,
                    TurnedAway::Pause(pause) => {
                        prop_assert!(pause >= SHORTEST);
                        prop_assert!(pause.as_secs() >= asked[at % asked.len()].unwrap_or(60));
                        now += pause;
                    }
                }
                at += 1;
                prop_assert!(now.duration_since(start) < LONGEST_PAUSE + Duration::from_secs(3 * 4_000), "it ends");
            }
        }
    }
}
