//! The dispatcher: the only place where job states change while a run is under way.
//!
//! Whatever happens arrives at one synchronous method, which moves the job by [`JobState::next`], puts that on record,
//! and tells the observer. It never waits and never sends: it hands out steps, and lets a step begin only when its
//! record is durable. Per user, jobs go in file order and never two at once; rows that free a paid seat go before rows
//! that take one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::info;

use super::executor::{Kind, MayBegin, Reply, Step};
use super::free_seat::FreeSeat;
use super::observer::{Happening, Observer};
use super::pace::Pace;
use super::settle;
use crate::ledger::{Journal, Record};
use crate::model::{
    Action, Answer, DowngradeSeat, Ending, Event, Finding, FreeSeatName, Job, JobState, Limit, Otherwise, Outcome,
    Past, Reading, Reason, SeatEffect, SeenSeat, Status, UserId,
};
use crate::policy::{
    After, Breaker, Halt, MAX_READS, MAX_TRIES, ResultCode, Sent, Spread, Verdict, Wait, backoff, classify, finding,
    past_after, refuses_the_value, says_already_so, says_user_is_not_there, settle_by,
};

/// Readings that may fail before a partial success is reported without one.
const PARTIAL_READS: u16 = 3;
/// Times that a job whose state cannot be read is sent, at the most.
const UNREAD_TRIES: u16 = 3;

/// A job that a run has to settle.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The place of its row in the file, from 0.
    pub place: u32,
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// What is wanted.
    pub job: Job,
    /// Where it stands.
    pub state: JobState,
    /// The last answer that came back for it in an earlier session.
    pub answer: Option<Answer>,
    /// The seat that was read before anything was sent.
    pub seat_before: Option<SeenSeat>,
}

#[derive(Debug)]
struct Slot {
    place: u32,
    row: u64,
    job: Job,
    state: JobState,
    /// The next job of the same user, by its turn.
    next: Option<usize>,
    free_seat: FreeSeat,
    /// The last answer to its change request, while it matters.
    answer: Option<Box<Answer>>,
    seat_before: Option<SeenSeat>,
}

/// Decides and records.
pub struct Dispatcher<'a, J> {
    slots: Vec<Slot>,
    /// Jobs that may take a step now, but for those that take a paid seat.
    ready: VecDeque<usize>,
    /// Jobs that take a paid seat and wait for the others.
    takers: VecDeque<usize>,
    /// Users whose current job takes no paid seat: takers wait until there is none.
    freeing_users: usize,
    waiting: BinaryHeap<Reverse<(Instant, usize)>>,
    unsettled: usize,
    in_flight: usize,
    /// The free seat's name that the tenant was found to take.
    learned: Option<DowngradeSeat>,
    free_seat_name: FreeSeatName,
    breaker: Breaker,
    ending: Option<Ending>,
    journal: J,
    pace: Arc<Pace>,
    observer: &'a dyn Observer,
    random: fastrand::Rng,
}

/// What a dispatcher is made of.
pub struct Setup<'a, J> {
    /// The jobs, in the order in which they should begin; those of one user in file order.
    pub assignments: Vec<Assignment>,
    /// By which name the free seat is asked for.
    pub free_seat_name: FreeSeatName,
    /// When to stop for failures.
    pub max_errors: Limit,
    /// Where everything is put on record.
    pub journal: J,
    /// When requests may leave.
    pub pace: Arc<Pace>,
    /// Who is told.
    pub observer: &'a dyn Observer,
}

impl<'a, J: Journal> Dispatcher<'a, J> {
    pub(super) fn new(setup: Setup<'a, J>) -> Self {
        let mut slots: Vec<_> = setup.assignments.into_iter().map(Slot::new).collect();
        let heads = chain_users(&mut slots);
        let mut dispatcher = Self {
            unsettled: slots.iter().filter(|slot| !slot.state.is_settled()).count(),
            slots,
            ready: VecDeque::new(),
            takers: VecDeque::new(),
            freeing_users: 0,
            waiting: BinaryHeap::new(),
            in_flight: 0,
            learned: None,
            free_seat_name: setup.free_seat_name,
            breaker: Breaker::new(setup.max_errors),
            ending: None,
            journal: setup.journal,
            pace: setup.pace,
            observer: setup.observer,
            random: fastrand::Rng::new(),
        };
        let jobs = dispatcher.unsettled as u64;
        dispatcher.tell(&Happening::Started { jobs, limit: dispatcher.pace.limit() });
        for head in heads {
            dispatcher.enlist(head);
        }
        dispatcher
    }

    /// The next step that may be taken at `now`.
    pub(super) fn next_step(&mut self, now: Instant) -> Option<Step> {
        if self.ending.is_some() {
            return None;
        }
        while let Some(Reverse((due, turn))) = self.waiting.peek().copied()
            && due <= now
        {
            self.waiting.pop();
            self.line_up(turn);
        }
        let turn = match self.ready.pop_front() {
            Some(turn) => turn,
            None if self.freeing_users == 0 => self.takers.pop_front()?,
            None => return None,
        };
        self.in_flight += 1;
        let slot = &mut self.slots[turn];
        let kind = match slot.state {
            JobState::InDoubt { .. } | JobState::Partly { .. } => Kind::Read,
            JobState::Ready { .. } | JobState::Sent { .. } | JobState::Settled { .. } => Kind::Change,
        };
        let free_seat = slot.free_seat.name(&slot.job.action, self.free_seat_name, self.learned);
        Some(Step { turn, row: slot.row, job: slot.job.clone(), kind, free_seat })
    }

    /// When the next step becomes due that is not due yet.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse((due, _))| *due)
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
        self.in_flight == 0 && self.ready.is_empty() && self.next_due().is_some_and(|due| due >= limit)
    }

    /// Begins nothing new from here on. The first reason stands.
    pub(super) fn drain(&mut self, ending: Ending) {
        if self.ending.is_none() {
            self.tell(&Happening::Draining { why: &ending.describe() });
            self.ending = Some(ending);
        }
    }

    /// Gives up what is in flight, too.
    pub(super) fn abort(&mut self, ending: Ending) {
        self.ending = Some(ending);
        self.in_flight = 0;
    }

    /// How the run ended, and its journal.
    pub(super) fn finish(self) -> (Ending, J) {
        self.tell(&Happening::Finished);
        (self.ending.unwrap_or(Ending::Finished), self.journal)
    }

    /// Puts the beginning of a request on record; the executor may send once that is durable.
    pub(super) fn may_begin(&mut self, MayBegin { turn, kind, go }: MayBegin) {
        if self.ending.is_some() {
            return;
        }
        let event = match kind {
            Kind::Change => Event::Begun,
            Kind::Read => Event::ReadBegun,
        };
        let record = self.advance(turn, event, None, None);
        self.journal.record(record, Some(go));
        self.tell(&Happening::Requested);
    }

    /// Takes what a step came to.
    pub(super) fn reply(&mut self, turn: usize, reply: Reply, now: Instant) {
        self.in_flight -= 1;
        match reply {
            Reply::Answered(answer, admin) => self.answered(turn, answer, admin, now),
            Reply::Listed(pairs) => self.settle(turn, settle::listed(&pairs), None),
            Reply::Read(Ok(reading)) => self.read(turn, &reading, now),
            Reply::Read(Err(answer)) => self.unread(turn, &answer, now),
            Reply::Withdrawn => self.withdrawn(),
        }
    }

    fn answered(&mut self, turn: usize, answer: Answer, admin: Option<bool>, now: Instant) {
        let slot = &mut self.slots[turn];
        let verdict = match (classify(&answer), &slot.job.action) {
            // A reading that is in doubt has simply not been read.
            (Verdict::InDoubt(_, wait), Action::Plans) => Verdict::NoEffect(wait),
            (verdict, _) => verdict,
        };
        match verdict {
            Verdict::Done(ResultCode::Success) => {
                let name = slot.free_seat.accepted(&slot.job.action, &mut self.learned);
                let outcome = settle::succeeded(&slot.job, &answer, name);
                self.settle(turn, outcome, Some(answer));
            }
            Verdict::Done(ResultCode::PartialSuccess) => {
                self.note(turn, Event::Partly, answer);
                self.line_up(turn);
            }
            Verdict::AskWhoAmI if admin == Some(false) => self.halt(turn, Halt::NoAdmin, answer),
            // Nobody could ask any more: the run that carries on will.
            Verdict::AskWhoAmI if admin.is_none() && self.ending.is_some() => self.give_up(turn, answer),
            Verdict::Refused | Verdict::AskWhoAmI => self.refused(turn, answer, now),
            Verdict::NoEffect(wait) => self.had_no_effect(turn, wait, answer, now),
            Verdict::InDoubt(otherwise, wait) => {
                let after = self.wait(wait, 1);
                self.tell_retry(turn, &answer, after);
                self.note(turn, Event::Doubtful(otherwise), answer);
                self.wait_until(turn, now + after);
            }
            Verdict::Halt(halt) => self.halt(turn, halt, answer),
        }
    }

    fn refused(&mut self, turn: usize, answer: Answer, now: Instant) {
        let slot = &mut self.slots[turn];
        let past = match slot.state {
            JobState::Sent { past, .. } => past,
            JobState::Ready { .. } | JobState::InDoubt { .. } | JobState::Partly { .. } | JobState::Settled { .. } => {
                Past::Clean
            }
        };
        if says_already_so(&slot.job.action, past, &answer) {
            let outcome = settle::said_already_so(&slot.job, &answer);
            return self.settle(turn, outcome, Some(answer));
        }
        if refuses_the_value(&answer) && slot.free_seat.turn_to_other_name(self.free_seat_name, self.learned) {
            self.tell_retry(turn, &answer, Duration::ZERO);
            self.note(turn, Event::NoEffect, answer);
            return self.wait_until(turn, now);
        }
        if past == Past::Doubted && slot.job.action.name().changes() && !says_user_is_not_there(&answer) {
            // The refusal may be the answer to what an earlier try has done; only a reading tells.
            self.note(turn, Event::Doubtful(Otherwise::Fail), answer);
            return self.wait_until(turn, now);
        }
        let outcome = settle::refused(&slot.job, &answer);
        self.settle(turn, outcome, Some(answer));
    }

    fn had_no_effect(&mut self, turn: usize, wait: Wait, answer: Answer, now: Instant) {
        let tries = self.tries(turn);
        if tries >= MAX_TRIES && self.ending.is_none() {
            if wait == Wait::Everybody {
                self.drain(Ending::Unreachable(answer.describe()));
            }
            return self.give_up(turn, answer);
        }
        let after = self.wait(wait, tries);
        if self.ending.is_none() {
            self.hold_everybody(wait, after, &answer);
            self.tell_retry(turn, &answer, after);
        }
        self.note(turn, Event::NoEffect, answer);
        self.wait_until(turn, now + after);
    }

    /// The row that met the reason is given up, worth another go; nothing new is begun.
    fn halt(&mut self, turn: usize, halt: Halt, answer: Answer) {
        self.drain(ending(halt, &answer));
        self.give_up(turn, answer);
    }

    /// This try had no effect and there will be no other. Of an earlier one nobody may know, and then a resumed run has
    /// to read before it sends: a second remove or deactivation would be refused for being done.
    fn give_up(&mut self, turn: usize, answer: Answer) {
        let slot = &self.slots[turn];
        let outcome = match slot.state {
            JobState::Sent { past: Past::Doubted, .. } => {
                settle::unknown(Some(&answer), "the answer to an earlier try was lost")
            }
            JobState::Sent { past: Past::Clean, .. }
            | JobState::Ready { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Settled { .. } => settle::gave_up(&slot.job, &answer, self.tries(turn)),
        };
        self.settle(turn, outcome, Some(answer));
    }

    fn read(&mut self, turn: usize, reading: &Reading, now: Instant) {
        let slot = &self.slots[turn];
        let answer = slot.answer.as_deref();
        let finding = finding(&slot.job.action, reading, slot.seat_before.as_ref());
        let JobState::InDoubt { tries, otherwise, .. } = slot.state else {
            let outcome = settle::partly(answer, Some((reading, finding)));
            return self.settle(turn, outcome, None);
        };
        let outcome = match settle_by(&slot.job.action, finding, otherwise) {
            After::Succeed => settle::found_done(&slot.job, answer, reading),
            After::Fail => settle::found_not_done(&slot.job, answer, reading),
            After::GiveUp => settle::unknown(answer, &reading.describe()),
            After::SendAgain if tries >= MAX_TRIES && finding == Finding::CannotTell => {
                settle::unknown(answer, &reading.describe())
            }
            After::SendAgain if tries >= MAX_TRIES => {
                let lost = Answer::NotSent { text: "its answers were lost".to_owned() };
                settle::gave_up(&slot.job, answer.unwrap_or(&lost), tries)
            }
            After::SendAgain => {
                let past = past_after(&slot.job.action, reading);
                return self.send_again(turn, tries, past, now);
            }
        };
        self.settle(turn, outcome, None);
    }

    /// A reading that came to nothing: tried again, until patience ends or the API says that it never will.
    fn unread(&mut self, turn: usize, answer: &Answer, now: Instant) {
        let (reads, patience) = match self.slots[turn].state {
            JobState::InDoubt { reads, .. } => (reads + 1, MAX_READS),
            JobState::Partly { reads } => (reads + 1, PARTIAL_READS),
            JobState::Ready { .. } | JobState::Sent { .. } | JobState::Settled { .. } => (1, MAX_READS),
        };
        let wait = match classify(answer) {
            Verdict::NoEffect(wait) | Verdict::InDoubt(Otherwise::Again | Otherwise::Fail, wait) => wait,
            Verdict::Halt(halt) => {
                self.drain(ending(halt, answer));
                return self.read_failed(turn, answer);
            }
            Verdict::Done(_) | Verdict::Refused | Verdict::AskWhoAmI => return self.unreadable(turn, answer, now),
        };
        if reads >= patience && self.ending.is_none() {
            if wait == Wait::Everybody {
                self.drain(Ending::Unreachable(answer.describe()));
                return self.read_failed(turn, answer);
            }
            return self.unreadable(turn, answer, now);
        }
        let after = self.wait(wait, reads);
        if self.ending.is_none() {
            self.hold_everybody(wait, after, answer);
            self.tell_retry(turn, answer, after);
        }
        self.read_failed(turn, answer);
        self.wait_until(turn, now + after);
    }

    fn read_failed(&mut self, turn: usize, answer: &Answer) {
        let record = self.advance(turn, Event::ReadFailed, Some(answer.clone()), None);
        self.journal.record(record, None);
    }

    /// The state cannot be read, and waiting does not help: what is harmless to repeat is repeated, a few times.
    fn unreadable(&mut self, turn: usize, answer: &Answer, now: Instant) {
        let slot = &self.slots[turn];
        let JobState::InDoubt { tries, otherwise, .. } = slot.state else {
            let outcome = settle::partly(slot.answer.as_deref(), None);
            return self.settle(turn, outcome, None);
        };
        match settle_by(&slot.job.action, Finding::CannotTell, otherwise) {
            After::SendAgain if tries < UNREAD_TRIES => self.send_again(turn, tries, Past::Doubted, now),
            After::SendAgain | After::GiveUp | After::Fail | After::Succeed => {
                let why = format!("reading it back came to nothing: {}", answer.describe());
                let outcome = settle::unknown(slot.answer.as_deref(), &why);
                self.settle(turn, outcome, None);
            }
        }
    }

    fn send_again(&mut self, turn: usize, tries: u16, past: Past, now: Instant) {
        let after = self.wait(Wait::Backoff, tries);
        let record = self.advance(turn, Event::Cleared(past), None, None);
        self.journal.record(record, None);
        self.wait_until(turn, now + after);
    }

    /// A step that nobody let begin: the run is ending, or its record could not be written.
    fn withdrawn(&mut self) {
        if self.ending.is_none() {
            // Nothing else holds a step back, so a journal that gives no reason is gone without a word.
            let failure = self.journal.failure().unwrap_or_else(|| "the ledger's writer is gone".to_owned());
            self.drain(Ending::Ledger(failure));
        }
    }

    fn settle(&mut self, turn: usize, outcome: Outcome, answer: Option<Answer>) {
        let event = Event::Settled { status: outcome.status, reason: outcome.reason };
        let frees = self.slots[turn].frees_or_neutral();
        let record = self.advance(turn, event, answer, Some(outcome));
        let slot = &mut self.slots[turn];
        slot.answer = None;
        let (row, next) = (slot.row, slot.next);
        self.tell_settled(turn, &record);
        self.journal.record(record, None);
        self.unsettled -= 1;
        self.freeing_users -= usize::from(frees);
        let JobState::Settled { status, reason } = self.slots[turn].state else { return };
        if reason != Reason::Predecessor {
            self.breaker.count(if status == Status::Failed { Sent::Failed } else { Sent::Otherwise });
            if let Some(why) = self.breaker.tripped() {
                self.drain(Ending::TooManyErrors(why));
            }
        }
        if status == Status::Unknown {
            self.leave_rest(next, row);
        } else if let Some(next) = next {
            self.enlist(next);
        }
    }

    /// Leaves out a user's later jobs, because nobody knows on what state they would act.
    fn leave_rest(&mut self, mut next: Option<usize>, row: u64) {
        while let Some(turn) = next {
            next = self.slots[turn].next;
            if self.slots[turn].state.is_settled() {
                continue;
            }
            let outcome = settle::after_unknown(row);
            let event = Event::Settled { status: outcome.status, reason: outcome.reason };
            let record = self.advance(turn, event, None, Some(outcome));
            self.tell_settled(turn, &record);
            self.journal.record(record, None);
            self.unsettled -= 1;
        }
    }

    /// Makes a job the current one of its user, or the next that is not settled.
    fn enlist(&mut self, turn: usize) {
        let mut current = Some(turn);
        while let Some(turn) = current {
            if !self.slots[turn].state.is_settled() {
                self.freeing_users += usize::from(self.slots[turn].frees_or_neutral());
                return self.line_up(turn);
            }
            current = self.slots[turn].next;
        }
    }

    /// Lets a job take its next step as soon as there is room.
    fn line_up(&mut self, turn: usize) {
        let slot = &self.slots[turn];
        let has_begun = match slot.state {
            JobState::InDoubt { .. } | JobState::Partly { .. } => true,
            JobState::Ready { tries, .. } => tries > 0,
            JobState::Sent { .. } | JobState::Settled { .. } => false,
        };
        // What has begun is brought to its end before anything new is begun.
        if has_begun {
            self.ready.push_front(turn);
        } else if slot.frees_or_neutral() {
            self.ready.push_back(turn);
        } else {
            self.takers.push_back(turn);
        }
    }

    fn wait_until(&mut self, turn: usize, due: Instant) {
        self.waiting.push(Reverse((due, turn)));
    }

    fn wait(&mut self, wait: Wait, failures: u16) -> Duration {
        match wait {
            Wait::Backoff | Wait::Everybody => backoff(failures, Spread::new(self.random.f64())),
            Wait::Pause(pause) => pause,
        }
    }

    fn hold_everybody(&self, wait: Wait, pause: Duration, answer: &Answer) {
        match wait {
            Wait::Backoff => {}
            Wait::Everybody | Wait::Pause(_) => {
                if self.pace.pause(pause) {
                    self.tell(&Happening::Paused { why: &answer.describe(), pause });
                }
            }
        }
    }

    /// Moves a job and records an answer that may matter later.
    fn note(&mut self, turn: usize, event: Event, answer: Answer) {
        let record = self.advance(turn, event, Some(answer.clone()), None);
        self.slots[turn].answer = Some(Box::new(answer));
        self.journal.record(record, None);
    }

    /// Moves a job by an event, the only way there is, and makes the record of it.
    fn advance(&mut self, turn: usize, event: Event, answer: Option<Answer>, outcome: Option<Outcome>) -> Record {
        let slot = &mut self.slots[turn];
        slot.state = slot.state.next(event).unwrap_or_else(|nonsense| panic!("row {}: {nonsense}", slot.row));
        Record { place: slot.place, at: Timestamp::now(), event, answer, outcome }
    }

    fn tries(&self, turn: usize) -> u16 {
        match self.slots[turn].state {
            JobState::Ready { tries, .. } | JobState::Sent { tries, .. } | JobState::InDoubt { tries, .. } => tries,
            JobState::Partly { .. } | JobState::Settled { .. } => 0,
        }
    }

    fn tell_settled(&self, turn: usize, record: &Record) {
        let (Slot { row, job, .. }, Some(outcome)) = (&self.slots[turn], &record.outcome) else { return };
        let (action, status) = (job.action.name().name(), outcome.status.name());
        info!(row, user = %job.user, action, status, "{}", outcome.message);
        self.tell(&Happening::Settled { row: *row, job, outcome });
    }

    fn tell_retry(&self, turn: usize, answer: &Answer, after: Duration) {
        let slot = &self.slots[turn];
        self.tell(&Happening::Retrying { row: slot.row, job: &slot.job, why: &answer.describe(), after });
    }

    fn tell(&self, happening: &Happening<'_>) {
        self.observer.told(happening);
    }
}

fn ending(halt: Halt, answer: &Answer) -> Ending {
    let why = answer.describe();
    match halt {
        Halt::Token => Ending::Token(why),
        Halt::NoAdmin => Ending::NoAdmin(why),
        Halt::Retired => Ending::Retired(why),
        Halt::Bug => Ending::Bug(why),
    }
}

impl Slot {
    fn new(assignment: Assignment) -> Self {
        let Assignment { place, row, job, state, answer, seat_before } = assignment;
        Self {
            place,
            row,
            job,
            state,
            next: None,
            free_seat: FreeSeat::default(),
            answer: answer.map(Box::new),
            seat_before,
        }
    }

    /// Whether takers have to wait for this job.
    fn frees_or_neutral(&self) -> bool {
        self.job.action.seat_effect() != SeatEffect::Takes
    }
}

/// Chains the jobs of each user in their order, and returns each user's first.
fn chain_users(slots: &mut [Slot]) -> Vec<usize> {
    let mut last_of: HashMap<UserId, usize> = HashMap::with_capacity(slots.len());
    let mut heads = Vec::new();
    for turn in 0..slots.len() {
        match last_of.insert(slots[turn].job.user, turn) {
            Some(previous) => slots[previous].next = Some(turn),
            None => heads.push(turn),
        }
    }
    heads
}
