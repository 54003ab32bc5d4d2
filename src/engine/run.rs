//! The loop of a run: hands the dispatcher's steps to the executor, and everything that happens to the dispatcher.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::dispatcher::{Dispatcher, RunEnd, RunSpec};
use super::executor::{Executor, Reply, StartRequest};
use super::in_flight::InFlight;
use super::rate_limit::Pace;
use super::scheduler::JobIndex;
use crate::api::Transport;
use crate::ledger::Journal;
use crate::model::{Signal, StopReason};
use crate::policy::AT_FIRST;

/// How a run is driven.
#[derive(Debug)]
pub struct RunOptions {
    /// Requests in flight at the most; `None`: as many as the rate needs at the latency that is seen.
    pub concurrency: Option<usize>,
    /// Nothing is begun later than this.
    pub deadline: Option<Instant>,
    /// The signals that arrive; the first drains, the second aborts.
    pub signals: mpsc::UnboundedReceiver<Signal>,
}

/// Settles the jobs of `setup`, as far as it gets.
pub async fn run<T: Transport, J: Journal>(transport: T, setup: RunSpec<'_, J>, mut drive: RunOptions) -> RunEnd<J> {
    let (inbox, mut begins) = mpsc::unbounded_channel();
    let (drain, draining) = watch::channel(false);
    let pace = Arc::clone(&setup.pace);
    let in_flight = InFlight::new(drive.concurrency, pace.per_second(), pace.usual_latency());
    let executor = Arc::new(Executor::new(transport, Arc::clone(&setup.pace), inbox, draining, in_flight));
    let mut dispatcher = Dispatcher::new(setup);
    let mut steps = JoinSet::new();
    let far = Instant::now() + std::time::Duration::from_secs(365 * 24 * 60 * 60);
    while !dispatcher.is_over() {
        if drive.deadline.is_some_and(|deadline| holds_beyond(&pace, deadline)) {
            // Nothing can be begun before the deadline, so nobody waits for the end of the pause.
            dispatcher.drain(StopReason::Deadline);
        }
        let places = executor.in_flight().limit();
        // A name that is refused must not be on record already for more rows than are in flight.
        let steps_at_once =
            if dispatcher.is_learning_seat_name() { places.min(AT_FIRST) } else { steps_at_once(places, &pace) };
        while steps.len() < steps_at_once
            && let Some(step) = dispatcher.next_step(Instant::now())
        {
            steps.spawn(Arc::clone(&executor).perform(step));
        }
        if drive.deadline.is_some_and(|deadline| dispatcher.has_nothing_before(deadline)) {
            dispatcher.drain(StopReason::Deadline);
            break;
        }
        if dispatcher.is_draining() {
            drain.send_replace(true);
        }
        if dispatcher.is_over() {
            break;
        }
        tokio::select! {
            biased;
            Some(signal) = drive.signals.recv() => stop(&mut dispatcher, &mut steps, signal),
            () = sleep_until(drive.deadline.unwrap_or(far)), if !dispatcher.is_draining() && drive.deadline.is_some() => {
                dispatcher.drain(StopReason::Deadline);
            }
            Some(begin) = begins.recv() => take_begins(&mut dispatcher, begin, &mut begins),
            Some(ended) = steps.join_next() => {
                let (index, reply) = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
                dispatcher.reply(index, reply, Instant::now());
            }
            () = sleep_until(dispatcher.next_due().unwrap_or(far)), if !dispatcher.is_draining() && steps.len() < steps_at_once => {}
        }
    }
    dispatcher.finish(executor.in_flight().most())
}

/// Whether the current pause ends at `deadline` or later.
fn holds_beyond(pace: &Pace, deadline: Instant) -> bool {
    pace.pause_left().is_some_and(|left| Instant::now() + left >= deadline)
}

/// Without a limit, the ledger's commits would set the pace, so three times as many steps are put on record while the others
/// are in flight. With one, nothing is put on record before it may leave.
fn steps_at_once(concurrency: usize, pace: &Pace) -> usize {
    match pace.limit() {
        Some(_) => concurrency,
        None => 4 * concurrency,
    }
}

/// Takes everything that wants to begin at once, so that it shares one commit.
fn take_begins<J: Journal>(
    dispatcher: &mut Dispatcher<'_, J>,
    first: StartRequest,
    begins: &mut mpsc::UnboundedReceiver<StartRequest>,
) {
    dispatcher.may_begin(first);
    while let Ok(next) = begins.try_recv() {
        dispatcher.may_begin(next);
    }
}

fn stop<J: Journal>(dispatcher: &mut Dispatcher<'_, J>, steps: &mut JoinSet<(JobIndex, Reply)>, signal: Signal) {
    if dispatcher.is_draining() {
        steps.abort_all();
        dispatcher.abort(StopReason::Aborted(signal));
    } else {
        dispatcher.drain(StopReason::Interrupted(signal));
    }
}
