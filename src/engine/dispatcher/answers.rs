//! What follows from an answer: done, refused, sent again later, read back, or the end of the run.

use std::time::Duration;

use tokio::time::Instant;

use super::{Dispatcher, ending};
use crate::engine::observer::RunEvent;
use crate::engine::settle;
use crate::engine::whoami::Me;
use crate::ledger::{Journal, Verification};
use crate::model::{Action, Answer, Event, IfNotApplied, JobState, PriorAttempts, StopReason};
use crate::policy::{
    Echo, MAX_TRIES, ResultCode, StopRun, Verdict, Wait, classify_change, compare_echo, may_refuse_seat_name,
    most_reads, says_already_so, says_no_seat_is_left, says_user_is_not_there,
};

/// Times that a job is sent, at the most, whose token is said not to be accepted while `/users/me` accepts it.
const UNACCEPTED_TRIES: u16 = 3;

impl<J: Journal> Dispatcher<'_, J> {
    pub(super) fn answered(&mut self, turn: usize, answer: Answer, me: &Me, now: Instant) {
        self.notice(&answer, now);
        if let Me::Foreign(page) = me {
            self.drain(StopReason::NotTheApi(page.describe()));
        }
        let verdict = self.verdict(turn, &answer, me);
        let slot = &self.slots[turn];
        match verdict {
            // A reading that is in doubt has simply not been read.
            Verdict::InDoubt(_, wait) if slot.job.action == Action::Plans => self.not_read(turn, wait, answer, now),
            Verdict::InDoubt(otherwise, wait) => self.came_into_doubt(turn, otherwise, wait, answer, now),
            Verdict::Done(ResultCode::Success) => {
                slot.free_seat.accepted(&mut self.seat_names);
                self.succeeded(turn, answer);
            }
            Verdict::Done(ResultCode::PartialSuccess) => {
                slot.free_seat.accepted(&mut self.seat_names);
                self.note(turn, Event::Partly, answer);
                self.lines.carry_on(turn);
            }
            Verdict::CheckAdmin if me.is_admin() == Some(false) => self.halt(turn, StopRun::NoAdmin, answer),
            // Nobody could ask any more: the run that carries on will.
            Verdict::CheckAdmin if me.is_admin().is_none() && self.ending.is_some() => self.give_up(turn, answer),
            Verdict::Refused | Verdict::CheckAdmin => self.refused(turn, answer, now),
            Verdict::NoEffect(_) => self.had_no_effect(turn, answer, now),
            Verdict::StopRun(halt) => self.halt(turn, halt, answer),
        }
    }

    /// What an answer means, given what `/users/me` said after it.
    fn verdict(&self, turn: usize, answer: &Answer, me: &Me) -> Verdict {
        match (classify_change(answer), me) {
            // One 401 among answers that are fine is the server's mistake, and nothing to rely on.
            (Verdict::StopRun(StopRun::Token), Me::Accepted(_)) if self.tries(turn) < UNACCEPTED_TRIES => {
                Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff)
            }
            (Verdict::StopRun(StopRun::Token), Me::Accepted(_)) => Verdict::InDoubt(IfNotApplied::Fail, Wait::Backoff),
            (verdict, Me::Accepted(_) | Me::Unknown | Me::Refused | Me::Foreign(_)) => verdict,
        }
    }

    fn succeeded(&mut self, turn: usize, answer: Answer) {
        let slot = &self.slots[turn];
        let changes = slot.job.action.name().changes();
        match (compare_echo(&slot.job, answer.echo()), self.verification) {
            (Echo::OtherUser(other), _) => {
                let outcome = settle::other_user(&slot.job, &answer, other);
                self.tell(&RunEvent::Warned { text: &format!("row {}: {}", slot.row, outcome.message) });
                self.settle(turn, outcome, Some(answer));
            }
            (Echo::OtherName(_), _) | (_, Verification::ReadBack) if changes => {
                self.note(turn, Event::Done, answer);
                self.lines.carry_on(turn);
            }
            (Echo::Silent | Echo::Agrees(_) | Echo::OtherName(_), Verification::ReadBack | Verification::Waived) => {
                let outcome = settle::succeeded(&slot.job, Some(&answer), self.name_used(turn));
                self.settle(turn, outcome, Some(answer));
            }
        }
    }

    fn refused(&mut self, turn: usize, answer: Answer, now: Instant) {
        let slot = &mut self.slots[turn];
        let past = match slot.state {
            JobState::Sent { past, .. } => past,
            JobState::Ready { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Done { .. }
            | JobState::Settled { .. } => PriorAttempts::NoEffect,
        };
        if says_already_so(&slot.job.action, past, &answer) {
            let outcome = settle::said_already_so(&slot.job, &answer);
            return self.settle(turn, outcome, Some(answer));
        }
        if may_refuse_seat_name(&answer) && slot.free_seat.turn_to_other_name(self.seat_names, &answer) {
            self.tell_retry(turn, &answer.describe(), Duration::ZERO);
            self.note(turn, Event::NoEffect, answer);
            return self.lines.wait(turn, now);
        }
        if says_no_seat_is_left(&answer) && past == PriorAttempts::NoEffect && self.lines.put_off(turn) {
            self.tell_retry(turn, &answer.describe(), Duration::ZERO);
            return self.note(turn, Event::NoEffect, answer);
        }
        if past == PriorAttempts::Uncertain && slot.job.action.name().changes() && !says_user_is_not_there(&answer) {
            // The refusal may be the answer to what an earlier try has done; only a reading tells.
            self.note(turn, Event::Doubtful(IfNotApplied::Fail), answer);
            return self.lines.wait(turn, now);
        }
        let outcome = match slot.free_seat.first_refusal() {
            Some(first) if may_refuse_seat_name(&answer) => settle::refused_by_both_names(&slot.job, first),
            Some(_) | None => settle::refused(&slot.job, &answer),
        };
        self.settle(turn, outcome, Some(answer));
    }

    fn came_into_doubt(&mut self, turn: usize, otherwise: IfNotApplied, wait: Wait, answer: Answer, now: Instant) {
        let after = self.wait(wait, 1);
        if self.ending.is_none() {
            self.tell_retry(turn, &answer.describe(), after);
        }
        self.note(turn, Event::Doubtful(otherwise), answer);
        self.lines.wait(turn, now + after);
    }

    /// The request was turned away: that costs time, and none of the row's tries.
    fn had_no_effect(&mut self, turn: usize, answer: Answer, now: Instant) {
        let Some(after) = self.hold(&answer, now) else { return self.give_up(turn, answer) };
        if self.ending.is_none() {
            self.tell_retry(turn, &answer.describe(), after);
        }
        self.note(turn, Event::NoEffect, answer);
        self.lines.wait(turn, now + after);
    }

    /// The plans of a user could not be read.
    fn not_read(&mut self, turn: usize, wait: Wait, answer: Answer, now: Instant) {
        let slot = &mut self.slots[turn];
        slot.failed_readings += 1;
        let failures = slot.failed_readings;
        if failures >= most_reads(&answer, MAX_TRIES) && self.ending.is_none() {
            return self.give_up(turn, answer);
        }
        let after = self.wait(wait, failures);
        if self.ending.is_none() {
            self.tell_retry(turn, &answer.describe(), after);
        }
        self.note(turn, Event::NoEffect, answer);
        self.lines.wait(turn, now + after);
    }

    /// The row that met the reason is given up, worth another go; nothing new is begun.
    fn halt(&mut self, turn: usize, halt: StopRun, answer: Answer) {
        self.drain(ending(halt, &answer));
        self.give_up(turn, answer);
    }

    /// This try had no effect and there will be no other. Of an earlier one nobody may know, and then a resumed run has
    /// to read before it sends: a second remove or deactivation would be refused for being done.
    fn give_up(&mut self, turn: usize, answer: Answer) {
        let slot = &self.slots[turn];
        let outcome = match slot.state {
            JobState::Sent { past: PriorAttempts::Uncertain, .. } => {
                settle::unknown(Some(&answer), "the answer to an earlier try was lost")
            }
            JobState::Sent { past: PriorAttempts::NoEffect, .. }
            | JobState::Ready { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Done { .. }
            | JobState::Settled { .. } => settle::gave_up(&slot.job, &answer, slot.requests),
        };
        self.settle(turn, outcome, Some(answer));
    }
}
