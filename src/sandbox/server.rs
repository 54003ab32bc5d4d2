//! The sandbox itself: served on loopback, looked at and stopped by whoever started it.
//!
//! It decides how a request comes in and how its answer leaves. It must never listen on anything but 127.0.0.1.

use std::collections::HashSet;
use std::future::pending;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{self, ConnectInfo, Request};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::background::FaultRates;
use super::connection::{Entrance, Line, Switchboard};
use super::exchange::{Delivery, Exchange, Verdict};
use super::journal::{Entry, Journal, LoggedRequest};
use super::limit::SlidingWindow;
use super::options::{Latency, Options};
use super::reply::Reply;
use super::route::{Endpoint, Route};
use super::snapshot::HeldUser;
use super::world::World;

/// A running sandbox. Dropping it stops it, without waiting for the port to be free.
#[derive(Debug)]
pub struct Sandbox {
    base_url: String,
    token: String,
    server: Arc<Server>,
    switchboard: Switchboard,
    accepting: JoinHandle<io::Result<()>>,
}

/// Serves `world` on 127.0.0.1 until it is stopped. Of the options, `users` has no meaning any more.
///
/// # Errors
/// When the port can't be had.
pub async fn serve(world: World, options: &Options) -> io::Result<Sandbox> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let base_url = format!("http://{}/2.0", listener.local_addr()?);
    let token = format!("sandbox{:016x}token", options.seed);
    let server = Arc::new(Server {
        state: Mutex::new(State::new(world, token.clone(), options)),
        journal: Journal::new(options.keeps_requests),
        latency: options.latency,
        seed: options.seed,
        count: AtomicU64::new(0),
    });
    let switchboard = Switchboard::default();
    let service = Router::new().fallback(respond).with_state(Arc::clone(&server));
    let service = service.into_make_service_with_connect_info::<Line>();
    let accepting = tokio::spawn(axum::serve(Entrance::new(listener, switchboard.clone()), service).into_future());
    Ok(Sandbox { base_url, token, server, switchboard, accepting })
}

impl Sandbox {
    /// `http://127.0.0.1:PORT/2.0`
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The only access token that is taken.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The seat that a user holds in a plan, by the API's names and always CONTRIBUTOR for the free one. `None` when
    /// there is no such user, or not in that plan.
    pub fn seat_of(&self, user: u64, plan: u64) -> Option<String> {
        self.user(user)?.seats.into_iter().find(|(id, _)| *id == plan).map(|(_, seat)| seat)
    }

    /// `ACTIVE`, `PENDING`, `DECLINED` or `DEACTIVATED`. `None` when there is no such user.
    pub fn status_of(&self, user: u64) -> Option<&'static str> {
        self.user(user).map(|user| user.status)
    }

    /// All that is held of a user.
    pub fn user(&self, user: u64) -> Option<HeldUser> {
        self.server.state().world.user(user).map(HeldUser::new)
    }

    /// All users, by id.
    pub fn users(&self) -> Vec<HeldUser> {
        let mut users: Vec<_> = self.server.state().world.users.iter().map(HeldUser::new).collect();
        users.sort_unstable_by_key(|user| user.id);
        users
    }

    /// Changes the world behind the API's back, as somebody else would: drift, for tests.
    pub fn meddle<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.server.state().world)
    }

    /// The requests so far in the order of arrival; none unless
    /// [`keeps_requests`](Options::keeps_requests) was set.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.server.journal.copy()
    }

    /// How many requests have come in.
    pub fn request_count(&self) -> u64 {
        self.server.count.load(Ordering::Relaxed)
    }

    /// Stops: nothing is accepted any more, and every open connection is closed, whatever it waits for. The port is
    /// free when this returns.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // The only way for it to end is to be aborted.
        let _ = (&mut self.accepting).await;
        self.switchboard.hang_up();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.accepting.abort();
        self.switchboard.hang_up();
    }
}

#[derive(Debug)]
struct Server {
    state: Mutex<State>,
    journal: Journal,
    latency: Latency,
    seed: u64,
    count: AtomicU64,
}

/// What requests share and change.
#[derive(Debug)]
pub(super) struct State {
    pub(super) world: World,
    pub(super) token: String,
    pub(super) window: SlidingWindow,
    pub(super) faults: FaultRates,
    pub(super) is_strict: bool,
    pub(super) unsupported: Vec<(Endpoint, u16)>,
    pub(super) refuses_unknown_parameters: bool,
    /// Users with a change under way.
    pub(super) busy_users: HashSet<u64>,
}

impl State {
    pub(super) fn new(world: World, token: String, options: &Options) -> Self {
        let window = SlidingWindow::new(options.rate_per_minute);
        Self {
            world,
            token,
            window,
            faults: options.faults.clone(),
            is_strict: options.is_strict,
            unsupported: options.unsupported.clone(),
            refuses_unknown_parameters: options.refuses_unknown_parameters,
            busy_users: HashSet::new(),
        }
    }
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest body that is read: far more than any request here has.
const LONGEST_BODY: usize = 1 << 20;

async fn respond(
    extract::State(server): extract::State<Arc<Server>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else { return Reply::web_page(413).into_response() };
    let number = server.count.fetch_add(1, Ordering::Relaxed);
    let entry = server.journal.begin(number, &parts, &body);
    let exchange = Exchange { number, seed: server.seed, parts: &parts, body: &body };
    let verdict = exchange.settle(&mut server.state());
    let work = Work::on(&server, entry, &verdict);
    if matches!(verdict.delivery, Delivery::Silence) {
        drop(work);
        return pending().await;
    }
    let latency = server.latency.draw(server.seed, number);
    if !latency.is_zero() {
        sleep(latency).await;
    }
    match verdict.delivery {
        Delivery::Answer(reply) => work.answered(reply),
        Delivery::Half(reply) => {
            line.cut_short(reply.body.len().div_ceil(2));
            work.answered(reply)
        }
        // What is returned here never leaves: the connection breaks at the first byte.
        Delivery::Reset | Delivery::Silence => {
            line.reset();
            Response::default()
        }
    }
}

/// A request under way. It ends when this is dropped, be it because the client has gone.
struct Work<'a> {
    server: &'a Server,
    entry: Entry,
    busy_user: Option<u64>,
}

impl<'a> Work<'a> {
    fn on(server: &'a Server, entry: Entry, verdict: &Verdict) -> Self {
        server.journal.note(entry, |request| {
            request.user = verdict.route.and_then(Route::user);
            request.operation = verdict.route.and_then(Route::operation);
            request.fault = verdict.fault;
        });
        Self { server, entry, busy_user: verdict.busy_user }
    }

    fn answered(self, reply: Reply) -> Response {
        self.server.journal.note(self.entry, |request| {
            request.status = Some(reply.status);
            request.refused.clone_from(&reply.refused);
        });
        reply.into_response()
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if let Some(user) = self.busy_user {
            self.server.state().busy_users.remove(&user);
        }
        self.server.journal.note(self.entry, |request| request.ended = Some(Instant::now()));
    }
}
