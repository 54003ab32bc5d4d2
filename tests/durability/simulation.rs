//! A small simulated API in virtual time that outlives the clients it serves: a request that has reached it is carried
//! out, whether or not anybody still waits for the answer.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use seatrun::api::{Method, Raw, Request, Transport};
use seatrun::model::{Answer, Job, LostResponse, RetryAfter};
use serde_json::{Value, json};
use tokio::time::sleep;

pub(crate) const PLAN: u64 = 4_843_937_635_559_300;
/// How long a request takes to arrive, and its answer to come back.
const WAY: Duration = Duration::from_millis(50);

/// What happens to a change request instead of being carried out and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Throttled,
    TokenExpired,
    Unreachable,
    Gateway { applied: bool },
    Server { applied: bool },
    Reset { applied: bool },
    Timeout { applied: bool },
    Partial,
}

impl Fault {
    const fn is_applied(self) -> bool {
        match self {
            Self::Throttled | Self::TokenExpired | Self::Unreachable => false,
            Self::Gateway { applied }
            | Self::Server { applied }
            | Self::Reset { applied }
            | Self::Timeout { applied } => applied,
            Self::Partial => true,
        }
    }

    async fn answer(self) -> Result<Raw, Answer> {
        match self {
            Self::Throttled => Ok(raw(429, &json!({"errorCode": 4003, "message": "slow down", "refId": "r1"}))),
            Self::TokenExpired => Ok(raw(401, &json!({"errorCode": 1003, "message": "expired", "refId": "r2"}))),
            Self::Unreachable => Err(Answer::NotSent { text: "connection refused".into() }),
            Self::Gateway { .. } => Ok(Raw { body: Bytes::from_static(b"<html>"), ..raw(502, &json!({})) }),
            Self::Server { .. } => Ok(raw(500, &json!({"errorCode": 4002, "message": "oops", "refId": "r3"}))),
            Self::Reset { .. } => Err(Answer::Lost { how: LostResponse::Connection, text: "reset".into() }),
            Self::Timeout { .. } => {
                sleep(Duration::from_secs(30)).await;
                Err(Answer::Lost { how: LostResponse::Timeout, text: "30 s".into() })
            }
            Self::Partial => Ok(raw(200, &json!({"message": "PARTIAL_SUCCESS", "resultCode": 3}))),
        }
    }
}

/// What the API holds of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) seat: Option<&'static str>,
    pub(crate) active: bool,
    pub(crate) admin: bool,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) users: BTreeMap<u64, User>,
    /// Faults of a user's change requests.
    pub(crate) faults: HashMap<u64, VecDeque<Fault>>,
    /// Faults of a user's readings.
    pub(crate) reading_faults: HashMap<u64, VecDeque<Fault>>,
    /// Change requests by method and path: how often sent, and how often carried out.
    pub(crate) sent: HashMap<String, usize>,
    pub(crate) applied: HashMap<String, usize>,
    /// Requests of every kind.
    pub(crate) requests: usize,
    /// Counted up when what is still on its way is lost.
    storms: u32,
}

/// The API's end of the wire.
#[derive(Debug, Clone)]
pub(crate) struct Api(Arc<Mutex<World>>);

/// A change request as one text.
pub(crate) fn name(request: &Request) -> String {
    format!("{:?} {}", request.method, request.path)
}

pub(crate) fn name_of(job: &Job) -> String {
    name(&Request::change(job, None))
}

pub(crate) fn raw(http: u16, body: &Value) -> Raw {
    Raw { http, pause: RetryAfter::Absent, body: Bytes::from(body.to_string()), cut: false }
}

fn refused(http: u16, code: u16) -> Raw {
    raw(http, &json!({"errorCode": code, "message": "no", "refId": format!("r{code}")}))
}

impl Api {
    pub(crate) fn new(users: BTreeMap<u64, User>) -> Self {
        Self(Arc::new(Mutex::new(World::new(users))))
    }

    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Loses every request that is on its way and has not arrived.
    pub(crate) fn lose_what_is_on_its_way(&self) {
        self.world(|world| world.storms += 1);
    }

    async fn carry_out(self, request: Request, storms: u32) -> Result<Raw, Answer> {
        sleep(WAY).await;
        let said = self.world(|world| {
            if world.storms != storms {
                return Err(None);
            }
            let fault = world.fault(&request);
            match fault {
                Some(fault) if !fault.is_applied() => Err(Some(fault)),
                Some(fault) => {
                    world.apply(&request);
                    Err(Some(fault))
                }
                None => Ok(world.apply(&request)),
            }
        });
        sleep(WAY).await;
        match said {
            Ok(said) => Ok(said),
            Err(Some(fault)) => fault.answer().await,
            Err(None) => Err(Answer::Lost { how: LostResponse::Connection, text: "a storm".into() }),
        }
    }
}

impl World {
    pub(crate) fn new(users: BTreeMap<u64, User>) -> Self {
        Self { users, ..Self::default() }
    }

    fn fault(&mut self, request: &Request) -> Option<Fault> {
        let faults = if request.method == Method::Get { &mut self.reading_faults } else { &mut self.faults };
        faults.get_mut(&user(request))?.pop_front()
    }

    /// A page of the users of the plan.
    fn page(&self, request: &Request) -> Raw {
        const SIZE: usize = 100;
        let number: usize = request.path.rsplit('=').next().unwrap_or_default().parse().expect("a page has a number");
        let users: Vec<_> = self.users.iter().filter_map(|(id, user)| Some((id, user, user.seat?))).collect();
        let listed = users.chunks(SIZE).nth(number - 1).unwrap_or_default().iter().map(|(id, user, seat)| {
            let status = if user.active { "ACTIVE" } else { "DEACTIVATED" };
            json!({"id": id, "status": status, "admin": user.admin, "seatType": seat})
        });
        let (pages, count) = (users.len().div_ceil(SIZE), users.len());
        raw(200, &json!({"totalPages": pages, "totalCount": count, "data": listed.collect::<Vec<_>>()}))
    }

    pub(crate) fn apply(&mut self, request: &Request) -> Raw {
        let success = raw(200, &json!({"message": "SUCCESS", "resultCode": 0}));
        if request.method != Method::Get {
            *self.applied.entry(name(request)).or_default() += 1;
        }
        let last = request.path.rsplit('/').next().unwrap_or_default();
        let last = last.split('?').next().unwrap_or_default();
        if last == "me" {
            return raw(200, &json!({"id": 1, "admin": true}));
        }
        if request.path.starts_with("/users?planId=") {
            return self.page(request);
        }
        let id = user(request);
        let user = self.users.get_mut(&id).expect("only users of the scene are asked for");
        let wanted = request.body.as_ref().and_then(|body| body["seatType"].as_str());
        match (request.method, last) {
            (Method::Get, "plans") => match user.seat {
                Some(seat) => raw(200, &json!({"data": [{"planId": PLAN, "seatType": seat}]})),
                None => raw(200, &json!({"data": []})),
            },
            (Method::Get, _) => {
                let status = if user.active { "ACTIVE" } else { "DEACTIVATED" };
                raw(200, &json!({"id": id, "status": status, "admin": user.admin}))
            }
            (Method::Post, "downgrade" | "upgrade") | (Method::Delete, _) if user.seat.is_none() => refused(403, 1013),
            (Method::Post, "downgrade") => {
                user.seat = Some(if wanted == Some("GUEST") { "GUEST" } else { "CONTRIBUTOR" });
                success
            }
            (Method::Post, "upgrade") => {
                user.seat = Some("MEMBER");
                success
            }
            // What was done already is refused, as the documents say.
            (Method::Post, "deactivate") if !user.active => refused(403, 1188),
            (Method::Post, "reactivate") if user.active => refused(400, 1187),
            (Method::Post, "deactivate") => {
                user.active = false;
                success
            }
            (Method::Post, "reactivate") => {
                user.active = true;
                success
            }
            (Method::Delete, _) => {
                user.seat = None;
                success
            }
            (Method::Put, _) => {
                user.admin = request.body.as_ref().and_then(|body| body["admin"].as_bool()).unwrap_or(user.admin);
                success
            }
            (Method::Post, _) => refused(404, 1006),
        }
    }
}

pub(crate) fn user(request: &Request) -> u64 {
    let user = request.path.split('/').nth(2).and_then(|user| user.split('?').next()).unwrap_or_default();
    user.parse().unwrap_or(0)
}

impl Transport for Api {
    async fn send(&self, request: &Request) -> Result<Raw, Answer> {
        let storms = self.world(|world| {
            world.requests += 1;
            if request.method != Method::Get {
                *world.sent.entry(name(request)).or_default() += 1;
            }
            world.storms
        });
        // On a task of its own, which goes on when the client dies.
        let served = tokio::spawn(self.clone().carry_out(request.clone(), storms));
        served.await.expect("the simulated API does not panic")
    }
}
