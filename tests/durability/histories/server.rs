//! The server of a history: whatever goes wrong at its end of the wire is drawn from the seed, and everything that a client
//! must never do to it is noted as it happens.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use seatrun::api::{Method, Raw, Request, Transport};
use seatrun::model::{Action, Answer, Job, LostResponse, RetryAfter};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::simulation::{User, World, name, name_of, raw, user};

const MINUTE: Duration = Duration::from_secs(60);

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fine,
    /// The connection is refused before anything is sent.
    Unreachable,
    Throttled(Option<u64>),
    Maintenance,
    Error {
        code: u16,
        applied: bool,
    },
    WebPage {
        http: u16,
        applied: bool,
    },
    Reset {
        applied: bool,
    },
    Timeout {
        applied: bool,
    },
    /// The answer is lost, and the request is carried out so many seconds later.
    LandsLate(u64),
    Partial,
    DeadToken,
}

impl Fate {
    const fn is_applied(self) -> bool {
        match self {
            Self::Fine | Self::Partial => true,
            Self::Unreachable | Self::Throttled(_) | Self::Maintenance | Self::LandsLate(_) | Self::DeadToken => false,
            Self::Error { applied, .. }
            | Self::WebPage { applied, .. }
            | Self::Reset { applied }
            | Self::Timeout { applied } => applied,
        }
    }

    async fn answer(self, done: Raw) -> Result<Raw, Answer> {
        let error = |http, code| raw(http, &json!({"errorCode": code, "message": "no", "refId": format!("r{code}")}));
        match self {
            Self::Fine => Ok(done),
            Self::Unreachable => Err(Answer::NotSent { text: "connection refused".into() }),
            Self::Throttled(after) => {
                let pause = after.map_or(RetryAfter::Absent, |after| RetryAfter::For(Duration::from_secs(after)));
                Ok(Raw { pause, ..error(429, 4003) })
            }
            Self::Maintenance => Ok(error(503, 4001)),
            Self::Error { code, .. } => Ok(error(500, code)),
            Self::WebPage { http, .. } => Ok(Raw { body: Bytes::from_static(b"<html>"), ..raw(http, &json!({})) }),
            Self::Reset { .. } | Self::LandsLate(_) => {
                Err(Answer::Lost { how: LostResponse::Connection, text: "reset".into() })
            }
            Self::Timeout { .. } => {
                sleep(Duration::from_secs(30)).await;
                Err(Answer::Lost { how: LostResponse::Timeout, text: "30 s".into() })
            }
            Self::Partial => Ok(raw(200, &json!({"message": "PARTIAL_SUCCESS", "resultCode": 3}))),
            Self::DeadToken => Ok(error(401, 1003)),
        }
    }
}

/// What the server holds and has seen.
#[derive(Debug)]
struct Inside {
    dice: fastrand::Rng,
    world: World,
    /// The jobs of the history by the name of their request.
    jobs: HashMap<String, Job>,
    /// Requests that a client may send in any 60 seconds.
    limit: Option<usize>,
    /// How many requests in a hundred have another fate than a good one.
    trouble: u8,
    /// From when to when every request has this fate.
    outage: Option<(Instant, Instant, Fate)>,
    arrivals: Vec<Instant>,
    /// Change requests of a user that may still be carried out.
    pending: HashMap<u64, Vec<String>>,
    /// Counted up when what is on its way is lost.
    storms: u32,
    /// When the last process died.
    death: Option<Instant>,
    began: Instant,
    log: Vec<String>,
    broken: Vec<String>,
}

/// The server's end of the wire. Clones are the same server.
#[derive(Debug, Clone)]
pub(super) struct Server(Arc<Mutex<Inside>>);

impl Server {
    pub(super) fn new(seed: u64, users: BTreeMap<u64, User>, jobs: &[Job], limit: Option<usize>, trouble: u8) -> Self {
        Self(Arc::new(Mutex::new(Inside {
            dice: fastrand::Rng::with_seed(seed),
            world: World::new(users),
            jobs: jobs.iter().map(|job| (name_of(job), job.clone())).collect(),
            limit,
            trouble,
            outage: None,
            arrivals: Vec::new(),
            pending: HashMap::new(),
            storms: 0,
            death: None,
            began: Instant::now(),
            log: Vec::new(),
            broken: Vec::new(),
        })))
    }

    fn inside<T>(&self, look: impl FnOnce(&mut Inside) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// The users as they are now.
    pub(super) fn users(&self) -> BTreeMap<u64, User> {
        self.inside(|inside| inside.world.users.clone())
    }

    /// How often each change request was sent.
    pub(super) fn sent(&self) -> HashMap<String, usize> {
        self.inside(|inside| inside.world.sent.clone())
    }

    /// How often the change request of a job was carried out.
    pub(super) fn applied(&self, job: &Job) -> usize {
        self.inside(|inside| inside.world.applied.get(&name_of(job)).copied().unwrap_or_default())
    }

    /// Every request that ever left.
    pub(super) fn requests(&self) -> usize {
        self.inside(|inside| inside.world.requests)
    }

    /// Adds a line to what happened.
    pub(super) fn note(&self, what: &str) {
        self.inside(|inside| inside.note(what));
    }

    /// What no client may do, and one has done.
    pub(super) fn broken(&self) -> Vec<String> {
        self.inside(|inside| inside.broken.clone())
    }

    /// Everything that happened, a line each.
    pub(super) fn log(&self) -> Vec<String> {
        self.inside(|inside| inside.log.clone())
    }

    /// From here on the weather is fine.
    pub(super) fn calm_down(&self) {
        self.inside(|inside| (inside.trouble, inside.outage) = (0, None));
    }

    /// A token that was dead is renewed.
    pub(super) fn renew_token(&self) {
        self.inside(|inside| {
            inside.outage = inside.outage.filter(|(.., fate)| *fate != Fate::DeadToken);
        });
    }

    /// The process on the other end is dead.
    pub(super) fn client_died(&self) {
        self.inside(|inside| inside.death = Some(Instant::now()));
    }

    /// Loses every request that is on its way and has not arrived.
    pub(super) fn lose_what_is_on_its_way(&self) {
        self.inside(|inside| inside.storms += 1);
    }

    /// Sometimes nothing works for a while.
    pub(super) fn draw_outage(&self) {
        self.inside(|inside| {
            if inside.trouble == 0 || inside.dice.u8(0..4) > 0 {
                return;
            }
            let from = Instant::now() + Duration::from_millis(inside.dice.u64(0..20_000));
            let until = from + Duration::from_secs(inside.dice.u64(1..400));
            let fate = match inside.dice.u8(0..6) {
                0 => Fate::Unreachable,
                1 => Fate::Maintenance,
                2 => Fate::DeadToken,
                3 => Fate::WebPage { http: 502, applied: false },
                _ => Fate::Throttled([None, Some(0), Some(1), Some(30)][inside.dice.usize(0..4)]),
            };
            inside.outage = Some((from, until, fate));
        });
    }

    async fn carry_out(self, request: Request, storms: u32, left: Instant) -> Result<Raw, Answer> {
        let way = self.inside(|inside| Duration::from_millis(inside.dice.u64(5..400)));
        sleep(way).await;
        let (fate, done) = self.inside(|inside| inside.arrived(&request, storms, left));
        if let Fate::LandsLate(seconds) = fate {
            let (server, request) = (self.clone(), request.clone());
            tokio::spawn(async move {
                sleep(Duration::from_secs(seconds)).await;
                server.inside(|inside| inside.carry_out(&request, "late"));
            });
        }
        sleep(way).await;
        fate.answer(done).await
    }
}

impl Inside {
    fn note(&mut self, what: &str) {
        let at = self.began.elapsed().as_millis();
        self.log.push(format!("{at:>9} {what}"));
    }

    fn complain(&mut self, what: String) {
        self.note(&what);
        self.broken.push(what);
    }

    /// A request leaves the client.
    fn leaves(&mut self, request: &Request) {
        self.world.requests += 1;
        if request.method == Method::Get {
            return;
        }
        let (name, user) = (name(request), user(request));
        self.note(&format!("sent    {name}"));
        *self.world.sent.entry(name.clone()).or_default() += 1;
        for other in self.pending.get(&user).cloned().unwrap_or_default() {
            if other != name {
                self.complain(format!("{name} left while {other}, of the same user, may still be carried out"));
            } else if !self.jobs.get(&name).is_some_and(|job| is_harmless_to_repeat(&job.action)) {
                self.complain(format!("{name} was repeated while the earlier one may still be carried out"));
            }
        }
        self.pending.entry(user).or_default().push(name);
    }

    fn arrived(&mut self, request: &Request, storms: u32, left: Instant) -> (Fate, Raw) {
        let nothing = raw(200, &json!({}));
        if self.storms != storms {
            self.is_over(request, "lost");
            return (Fate::Reset { applied: false }, nothing);
        }
        self.count(left);
        let fate = self.fate(request);
        if fate.is_applied() {
            let done = self.carry_out(request, "applied");
            return (fate, done);
        }
        if !matches!(fate, Fate::LandsLate(_)) {
            self.is_over(request, "dropped");
        }
        (fate, nothing)
    }

    /// Counts what arrives: more than the limit in any minute is the client's fault. What was on its way as its process
    /// died counts as of then, because nobody can know how long it took from there.
    fn count(&mut self, left: Instant) {
        let now = Instant::now();
        self.arrivals.push(self.death.filter(|death| left <= *death).unwrap_or(now));
        self.arrivals.retain(|counted| now.duration_since(*counted) < MINUTE);
        if let Some(limit) = self.limit.filter(|limit| self.arrivals.len() > *limit) {
            self.complain(format!("{} requests in 60 s, and the limit is {limit}", self.arrivals.len()));
        }
    }

    fn fate(&mut self, request: &Request) -> Fate {
        let now = Instant::now();
        if let Some((.., fate)) = self.outage.filter(|(from, until, _)| (*from..*until).contains(&now)) {
            return if fate == Fate::Unreachable { Fate::Reset { applied: false } } else { fate };
        }
        if self.dice.u8(0..100) >= self.trouble {
            return Fate::Fine;
        }
        let applied = self.dice.bool();
        if request.method == Method::Get {
            return match self.dice.u8(0..5) {
                0 => Fate::Throttled(Some(2)),
                1 => Fate::Reset { applied: false },
                2 => Fate::Timeout { applied: false },
                3 => Fate::WebPage { http: 502, applied: false },
                _ => Fate::Error { code: 4002, applied: false },
            };
        }
        match self.dice.u8(0..10) {
            0 => Fate::Throttled([None, Some(0), Some(3)][self.dice.usize(0..3)]),
            1 => Fate::Error { code: [4002, 9999][self.dice.usize(0..2)], applied },
            2 => Fate::Error { code: 4004, applied: false },
            3 => Fate::WebPage { http: [200, 502, 504][self.dice.usize(0..3)], applied },
            4 | 5 => Fate::Reset { applied },
            6 => Fate::Timeout { applied },
            7 | 8 => Fate::LandsLate(self.dice.u64(1..55)),
            _ => Fate::Partial,
        }
    }

    fn carry_out(&mut self, request: &Request, how: &str) -> Raw {
        self.is_over(request, how);
        self.world.apply(request)
    }

    /// A request can no longer be carried out.
    fn is_over(&mut self, request: &Request, how: &str) {
        if request.method == Method::Get {
            return;
        }
        let (name, user) = (name(request), user(request));
        self.note(&format!("{how:<7} {name}"));
        let pending = self.pending.entry(user).or_default();
        if let Some(at) = pending.iter().position(|other| *other == name) {
            pending.remove(at);
        }
    }
}

/// Whether a second landing only sets the same thing again.
const fn is_harmless_to_repeat(action: &Action) -> bool {
    match action {
        Action::Downgrade { .. } | Action::Upgrade { .. } | Action::Update(_) | Action::Deactivate => true,
        Action::Reactivate | Action::Remove { .. } | Action::Plans => false,
    }
}

impl Transport for Server {
    async fn send(&self, request: &Request) -> Result<Raw, Answer> {
        let is_unreachable = self.inside(|inside| {
            let now = Instant::now();
            let outage = inside.outage.filter(|(from, until, _)| (*from..*until).contains(&now));
            outage.is_some_and(|(.., fate)| fate == Fate::Unreachable)
        });
        if is_unreachable {
            return Fate::Unreachable.answer(raw(200, &json!({}))).await;
        }
        let storms = self.inside(|inside| {
            inside.leaves(request);
            inside.storms
        });
        let left = Instant::now();
        // On a task of its own, which goes on when the client dies.
        let served = tokio::spawn(self.clone().carry_out(request.clone(), storms, left));
        served.await.expect("the server of a history does not panic")
    }
}
