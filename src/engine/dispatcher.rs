//! The dispatcher: the only place where job states change while a run is under way.
//!
//! Whatever happens arrives at one synchronous method, which moves the job by [`JobState::next`], puts that on record,
//! and tells the observer. It never waits and never sends: it hands out steps, and lets a step begin only when its
//! record is durable. The [scheduler](Scheduler) knows which job takes the next step; what follows from an answer and from a reading stands in
//! a file each.

mod answers;
mod holding;
mod page_checks;
mod pages;
mod readings;
mod slot;
mod spec;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::info;

use super::clock::RunClock;
use super::executor::{Kind, Reply, StartRequest, Step};
use super::free_seat::{FreeSeatNames, NameUsed, free_seat};
use super::observer::{Observer, RunEvent};
use super::outcomes;
use super::rate_limit::Pace;
use super::scheduler::{JobIndex, Scheduler};
use crate::ledger::{Journal, Record, Verification};
use crate::model::{Answer, Event, JobState, Outcome, PriorAttempts, Reason, RunTraffic, Status, StopReason};
use crate::policy::{Breaker, Patience, Sent, StopRun, may_land_late};

use page_checks::PageChecks;
pub use slot::Assignment;
use slot::Slot;
pub use spec::{RunEnd, RunSpec};

/// Decides and records.
pub struct Dispatcher<'a, J> {
    slots: Vec<Slot>,
    scheduler: Scheduler,
    page_checks: PageChecks,
    unsettled: usize,
    in_flight: usize,
    seat_names: FreeSeatNames,
    /// Whether any job asks for the free seat.
    asks_for_free_seat: bool,
    verification: Verification,
    breaker: Breaker,
    patience: Patience,
    clock: RunClock,
    landing_time: Duration,
    ending: Option<StopReason>,
    traffic: RunTraffic,
    /// The limit that observers know.
    told_limit: Option<u32>,
    journal: J,
    pace: Arc<Pace>,
    observer: &'a dyn Observer,
    random: fastrand::Rng,
}

impl<'a, J: Journal> Dispatcher<'a, J> {
    pub(super) fn new(setup: RunSpec<'a, J>) -> Self {
        let (clock, landing_time) = (RunClock::new(setup.started), setup.landing_time);
        let slots: Vec<_> = setup.assignments.into_iter().map(|job| Slot::new(job, clock, landing_time)).collect();
        let (scheduler, heads) =
            Scheduler::new(slots.iter().map(|slot| (slot.job.user, slot.job.action.seat_effect())));
        let mut dispatcher = Self {
            unsettled: slots.iter().filter(|slot| !slot.state.is_settled()).count(),
            asks_for_free_seat: slots.iter().any(|slot| free_seat(&slot.job.action).is_some()),
            slots,
            scheduler,
            page_checks: PageChecks::default(),
            in_flight: 0,
            seat_names: FreeSeatNames::new(setup.free_seat_name, setup.remembered_seat_name),
            verification: setup.verification,
            breaker: Breaker::new(setup.max_errors),
            patience: Patience::new(setup.silence),
            clock,
            landing_time,
            ending: None,
            traffic: RunTraffic::default(),
            told_limit: setup.pace.limit(),
            journal: setup.journal,
            pace: setup.pace,
            observer: setup.observer,
            random: fastrand::Rng::new(),
        };
        let jobs = dispatcher.unsettled as u64;
        dispatcher.tell(&RunEvent::Started { jobs, limit: dispatcher.pace.limit() });
        if let Some(pause) = dispatcher.pace.pause_left() {
            dispatcher.tell(&RunEvent::Paused { why: "an earlier answer of the API asked for it", pause });
        }
        for head in dispatcher.look_for_those_in_doubt(&heads) {
            dispatcher.enlist(head, None);
        }
        dispatcher
    }

    /// The next step that may be taken at `now`.
    pub(super) fn next_step(&mut self, now: Instant) -> Option<Step> {
        if self.ending.is_some() {
            return None;
        }
        if self.page_checks.has_urgent()
            && let Some(page) = self.next_page(now)
        {
            return Some(page);
        }
        let index = match self.scheduler.next(now) {
            Some(index) => index,
            None => match self.next_page(now) {
                Some(page) => return Some(page),
                // Who is not worth a page is in line now.
                None => self.scheduler.next(now)?,
            },
        };
        self.in_flight += 1;
        let slot = &mut self.slots[index];
        let kind = match slot.state {
            JobState::InDoubt { .. } | JobState::Partly { .. } | JobState::Done { .. } => Kind::Read,
            JobState::Ready { .. } | JobState::Sent { .. } | JobState::Settled { .. } => Kind::Change,
        };
        let free_seat = match kind {
            Kind::Change => slot.free_seat.name(&slot.job.action, self.seat_names),
            Kind::Read | Kind::Page(..) => None,
        };
        Some(Step { index, row: slot.row, job: slot.job.clone(), kind, free_seat })
    }

    /// Whether the name of the free seat that the tenant takes is still to be found out.
    pub(super) fn is_learning_seat_name(&self) -> bool {
        self.asks_for_free_seat && self.seat_names.are_open()
    }

    /// When the next step becomes due that is not due yet.
    pub(super) fn next_due(&self) -> Option<Instant> {
        [self.scheduler.next_due(), self.page_checks.next_due()].into_iter().flatten().min()
    }

    /// Whether nothing is left to do or to wait for.
    pub(super) fn is_over(&self) -> bool {
        self.in_flight == 0 && (self.unsettled == 0 || self.ending.is_some())
    }

    /// Whether nothing new is begun.
    pub(super) const fn is_draining(&self) -> bool {
        self.ending.is_some()
    }

    /// Whether every step that is left lies beyond `limit`, so that waiting for it is of no use.
    pub(super) fn has_nothing_before(&self, limit: Instant) -> bool {
        self.in_flight == 0 && self.page_checks.users() == 0 && self.scheduler.only_wait_beyond(limit)
    }

    /// Begins nothing new from here on. The first reason stands.
    pub(super) fn drain(&mut self, ending: StopReason) {
        if self.ending.is_none() {
            self.tell(&RunEvent::Draining { why: &ending.describe() });
            self.ending = Some(ending);
        }
    }

    /// Gives up what is in flight, too.
    pub(super) fn abort(&mut self, ending: StopReason) {
        self.ending = Some(ending);
        self.in_flight = 0;
    }

    /// What the run came to.
    pub(super) fn finish(self, most_in_flight: usize) -> RunEnd<J> {
        self.tell(&RunEvent::Finished);
        let ending = self.ending.unwrap_or(StopReason::Finished);
        let traffic = RunTraffic { most_in_flight, ..self.traffic };
        RunEnd { ending, accepted_seat_name: self.seat_names.learned(), traffic, journal: self.journal }
    }

    /// Puts the beginning of a request on record; the executor may send once that is durable.
    pub(super) fn may_begin(&mut self, StartRequest { mut index, kind, ack }: StartRequest) {
        if self.ending.is_some() {
            return;
        }
        let event = match kind {
            Kind::Change => {
                self.slots[index].requests += 1;
                Event::Begun
            }
            Kind::Read => Event::ReadBegun,
            Kind::Page(plan, _) => match self.page_checks.any_of(plan) {
                // It is on record for one of those who are looked for.
                Some(any) => {
                    index = any;
                    Event::ReadBegun
                }
                None => return,
            },
        };
        let record = self.advance(index, event, None, None);
        self.journal.record(record, Some(ack));
        self.traffic.requests += 1;
        self.tell_limit();
        self.tell(&RunEvent::Requested);
    }

    /// Takes what a step came to.
    pub(super) fn reply(&mut self, index: JobIndex, reply: Reply, now: Instant) {
        self.in_flight -= 1;
        match reply {
            Reply::Answered { answer, written, me } => {
                if may_land_late(&answer) {
                    self.slots[index].may_land_until = Some(written + self.landing_time);
                }
                self.answered(index, answer, &me, now);
            }
            Reply::Listed(pairs) => {
                self.patience.let_through(now.into_std());
                self.settle(index, outcomes::listed(&pairs), None);
            }
            Reply::Read(reading) => {
                self.patience.let_through(now.into_std());
                self.read(index, &reading, now);
            }
            Reply::Unread(answer, me) => self.unread(index, &answer, &me, now),
            Reply::Page(plan, number, Some(Ok(page))) => {
                self.patience.let_through(now.into_std());
                self.page_read(plan, number, &page, now);
            }
            Reply::Page(plan, number, Some(Err(answer))) => self.page_unread(plan, number, &answer, now),
            Reply::Page(plan, _, None) => self.page_cancelled(plan),
            Reply::Cancelled => self.withdrawn(),
        }
    }

    /// A step that nobody let begin: the run is ending, or its record could not be written.
    fn withdrawn(&mut self) {
        if self.ending.is_none() {
            // Nothing else holds a step back, so a journal that gives no reason is gone without a word.
            let failure = self.journal.failure().unwrap_or_else(|| "the ledger's writer is gone".to_owned());
            self.drain(StopReason::Ledger(failure));
        }
    }

    fn settle(&mut self, index: JobIndex, mut outcome: Outcome, answer: Option<Answer>) {
        if self.slots[index].is_repeated {
            outcome.message.push_str("; it was sent again, because the answer to an earlier try was lost");
        }
        let event = Event::Settled { status: outcome.status, reason: outcome.reason };
        let record = self.advance(index, event, answer, Some(outcome));
        let slot = &mut self.slots[index];
        slot.answer = None;
        let (row, may_land_until) = (slot.row, slot.may_land_until);
        if !slot.is_unverified {
            self.scheduler.leave(index);
        }
        self.tell_settled(index, &record);
        self.journal.record(record, None);
        self.unsettled -= 1;
        let JobState::Settled { status, reason } = self.slots[index].state else { return };
        // What waited to be looked at was counted when the API said SUCCESS.
        if reason != Reason::Predecessor && !self.slots[index].is_unverified {
            self.breaker.count(if status == Status::Failed { Sent::Failed } else { Sent::Otherwise });
            if let Some(why) = self.breaker.tripped() {
                self.drain(StopReason::TooManyErrors(why));
            }
        }
        let next = self.scheduler.after(index);
        if status == Status::Unknown {
            self.leave_rest(next, row);
        } else if let Some(next) = next {
            self.enlist(next, may_land_until);
        }
    }

    /// Leaves out a user's later jobs, because nobody knows on what state they would act.
    fn leave_rest(&mut self, mut next: Option<JobIndex>, row: u64) {
        while let Some(index) = next {
            next = self.scheduler.after(index);
            if self.slots[index].state.is_settled() {
                continue;
            }
            let outcome = self.left_behind(index, row);
            let event = Event::Settled { status: outcome.status, reason: outcome.reason };
            let record = self.advance(index, event, None, Some(outcome));
            self.tell_settled(index, &record);
            self.journal.record(record, None);
            self.unsettled -= 1;
        }
    }

    /// How a job ends that is left out because `row`, of the same user, ended as `UNKNOWN`. An earlier session may have
    /// sent it.
    fn left_behind(&self, index: JobIndex, row: u64) -> Outcome {
        let slot = &self.slots[index];
        let why = || format!("row {row}, of the same user, ended as UNKNOWN before it was read back");
        match slot.state {
            JobState::InDoubt { .. } | JobState::Ready { past: PriorAttempts::Uncertain, .. } => {
                outcomes::unknown(slot.answer.as_deref(), &why())
            }
            JobState::Partly { .. } => outcomes::partly(slot.answer.as_deref(), None),
            JobState::Done { .. } => outcomes::unverified(self.said(index), &why()),
            JobState::Ready { past: PriorAttempts::NoEffect, .. }
            | JobState::Sent { .. }
            | JobState::Settled { .. } => outcomes::after_unknown(row),
        }
    }

    /// Makes a job the current one of its user, or the next that is not settled. It begins no sooner than a request of an
    /// earlier row can no longer be carried out.
    fn enlist(&mut self, index: JobIndex, not_before: Option<Instant>) {
        let mut current = Some(index);
        while let Some(index) = current {
            let slot = &self.slots[index];
            if !slot.state.is_settled() {
                return self.scheduler.enter(index, slot.state, not_before);
            }
            current = self.scheduler.after(index);
        }
    }

    /// Moves a job and records an answer that may matter later.
    fn note(&mut self, index: JobIndex, event: Event, answer: Answer) {
        let record = self.advance(index, event, Some(answer.clone()), None);
        self.slots[index].answer = Some(Box::new(answer));
        self.journal.record(record, None);
    }

    /// Moves a job by an event, the only way there is, and makes the record of it.
    fn advance(&mut self, index: JobIndex, event: Event, answer: Option<Answer>, outcome: Option<Outcome>) -> Record {
        let slot = &mut self.slots[index];
        slot.state = slot.state.next(event).unwrap_or_else(|nonsense| panic!("row {}: {nonsense}", slot.row));
        Record { place: slot.place, at: self.clock.now(), event, answer, outcome }
    }

    fn tries(&self, index: JobIndex) -> u16 {
        match self.slots[index].state {
            JobState::Ready { tries, .. } | JobState::Sent { tries, .. } | JobState::InDoubt { tries, .. } => tries,
            JobState::Partly { .. } | JobState::Done { .. } | JobState::Settled { .. } => 0,
        }
    }

    /// The name of the free seat that a job was sent with in place of its own.
    fn name_used(&self, index: JobIndex) -> Option<NameUsed> {
        let slot = &self.slots[index];
        slot.free_seat.in_place_of_rows(&slot.job.action, self.seat_names)
    }

    fn tell_settled(&self, index: JobIndex, record: &Record) {
        let (Slot { row, job, is_unverified, .. }, Some(outcome)) = (&self.slots[index], &record.outcome) else {
            return;
        };
        let (action, status) = (job.action.name().name(), outcome.status.name());
        info!(row, user = %job.user, action, status, "{}", outcome.message);
        self.tell(&RunEvent::Settled { row: *row, job, outcome, was_unverified: *is_unverified });
    }

    fn tell_retry(&self, index: JobIndex, why: &str, after: Duration) {
        let slot = &self.slots[index];
        self.tell(&RunEvent::Retrying { row: slot.row, job: &slot.job, why, after });
    }

    fn tell(&self, event: &RunEvent<'_>) {
        self.observer.on_event(event);
    }
}

fn ending(halt: StopRun, answer: &Answer) -> StopReason {
    let why = answer.describe();
    match halt {
        StopRun::Token => StopReason::Token(why),
        StopRun::NoAdmin => StopReason::NoAdmin(why),
        StopRun::Retired => StopReason::Retired(why),
        StopRun::Bug => StopReason::Bug(why),
    }
}
