//! The engine against a small simulated API in virtual time: an hour of throttling takes a millisecond.

mod echo;
mod free_seat;
mod landing;
mod makespan;
mod suspicion;
mod throttling;
mod verify;

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::{Assignment, NoopObserver, Pace, RunEnd, RunOptions, RunSpec, run};
use crate::api::{Method, Raw, Request, Transport};
use crate::ledger::{Journal, Record, Verification};
use crate::model::{
    Action, Answer, Attributes, DowngradeSeat, FreeSeatName, Job, JobState, Limit, LostResponse, Outcome, PlanId,
    RetryAfter, Status, UpgradeSeat, UserId,
};
use crate::model::{Signal, StopReason};
use crate::policy::{LANDING_TIME, Silence};

const PLAN: u64 = 4_843_937_635_559_300;

/// What the simulated API does with a request instead of carrying it out and saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Throttled(Option<u64>),
    Error {
        http: u16,
        code: i64,
        applied: bool,
    },
    Html {
        http: u16,
        applied: bool,
    },
    Reset {
        applied: bool,
    },
    Timeout {
        applied: bool,
    },
    /// Any answer whatever.
    Says {
        http: u16,
        body: &'static str,
        applied: bool,
    },
    Unreachable,
    Partial {
        applied: bool,
    },
    /// SUCCESS, and nothing is done.
    Untrue,
    /// SUCCESS, and it shows only so much later.
    Late(Duration),
    /// The connection is lost, and the request is carried out so much later.
    LandsLate(Duration),
}

impl Fault {
    const fn applies(self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unreachable | Self::Untrue | Self::Late(_) | Self::LandsLate(_) => false,
            Self::Error { applied, .. }
            | Self::Html { applied, .. }
            | Self::Reset { applied }
            | Self::Timeout { applied }
            | Self::Says { applied, .. }
            | Self::Partial { applied } => applied,
        }
    }

    async fn answer(self) -> Result<Raw, Answer> {
        match self {
            Self::Throttled(after) => {
                let pause = after.map_or(RetryAfter::Absent, |after| RetryAfter::For(Duration::from_secs(after)));
                Ok(Raw { pause, ..raw(429, &json!({"errorCode": 4003, "message": "slow down", "refId": "r429"})) })
            }
            Self::Error { http, code, .. } => {
                Ok(raw(http, &json!({"errorCode": code, "message": "no", "refId": format!("r{code}")})))
            }
            Self::Html { http, .. } => {
                Ok(Raw { body: Bytes::from_static(b"<html>gateway</html>"), ..raw(http, &json!({})) })
            }
            Self::Reset { .. } | Self::LandsLate(_) => {
                Err(Answer::Lost { how: LostResponse::Connection, text: "reset".into() })
            }
            Self::Timeout { .. } => {
                sleep(Duration::from_secs(30)).await;
                Err(Answer::Lost { how: LostResponse::Timeout, text: "30 s".into() })
            }
            Self::Says { http, body, .. } => {
                Ok(Raw { body: Bytes::from_static(body.as_bytes()), ..raw(http, &json!({})) })
            }
            Self::Unreachable => Err(Answer::NotSent { text: "connection refused".into() }),
            Self::Partial { .. } => Ok(raw(200, &json!({"message": "PARTIAL_SUCCESS", "resultCode": 3}))),
            Self::Untrue | Self::Late(_) => Ok(raw(200, &json!({"message": "SUCCESS", "resultCode": 0}))),
        }
    }
}

#[derive(Debug, Default)]
struct World {
    seats: HashMap<u64, &'static str>,
    inactive: HashMap<u64, bool>,
    /// Faults of change requests, by user.
    faults: HashMap<u64, VecDeque<Fault>>,
    /// Faults of every reading.
    reading: Option<Fault>,
    no_admin: bool,
    /// The token is not accepted any more.
    dead_token: bool,
    /// What `/users/me` says instead.
    me: Option<Fault>,
    /// After so many change requests, everything answers so.
    everything_from: Option<(usize, Fault)>,
    /// So many requests are turned away so, whichever they are.
    turned_away: Option<(usize, Fault)>,
    /// What the answer to an update shows.
    echo: Option<Value>,
    /// The first name that a profile shows, and the user whose profile it is, if not the one that was asked for.
    first_name: Option<&'static str>,
    profile_of: Option<u64>,
    /// Paid seats that there are, if they are few.
    licences: Option<usize>,
    refused_name: Option<&'static str>,
    /// The list of the users of a plan is refused.
    refuses_lists: bool,
    /// How it is refused.
    refusal: Option<(u16, Option<i64>)>,
    in_flight: HashMap<u64, u32>,
    overlaps: u32,
    log: Vec<(Instant, Method, String)>,
    /// The seat that each downgrade asked for, in order.
    asked_for: Vec<String>,
    applied: HashMap<u64, u32>,
}

#[derive(Debug, Clone)]
struct Api(Arc<Mutex<World>>);

fn raw(http: u16, body: &Value) -> Raw {
    Raw { http, pause: RetryAfter::Absent, body: Bytes::from(body.to_string()), cut: false }
}

impl Api {
    fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    async fn carry_out(&self, user: u64, request: &Request) -> Result<Raw, Answer> {
        sleep(Duration::from_millis(100)).await;
        let fault = self.world(|world| world.fault(user, request));
        if let Some(Fault::Late(after) | Fault::LandsLate(after)) = fault {
            let (api, request) = (self.clone(), request.clone());
            tokio::spawn(async move {
                sleep(after).await;
                api.world(|world| world.apply(user, &request));
            });
        }
        let said = match fault {
            Some(fault) if !fault.applies() => return fault.answer().await,
            Some(_) | None => self.world(|world| world.apply(user, request)),
        };
        match fault {
            Some(fault) => fault.answer().await,
            None => Ok(said),
        }
    }
}

impl World {
    fn fault(&mut self, user: u64, request: &Request) -> Option<Fault> {
        if let Some((left, fault)) = &mut self.turned_away
            && *left > 0
        {
            *left -= 1;
            return Some(*fault);
        }
        let changes = self.log.iter().filter(|(_, method, _)| *method != Method::Get).count();
        if let Some((_, fault)) = self.everything_from.filter(|(from, _)| changes > *from) {
            return Some(fault);
        }
        if self.dead_token {
            return Some(Fault::Error { http: 401, code: 1003, applied: false });
        }
        match request.method {
            Method::Get if request.path == "/users/me" && self.me.is_some() => self.me,
            Method::Get => self.reading,
            Method::Post | Method::Put | Method::Delete => self.faults.get_mut(&user).and_then(VecDeque::pop_front),
        }
    }

    /// A page of the users of the plan, a hundred each.
    fn page(&self, request: &Request) -> Raw {
        if self.refuses_lists {
            return raw(403, &json!({"errorCode": 1004, "message": "not authorized", "refId": "r1004"}));
        }
        let page: usize = request.path.rsplit('=').next().unwrap().parse().unwrap();
        let mut users: Vec<_> = self.seats.iter().collect();
        users.sort_unstable();
        let shown = users.chunks(100).nth(page - 1).unwrap_or_default();
        let data: Vec<_> = shown.iter().map(|(user, seat)| json!({"id": user, "seatType": seat})).collect();
        raw(200, &json!({"totalPages": users.len().div_ceil(100), "totalCount": users.len(), "data": data}))
    }

    fn has_no_seat_left(&self) -> bool {
        let paid = self.seats.iter().filter(|(user, seat)| **seat == "MEMBER" && !self.inactive.contains_key(user));
        self.licences.is_some_and(|licences| paid.count() >= licences)
    }

    fn apply(&mut self, user: u64, request: &Request) -> Raw {
        let success = raw(200, &json!({"message": "SUCCESS", "resultCode": 0}));
        if request.method != Method::Get {
            *self.applied.entry(user).or_default() += 1;
        }
        if request.path.starts_with("/users?planId=") {
            return self.page(request);
        }
        let wanted = request.body.as_ref().and_then(|body| body["seatType"].as_str());
        match (request.method, request.path.rsplit('/').next().unwrap_or_default()) {
            (Method::Get, "me") => raw(200, &json!({"id": 1, "admin": !self.no_admin})),
            (Method::Get, "plans") => match self.seats.get(&user) {
                Some(seat) => raw(200, &json!({"data": [{"planId": PLAN, "seatType": seat}]})),
                None => raw(200, &json!({"data": []})),
            },
            (Method::Get, _) => {
                let status = if self.inactive.contains_key(&user) { "DEACTIVATED" } else { "ACTIVE" };
                let id = self.profile_of.unwrap_or(user);
                raw(200, &json!({"id": id, "status": status, "admin": true, "firstName": self.first_name}))
            }
            (Method::Post, "upgrade" | "reactivate") if self.has_no_seat_left() => {
                raw(403, &json!({"errorCode": 1014, "message": "no licences", "refId": "r1014"}))
            }
            (Method::Post, "reactivate") if self.inactive.remove(&user).is_some() => {
                self.seats.insert(user, "MEMBER");
                success
            }
            (Method::Post, "downgrade") if self.refused_name.is_some() && wanted == self.refused_name => {
                let (http, code) = self.refusal.unwrap_or((400, Some(1031)));
                let mut body = json!({"message": "no such seat", "refId": "r400"});
                if let Some(code) = code {
                    body["errorCode"] = json!(code);
                }
                raw(http, &body)
            }
            (Method::Post, "downgrade") => {
                self.seats.insert(user, if wanted == Some("GUEST") { "GUEST" } else { "CONTRIBUTOR" });
                success
            }
            (Method::Post, "upgrade") => {
                self.seats.insert(user, "MEMBER");
                success
            }
            (Method::Post, "deactivate") => {
                self.inactive.insert(user, true);
                success
            }
            (Method::Delete, _) => match self.seats.remove(&user) {
                Some(_) => success,
                None => raw(403, &json!({"errorCode": 1013, "message": "not in plan", "refId": "r1013"})),
            },
            (Method::Put, _) if self.echo.is_some() => {
                raw(200, &json!({"message": "SUCCESS", "resultCode": 0, "data": self.echo}))
            }
            (Method::Post | Method::Put, _) => success,
        }
    }
}

impl Transport for Api {
    async fn send(&self, request: &Request) -> Result<Raw, Answer> {
        let user = request.path.split('/').nth(2).and_then(|user| user.split('?').next()).unwrap_or_default();
        let user = user.parse().unwrap_or(0);
        self.world(|world| {
            world.log.push((Instant::now(), request.method, request.path.clone()));
            if request.path.ends_with("/downgrade") {
                let seat = request.body.as_ref().and_then(|body| body["seatType"].as_str());
                world.asked_for.extend(seat.map(str::to_owned));
            }
            let flying = world.in_flight.entry(user).or_default();
            *flying += 1;
            world.overlaps += u32::from(*flying > 1 && user != 0);
        });
        let answer = self.carry_out(user, request).await;
        self.world(|world| *world.in_flight.get_mut(&user).unwrap() -= 1);
        answer
    }
}

/// A journal that keeps everything in memory, until it is told to fail.
#[derive(Debug, Default)]
struct Memory {
    records: Vec<Record>,
    full_after: Option<usize>,
}

impl Journal for Memory {
    fn record(&mut self, record: Record, committed: Option<oneshot::Sender<()>>) {
        if self.failure().is_none() {
            self.records.push(record);
            if let Some(committed) = committed {
                let _ = committed.send(());
            }
        }
    }

    fn failure(&self) -> Option<String> {
        self.full_after.filter(|full| self.records.len() >= *full).map(|_| "disk full".to_owned())
    }
}

struct Scene {
    api: Api,
    jobs: Vec<Job>,
    /// Where the first jobs stand, if not at their beginning.
    states: Vec<JobState>,
    /// How long ago the first jobs were sent, if they were.
    sent_ago: Option<Duration>,
    rate: u32,
    concurrency: Option<usize>,
    max_errors: Limit,
    verification: Verification,
    free_seat_name: FreeSeatName,
    remembered_seat_name: Option<DowngradeSeat>,
    deadline: Option<Duration>,
    signals: Vec<(Duration, Signal)>,
    journal: Memory,
}

struct Told {
    ending: StopReason,
    accepted_seat_name: Option<DowngradeSeat>,
    outcomes: Vec<Option<Outcome>>,
    tries: Vec<usize>,
    states: Vec<JobState>,
    took: Duration,
    api: Api,
}

impl Scene {
    fn new(jobs: impl IntoIterator<Item = Job>) -> Self {
        let jobs: Vec<_> = jobs.into_iter().collect();
        let mut world = World::default();
        for job in &jobs {
            let seat = match job.action {
                Action::Upgrade { .. } => "CONTRIBUTOR",
                Action::Downgrade { .. }
                | Action::Deactivate
                | Action::Reactivate
                | Action::Remove { .. }
                | Action::Update(_)
                | Action::Plans => "MEMBER",
            };
            world.seats.entry(job.user.get()).or_insert(seat);
        }
        Self {
            api: Api(Arc::new(Mutex::new(world))),
            jobs,
            states: Vec::new(),
            sent_ago: None,
            rate: 270,
            concurrency: Some(8),
            max_errors: Limit::Percent(100.0),
            verification: Verification::Waived,
            free_seat_name: FreeSeatName::Auto,
            remembered_seat_name: None,
            deadline: None,
            signals: Vec::new(),
            journal: Memory::default(),
        }
    }

    fn fault(self, user: u64, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.api.world(|world| world.faults.insert(user, faults.into_iter().collect()));
        self
    }

    async fn play(self) -> Told {
        let start = Instant::now();
        let count = self.jobs.len();
        let mut states = self.states;
        states.resize(count, JobState::default());
        let begin = states.clone();
        let assignments = self.jobs.into_iter().enumerate().map(|(at, job)| Assignment {
            place: u32::try_from(at).unwrap(),
            row: at as u64 + 2,
            job,
            state: begin[at],
            answer: None,
            seat_before: None,
            sent: self.sent_ago.map(|ago| Timestamp::now() - SignedDuration::try_from(ago).unwrap()),
        });
        let setup = RunSpec {
            assignments: assignments.collect(),
            free_seat_name: self.free_seat_name,
            remembered_seat_name: self.remembered_seat_name,
            max_errors: self.max_errors,
            silence: Silence::default(),
            started: Timestamp::now(),
            landing_time: LANDING_TIME,
            verification: self.verification,
            journal: self.journal,
            pace: Pace::new(NonZeroU32::new(self.rate), []),
            observer: &NoopObserver,
        };
        let (sender, signals) = mpsc::unbounded_channel();
        for (after, signal) in self.signals {
            let sender = sender.clone();
            tokio::spawn(async move {
                sleep(after).await;
                sender.send(signal).unwrap();
            });
        }
        let deadline = self.deadline.map(|deadline| start + deadline);
        let end = run(self.api.clone(), setup, RunOptions { concurrency: self.concurrency, deadline, signals }).await;
        let mut outcomes = vec![None; count];
        let mut tries = vec![0; count];
        for record in end.journal.records {
            let state = &mut states[record.place as usize];
            *state = state.next(record.event).unwrap();
            tries[record.place as usize] += usize::from(record.event == crate::model::Event::Begun);
            if let Some(outcome) = record.outcome {
                outcomes[record.place as usize] = Some(outcome);
            }
        }
        let (ending, accepted_seat_name) = (end.ending, end.accepted_seat_name);
        Told { ending, accepted_seat_name, outcomes, tries, states, took: start.elapsed(), api: self.api }
    }
}

impl Told {
    fn statuses(&self) -> Vec<Option<Status>> {
        self.outcomes.iter().map(|outcome| outcome.as_ref().map(|outcome| outcome.status)).collect()
    }

    fn changes(&self) -> Vec<(Instant, String)> {
        self.api.world(|world| {
            let changes = world.log.iter().filter(|(_, method, _)| *method != Method::Get);
            changes.map(|(at, _, path)| (*at, path.clone())).collect()
        })
    }
}

fn plan() -> PlanId {
    PlanId::new(PLAN).unwrap()
}

fn job(user: u64, action: Action) -> Job {
    Job { user: UserId::new(user).unwrap(), action }
}

fn down(user: u64) -> Job {
    job(user, Action::Downgrade { plan: plan(), to: DowngradeSeat::Contributor })
}

fn up(user: u64) -> Job {
    job(user, Action::Upgrade { plan: plan(), to: UpgradeSeat::Member })
}

fn remove(user: u64) -> Job {
    job(user, Action::Remove { plan: plan() })
}

const SUCCESS: Option<Status> = Some(Status::Success);
const FAILED: Option<Status> = Some(Status::Failed);

#[tokio::test(start_paused = true)]
async fn every_fault_that_may_have_been_applied_is_settled_by_reading_and_never_done_twice() {
    let faults = [
        Fault::Error { http: 500, code: 4002, applied: true },
        Fault::Error { http: 500, code: 4004, applied: false },
        Fault::Error { http: 500, code: 9999, applied: true },
        Fault::Html { http: 502, applied: true },
        Fault::Html { http: 502, applied: false },
        Fault::Html { http: 504, applied: true },
        Fault::Html { http: 200, applied: true },
        Fault::Html { http: 200, applied: false },
        Fault::Reset { applied: true },
        Fault::Reset { applied: false },
        Fault::Timeout { applied: true },
        Fault::Timeout { applied: false },
    ];
    for fault in faults {
        for wanted in [down(7), up(7), remove(7), job(7, Action::Deactivate)] {
            let told = Scene::new([wanted.clone()]).fault(7, [fault]).play().await;
            assert_eq!(told.statuses(), [SUCCESS], "{wanted} after {fault:?}: {:?}", told.outcomes);
            let applied = told.api.world(|world| world.applied[&7]);
            assert_eq!(applied, 1, "{wanted} after {fault:?}");
            assert_eq!(told.tries[0], if fault.applies() { 1 } else { 2 }, "{wanted} after {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_not_to_be_retried_fails_only_what_was_not_done() {
    for (applied, expected) in [(true, SUCCESS), (false, FAILED)] {
        let fault = Fault::Error { http: 500, code: 4000, applied };
        let told = Scene::new([down(7)]).fault(7, [fault]).play().await;
        assert_eq!((told.statuses(), told.tries[0]), (vec![expected], 1), "applied: {applied}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_holds_every_worker_for_as_long_as_the_server_asks() {
    for (asked, held) in [(None, 60), (Some(7), 7), (Some(3600), 3600)] {
        let scene = Scene::new((1..=60).map(down)).fault(3, [Fault::Throttled(asked)]);
        let told = scene.play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS));
        let times: Vec<_> = told.changes().into_iter().map(|(at, _)| at).collect();
        let gap = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(gap >= Duration::from_millis(held * 1000 - 100), "asked {asked:?}, longest silence {gap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_outlives_several_throttles_and_no_row_is_retried_for_ever() {
    let told = Scene::new([down(1)]).fault(1, vec![Fault::Throttled(None); 9]).play().await;
    assert_eq!((told.statuses(), told.tries[0]), (vec![SUCCESS], 10));
    let told = Scene::new([down(1)]).fault(1, vec![Fault::Throttled(None); 50]).play().await;
    assert_eq!(told.statuses(), [FAILED]);
    assert!(matches!(told.ending, StopReason::Throttled(_)), "{:?}", told.ending);
    assert!((840..=960).contains(&told.took.as_secs()), "{:?}", told.took);
    assert!(told.outcomes[0].as_ref().unwrap().ref_id.is_some(), "the last answer is in the report");
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_stops_the_run_and_the_rest_is_not_attempted() {
    let expired = Fault::Error { http: 401, code: 1003, applied: false };
    let scene = Scene::new((1..=200).map(down)).fault(20, [expired]);
    scene.api.world(|world| world.me = Some(expired));
    let told = scene.play().await;
    assert!(matches!(told.ending, StopReason::Token(_)), "{:?}", told.ending);
    assert_eq!(told.statuses()[19], FAILED);
    assert!(told.statuses().iter().filter(|status| status.is_none()).count() > 150);
}

#[tokio::test(start_paused = true)]
async fn a_1004_stops_the_run_only_when_the_caller_is_no_admin() {
    let barred = Fault::Error { http: 403, code: 1004, applied: false };
    let told = Scene::new((1..=50).map(down)).fault(2, [barred]).play().await;
    assert_eq!((told.ending, told.outcomes[1].as_ref().unwrap().error_code), (StopReason::Finished, Some(1004)));
    let scene = Scene::new((1..=50).map(down)).fault(2, [barred]);
    scene.api.world(|world| world.no_admin = true);
    assert!(matches!(scene.play().await.ending, StopReason::NoAdmin(_)));
}

#[tokio::test(start_paused = true)]
async fn whether_the_caller_is_an_admin_is_asked_once_a_minute_at_most() {
    let barred = Fault::Error { http: 403, code: 1004, applied: false };
    let mut scene = Scene::new((1..=100).map(down));
    for user in 1..=100 {
        scene = scene.fault(user, [barred]);
    }
    let told = scene.play().await;
    let asked = told.api.world(|world| world.log.iter().filter(|(_, _, path)| path == "/users/me").count());
    assert_eq!(asked, 1);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_goes_away_stops_the_run_after_minutes_and_fails_no_ten_thousand_rows() {
    let mut scene = Scene::new((1..=500).map(down));
    for user in 20..=500 {
        scene = scene.fault(user, vec![Fault::Unreachable; 100]);
    }
    let told = scene.play().await;
    assert!(matches!(told.ending, StopReason::Unreachable(_)), "{:?}", told.ending);
    assert!(told.took > Duration::from_secs(60), "{:?}", told.took);
    assert!(told.statuses().iter().filter(|status| **status == FAILED).count() <= 8);
}

#[tokio::test(start_paused = true)]
async fn too_many_errors_stop_the_run() {
    let refused = Fault::Error { http: 403, code: 1014, applied: false };
    let mut scene = Scene::new((1..=500).map(down));
    scene.max_errors = Limit::Count(5);
    for user in 1..=500 {
        scene = scene.fault(user, [refused]);
    }
    let told = scene.play().await;
    assert!(matches!(told.ending, StopReason::TooManyErrors(_)));
    assert!((5..13).contains(&told.statuses().iter().filter(|status| **status == FAILED).count()));
}

#[tokio::test(start_paused = true)]
async fn nothing_begins_after_the_deadline_and_nobody_waits_for_what_cannot_begin() {
    let mut scene = Scene::new((1..=500).map(down));
    scene.deadline = Some(Duration::from_secs(10));
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Deadline);
    assert!(told.took < Duration::from_secs(11));
    assert!((150..=210).contains(&told.statuses().iter().flatten().count()));

    let mut scene = Scene::new([down(1)]).fault(1, [Fault::Throttled(None)]);
    scene.deadline = Some(Duration::from_secs(50));
    let told = scene.play().await;
    assert_eq!((told.statuses(), told.ending), (vec![None], StopReason::Deadline));
    assert!(told.took < Duration::from_secs(1), "the retry would come too late: {:?}", told.took);
}

#[tokio::test(start_paused = true)]
async fn a_signal_finishes_what_is_in_flight_and_a_second_one_drops_it() {
    let mut scene = Scene::new((1..=100).map(down)).fault(1, [Fault::Timeout { applied: true }]);
    scene.signals = vec![(Duration::from_secs(1), Signal::Term)];
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Interrupted(Signal::Term));
    assert!(told.took > Duration::from_secs(29), "the request in flight was waited for");
    let settled = told.statuses().iter().flatten().count();
    assert_eq!(settled, told.changes().len() - 1, "each that was sent is settled, but for the one in doubt");

    let mut scene = Scene::new((1..=100).map(down)).fault(1, [Fault::Timeout { applied: true }]);
    scene.signals = vec![(Duration::from_secs(1), Signal::Int), (Duration::from_secs(3), Signal::Int)];
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Aborted(Signal::Int));
    assert!(told.took < Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn a_signal_during_a_pause_does_not_wait_for_its_end() {
    let mut scene = Scene::new((1..=100).map(down)).fault(1, [Fault::Throttled(None)]);
    scene.signals = vec![(Duration::from_secs(5), Signal::Hup)];
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Interrupted(Signal::Hup));
    assert!(told.took < Duration::from_secs(6), "{:?}", told.took);
}

#[tokio::test(start_paused = true)]
async fn when_the_ledger_cannot_be_written_nothing_more_is_sent() {
    let mut scene = Scene::new((1..=100).map(down));
    scene.journal.full_after = Some(40);
    let told = scene.play().await;
    assert!(matches!(told.ending, StopReason::Ledger(_)), "{:?}", told.ending);
    let on_record: usize = told.tries.iter().sum();
    assert_eq!(told.changes().len(), on_record, "no request without its record");
}

#[tokio::test(start_paused = true)]
async fn one_user_goes_in_file_order_and_never_twice_at_once() {
    let update = |user| job(user, Action::Update(Box::new(Attributes { admin: Some(true), ..Attributes::default() })));
    let jobs = (1..=20).flat_map(|user| [update(user), down(user), job(user, Action::Deactivate)]);
    let told = Scene::new(jobs).fault(4, [Fault::Timeout { applied: false }]).play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS));
    assert_eq!(told.api.world(|world| world.overlaps), 0);
    for user in (1..=20).filter(|user| *user != 4) {
        let order: Vec<_> = told
            .changes()
            .into_iter()
            .map(|(_, path)| path)
            .filter(|path| path.contains(&format!("/users/{user}/")) || path.ends_with(&format!("/users/{user}")))
            .collect();
        let ends: Vec<_> = order.iter().map(|path| path.rsplit('/').next().unwrap()).collect();
        assert_eq!(ends, [user.to_string().as_str(), "downgrade", "deactivate"]);
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_take_a_paid_seat_wait_for_those_that_free_one() {
    let jobs = (1..=30).map(up).chain((31..=60).map(down));
    let told = Scene::new(jobs).fault(45, [Fault::Timeout { applied: false }]).play().await;
    let changes = told.changes();
    let last_down = changes.iter().rposition(|(_, path)| path.ends_with("downgrade")).unwrap();
    let first_up = changes.iter().position(|(_, path)| path.ends_with("upgrade")).unwrap();
    assert!(last_down < first_up);
}

/// Users who come back for a moment: a reactivation gives a paid seat, and the row behind it gives that back.
fn passing(users: impl Iterator<Item = u64>) -> impl Iterator<Item = Job> {
    users.flat_map(|user| [job(user, Action::Reactivate), down(user)])
}

#[tokio::test(start_paused = true)]
async fn one_free_seat_is_enough_for_all_who_need_one_in_passing_before_those_who_keep_one() {
    for (spare, rate) in [(1, 270), (3, 270), (1, 0), (40, 0)] {
        let mut scene = Scene::new((1..=5).map(up).chain(passing(6..=25)));
        scene.rate = rate;
        scene.api.world(|world| {
            world.licences = Some(5 + spare);
            world.inactive.extend((6..=25).map(|user| (user, true)));
        });
        let told = scene.play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{spare} spare, {rate}: {:?}", told.outcomes);
        let again: usize = told.tries.iter().filter(|tries| **tries > 1).count();
        assert!(again <= 32 && (spare < 40 || again == 0), "only who was in flight was sent again: {again}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_no_seat_is_left_at_all_nobody_is_tried_again_for_long() {
    let scene = Scene::new(passing(1..=20));
    scene.api.world(|world| {
        world.licences = Some(0);
        world.inactive.extend((1..=20).map(|user| (user, true)));
    });
    let told = scene.play().await;
    let reactivations = told.statuses().into_iter().step_by(2);
    assert!(reactivations.into_iter().all(|status| status == FAILED), "{:?}", told.outcomes);
    assert!(told.tries.iter().sum::<usize>() <= 40 + 8, "{:?}", told.tries);
}

#[tokio::test(start_paused = true)]
async fn a_users_rows_after_an_unknown_one_are_not_attempted_and_after_a_failed_one_they_are() {
    let scene = Scene::new([job(1, Action::Reactivate), down(1), down(2), job(2, Action::Deactivate)])
        .fault(1, [Fault::Reset { applied: true }])
        .fault(2, [Fault::Error { http: 403, code: 1188, applied: false }]);
    scene.api.world(|world| world.reading = Some(Fault::Error { http: 403, code: 1004, applied: false }));
    let told = scene.play().await;
    let expected = [Some(Status::Unknown), Some(Status::NotAttempted), FAILED, SUCCESS];
    assert_eq!(told.statuses(), expected, "{:?}", told.outcomes);
    assert_eq!(told.ending, StopReason::Finished);
}

#[tokio::test(start_paused = true)]
async fn a_partial_success_stays_one_and_says_what_reading_back_shows() {
    for (applied, words, is_to_be_repeated) in [(true, "it is done", false), (false, "it is not done", true)] {
        let told = Scene::new([down(1)]).fault(1, [Fault::Partial { applied }]).play().await;
        let outcome = told.outcomes[0].as_ref().unwrap();
        assert_eq!((outcome.status, outcome.result_code), (Status::PartialSuccess, Some(3)));
        assert!(outcome.message.contains(words), "{}", outcome.message);
        assert_eq!(outcome.hint.as_ref().unwrap().contains("run the row again"), is_to_be_repeated);
    }
    let scene = Scene::new([down(1)]).fault(1, [Fault::Partial { applied: true }]);
    scene.api.world(|world| world.reading = Some(Fault::Html { http: 502, applied: false }));
    let told = scene.play().await;
    assert_eq!(told.statuses(), [Some(Status::PartialSuccess)], "even when it cannot be read back");
}

#[tokio::test(start_paused = true)]
async fn a_second_remove_that_finds_nobody_is_a_success_after_a_lost_answer() {
    let scene = Scene::new([job(1, Action::Deactivate)])
        .fault(1, [Fault::Reset { applied: true }, Fault::Error { http: 403, code: 1188, applied: false }]);
    scene.api.world(|world| world.reading = Some(Fault::Error { http: 403, code: 1004, applied: false }));
    let told = scene.play().await;
    assert_eq!(told.statuses(), [SUCCESS], "{:?}", told.outcomes);
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        proptest::option::of(0_u64..120).prop_map(Fault::Throttled),
        (proptest::sample::select(vec![4002, 4004, 9999]), any::<bool>()).prop_map(|(code, applied)| Fault::Error {
            http: 500,
            code,
            applied
        }),
        Just(Fault::Error { http: 503, code: 4001, applied: false }),
        (proptest::sample::select(vec![200, 500, 502, 504]), any::<bool>())
            .prop_map(|(http, applied)| Fault::Html { http, applied }),
        any::<bool>().prop_map(|applied| Fault::Reset { applied }),
        any::<bool>().prop_map(|applied| Fault::Timeout { applied }),
        Just(Fault::Unreachable),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_goes_wrong_every_row_is_done_once_and_said_to_be_done(
        faults in proptest::collection::hash_map(1_u64..40, proptest::collection::vec(fault(), 0..5), 0..30),
        rate in prop_oneof![Just(0_u32), 30_u32..400],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let jobs = (1..40).map(|user| match user % 4 {
                0 => down(user),
                1 => up(user),
                2 => remove(user),
                _ => job(user, Action::Deactivate),
            });
            let mut scene = Scene::new(jobs);
            scene.rate = rate;
            for (user, faults) in &faults {
                scene = scene.fault(*user, faults.iter().copied());
            }
            let told = scene.play().await;
            prop_assert_eq!(&told.ending, &StopReason::Finished);
            prop_assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
            told.api.world(|world| {
                prop_assert_eq!(world.overlaps, 0);
                prop_assert!(world.applied.values().all(|times| *times == 1), "{:?}", world.applied);
                Ok(())
            })
        })?;
    }
}
