//! The executor: carries out one step of one job.
//!
//! It waits for the pace, then for the dispatcher's word that the step is on record, and only then sends. It decides
//! nothing: what came back goes to the dispatcher as it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{Instrument, Span, debug, debug_span, info_span};

use super::gate::{Gate, Passage};
use super::in_flight::InFlight;
use super::paced_reader::{PacedReader, ReadError};
use super::rate_limit::{Pace, Permit};
use super::read_back::{plans, reading};
use super::scheduler::JobIndex;
use super::whoami::{Me, who_am_i};
use crate::api::{Raw, Request, Transport, UserPage, answer, read};
use crate::model::{Action, Answer, DowngradeSeat, Job, ObservedState, PlanId};
use crate::policy::{IdentityCheck, ServerLoad, question, server_load};

/// How long an answer of `/users/me` is good for; a file of a thousand users outside the plan must not ask a thousand
/// times. A token that was just refused is asked about anew.
const fn known_for(question: IdentityCheck) -> Duration {
    match question {
        IdentityCheck::IsAdmin => Duration::from_secs(60),
        IdentityCheck::IsApi => Duration::from_secs(10),
        IdentityCheck::IsTokenAccepted => Duration::ZERO,
    }
}

/// Whether a request changes something or only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The request of the job itself.
    Change,
    /// A reading of the user's state, or a later page of one.
    Read,
    /// A page of the users of a plan, for all who are looked for in it.
    Page(PlanId, u64),
}

/// One step of a job.
#[derive(Debug)]
pub(super) struct Step {
    /// Which job.
    pub(super) index: JobIndex,
    /// The row number that a spreadsheet shows for it.
    pub(super) row: u64,
    /// What the job is.
    pub(super) job: Job,
    /// Whether to carry it out or to read back.
    pub(super) kind: Kind,
    /// The name of the free seat to use in place of the row's.
    pub(super) free_seat: Option<DowngradeSeat>,
}

/// What a step came to.
#[derive(Debug)]
pub(super) enum Reply {
    /// An answer to the change, when that was written, and what `/users/me` said where the answer made somebody ask.
    Answered { answer: Answer, written: Instant, me: Me },
    /// The plans of the user, as `plan:seat`.
    Listed(Vec<String>),
    /// What reading back showed.
    Read(ObservedState),
    /// What came back instead of a reading, and what `/users/me` said where that made somebody ask.
    Unread(Answer, Me),
    /// A page of the users of a plan, or what came back instead; `None` when nothing was sent.
    Page(PlanId, u64, Option<Result<Box<UserPage>, Answer>>),
    /// Nothing was sent, because the run is ending.
    Cancelled,
}

/// Asks the dispatcher to put a request on record; it answers by `ack` once that is durable, or drops it.
#[derive(Debug)]
pub(super) struct StartRequest {
    pub(super) index: JobIndex,
    pub(super) kind: Kind,
    pub(super) ack: oneshot::Sender<()>,
}

/// A request that left, or was about to.
#[derive(Debug)]
struct Sent {
    /// When it was written.
    written: Instant,
    /// What came back.
    answer: Result<Raw, Answer>,
}

/// What all steps share.
#[derive(Debug)]
pub(super) struct Executor<T> {
    transport: T,
    pace: Arc<Pace>,
    inbox: mpsc::UnboundedSender<StartRequest>,
    draining: watch::Receiver<bool>,
    /// The places for requests in flight.
    in_flight: InFlight,
    /// The span of the run, which a task of its own does not inherit.
    run: Span,
    /// Shut while somebody asks whether anything may still be sent.
    gate: Gate,
    /// When `/users/me` was asked for the last time, and what it said.
    me: AsyncMutex<Option<(Instant, Me)>>,
}

impl<T: Transport> Executor<T> {
    pub(super) fn new(
        transport: T,
        pace: Arc<Pace>,
        inbox: mpsc::UnboundedSender<StartRequest>,
        draining: watch::Receiver<bool>,
        in_flight: InFlight,
    ) -> Self {
        Self {
            transport,
            pace,
            inbox,
            draining,
            in_flight,
            run: Span::current(),
            gate: Gate::new(),
            me: AsyncMutex::default(),
        }
    }

    /// The places for requests in flight.
    pub(super) const fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    /// Carries out a step.
    pub(super) async fn perform(self: Arc<Self>, step: Step) -> (JobIndex, Reply) {
        let span = info_span!(parent: &self.run, "job", row = step.row, user = %step.job.user, action = step.job.action.name().name());
        let reply = self.step(&step).instrument(span).await;
        (step.index, reply)
    }

    async fn step(&self, step: &Step) -> Reply {
        match (step.kind, &step.job.action) {
            (Kind::Change, Action::Plans) => self.list(step).await,
            (Kind::Change, _) => self.change(step).await,
            (Kind::Read, _) => self.read_back(step).await,
            (Kind::Page(plan, page), _) => self.read_page(step.index, plan, page).await,
        }
    }

    async fn change(&self, step: &Step) -> Reply {
        let request = Request::change(&step.job, step.free_seat);
        let sent = self.send(step.index, Kind::Change, Passage::Gated, &request).await;
        let Some(Sent { written, answer: sent }) = sent else { return Reply::Cancelled };
        let answer = sent.as_ref().map_or_else(Clone::clone, answer);
        let me = match question(&answer) {
            Some(question) => self.ask(step.index, question).await,
            None => Me::Unknown,
        };
        Reply::Answered { answer, written, me }
    }

    async fn list(&self, step: &Step) -> Reply {
        let first = Mutex::new(Kind::Change);
        let kind = || std::mem::replace(&mut *lock(&first), Kind::Read);
        let asker = StepReader { executor: self, index: step.index, passage: Passage::Gated, kind };
        match plans(step.job.user, &asker).await {
            Ok(list) => Reply::Listed(
                list.plans
                    .into_iter()
                    .map(|plan| format!("{}:{}", plan.plan_id, plan.seat_type.as_deref().unwrap_or("?")))
                    .collect(),
            ),
            Err(ReadError::Answered(answer)) => {
                let me = self.ask_of_reading(step.index, &answer).await;
                Reply::Answered { answer: *answer, written: Instant::now(), me }
            }
            Err(ReadError::Cancelled) => Reply::Cancelled,
        }
    }

    async fn read_back(&self, step: &Step) -> Reply {
        match reading(&step.job, &self.asker(step.index, Passage::Gated)).await {
            Ok(reading) => Reply::Read(reading),
            Err(ReadError::Answered(answer)) => {
                let me = self.ask_of_reading(step.index, &answer).await;
                Reply::Unread(*answer, me)
            }
            Err(ReadError::Cancelled) => Reply::Cancelled,
        }
    }

    async fn read_page(&self, index: JobIndex, plan: PlanId, page: u64) -> Reply {
        let request = Request::users_of_plan(plan, page);
        let sent = self.send(index, Kind::Page(plan, page), Passage::Gated, &request).await;
        let read = sent.map(|sent| sent.answer.and_then(|raw| read(&request, &raw).map(Box::new)));
        Reply::Page(plan, page, read)
    }

    /// What `/users/me` says after an answer to a reading. Whether the caller is a System Admin makes no difference to one.
    async fn ask_of_reading(&self, index: JobIndex, answer: &Answer) -> Me {
        match question(answer) {
            Some(question @ (IdentityCheck::IsApi | IdentityCheck::IsTokenAccepted)) => self.ask(index, question).await,
            Some(IdentityCheck::IsAdmin) | None => Me::Unknown,
        }
    }

    /// What `/users/me` says. Nothing else is sent while it is asked whether anything may still be sent.
    async fn ask(&self, index: JobIndex, question: IdentityCheck) -> Me {
        let came = Instant::now();
        // Whoever comes while somebody asks waits for the answer.
        let mut known = self.me.lock().await;
        if let Some((asked, me)) = &*known
            && *asked + known_for(question) >= came
        {
            return me.clone();
        }
        let shut = match question {
            IdentityCheck::IsAdmin => None,
            IdentityCheck::IsApi | IdentityCheck::IsTokenAccepted => Some(self.gate.shut()),
        };
        let asked = Instant::now();
        let me = who_am_i(&self.asker(index, Passage::Free)).await;
        if let (Some(_), Some(shut)) = (me.stop_reason(), shut) {
            // The dispatcher ends the run on the strength of it.
            shut.for_good();
        }
        *known = Some((asked, me.clone()));
        me
    }

    fn asker(&self, index: JobIndex, passage: Passage) -> StepReader<'_, T, impl Fn() -> Kind + Send + Sync> {
        StepReader { executor: self, index, passage, kind: || Kind::Read }
    }

    /// Sends one request once the pace and the dispatcher allow it; `None` when the run is ending.
    async fn send(&self, index: JobIndex, kind: Kind, passage: Passage, request: &Request) -> Option<Sent> {
        let mut draining = self.draining.clone();
        let permit = tokio::select! {
            permit = self.permit(passage) => permit,
            () = drained(&mut draining) => return None,
        };
        let (ack, on_record) = oneshot::channel();
        self.inbox.send(StartRequest { index, kind, ack }).ok()?;
        on_record.await.ok()?;
        let cleared = async {
            let mut permit = permit;
            loop {
                if !self.gate.lets_pass(passage) {
                    permit.return_unused();
                    permit = self.permit(passage).await;
                }
                permit.hold().await;
                let place = self.in_flight.place().await;
                if !permit.is_held() && self.gate.lets_pass(passage) {
                    return (place, permit);
                }
            }
        };
        tokio::select! {
            biased;
            (place, _permit) = cleared => {
                let written = Instant::now();
                let answer = self.attempt(request).await;
                place.answered(load(&answer));
                Some(Sent { written, answer })
            }
            () = drained(&mut draining) => {
                let answer = Err(Answer::NotSent { text: "the run ended before its turn came".to_owned() });
                Some(Sent { written: Instant::now(), answer })
            }
        }
    }
}

impl<T: Transport> Executor<T> {
    /// Waits for the gate and the pace. Nobody holds a place of the pace while the gate is shut, or there might be none
    /// left to ask whether it can be opened.
    async fn permit(&self, passage: Passage) -> Permit {
        loop {
            self.gate.pass(passage).await;
            let permit = self.pace.permit().await;
            if self.gate.lets_pass(passage) {
                return permit;
            }
            permit.return_unused();
        }
    }

    /// One HTTP try.
    async fn attempt(&self, request: &Request) -> Result<Raw, Answer> {
        let span = debug_span!("attempt", method = ?request.method, path = request.path);
        async {
            let answer = self.transport.send(request).await;
            match &answer {
                Ok(raw) => debug!(http = raw.http, bytes = raw.body.len(), "answered"),
                Err(lost) => debug!(why = lost.describe(), "not answered"),
            }
            answer
        }
        .instrument(span)
        .await
    }
}

/// Reads for one job.
struct StepReader<'a, T, K> {
    executor: &'a Executor<T>,
    index: JobIndex,
    passage: Passage,
    kind: K,
}

impl<T: Transport, K: Fn() -> Kind + Send + Sync> PacedReader for StepReader<'_, T, K> {
    async fn ask(&self, request: Request) -> Option<Result<Raw, Answer>> {
        self.executor.send(self.index, (self.kind)(), self.passage, &request).await.map(|sent| sent.answer)
    }
}

/// What an answer says of how much the server has to do.
fn load(sent: &Result<Raw, Answer>) -> ServerLoad {
    match sent {
        // Only these can, and all others need not be read twice.
        Ok(raw) if matches!(raw.http, 429 | 500 | 503) => server_load(&answer(raw)),
        Ok(_) => ServerLoad::Normal,
        Err(lost) => server_load(lost),
    }
}

async fn drained(draining: &mut watch::Receiver<bool>) {
    // A sender that is gone means that the run is over, which is the end of it, too.
    let _ = draining.wait_for(|draining| *draining).await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
