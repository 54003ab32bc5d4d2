//! How long a run takes against a server that enforces its limit in any 60 seconds, at every latency.

use super::*;

/// The limit, of the run and of the server.
const RATE: u32 = 300;

/// A server that answers everything with a success, each answer after about `latency`, but for requests beyond its limit.
#[derive(Debug, Clone)]
pub(super) struct EnforcingApi {
    pub(super) state: Arc<Mutex<Enforcing>>,
    /// How long an answer takes on the average.
    pub(super) latency: Duration,
    /// Requests that are worked on at once; the others queue.
    workers: Option<Arc<tokio::sync::Semaphore>>,
}

#[derive(Debug)]
pub(super) struct Enforcing {
    pub(super) rate: usize,
    /// When each request of the last 60 seconds was counted.
    pub(super) counted: VecDeque<Instant>,
    pub(super) requests: usize,
    /// When each request was turned away.
    pub(super) throttled: Vec<Instant>,
    random: fastrand::Rng,
}

impl EnforcingApi {
    pub(super) fn new(rate: usize, latency: Duration) -> Self {
        let random = fastrand::Rng::with_seed(7);
        let counted = VecDeque::new();
        let state = Enforcing { rate, counted, requests: 0, throttled: Vec::new(), random };
        Self { state: Arc::new(Mutex::new(state)), latency, workers: None }
    }
}

impl Enforcing {
    /// Counts a request, unless it is beyond the limit.
    pub(super) fn count(&mut self) -> bool {
        let now = Instant::now();
        while self.counted.front().is_some_and(|counted| *counted + Duration::from_secs(60) <= now) {
            self.counted.pop_front();
        }
        let fits = self.counted.len() < self.rate;
        if fits {
            self.counted.push_back(now);
        }
        fits
    }
}

impl Transport for EnforcingApi {
    async fn send(&self, _: &Request) -> Result<Raw, Answer> {
        let (before, after) = {
            let mut state = self.state.lock().unwrap();
            state.requests += 1;
            // It is counted somewhere between its arrival and its answer.
            let latency = self.latency.mul_f64(0.7 + 0.6 * state.random.f64());
            let before = latency.mul_f64(state.random.f64());
            (before, latency.saturating_sub(before))
        };
        let _worker = match &self.workers {
            Some(workers) => Some(workers.acquire().await.unwrap()),
            None => None,
        };
        sleep(before).await;
        let fits = {
            let mut state = self.state.lock().unwrap();
            let fits = state.count();
            if !fits {
                state.throttled.push(Instant::now());
            }
            fits
        };
        sleep(after).await;
        if fits {
            Ok(raw(200, &json!({"message": "SUCCESS", "resultCode": 0})))
        } else {
            Fault::Throttled(None).answer().await
        }
    }
}

/// Runs that many downgrades against a server, at a rate.
pub(super) async fn play(rows: u64, rate: u32, api: &EnforcingApi) -> (Duration, RunEnd<Memory>) {
    let assignments = (0..rows).map(|at| Assignment {
        place: u32::try_from(at).unwrap(),
        row: at + 2,
        job: down(at + 1),
        state: JobState::default(),
        answer: None,
        seat_before: None,
        sent: None,
    });
    let setup = RunSpec {
        started: Timestamp::UNIX_EPOCH,
        assignments: assignments.collect(),
        free_seat_name: FreeSeatName::Auto,
        remembered_seat_name: None,
        max_errors: Limit::Percent(100.0),
        silence: Silence::default(),
        landing_time: LANDING_TIME,
        verification: Verification::Waived,
        journal: Memory::default(),
        pace: Pace::sharing(NonZeroU32::new(rate).unwrap(), 30, None, []),
        observer: &NoopObserver,
    };
    let (_sender, signals) = mpsc::unbounded_channel();
    let start = Instant::now();
    let end = run(api.clone(), setup, RunOptions { concurrency: None, deadline: None, signals }).await;
    (start.elapsed(), end)
}

#[tokio::test(start_paused = true)]
async fn a_run_is_as_fast_as_the_limit_allows_at_any_latency_and_is_never_throttled() {
    for rows in [200, 1_000, 3_000] {
        for milliseconds in [50, 1_000, 3_000] {
            let latency = Duration::from_millis(milliseconds);
            let api = EnforcingApi::new(RATE as usize, latency);
            let (took, end) = play(rows, RATE, &api).await;
            assert_eq!(end.ending, StopReason::Finished);
            let state = api.state.lock().unwrap();
            assert_eq!((state.requests as u64, state.throttled.len()), (rows, 0), "{rows} rows at {latency:?}");
            let minutes = u32::try_from(rows - 1).unwrap() / RATE;
            let target = (Duration::from_secs(60) + latency) * minutes + Duration::from_secs(15) + latency * 4;
            assert!(took <= target.mul_f64(1.05), "{rows} rows at {latency:?}: {took:?} of {target:?}");
            assert!(end.traffic.most_in_flight <= 64);
        }
    }
}

/// Another client of the same token, which sends evenly and drops what is turned away.
fn share_token(api: &EnforcingApi, a_minute: u32) {
    let state = Arc::downgrade(&api.state);
    tokio::spawn(async move {
        while let Some(state) = state.upgrade() {
            state.lock().unwrap().count();
            drop(state);
            sleep(Duration::from_secs(60) / a_minute).await;
        }
    });
}

#[tokio::test(start_paused = true)]
async fn beside_a_client_that_takes_half_the_tokens_budget_a_run_completes_and_is_hardly_ever_throttled() {
    for milliseconds in [20, 50] {
        let api = EnforcingApi::new(RATE as usize, Duration::from_millis(milliseconds));
        share_token(&api, RATE / 2);
        let (took, end) = play(3_000, RATE, &api).await;
        assert_eq!(end.ending, StopReason::Finished);
        assert!(end.journal.records.iter().filter(|record| record.outcome.is_some()).count() == 3_000);
        let throttled = api.state.lock().unwrap().throttled.clone();
        let later = throttled.get(3..).unwrap_or_default();
        let apart = later.windows(2).map(|pair| pair[1] - pair[0]).min();
        assert!(apart.is_none_or(|apart| apart >= Duration::from_secs(120)), "{milliseconds} ms: {throttled:?}");
        assert!(took <= Duration::from_secs(60 * 3_000 / 75), "at half of what is left: {took:?}");
        assert!(end.traffic.is_token_shared);
        assert!((1..=12).contains(&end.traffic.throttles), "{:?}", end.traffic);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_can_do_only_two_things_at_once_is_not_crowded() {
    let mut api = EnforcingApi::new(RATE as usize, Duration::from_millis(500));
    api.workers = Some(Arc::new(tokio::sync::Semaphore::new(2)));
    let (took, end) = play(200, RATE, &api).await;
    assert!(took <= Duration::from_secs(55), "the server needs 50 s for them: {took:?}");
    assert!(end.traffic.most_in_flight <= 16, "{}", end.traffic.most_in_flight);
}

#[tokio::test(start_paused = true)]
async fn the_users_with_the_most_rows_begin_first_and_all_others_in_the_order_of_the_file() {
    let rename = |user: u64, name: u64| {
        let attributes = Attributes { first_name: Some(name.to_string()), ..Attributes::default() };
        job(user, Action::Update(Box::new(attributes)))
    };
    let short = (1..=30).map(|user| rename(user, 0));
    let mut scene = Scene::new(short.chain((0..30).map(|row| rename(99, row))));
    scene.rate = 6_000;
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert!(told.took < Duration::from_millis(3_300), "thirty rows of one user take 3 s: {:?}", told.took);
    let order: Vec<_> = told.changes().into_iter().map(|(_, path)| path).filter(|path| path != "/users/99").collect();
    assert_eq!(order, (1..=30).map(|user| format!("/users/{user}")).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_row_that_waits_for_another_try_holds_no_place() {
    let mut scene = Scene::new((1..=10).map(down)).fault(1, [Fault::Reset { applied: false }; 3]);
    (scene.concurrency, scene.rate) = (Some(1), 6_000);
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    let changes = told.changes();
    let others = changes.iter().filter(|(_, path)| !path.starts_with("/users/1/")).map(|(at, _)| *at).max().unwrap();
    let begin = changes[0].0;
    assert!(others - begin < Duration::from_millis(1_500), "nine rows of 0.1 s each: {:?}", others - begin);
}
