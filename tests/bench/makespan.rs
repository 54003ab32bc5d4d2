//! How long a run takes against what its limit allows, in virtual time: a table of ratios by rows and latency.
//!
//! The server enforces 300 requests in any 60 seconds and counts each somewhere between its arrival and its answer. The
//! run has the same limit, and everything else is at its default. A place stays taken until 60 seconds after its answer,
//! so the target is (60 s + L) for each minute that is full, 15 s for a burst of 300, and four latencies L.
//!
//! ```text
//! cargo test --bench makespan -- [MOST_ROWS]
//! ```

use std::collections::VecDeque;
use std::error::Error;
use std::io::Write;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use seatrun::api::{Raw, Request, Transport};
use seatrun::engine::{self, Assignment, NoopObserver, Pace, RunOptions, RunSpec};
use seatrun::ledger::{Journal, Record, Verification};
use seatrun::model::{
    Action, Answer, DowngradeSeat, FreeSeatName, Job, JobState, Limit, PlanId, RetryAfter, RunTraffic, StopReason,
    UserId,
};
use seatrun::policy::{LANDING_TIME, Silence};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

/// The limit, of the run and of the server.
const RATE: u32 = 300;
const MINUTE: Duration = Duration::from_secs(60);
const ROWS: [u32; 6] = [10, 200, 1_000, 3_000, 20_000, 100_000];
const LATENCIES: [u64; 6] = [20, 50, 200, 1_000, 3_000, 5_000];

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` of its own accord.
    let most = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(3_000);
    let mut output = std::io::stdout().lock();
    writeln!(
        output,
        "{:>8} {:>9} {:>12} {:>7} {:>10} {:>5}",
        "rows", "latency", "takes", "ratio", "in flight", "429s"
    )?;
    for rows in ROWS.into_iter().filter(|rows| *rows <= most) {
        for milliseconds in LATENCIES {
            let latency = Duration::from_millis(milliseconds);
            let (took, traffic, throttled) = measure(rows, latency)?;
            let target = (MINUTE + latency) * ((rows - 1) / RATE) + Duration::from_secs(15) + latency * 4;
            writeln!(
                output,
                "{rows:>8} {:>9} {:>12} {:>7.3} {:>10} {throttled:>5}",
                format!("{milliseconds} ms"),
                format!("{:.1} s", took.as_secs_f64()),
                took.as_secs_f64() / target.as_secs_f64(),
                traffic.most_in_flight,
            )?;
        }
    }
    Ok(())
}

/// How long that many rows take, what was sent, and how often the server had to throttle.
fn measure(rows: u32, latency: Duration) -> Result<(Duration, RunTraffic, usize), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let server = Server { latency, state: Arc::default() };
        let setup = RunSpec {
            started: Timestamp::UNIX_EPOCH,
            assignments: assignments(rows)?,
            free_seat_name: FreeSeatName::Auto,
            remembered_seat_name: None,
            max_errors: Limit::Count(1),
            silence: Silence::default(),
            landing_time: LANDING_TIME,
            verification: Verification::Waived,
            journal: Forgetful,
            pace: Pace::new(NonZeroU32::new(RATE), []),
            observer: &NoopObserver,
        };
        let (_signals, signals) = mpsc::unbounded_channel();
        let begin = Instant::now();
        let end = engine::run(server.clone(), setup, RunOptions { concurrency: None, deadline: None, signals }).await;
        let throttled = server.state.lock().unwrap_or_else(PoisonError::into_inner).throttled;
        if end.ending == StopReason::Finished {
            Ok((begin.elapsed(), end.traffic, throttled))
        } else {
            Err(end.ending.describe().into())
        }
    })
}

fn assignments(rows: u32) -> Result<Vec<Assignment>, Box<dyn Error>> {
    let plan = PlanId::new(4_843_937_635_559_300).ok_or("no plan id")?;
    let action = Action::Downgrade { plan, to: DowngradeSeat::Contributor };
    let assignment = |place: u32| {
        let user = UserId::new(48_569_348_493_401_201 + u64::from(place)).ok_or("no user id")?;
        Ok(Assignment {
            place,
            row: u64::from(place) + 2,
            job: Job { user, action: action.clone() },
            state: JobState::default(),
            answer: None,
            seat_before: None,
            sent: None,
        })
    };
    (0..rows).map(assignment).collect()
}

/// A server that says SUCCESS to everything within its limit.
#[derive(Debug, Clone)]
struct Server {
    latency: Duration,
    state: Arc<Mutex<Counted>>,
}

#[derive(Debug)]
struct Counted {
    /// When each request of the last minute was counted.
    times: VecDeque<Instant>,
    throttled: usize,
    random: fastrand::Rng,
}

impl Default for Counted {
    fn default() -> Self {
        Self { times: VecDeque::new(), throttled: 0, random: fastrand::Rng::with_seed(7) }
    }
}

impl Server {
    /// Whether a request that is counted now is within the limit.
    fn counts(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.times.front().is_some_and(|time| *time + MINUTE <= now) {
            state.times.pop_front();
        }
        let fits = state.times.len() < RATE as usize;
        if fits {
            state.times.push_back(now);
        } else {
            state.throttled += 1;
        }
        fits
    }
}

impl Transport for Server {
    async fn send(&self, _: &Request) -> Result<Raw, Answer> {
        let (before, after) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let latency = self.latency.mul_f64(0.7 + 0.6 * state.random.f64());
            let before = latency.mul_f64(state.random.f64());
            (before, latency.saturating_sub(before))
        };
        sleep(before).await;
        let (http, body) = if self.counts() {
            (200, r#"{"message": "SUCCESS", "resultCode": 0}"#)
        } else {
            (429, r#"{"errorCode": 4003, "message": "Rate limit exceeded."}"#)
        };
        sleep(after).await;
        Ok(Raw { http, pause: RetryAfter::Absent, body: Bytes::from_static(body.as_bytes()), cut: false })
    }
}

/// Acknowledges at once and keeps nothing.
struct Forgetful;

impl Journal for Forgetful {
    fn record(&mut self, _: Record, committed: Option<oneshot::Sender<()>>) {
        if let Some(committed) = committed {
            // Whoever asked may be gone.
            let _ = committed.send(());
        }
    }

    fn failure(&self) -> Option<String> {
        None
    }
}
