//! How long a reading before a run is tried: throttling and maintenance are waited for, a host that cannot be reached is
//! given up after about ten seconds until it has answered once, and a server that fails is asked a few times.

use std::time::{Duration, Instant};

use crate::model::{Answer, IfNotApplied};
use crate::policy::{Jitter, Patience, Silence, StopRun, TurnedAway, Verdict, Wait, backoff, classify};

/// How long a host that takes requests and answers none as it should is tried before anything was changed.
const SILENT: Duration = Duration::from_secs(60);

/// The patience of one account reader, over all that it reads.
#[derive(Debug)]
pub(super) struct ReadPatience {
    patience: Patience,
    longest_silence: Duration,
    has_answered: bool,
}

/// How often one request has failed, and how often it may.
#[derive(Debug)]
pub(super) struct ReadTries {
    began: Instant,
    failures: u16,
    most: u16,
}

/// What follows from an answer that is not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadVerdict {
    /// The request is sent again after so long.
    TryAgain(Duration),
    /// The answer is final.
    Final,
    /// Nothing at all can be read.
    Stop(StopRun),
}

impl ReadTries {
    /// A request of which `most` tries may fail, begun at `now`.
    pub(super) const fn new(now: Instant, most: u16) -> Self {
        Self { began: now, failures: 0, most }
    }
}

impl ReadPatience {
    /// The patience before a host has answered; throttling is waited for up to `longest_silence`.
    pub(super) const fn new(longest_silence: Duration) -> Self {
        let silence = Silence { throttled: longest_silence, ..Silence::before_first_answer() };
        Self { patience: Patience::new(silence), longest_silence, has_answered: false }
    }

    /// The host answered at `now` and did not turn the request away: from here on it is worth waiting for.
    pub(super) fn let_through(&mut self, now: Instant) {
        if !self.has_answered {
            self.has_answered = true;
            let longest = self.longest_silence;
            self.patience = Patience::new(Silence { throttled: longest, unreachable: longest });
        }
        self.patience.let_through(now);
    }

    /// What follows from `answer`, which came at `now`.
    pub(super) fn judge(
        &mut self,
        now: Instant,
        answer: &Answer,
        tries: &mut ReadTries,
        spread: Jitter,
    ) -> ReadVerdict {
        let verdict = classify(answer);
        if answer.http().is_some() && !matches!(verdict, Verdict::NoEffect(_)) {
            self.let_through(now);
        }
        match verdict {
            Verdict::NoEffect(_) => match self.patience.turned_away(now, answer, spread) {
                TurnedAway::Pause(pause) => ReadVerdict::TryAgain(pause),
                TurnedAway::GiveUp => ReadVerdict::Final,
            },
            Verdict::InDoubt(if_not_applied, wait) => failed(now, if_not_applied, wait, tries, spread),
            Verdict::Done(_) | Verdict::Refused | Verdict::CheckAdmin => ReadVerdict::Final,
            Verdict::StopRun(why) => ReadVerdict::Stop(why),
        }
    }
}

/// What follows when a server failed on a request, or nothing came back.
fn failed(
    now: Instant,
    if_not_applied: IfNotApplied,
    wait: Wait,
    tries: &mut ReadTries,
    spread: Jitter,
) -> ReadVerdict {
    tries.failures += 1;
    // Documented as not to be retried (500/4000), so once more is patience enough.
    let most = if if_not_applied == IfNotApplied::Fail { 2 } else { tries.most };
    let (pause, is_silent) = match wait {
        Wait::Backoff | Wait::AllJobs => (backoff(tries.failures, spread), now.duration_since(tries.began) > SILENT),
        Wait::Pause(pause) => (pause, false),
    };
    if tries.failures >= most || is_silent { ReadVerdict::Final } else { ReadVerdict::TryAgain(pause) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LostResponse, RetryAfter};
    use crate::policy::MAX_READS;

    const QUARTER: Duration = Duration::from_secs(15 * 60);

    fn page(http: u16, pause: Option<u64>) -> Answer {
        let pause = pause.map_or(RetryAfter::Absent, |seconds| RetryAfter::For(Duration::from_secs(seconds)));
        Answer::Unreadable { http, pause, text: "later".into() }
    }

    /// How many seconds are waited for a server that always answers so, and in how many tries.
    fn waited(patience: &mut ReadPatience, answer: &Answer) -> (u64, u32) {
        let start = Instant::now();
        let (mut now, mut count) = (start, 0);
        let mut tries = ReadTries::new(start, MAX_READS);
        loop {
            count += 1;
            match patience.judge(now, answer, &mut tries, Jitter::FULL) {
                ReadVerdict::TryAgain(pause) => now += pause,
                ReadVerdict::Final | ReadVerdict::Stop(_) => return ((now - start).as_secs(), count),
            }
        }
    }

    #[test]
    fn throttling_is_waited_for_and_an_unreachable_host_only_once_it_has_answered() {
        let refused = Answer::NotSent { text: "connection refused".into() };
        let lost = Answer::Lost { how: LostResponse::Connection, text: "reset".into() };
        // The answer, and the seconds that it is waited for, before the first answer and after it.
        let table = [
            (page(429, Some(0)), 840..=960, 840..=960),
            (page(429, Some(1)), 840..=960, 840..=960),
            (page(429, None), 840..=960, 840..=960),
            (refused, 3..=10, 840..=960),
            (lost, 60..=130, 60..=130),
            (page(502, None), 60..=130, 60..=130),
            (page(404, None), 0..=0, 0..=0),
        ];
        for (answer, before, after) in table {
            let mut patience = ReadPatience::new(QUARTER);
            let (seconds, _) = waited(&mut patience, &answer);
            assert!(before.contains(&seconds), "{answer:?}: {seconds} s before the first answer");
            let mut patience = ReadPatience::new(QUARTER);
            patience.let_through(Instant::now());
            let (seconds, _) = waited(&mut patience, &answer);
            assert!(after.contains(&seconds), "{answer:?}: {seconds} s after it");
        }
    }

    #[test]
    fn a_throttle_of_twenty_seconds_before_the_first_answer_is_outlived() {
        let mut patience = ReadPatience::new(QUARTER);
        let start = Instant::now();
        let (mut now, mut tries) = (start, ReadTries::new(start, MAX_READS));
        while now < start + Duration::from_secs(20) {
            match patience.judge(now, &page(429, Some(1)), &mut tries, Jitter::FULL) {
                ReadVerdict::TryAgain(pause) => now += pause,
                verdict @ (ReadVerdict::Final | ReadVerdict::Stop(_)) => {
                    panic!("{verdict:?} after {:?}", now - start)
                }
            }
        }
    }
}
