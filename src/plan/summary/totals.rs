//! The totals of a plan: by action and seat, in requests, in paid seats, and in changes that cannot be undone.

use std::collections::{BTreeMap, HashMap};

use super::affected_share::AffectedShare;
use super::paid_seats::{JobCertainty, PaidSeatCounter, PaidSeatsByPlan};
use crate::model::{Action, ActionName, Job, PlanId, ReportedSeat, Seat, SeatEffect, UserId};
use crate::plan::account_state::AccountState;
use crate::plan::directory::Directory;
use crate::plan::run_plan::{PlannedRow, RunPlan, Step};

/// What one kind of row does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowEffect {
    /// The action.
    pub action: ActionName,
    /// The seat that the user holds before the row, if it is known and the action changes it.
    pub from: Option<ReportedSeat>,
    /// The seat that the row asks for, if it asks for one.
    pub to: Option<Seat>,
}

/// The totals of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows that would be sent, by what they do.
    pub effects: BTreeMap<RowEffect, u64>,
    /// Requests, if each of them succeeds at the first attempt.
    pub requests: u64,
    /// Users who would be changed, each counted once.
    pub users: u64,
    /// Users who would be changed, plan by plan.
    pub shares: Vec<AffectedShare>,
    /// Paid seats freed and taken.
    pub paid_seats: PaidSeatsByPlan,
    /// Rows that remove a user, which cannot be undone.
    pub removals: u64,
    /// Rows that deactivate a user, which can be undone for 30 days (API notes, "reactivate").
    pub deactivations: u64,
    /// Rows that end a trial seat, which cannot be assigned again.
    pub trials_ended: u64,
    /// How the plans are called, as far as the API said.
    pub plan_names: BTreeMap<PlanId, String>,
}

impl Totals {
    /// Rows that would change a user.
    pub fn changes(&self) -> u64 {
        self.effects.iter().filter(|(effect, _)| effect.action.changes()).map(|(_, rows)| rows).sum()
    }
}

impl RunPlan {
    /// The totals of the plan.
    pub fn totals(&self, account_state: &AccountState) -> Totals {
        let directory = account_state.directory.as_ref();
        let mut counter =
            RunningTotals { default_plan: directory.and_then(Directory::default_plan), ..RunningTotals::default() };
        for planned in &self.rows {
            match &planned.step {
                Step::Send(job) if self.repeated.users.contains(&job.user) => counter.send_one_of_several(planned, job),
                Step::Send(job) => counter.send(planned, job),
                Step::UnresolvedUser(_, action) => {
                    counter.seat_counter.count_unplaced(action.seat_effect(), action.plan());
                    counter.count(action.name(), None, action.seat());
                }
                Step::UnresolvedPlan(action) => {
                    counter.seat_counter.count_unplaced(likely_effect(*action), None);
                    counter.count(*action, None, None);
                }
                Step::Blocked(..) | Step::Final(..) => {}
            }
        }
        let RunningTotals { totals, seat_counter, .. } = counter;
        Totals {
            paid_seats: seat_counter.read(),
            users: self.changed_users(),
            shares: self.shares(directory),
            plan_names: directory.map(|directory| directory.plan_names().clone()).unwrap_or_default(),
            ..totals
        }
    }
}

/// What an action does to paid seats when it does not say which seat it asks for.
const fn likely_effect(action: ActionName) -> SeatEffect {
    match action {
        ActionName::Downgrade | ActionName::Deactivate | ActionName::Remove => SeatEffect::Frees,
        ActionName::Upgrade | ActionName::Reactivate => SeatEffect::Takes,
        ActionName::Update | ActionName::Plans => SeatEffect::Neutral,
    }
}

#[derive(Default)]
struct RunningTotals {
    totals: Totals,
    seat_counter: PaidSeatCounter,
    default_plan: Option<PlanId>,
    /// The seats that earlier rows give.
    given: HashMap<(Option<PlanId>, UserId), Seat>,
}

impl RunningTotals {
    /// Counts the only row of its user.
    fn send(&mut self, planned: &PlannedRow, job: &Job) {
        self.seat_counter.count_only(job, planned.before(), self.default_plan, JobCertainty::Certain);
        let from = planned.before().seat.clone().filter(|_| job.action.changes_seats());
        self.count(job.action.name(), from, job.action.seat());
    }

    fn send_one_of_several(&mut self, planned: &PlannedRow, job: &Job) {
        self.seat_counter.count(job, planned.before(), self.default_plan, JobCertainty::Certain);
        let key = (job.action.plan().or(planned.before().plan).or(self.default_plan), job.user);
        let given = self.given.get(&key).map(|seat| ReportedSeat::Known(*seat));
        let from = given.or_else(|| planned.before().seat.clone()).filter(|_| job.action.changes_seats());
        let is_reactivation = job.action == Action::Reactivate;
        if let Some(seat) = job.action.seat().or(is_reactivation.then_some(Seat::Member)) {
            self.given.insert(key, seat);
        }
        self.count(job.action.name(), from, job.action.seat());
    }

    fn count(&mut self, action: ActionName, from: Option<ReportedSeat>, to: Option<Seat>) {
        let ends_trial = from.as_ref().is_some_and(|from| from.is(Seat::ProvisionalMember));
        match action {
            ActionName::Downgrade => self.totals.trials_ended += u64::from(ends_trial),
            ActionName::Deactivate => {
                self.totals.deactivations += 1;
                self.totals.trials_ended += u64::from(ends_trial);
            }
            // A removal loses more than a trial.
            ActionName::Remove => self.totals.removals += 1,
            ActionName::Upgrade | ActionName::Reactivate | ActionName::Update | ActionName::Plans => {}
        }
        *self.totals.effects.entry(RowEffect { action, from, to }).or_default() += 1;
        self.totals.requests += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, PriorState, UpgradeSeat};

    #[test]
    fn rows_are_counted_from_the_seat_that_they_find() {
        let plan_id = PlanId::new(9).unwrap();
        let down = |to| Action::Downgrade { plan: plan_id, to };
        let up = || Action::Upgrade { plan: plan_id, to: UpgradeSeat::Member };
        let seat = |seat| Some(ReportedSeat::Known(seat));
        let rows = [
            (1, down(DowngradeSeat::Viewer), seat(Seat::Member)),
            (2, down(DowngradeSeat::Viewer), seat(Seat::Member)),
            (3, down(DowngradeSeat::Viewer), seat(Seat::ProvisionalMember)),
            (4, down(DowngradeSeat::Viewer), None),
            (5, Action::Reactivate, seat(Seat::Viewer)),
            (5, down(DowngradeSeat::Viewer), seat(Seat::Viewer)),
            (6, Action::Deactivate, seat(Seat::Member)),
            (7, up(), seat(Seat::Guest)),
            (8, Action::Remove { plan: plan_id }, None),
            (9, Action::Plans, None),
        ];
        let rows = (2..).zip(rows).map(|(row, (user, action, seat))| {
            let step = Step::Send(Job { user: UserId::new(user).unwrap(), action });
            PlannedRow {
                before: Some(Box::new(PriorState { seat, ..PriorState::default() })),
                ..PlannedRow::new(row, step)
            }
        });
        let mut directory = Directory::default();
        directory.note_default_plan(plan_id);
        let account_state = AccountState { directory: Some(directory), ..AccountState::default() };
        let totals = RunPlan::new(rows).totals(&account_state);
        let effects = totals.effects.iter().map(|(effect, rows)| {
            let from = effect.from.as_ref().map(ToString::to_string).unwrap_or_default();
            let to = effect.to.map(Seat::name).unwrap_or_default();
            format!("{} {from} {to} {rows}", effect.action)
        });
        let expected = [
            "downgrade  VIEWER 1",
            "downgrade MEMBER VIEWER 3",
            "downgrade PROVISIONAL_MEMBER VIEWER 1",
            "upgrade GUEST MEMBER 1",
            "deactivate MEMBER  1",
            "reactivate VIEWER  1",
            "remove   1",
            "plans   1",
        ];
        assert_eq!(effects.collect::<Vec<_>>(), expected);
        assert_eq!((totals.requests, totals.users), (10, 8));
        assert_eq!((totals.removals, totals.deactivations, totals.trials_ended), (1, 1, 1));
        let seats = totals.paid_seats.total();
        // Two members downgraded, one deactivated, the reactivated one downgraded; one unknown downgrade, one removal.
        assert_eq!((seats.freed.certain, seats.freed.possible), (4, 2));
        assert_eq!((seats.taken.certain, seats.taken.possible), (1, 1), "the reactivated one may have been active");
    }
}
