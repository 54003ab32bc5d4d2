//! What follows from a page of a plan's users: who is shown as wanted is settled, everybody else is read alone.

use tokio::time::Instant;

use super::Dispatcher;
use super::page_checks::{Urgency, WORTH_A_PAGE, plan_to_look_in};
use crate::api::UserPage;
use crate::engine::executor::{Kind, Step};
use crate::engine::observer::RunEvent;
use crate::engine::scheduler::JobIndex;
use crate::ledger::{Journal, Verification};
use crate::model::{Answer, Finding, JobState, ObservedState, PlanId, ReportedSeat};
use crate::policy::{Sent, Verdict, classify, finding};

impl<J: Journal> Dispatcher<'_, J> {
    /// Those whom an earlier session left to be read are looked for by pages where there are enough of them.
    pub(super) fn look_for_those_in_doubt(&mut self, heads: &[JobIndex]) -> Vec<JobIndex> {
        let plan_of = |index: &JobIndex| match self.slots[*index].state {
            JobState::InDoubt { .. } | JobState::Done { .. } => plan_to_look_in(&self.slots[*index].job.action),
            JobState::Ready { .. } | JobState::Sent { .. } | JobState::Partly { .. } | JobState::Settled { .. } => None,
        };
        let plans: Vec<_> = heads.iter().map(plan_of).collect();
        let mut others = Vec::new();
        for (head, plan) in heads.iter().zip(&plans) {
            let in_plan = plans.iter().filter(|other| plan.is_some() && *other == plan).take(WORTH_A_PAGE).count();
            match plan {
                Some(plan) if in_plan >= WORTH_A_PAGE => {
                    self.scheduler.enter_aside(*head);
                    self.page_checks.add(*plan, self.slots[*head].job.user, *head, Urgency::Now);
                }
                Some(_) | None => others.push(*head),
            }
        }
        others
    }

    /// A user is to be looked at after a SUCCESS: by pages once all changes are made, or at once where a later row of the same
    /// user waits for it or no page can show it.
    pub(super) fn verify(&mut self, index: JobIndex) {
        let slot = &mut self.slots[index];
        let is_last = self.scheduler.after(index).is_none();
        match plan_to_look_in(&slot.job.action) {
            Some(plan) if is_last && self.verification == Verification::ReadBack => {
                slot.is_unverified = true;
                // Rows that need what it has freed do not wait for the look.
                self.scheduler.leave(index);
                self.breaker.count(Sent::Otherwise);
                self.page_checks.add(plan, slot.job.user, index, Urgency::AfterChanges);
                self.tell(&RunEvent::Unverified);
            }
            Some(_) | None => self.scheduler.make_ready(index),
        }
    }

    /// The next page to read.
    pub(super) fn next_page(&mut self, now: Instant) -> Option<Step> {
        let changes_are_made = self.unsettled == self.page_checks.users();
        let mut alone = Vec::new();
        let next = self.page_checks.next(now, changes_are_made, &mut alone);
        self.read_alone(alone);
        let (plan, page, index) = next?;
        let slot = &self.slots[index];
        self.in_flight += 1;
        Some(Step { index, row: slot.row, job: slot.job.clone(), kind: Kind::Page(plan, page), free_seat: None })
    }

    /// Takes a page of a plan's users.
    pub(super) fn page_read(&mut self, plan: PlanId, number: u64, page: &UserPage, now: Instant) {
        for listed in &page.users.read {
            let Some(seat) = listed.seat_type.as_deref() else { continue };
            let Some(index) = self.page_checks.found(plan, listed.id) else { continue };
            let reading = ObservedState::Seat(Some(ReportedSeat::from_api(seat)));
            let slot = &self.slots[index];
            if finding(&slot.job.action, &reading, slot.seat_before.as_ref()) == Finding::Done {
                self.read(index, &reading, now);
            } else {
                self.scheduler.make_ready(index);
            }
        }
        let alone = self.page_checks.page_read(plan, number, page.total_pages);
        self.read_alone(alone);
    }

    /// A page could not be read. Where it was turned away, it is read again; else everybody is read alone.
    pub(super) fn page_unread(&mut self, plan: PlanId, number: u64, answer: &Answer, now: Instant) {
        self.notice(answer, now);
        if let Verdict::NoEffect(_) = classify(answer)
            && let Some(after) = self.hold(answer, now)
        {
            return self.page_checks.put_off(plan, number, now + after);
        }
        let alone = self.page_checks.failed(plan);
        self.read_alone(alone);
    }

    /// Nobody let a page be read: the run is ending, or nobody is looked for on it any more.
    pub(super) fn page_cancelled(&mut self, plan: PlanId) {
        let is_of_use = self.page_checks.any_of(plan).is_some();
        let alone = self.page_checks.failed(plan);
        self.read_alone(alone);
        if is_of_use {
            self.withdrawn();
        }
    }

    fn read_alone(&mut self, jobs: Vec<JobIndex>) {
        for index in jobs {
            self.scheduler.make_ready(index);
        }
    }
}
