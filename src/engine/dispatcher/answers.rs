//! What follows from an answer: done, refused, sent again later, read back, or the end of the run.

use std::time::Duration;

use tokio::time::Instant;

use super::{Dispatcher, ending};
use crate::engine::settle;
use crate::ledger::{Journal, Verification};
use crate::model::{Action, Answer, Ending, Event, JobState, Otherwise, Past};
use crate::policy::{
    Halt, MAX_TRIES, ResultCode, Verdict, Wait, classify, may_refuse_seat_name, says_already_so, says_no_seat_is_left,
    says_user_is_not_there,
};

impl<J: Journal> Dispatcher<'_, J> {
    pub(super) fn answered(&mut self, turn: usize, answer: Answer, admin: Option<bool>, now: Instant) {
        let slot = &mut self.slots[turn];
        let verdict = match (classify(&answer), &slot.job.action) {
            // A reading that is in doubt has simply not been read.
            (Verdict::InDoubt(_, wait), Action::Plans) => Verdict::NoEffect(wait),
            (verdict, _) => verdict,
        };
        match verdict {
            Verdict::Done(ResultCode::Success) => {
                slot.free_seat.accepted(&mut self.seat_names);
                self.succeeded(turn, answer);
            }
            Verdict::Done(ResultCode::PartialSuccess) => {
                slot.free_seat.accepted(&mut self.seat_names);
                self.note(turn, Event::Partly, answer);
                self.lines.carry_on(turn);
            }
            Verdict::AskWhoAmI if admin == Some(false) => self.halt(turn, Halt::NoAdmin, answer),
            // Nobody could ask any more: the run that carries on will.
            Verdict::AskWhoAmI if admin.is_none() && self.ending.is_some() => self.give_up(turn, answer),
            Verdict::Refused | Verdict::AskWhoAmI => self.refused(turn, answer, now),
            Verdict::NoEffect(wait) => self.had_no_effect(turn, wait, answer, now),
            Verdict::InDoubt(otherwise, wait) => {
                let after = self.wait(wait, 1);
                self.tell_retry(turn, &answer.describe(), after);
                self.note(turn, Event::Doubtful(otherwise), answer);
                self.lines.wait(turn, now + after);
            }
            Verdict::Halt(halt) => self.halt(turn, halt, answer),
        }
    }

    fn succeeded(&mut self, turn: usize, answer: Answer) {
        let slot = &self.slots[turn];
        match self.verification {
            Verification::ReadBack if slot.job.action.name().changes() => {
                self.note(turn, Event::Done, answer);
                self.lines.carry_on(turn);
            }
            Verification::ReadBack | Verification::Waived => {
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
            | JobState::Settled { .. } => Past::Clean,
        };
        if says_already_so(&slot.job.action, past, &answer) {
            let outcome = settle::said_already_so(&slot.job, &answer);
            return self.settle(turn, outcome, Some(answer));
        }
        if may_refuse_seat_name(&answer) && slot.free_seat.turn_to_other_name(&self.seat_names, &answer) {
            self.tell_retry(turn, &answer.describe(), Duration::ZERO);
            self.note(turn, Event::NoEffect, answer);
            return self.lines.wait(turn, now);
        }
        if says_no_seat_is_left(&answer) && past == Past::Clean && self.lines.put_off(turn) {
            self.tell_retry(turn, &answer.describe(), Duration::ZERO);
            return self.note(turn, Event::NoEffect, answer);
        }
        if past == Past::Doubted && slot.job.action.name().changes() && !says_user_is_not_there(&answer) {
            // The refusal may be the answer to what an earlier try has done; only a reading tells.
            self.note(turn, Event::Doubtful(Otherwise::Fail), answer);
            return self.lines.wait(turn, now);
        }
        let outcome = match slot.free_seat.first_refusal() {
            Some(first) if may_refuse_seat_name(&answer) => settle::refused_by_both_names(&slot.job, first),
            Some(_) | None => settle::refused(&slot.job, &answer),
        };
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
            self.tell_retry(turn, &answer.describe(), after);
        }
        self.note(turn, Event::NoEffect, answer);
        self.lines.wait(turn, now + after);
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
            | JobState::Done { .. }
            | JobState::Settled { .. } => settle::gave_up(&slot.job, &answer, self.tries(turn)),
        };
        self.settle(turn, outcome, Some(answer));
    }
}
