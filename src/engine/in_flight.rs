//! Places for requests in flight: a fixed number of them, or as many as the rate needs at the latency that is seen.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::info;

use crate::policy::{AdaptiveConcurrency, SentIn, ServerLoad};

/// How many requests may be in flight.
#[derive(Debug, Clone)]
enum Limit {
    /// As many as somebody said.
    Fixed(usize),
    /// As many as are worth it.
    Adaptive(AdaptiveConcurrency),
}

/// The places for requests in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    limit: Limit,
    taken: usize,
    most: usize,
}

/// The place of one request. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct InFlightPlace<'a> {
    places: &'a InFlight,
    sent: SentIn,
    since: Instant,
}

impl InFlight {
    /// So many places; `None`: as many as a rate of at most `per_second` needs, where answers usually take so long.
    pub(super) fn new(fixed: Option<usize>, per_second: Option<u32>, usual: Option<Duration>) -> Self {
        let limit = match fixed {
            Some(limit) => Limit::Fixed(limit),
            None => Limit::Adaptive(AdaptiveConcurrency::new(per_second, usual)),
        };
        Self { state: Mutex::new(State { limit, taken: 0, most: 0 }), freed: Notify::const_new() }
    }

    /// How many places there are now.
    pub(super) fn limit(&self) -> usize {
        self.state().limit.get()
    }

    /// The most requests that were in flight at once.
    pub(super) fn most(&self) -> usize {
        self.state().most
    }

    /// Waits for a place.
    pub(super) async fn place(&self) -> InFlightPlace<'_> {
        loop {
            // Whoever gives a place back after this line wakes it up.
            let freed = self.freed.notified();
            if let Some(sent) = self.state().take() {
                return InFlightPlace { places: self, sent, since: Instant::now() };
            }
            freed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Limit {
    const fn get(&self) -> usize {
        match self {
            Self::Fixed(limit) => *limit,
            Self::Adaptive(adaptive) => adaptive.limit(),
        }
    }
}

impl State {
    /// Takes a place if one is free.
    fn take(&mut self) -> Option<SentIn> {
        if self.taken >= self.limit.get() {
            return None;
        }
        self.taken += 1;
        self.most = self.most.max(self.taken);
        Some(match &self.limit {
            Limit::Fixed(_) => SentIn::default(),
            Limit::Adaptive(adaptive) => adaptive.sent(),
        })
    }
}

impl InFlightPlace<'_> {
    /// The answer came, which says something of how many requests may be in flight.
    pub(super) fn answered(self, load: ServerLoad) {
        let took = self.since.elapsed();
        let mut state = self.places.state();
        let change = match &mut state.limit {
            Limit::Adaptive(adaptive) => adaptive.answered(self.sent, took, load),
            Limit::Fixed(_) => None,
        };
        drop(state);
        if let Some(change) = change {
            info!(from = change.from, to = change.to, "requests in flight: {}", change.why);
            // Those that wait for the places that are new.
            self.places.freed.notify_waiters();
        }
    }
}

impl Drop for InFlightPlace<'_> {
    fn drop(&mut self) {
        self.places.state().taken -= 1;
        self.places.freed.notify_one();
    }
}
