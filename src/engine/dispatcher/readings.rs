//! What follows from a reading of a user's state, and from one that came to nothing.

use tokio::time::Instant;

use super::{Dispatcher, ending};
use crate::engine::outcomes;
use crate::engine::scheduler::JobIndex;
use crate::engine::whoami::Me;
use crate::ledger::{Journal, Verification};
use crate::model::{
    Answer, Event, Finding, IfNotApplied, JobState, ObservedState, Outcome, PriorAttempts, ReportedSeat, UserEcho,
};
use crate::policy::{
    Echo, Jitter, LaterRows, MAX_LOOKS, MAX_READS, MAX_TRIES, NextStep, Oddity, StopRun, Verdict, Wait, backoff,
    classify, compare_echo, finding as policy_finding, late_landing_harms, most_reads, oddity, past_after, settle_by,
};

/// Readings that may fail before a partial success is reported without one.
const PARTIAL_READS: u16 = 3;
/// Times that a job whose state cannot be read is sent, at the most.
const UNREAD_TRIES: u16 = 3;

impl<J: Journal> Dispatcher<'_, J> {
    pub(super) fn read(&mut self, index: JobIndex, reading: &ObservedState, now: Instant) {
        let slot = &self.slots[index];
        let answer = slot.answer.as_deref();
        let finding = policy_finding(&slot.job.action, reading, slot.seat_before.as_ref());
        let (tries, otherwise) = match slot.state {
            JobState::InDoubt { tries, otherwise, .. } => (tries, otherwise),
            JobState::Done { reads } => return self.looked(index, reading, finding, reads + 1, now),
            JobState::Partly { .. } | JobState::Ready { .. } | JobState::Sent { .. } | JobState::Settled { .. } => {
                let outcome = outcomes::partly(answer, Some((reading, finding)));
                return self.settle(index, outcome, None);
            }
        };
        let outcome = match settle_by(&slot.job.action, finding, otherwise) {
            NextStep::Succeed => outcomes::found_done(&slot.job, answer, reading, self.name_used(index)),
            NextStep::Fail => outcomes::found_not_done(&slot.job, answer, reading),
            NextStep::GiveUp => outcomes::unknown(answer, &reading.describe()),
            NextStep::SendAgain if tries >= MAX_TRIES && finding == Finding::CannotTell => {
                outcomes::unknown(answer, &reading.describe())
            }
            NextStep::SendAgain if tries >= MAX_TRIES => {
                let lost = Answer::NotSent { text: "its answers were lost".to_owned() };
                outcomes::gave_up(&slot.job, answer.unwrap_or(&lost), tries)
            }
            NextStep::SendAgain => {
                let past = past_after(&slot.job.action, reading);
                return self.send_again(index, tries, past, now);
            }
        };
        let was_not_so = |seat: ReportedSeat| {
            let before = ObservedState::Seat(Some(seat));
            policy_finding(&slot.job.action, &before, None) == Finding::NotDone
        };
        if finding == Finding::Done && slot.seat_before.clone().is_some_and(was_not_so) {
            // It was not so before, so the request has been carried out and will not be again.
            self.slots[index].may_land_until = None;
        }
        self.settle(index, outcome, None);
    }

    /// A user was looked at after a SUCCESS. What a server has just written may not be what it reads at once (whether
    /// it is with this API, no document says), so a contradiction counts only when it lasts.
    fn looked(&mut self, index: JobIndex, reading: &ObservedState, finding: Finding, looks: u16, now: Instant) {
        let said = self.said(index);
        let outcome = match finding {
            Finding::Done => outcomes::verified(said, reading),
            Finding::CannotTell => outcomes::unverified(said, &reading.describe()),
            Finding::NotDone if looks < self.most_looks(index) => {
                let after = backoff(looks, Jitter::new(1.0));
                self.tell_retry(index, &format!("the API said SUCCESS, but {}", reading.describe()), after);
                let record = self.advance(index, Event::NotShown, None, None);
                self.journal.record(record, None);
                return self.scheduler.wait(index, now + after);
            }
            Finding::NotDone => outcomes::contradicted(said, reading, self.other_name(index)),
        };
        self.settle(index, outcome, None);
    }

    /// A name that is only read because the API's answer showed another one is looked at once.
    fn most_looks(&self, index: JobIndex) -> u16 {
        match (self.verification, self.other_name(index)) {
            (Verification::Waived, Some(_)) => 1,
            (Verification::Waived | Verification::ReadBack, _) => MAX_LOOKS,
        }
    }

    /// What the API's answer to an update shows, if that is another name than was asked for.
    fn other_name(&self, index: JobIndex) -> Option<&UserEcho> {
        let slot = &self.slots[index];
        match compare_echo(&slot.job, slot.answer.as_deref()?.echo()) {
            Echo::OtherName(shown) => Some(shown),
            Echo::Silent | Echo::Agrees(_) | Echo::OtherUser(_) => None,
        }
    }

    /// The outcome of a job that the API called done, by that word alone.
    pub(super) fn said(&self, index: JobIndex) -> Outcome {
        let slot = &self.slots[index];
        outcomes::succeeded(&slot.job, slot.answer.as_deref(), self.name_used(index))
    }

    /// A reading that came to nothing: tried again, until patience ends or the API says that it never will.
    pub(super) fn unread(&mut self, index: JobIndex, answer: &Answer, me: &Me, now: Instant) {
        self.notice(answer, now);
        if let Some(reason) = me.stop_reason() {
            self.drain(reason);
            return self.read_failed(index, answer);
        }
        let (reads, patience) = match self.slots[index].state {
            JobState::InDoubt { reads, .. } | JobState::Done { reads } => (reads + 1, MAX_READS),
            JobState::Partly { reads } => (reads + 1, PARTIAL_READS),
            JobState::Ready { .. } | JobState::Sent { .. } | JobState::Settled { .. } => (1, MAX_READS),
        };
        let may_be_foreign = oddity(answer).is_some_and(Oddity::may_be_foreign);
        let wait = match classify(answer) {
            Verdict::NoEffect(_) => return self.reading_turned_away(index, answer, now),
            Verdict::InDoubt(IfNotApplied::Retry | IfNotApplied::Fail, wait) => wait,
            // The token is accepted all the same.
            Verdict::StopRun(StopRun::Token) if matches!(me, Me::Accepted(_)) => Wait::Backoff,
            Verdict::StopRun(halt) => {
                self.drain(ending(halt, answer));
                return self.read_failed(index, answer);
            }
            Verdict::Refused if may_be_foreign => Wait::Backoff,
            Verdict::Done(_) | Verdict::Refused | Verdict::CheckAdmin => return self.unreadable(index, answer, now),
        };
        if reads >= most_reads(answer, patience) && self.ending.is_none() {
            return self.unreadable(index, answer, now);
        }
        let after = self.wait(wait, reads);
        if self.ending.is_none() {
            self.hold_everybody(wait, after, answer);
            self.tell_retry(index, &answer.describe(), after);
        }
        self.read_failed(index, answer);
        self.scheduler.wait(index, now + after);
    }

    /// A reading that was turned away costs time, and none of the readings that may fail.
    fn reading_turned_away(&mut self, index: JobIndex, answer: &Answer, now: Instant) {
        let after = self.hold(answer, now).unwrap_or_default();
        if self.ending.is_none() {
            self.tell_retry(index, &answer.describe(), after);
        }
        let record = self.advance(index, Event::ReadPutOff, Some(answer.clone()), None);
        self.journal.record(record, None);
        self.scheduler.wait(index, now + after);
    }

    fn read_failed(&mut self, index: JobIndex, answer: &Answer) {
        let record = self.advance(index, Event::ReadFailed, Some(answer.clone()), None);
        self.journal.record(record, None);
    }

    /// The state cannot be read, and waiting does not help: what is harmless to repeat is repeated, a few times.
    fn unreadable(&mut self, index: JobIndex, answer: &Answer, now: Instant) {
        let slot = &self.slots[index];
        let (tries, otherwise) = match slot.state {
            JobState::InDoubt { tries, otherwise, .. } => (tries, otherwise),
            JobState::Done { .. } => {
                let outcome = outcomes::unverified(self.said(index), &answer.describe());
                return self.settle(index, outcome, None);
            }
            JobState::Partly { .. } | JobState::Ready { .. } | JobState::Sent { .. } | JobState::Settled { .. } => {
                let outcome = outcomes::partly(slot.answer.as_deref(), None);
                return self.settle(index, outcome, None);
            }
        };
        match settle_by(&slot.job.action, Finding::CannotTell, otherwise) {
            NextStep::SendAgain if tries < UNREAD_TRIES => self.send_again(index, tries, PriorAttempts::Uncertain, now),
            NextStep::SendAgain | NextStep::GiveUp | NextStep::Fail | NextStep::Succeed => {
                let why = format!("reading it back came to nothing: {}", answer.describe());
                let outcome = outcomes::unknown(slot.answer.as_deref(), &why);
                self.settle(index, outcome, None);
            }
        }
    }

    /// Sends a job again that was not done, as far as anybody knows. Where the earlier request could do harm by being
    /// carried out late, that counts only once it cannot be any more.
    fn send_again(&mut self, index: JobIndex, tries: u16, past: PriorAttempts, now: Instant) {
        if let Some(until) = self.harmful_until(index, now) {
            let why = "the earlier request may still be carried out";
            self.tell_retry(index, why, until - now);
            let record = self.advance(index, Event::NotShown, None, None);
            self.journal.record(record, None);
            return self.scheduler.wait(index, until);
        }
        self.slots[index].is_repeated = true;
        let after = self.wait(Wait::Backoff, tries);
        let record = self.advance(index, Event::Cleared(past), None, None);
        self.journal.record(record, None);
        self.scheduler.wait(index, now + after);
    }
    /// Until when a late effect of an earlier request could do harm, if it could.
    fn harmful_until(&self, index: JobIndex, now: Instant) -> Option<Instant> {
        let slot = &self.slots[index];
        let later = if self.scheduler.after(index).is_some() { LaterRows::Some } else { LaterRows::None };
        slot.may_land_until.filter(|until| *until > now && late_landing_harms(&slot.job.action, later))
    }
}
