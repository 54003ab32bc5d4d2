//! The pace: when a request may leave.
//!
//! Three gates, one after the other: the pause that a server asked for, the limit of requests in any 60 seconds, and
//! the smoothing inside it. Everything that goes out passes here, reads and retries too, so there is one budget. A
//! pause only moves forward in time, and a success that was already in flight does not lift it.
//!
//! Where the budget is shared, a place is taken among those of every process on this machine as well. The limit falls while
//! the API throttles, and comes back step by step.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex as AsyncMutex, Notify};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

use crate::ledger::{LearnedRate, SharedBudget, SharedPlace};
use crate::policy::{AdaptiveRate, RateChange};

/// The span that the API's limit is counted in.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Requests a second inside the limit: a small file need not wait, and no server sees a minute's worth at once.
const SMOOTHING: u32 = 20;

/// When a request may leave.
#[derive(Debug)]
pub struct Pace {
    paused_until: Mutex<Option<Instant>>,
    limit: Option<Limited>,
}

#[derive(Debug)]
struct Limited {
    /// One waiter at a time passes the gates; the others queue here in the order in which they came.
    queue: AsyncMutex<()>,
    per_second: NonZeroU32,
    smoothing: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<std::time::Instant>>,
    window: Mutex<Window>,
    returned: Notify,
    rate: Mutex<AdaptiveRate>,
    /// When the last request left.
    last: Mutex<Option<Instant>>,
    /// What every process on this machine sends.
    shared: Option<SharedBudget>,
}

/// Who holds a place in the last 60 seconds. A place is taken when a request leaves and comes back 60 seconds after
/// its answer: wherever between the two the server counted it, no 60 seconds of the server's hold more than the limit.
#[derive(Debug)]
struct Window {
    in_flight: u32,
    returning: VecDeque<Instant>,
}

/// The right to send one request. Dropping it starts the 60 seconds after which its place is free again.
#[derive(Debug)]
pub struct Permit {
    pace: Arc<Pace>,
    is_used: bool,
    /// Its place in the shared budget.
    shared: Option<i64>,
}

impl Pace {
    /// A pace of at most `limit` requests in any 60 seconds, or without a limit. `spent` are the ages of requests that
    /// were sent before, by this process or another, and still count. This limit never falls.
    pub fn new(limit: Option<NonZeroU32>, spent: impl IntoIterator<Item = Duration>) -> Arc<Self> {
        let limit = limit.map(|limit| Limited::new(limit, limit.get(), None, spent));
        Arc::new(Self { paused_until: Mutex::new(None), limit })
    }

    /// Such a pace that shares its budget with every process on this machine, and does not fall below `lowest` requests in
    /// any 60 seconds however often the API throttles.
    pub fn sharing(
        limit: NonZeroU32,
        lowest: u32,
        shared: Option<SharedBudget>,
        spent: impl IntoIterator<Item = Duration>,
    ) -> Arc<Self> {
        let limit = Limited::new(limit, lowest, shared, spent);
        Arc::new(Self { paused_until: Mutex::new(None), limit: Some(limit) })
    }

    /// Requests allowed in any 60 seconds; `None` without a limit. It falls while the API throttles.
    pub fn limit(&self) -> Option<u32> {
        self.limit.as_ref().map(|limited| limited.rate().current())
    }

    /// The API throttled a request: the limit falls. Returns whether fewer requests were on record than the limit allows, so
    /// that another client seems to share the token.
    pub fn throttled(&self) -> bool {
        self.limit.as_ref().is_some_and(Limited::throttled)
    }

    /// How long answers took within the last minute, as far as the budget is shared and anybody asked.
    pub fn usual_latency(&self) -> Option<Duration> {
        self.limit.as_ref()?.shared.as_ref()?.usual_latency().ok()?
    }

    /// Requests allowed in a second; `None` without a limit.
    pub fn per_second(&self) -> Option<u32> {
        self.limit.as_ref().map(|limited| limited.per_second.get())
    }

    /// Waits until a request may leave.
    pub async fn permit(self: &Arc<Self>) -> Permit {
        let Some(limited) = &self.limit else {
            self.pass_pause().await;
            return Permit { pace: Arc::clone(self), is_used: true, shared: None };
        };
        let _turn = limited.queue.lock().await;
        limited.take_place().await;
        // From here on the place is the permit's, which gives it back even if nobody waits for it any more.
        let mut permit = Permit { pace: Arc::clone(self), is_used: false, shared: None };
        permit.shared = limited.take_shared().await;
        permit.is_used = true;
        limited.smooth().await;
        self.pass_pause().await;
        permit
    }

    /// Holds everybody for `pause` from now on. Returns whether that moved the end of the pause forward.
    pub fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut current = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let moves = current.is_none_or(|current| current < until);
        if moves {
            *current = Some(until);
            if let Some(shared) = self.limit.as_ref().and_then(|limited| limited.shared.as_ref()) {
                tolerate(shared.pause(pause));
            }
        }
        moves
    }

    /// How long the current pause still lasts; `None` when there is none.
    pub fn pause_left(&self) -> Option<Duration> {
        let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        until?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Waits until no pause is on, however often it is prolonged meanwhile.
    async fn pass_pause(&self) {
        loop {
            let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if Instant::now() < until => sleep_until(until).await,
                Some(_) | None => return,
            }
        }
    }
}

impl Permit {
    /// Waits once more when a pause came up between the permit and its use.
    pub async fn hold(&self) {
        self.pace.pass_pause().await;
    }

    /// Whether a pause is on.
    pub fn is_held(&self) -> bool {
        self.pace.pause_left().is_some()
    }

    /// Gives its place back at once, because nothing was sent.
    pub fn return_unused(mut self) {
        self.is_used = false;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(limited) = &self.pace.limit {
            let free_from = if self.is_used { Some(Instant::now() + WINDOW) } else { None };
            limited.window().give_back(free_from);
            if let (Some(shared), Some(place)) = (&limited.shared, self.shared) {
                tolerate(if self.is_used { shared.answered(place) } else { shared.give_back(place) });
            }
            limited.returned.notify_one();
        }
    }
}

impl Limited {
    fn new(
        limit: NonZeroU32,
        lowest: u32,
        shared: Option<SharedBudget>,
        spent: impl IntoIterator<Item = Duration>,
    ) -> Self {
        let now = Instant::now();
        let mut rate = AdaptiveRate::new(limit.get(), lowest);
        if let Some(Ok(Some(learned))) = shared.as_ref().map(SharedBudget::learned_rate) {
            rate = rate.learned(learned.allowed, learned.failed, now.into_std());
            if rate.is_lowered() {
                info!(
                    limit = rate.current(),
                    "the API throttled {} requests a minute within the last day", learned.failed
                );
            }
        }
        let mut returning: Vec<_> = spent.into_iter().filter_map(|age| Some(now + WINDOW.checked_sub(age)?)).collect();
        returning.sort_unstable();
        let per_second = NonZeroU32::new(limit.get().div_ceil(60).max(SMOOTHING)).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(per_second).allow_burst(NonZeroU32::MIN);
        Self {
            queue: AsyncMutex::new(()),
            per_second,
            smoothing: RateLimiter::direct_with_clock(quota, TokioClock),
            window: Mutex::new(Window { in_flight: 0, returning: returning.into() }),
            returned: Notify::new(),
            rate: Mutex::new(rate),
            last: Mutex::new(None),
            shared,
        }
    }

    fn rate(&self) -> MutexGuard<'_, AdaptiveRate> {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The limit now, after some of it has come back if it is time.
    fn current(&self) -> u32 {
        let mut rate = self.rate();
        if let Some(RateChange { from, to }) = rate.recover(Instant::now().into_std()) {
            info!(from, to, "requests a minute: nothing was throttled for a while");
            self.remember(&rate);
        }
        rate.current()
    }

    fn throttled(&self) -> bool {
        let mut rate = self.rate();
        let sent = self.window().taken(Instant::now());
        let seems_shared = sent * 10 < rate.current() as usize * 9;
        if let Some(RateChange { from, to }) = rate.throttled(Instant::now().into_std()) {
            info!(from, to, sent, "requests a minute: the API throttles");
            self.remember(&rate);
        }
        seems_shared
    }

    /// Keeps what was learned for the processes of the next day.
    fn remember(&self, rate: &AdaptiveRate) {
        if let (Some(shared), Some(failed)) = (&self.shared, rate.failed()) {
            tolerate(shared.remember_rate(LearnedRate { allowed: rate.current(), failed }));
        }
    }

    /// Waits for a place among the requests of every process on this machine.
    async fn take_shared(&self) -> Option<i64> {
        let shared = self.shared.as_ref()?;
        loop {
            match shared.take(self.current()) {
                Ok(SharedPlace::Taken(place)) => return Some(place),
                Ok(SharedPlace::Full(wait)) => sleep(wait.max(Duration::from_millis(1))).await,
                Err(error) => {
                    tolerate(Err(error));
                    return None;
                }
            }
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place among the requests of the last 60 seconds.
    async fn take_place(&self) {
        loop {
            let returned = self.returned.notified();
            let next = {
                let limit = self.current();
                let mut window = self.window();
                if window.take(Instant::now(), limit) {
                    return;
                }
                window.returning.front().copied()
            };
            match next {
                Some(next) => sleep_until(next).await,
                None => returned.await,
            }
        }
    }

    async fn smooth(&self) {
        while let Err(wait) = self.smoothing.check() {
            let wait = wait.wait_time_from(TokioClock.now());
            // A timer that fires a shade early would otherwise spin here.
            sleep(wait.max(Duration::from_millis(1))).await;
        }
        // Where the API throttles below the rate that was set, no burst goes before the even spread of a minute.
        let gap = {
            let rate = self.rate();
            rate.is_lowered().then(|| WINDOW / rate.current().max(1))
        };
        let last = *self.last();
        if let (Some(gap), Some(last)) = (gap, last) {
            sleep_until(last + gap).await;
        }
        *self.last() = Some(Instant::now());
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    /// Places that are taken at `now`.
    fn taken(&mut self, now: Instant) -> usize {
        while self.returning.front().is_some_and(|back| *back <= now) {
            self.returning.pop_front();
        }
        self.returning.len() + self.in_flight as usize
    }

    /// Takes one of `limit` places if one is free at `now`.
    fn take(&mut self, now: Instant, limit: u32) -> bool {
        let free = self.taken(now) < limit as usize;
        self.in_flight += u32::from(free);
        free
    }

    /// Gives a place back, which is free again from then on, or at once.
    fn give_back(&mut self, free_from: Option<Instant>) {
        self.in_flight -= 1;
        self.returning.extend(free_from);
    }
}

/// A budget that cannot be shared stops nobody: each process keeps to the rate by itself.
fn tolerate<E: std::fmt::Display>(shared: Result<(), E>) {
    if let Err(error) = shared {
        warn!("the budget of other processes on this machine is not counted: {error}");
    }
}

/// Tokio's clock for governor, so that a test can pause it.
#[derive(Debug, Clone, Copy)]
struct TokioClock;

impl Clock for TokioClock {
    type Instant = std::time::Instant;

    fn now(&self) -> Self::Instant {
        Instant::now().into_std()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(limit: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(limit)
    }

    /// When each of `count` requests left, in milliseconds, each answered `latency` later, `workers` at a time.
    async fn departures(pace: &Arc<Pace>, count: usize, workers: usize, latency: Duration) -> Vec<u64> {
        let start = Instant::now();
        let left = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..workers)
            .map(|_| {
                let (pace, left) = (Arc::clone(pace), Arc::clone(&left));
                tokio::spawn(async move {
                    loop {
                        let permit = pace.permit().await;
                        {
                            let mut left = left.lock().unwrap();
                            if left.len() == count {
                                return;
                            }
                            left.push(u64::try_from(start.elapsed().as_millis()).unwrap());
                        }
                        sleep(latency).await;
                        drop(permit);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        Arc::try_unwrap(left).unwrap().into_inner().unwrap()
    }

    fn most_in_any_minute(left: &[u64]) -> usize {
        (0..left.len())
            .map(|at| left[at..].iter().take_while(|later| **later < left[at] + 60_000).count())
            .max()
            .unwrap_or(0)
    }

    #[tokio::test(start_paused = true)]
    async fn no_sixty_seconds_hold_more_than_the_limit_at_any_rate_latency_and_concurrency() {
        for (rate, workers, latency) in [(5, 1, 0), (60, 8, 900), (270, 8, 200), (300, 64, 5_000), (3_000, 200, 20)] {
            let count = usize::try_from(rate).unwrap() * 3;
            let pace = Pace::new(limit(rate), []);
            let left = departures(&pace, count, workers, Duration::from_millis(latency)).await;
            let most = most_in_any_minute(&left);
            assert!(most <= usize::try_from(rate).unwrap(), "{rate} a minute, {workers} workers: {most}");
            assert!(*left.last().unwrap() < 210_000, "{rate} a minute is reached: {}", left.last().unwrap());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_file_does_not_wait_for_the_minute() {
        let pace = Pace::new(limit(270), []);
        let left = departures(&pace, 200, 8, Duration::from_millis(50)).await;
        let last = *left.last().unwrap();
        assert!((9_900..=10_500).contains(&last), "200 requests at 20 a second: {last} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_and_only_moves_forward() {
        let pace = Pace::new(None, []);
        assert!(pace.pause(Duration::from_secs(60)));
        assert!(!pace.pause(Duration::from_secs(5)), "a shorter pause changes nothing");
        let left = departures(&pace, 16, 8, Duration::ZERO).await;
        assert!(left.iter().all(|at| *at >= 60_000), "{left:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_comes_up_while_waiting_is_waited_for_too() {
        let pace = Pace::new(limit(270), []);
        let start = Instant::now();
        pace.pause(Duration::from_secs(10));
        let waiter = tokio::spawn({
            let pace = Arc::clone(&pace);
            async move {
                let permit = pace.permit().await;
                permit.hold().await;
                start.elapsed()
            }
        });
        sleep(Duration::from_secs(9)).await;
        pace.pause(Duration::from_secs(60));
        assert!(waiter.await.unwrap() >= Duration::from_secs(69));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_spent_before_a_crash_still_counts() {
        let spent = (0..300).map(|at| Duration::from_millis(at * 100));
        let pace = Pace::new(limit(270), spent);
        let left = departures(&pace, 2, 1, Duration::ZERO).await;
        assert!(left[0] >= 33_000, "30 more than the limit were sent, the thirty-first is 26.9 s old: {left:?}");
    }
}
