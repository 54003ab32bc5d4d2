//! What follows from an answer: done, refused, sent again later, read back, or the end of the run.

use std::time::Duration;

use tokio::time::Instant;

use super::{Dispatcher, ending};
use crate::engine::observer::RunEvent;
use crate::engine::outcomes;
use crate::engine::scheduler::JobIndex;
use crate::engine::whoami::Me;
use crate::ledger::{Journal, Verification};
use crate::model::{Action, Answer, Event, IfNotApplied, JobState, PriorAttempts};
use crate::policy::{
    Echo, MAX_TRIES, ResultCode, StopRun, Verdict, Wait, classify_change, compare_echo, may_refuse_seat_name,
    most_reads, says_already_so, says_no_seat_is_left, says_user_is_not_there,
};

/// Times that a job is sent, at the most, whose token is said not to be accepted while `/users/me` accepts it.
const UNACCEPTED_TRIES: u16 = 3;

impl<J: Journal> Dispatcher<'_, J> {
    pub(super) fn answered(&mut self, index: JobIndex, answer: Answer, me: &Me, now: Instant) {
        self.notice(&answer, now);
        if let Some(reason) = me.stop_reason() {
            self.drain(reason);
        }
        let verdict = self.verdict(index, &answer, me);
        let slot = &self.slots[index];
        match verdict {
            // A reading that is in doubt has simply not been read.
            Verdict::InDoubt(_, wait) if slot.job.action == Action::Plans => self.not_read(index, wait, answer, now),
            Verdict::InDoubt(otherwise, wait) => self.came_into_doubt(index, otherwise, wait, answer, now),
            Verdict::Done(ResultCode::Success) => {
                slot.free_seat.accepted(&mut self.seat_names);
                self.succeeded(index, answer);
            }
            Verdict::Done(ResultCode::PartialSuccess) => {
                slot.free_seat.accepted(&mut self.seat_names);
                self.note(index, Event::Partly, answer);
                self.scheduler.make_ready(index);
            }
            Verdict::CheckAdmin if me.is_admin() == Some(false) => self.halt(index, StopRun::NoAdmin, answer),
            // Nobody could ask any more: the run that carries on will.
            Verdict::CheckAdmin if me.is_admin().is_none() && self.ending.is_some() => self.give_up(index, answer),
            Verdict::Refused | Verdict::CheckAdmin => self.refused(index, answer, now),
            Verdict::NoEffect(_) => self.had_no_effect(index, answer, now),
            Verdict::StopRun(halt) => self.halt(index, halt, answer),
        }
    }

    /// What an answer means, given what `/users/me` said after it.
    fn verdict(&self, index: JobIndex, answer: &Answer, me: &Me) -> Verdict {
        match (classify_change(answer), me) {
            // One 401 among answers that are fine is the server's mistake, and nothing to rely on.
            (Verdict::StopRun(StopRun::Token), Me::Accepted(_)) if self.tries(index) < UNACCEPTED_TRIES => {
                Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff)
            }
            (Verdict::StopRun(StopRun::Token), Me::Accepted(_)) => Verdict::InDoubt(IfNotApplied::Fail, Wait::Backoff),
            (verdict, Me::Accepted(_) | Me::Unknown | Me::Refused(_) | Me::Foreign(_)) => verdict,
        }
    }

    fn succeeded(&mut self, index: JobIndex, answer: Answer) {
        let slot = &self.slots[index];
        let changes = slot.job.action.name().changes();
        match (compare_echo(&slot.job, answer.echo()), self.verification) {
            (Echo::OtherUser(other), _) => {
                let outcome = outcomes::other_user(&slot.job, &answer, other);
                self.tell(&RunEvent::Warned { text: &format!("row {}: {}", slot.row, outcome.message) });
                self.settle(index, outcome, Some(answer));
            }
            (Echo::OtherName(_), _) | (_, Verification::ReadBack) if changes => {
                self.note(index, Event::Done, answer);
                self.verify(index);
            }
            (Echo::Silent | Echo::Agrees(_) | Echo::OtherName(_), Verification::ReadBack | Verification::Waived) => {
                let outcome = outcomes::succeeded(&slot.job, Some(&answer), self.name_used(index));
                self.settle(index, outcome, Some(answer));
            }
        }
    }

    fn refused(&mut self, index: JobIndex, answer: Answer, now: Instant) {
        let slot = &mut self.slots[index];
        let past = match slot.state {
            JobState::Sent { past, .. } => past,
            JobState::Ready { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Done { .. }
            | JobState::Settled { .. } => PriorAttempts::NoEffect,
        };
        if says_already_so(&slot.job.action, past, &answer) {
            let outcome = outcomes::said_already_so(&slot.job, &answer);
            return self.settle(index, outcome, Some(answer));
        }
        if may_refuse_seat_name(&answer) && slot.free_seat.turn_to_other_name(self.seat_names, &answer) {
            self.tell_retry(index, &answer.describe(), Duration::ZERO);
            self.note(index, Event::NoEffect, answer);
            return self.scheduler.wait(index, now);
        }
        if says_no_seat_is_left(&answer) && past == PriorAttempts::NoEffect && self.scheduler.requeue(index) {
            self.tell_retry(index, &answer.describe(), Duration::ZERO);
            return self.note(index, Event::NoEffect, answer);
        }
        if past == PriorAttempts::Uncertain && slot.job.action.name().changes() && !says_user_is_not_there(&answer) {
            // The refusal may be the answer to what an earlier try has done; only a reading tells.
            self.note(index, Event::Doubtful(IfNotApplied::Fail), answer);
            return self.scheduler.wait(index, now);
        }
        let outcome = match slot.free_seat.first_refusal() {
            Some(first) if may_refuse_seat_name(&answer) => outcomes::refused_by_both_names(&slot.job, first),
            Some(_) | None => outcomes::refused(&slot.job, &answer),
        };
        self.settle(index, outcome, Some(answer));
    }

    fn came_into_doubt(&mut self, index: JobIndex, otherwise: IfNotApplied, wait: Wait, answer: Answer, now: Instant) {
        let after = self.wait(wait, 1);
        if self.ending.is_none() {
            self.tell_retry(index, &answer.describe(), after);
        }
        self.note(index, Event::Doubtful(otherwise), answer);
        self.scheduler.wait(index, now + after);
    }

    /// The request was turned away: that costs time, and none of the row's tries.
    fn had_no_effect(&mut self, index: JobIndex, answer: Answer, now: Instant) {
        let Some(after) = self.hold(&answer, now) else { return self.give_up(index, answer) };
        if self.ending.is_none() {
            self.tell_retry(index, &answer.describe(), after);
        }
        self.note(index, Event::NoEffect, answer);
        self.scheduler.wait(index, now + after);
    }

    /// The plans of a user could not be read.
    fn not_read(&mut self, index: JobIndex, wait: Wait, answer: Answer, now: Instant) {
        let slot = &mut self.slots[index];
        slot.failed_readings += 1;
        let failures = slot.failed_readings;
        if failures >= most_reads(&answer, MAX_TRIES) && self.ending.is_none() {
            return self.give_up(index, answer);
        }
        let after = self.wait(wait, failures);
        if self.ending.is_none() {
            self.tell_retry(index, &answer.describe(), after);
        }
        self.note(index, Event::NoEffect, answer);
        self.scheduler.wait(index, now + after);
    }

    /// The row that met the reason is given up, worth another go; nothing new is begun.
    fn halt(&mut self, index: JobIndex, halt: StopRun, answer: Answer) {
        self.drain(ending(halt, &answer));
        self.give_up(index, answer);
    }

    /// This try had no effect and there will be no other. Of an earlier one nobody may know, and then a resumed run has
    /// to read before it sends: a second remove or deactivation would be refused for being done.
    fn give_up(&mut self, index: JobIndex, answer: Answer) {
        let slot = &self.slots[index];
        let outcome = match slot.state {
            JobState::Sent { past: PriorAttempts::Uncertain, .. } => {
                outcomes::unknown(Some(&answer), "the answer to an earlier try was lost")
            }
            JobState::Sent { past: PriorAttempts::NoEffect, .. }
            | JobState::Ready { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Done { .. }
            | JobState::Settled { .. } => outcomes::gave_up(&slot.job, &answer, slot.requests),
        };
        self.settle(index, outcome, Some(answer));
    }
}
