//! Paid seats: how many of them the jobs free and take, plan by plan.
//!
//! MEMBER is the paid seat. `PROVISIONAL_MEMBER` is a trial and is not paid for, and a deactivated user holds no paid
//! seat. Where the seat before is unknown, the change is counted as possible.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Action, Job, PlanId, PriorState, ReportedSeat, Seat, SeatEffect, UserId};

/// A number of paid seats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// The seats that are certain.
    pub certain: u64,
    /// The seats that may be added: the seat before was not read, or it is unknown whether the job was done.
    pub possible: u64,
}

impl Amount {
    /// The most that it can come to.
    pub const fn at_most(self) -> u64 {
        self.certain + self.possible
    }
}

/// The paid seats that are freed and taken in a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaidSeats {
    /// Seats that are no longer needed.
    pub freed: Amount,
    /// Seats that are needed.
    pub taken: Amount,
}

impl PaidSeats {
    /// How many fewer are in use afterwards, negative for more; `None` if that is not certain.
    pub fn fewer(self) -> Option<i64> {
        let is_certain = self.freed.possible == 0 && self.taken.possible == 0;
        let (freed, taken) = (i64::try_from(self.freed.certain).ok()?, i64::try_from(self.taken.certain).ok()?);
        is_certain.then_some(freed - taken)
    }

    fn plus(self, other: Self) -> Self {
        let sum = |one: Amount, other: Amount| Amount {
            certain: one.certain + other.certain,
            possible: one.possible + other.possible,
        };
        Self { freed: sum(self.freed, other.freed), taken: sum(self.taken, other.taken) }
    }
}

/// The paid seats of every plan in which any is freed or taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaidSeatsByPlan {
    /// By plan; `None` holds the seats whose plan is unknown.
    pub plans: BTreeMap<Option<PlanId>, PaidSeats>,
}

impl PaidSeatsByPlan {
    /// The seats of all plans together.
    pub fn total(&self) -> PaidSeats {
        self.plans.values().fold(PaidSeats::default(), |sum, seats| sum.plus(*seats))
    }
}

/// Whether a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobCertainty {
    /// It is done, or will be.
    Certain,
    /// It is unknown whether it is done.
    Possible,
}

/// Whether a user holds a paid seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PaidState {
    Paid,
    Unpaid,
    Unclear,
}

/// Counts paid seats, job after job; those of one user in the order in which they are done.
#[derive(Debug, Default)]
pub struct PaidSeatCounter {
    paid_seats: PaidSeatsByPlan,
    /// What the earlier jobs of a user leave.
    holdings: HashMap<(Option<PlanId>, UserId), PaidState>,
}

impl PaidSeatCounter {
    /// Counts a job. `before` is what its user held before all jobs, `default_plan` the plan of jobs about no plan.
    pub fn count(&mut self, job: &Job, before: &PriorState, default_plan: Option<PlanId>, done: JobCertainty) {
        let Some(wanted) = PaidState::after(&job.action) else { return };
        let plan = job.action.plan().or(before.plan).or(default_plan);
        let key = (plan, job.user);
        let held = self.holdings.get(&key).copied().unwrap_or_else(|| PaidState::before(&job.action, before));
        if self.change(plan, held, wanted, done) {
            self.holdings.insert(key, if done == JobCertainty::Certain { wanted } else { PaidState::Unclear });
        }
    }

    /// Counts the only job of a user, of whom nothing has to be remembered.
    pub fn count_only(&mut self, job: &Job, before: &PriorState, default_plan: Option<PlanId>, done: JobCertainty) {
        let Some(wanted) = PaidState::after(&job.action) else { return };
        let plan = job.action.plan().or(before.plan).or(default_plan);
        self.change(plan, PaidState::before(&job.action, before), wanted, done);
    }

    /// Counts an action whose user is not known yet, and perhaps not its plan.
    pub fn count_unplaced(&mut self, effect: SeatEffect, plan: Option<PlanId>) {
        match effect {
            SeatEffect::Neutral => {}
            SeatEffect::Frees => self.add(plan, PaidState::Unpaid, JobCertainty::Possible),
            SeatEffect::Takes => self.add(plan, PaidState::Paid, JobCertainty::Possible),
        }
    }

    /// What was counted.
    pub fn read(self) -> PaidSeatsByPlan {
        self.paid_seats
    }

    /// Counts a change from what is held to what is wanted, if it is one.
    fn change(&mut self, plan: Option<PlanId>, held: PaidState, wanted: PaidState, done: JobCertainty) -> bool {
        let is_certain = held != PaidState::Unclear && done == JobCertainty::Certain;
        if held != wanted {
            self.add(plan, wanted, if is_certain { JobCertainty::Certain } else { JobCertainty::Possible });
        }
        held != wanted
    }

    fn add(&mut self, plan: Option<PlanId>, wanted: PaidState, done: JobCertainty) {
        let seats = self.paid_seats.plans.entry(plan).or_default();
        let amount = match wanted {
            PaidState::Paid => &mut seats.taken,
            PaidState::Unpaid | PaidState::Unclear => &mut seats.freed,
        };
        match done {
            JobCertainty::Certain => amount.certain += 1,
            JobCertainty::Possible => amount.possible += 1,
        }
    }
}

impl PaidState {
    /// What an action leaves its user with; `None` where it changes no seat.
    const fn after(action: &Action) -> Option<Self> {
        match action.seat_effect() {
            SeatEffect::Neutral => None,
            SeatEffect::Frees => Some(Self::Unpaid),
            SeatEffect::Takes => Some(Self::Paid),
        }
    }

    fn before(action: &Action, before: &PriorState) -> Self {
        match (&before.status, &before.seat) {
            (Some(status), _) if status == "DEACTIVATED" => Self::Unpaid,
            // A user who is reactivated was deactivated before, or nothing happens.
            (None, _) if *action == Action::Reactivate => Self::Unclear,
            (_, Some(ReportedSeat::Known(Seat::Member))) => Self::Paid,
            (
                _,
                Some(ReportedSeat::Known(Seat::Guest | Seat::Viewer | Seat::Contributor | Seat::ProvisionalMember)),
            ) => Self::Unpaid,
            (_, Some(ReportedSeat::Other(_)) | None) => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, UpgradeSeat};

    const PLAN: PlanId = PlanId::new(9).unwrap();

    fn counted(before: &PriorState, jobs: &[(Action, JobCertainty)]) -> (u64, u64, u64, u64) {
        let mut seat_counter = PaidSeatCounter::default();
        for (action, done) in jobs {
            let job = Job { user: UserId::new(5).unwrap(), action: action.clone() };
            seat_counter.count(&job, before, Some(PLAN), *done);
        }
        let paid_seats = seat_counter.read();
        if let [(action, done)] = jobs {
            let mut alone = PaidSeatCounter::default();
            let job = Job { user: UserId::new(5).unwrap(), action: action.clone() };
            alone.count_only(&job, before, Some(PLAN), *done);
            assert_eq!(alone.read(), paid_seats, "nothing has to be remembered of a user's only job");
        }
        let PaidSeats { freed, taken } = paid_seats.total();
        (freed.certain, freed.possible, taken.certain, taken.possible)
    }

    #[test]
    fn only_a_member_frees_a_paid_seat_and_only_another_user_takes_one() {
        use JobCertainty::Certain;
        let down = || (Action::Downgrade { plan: PLAN, to: DowngradeSeat::Viewer }, Certain);
        let up = |to| (Action::Upgrade { plan: PLAN, to }, Certain);
        let plain = |action| (action, Certain);
        let seat = |seat| PriorState { seat: Some(ReportedSeat::Known(seat)), ..PriorState::default() };
        let with = |status: &str, before| PriorState { status: Some(status.to_owned()), ..before };
        let other = PriorState { seat: Some(ReportedSeat::Other("GALACTIC".into())), ..PriorState::default() };
        // what the user holds, what is done, seats freed for certain and perhaps, taken for certain and perhaps
        let table = [
            (seat(Seat::Member), vec![down()], (1, 0, 0, 0)),
            (seat(Seat::ProvisionalMember), vec![down()], (0, 0, 0, 0)),
            (seat(Seat::Guest), vec![down()], (0, 0, 0, 0)),
            (PriorState::default(), vec![down()], (0, 1, 0, 0)),
            (other, vec![down()], (0, 1, 0, 0)),
            (seat(Seat::Member), vec![plain(Action::Remove { plan: PLAN })], (1, 0, 0, 0)),
            (seat(Seat::Member), vec![plain(Action::Deactivate)], (1, 0, 0, 0)),
            (seat(Seat::Viewer), vec![plain(Action::Deactivate)], (0, 0, 0, 0)),
            (seat(Seat::Viewer), vec![up(UpgradeSeat::Member)], (0, 0, 1, 0)),
            (seat(Seat::ProvisionalMember), vec![up(UpgradeSeat::Member)], (0, 0, 1, 0)),
            (seat(Seat::Viewer), vec![up(UpgradeSeat::Guest)], (0, 0, 0, 0)),
            (PriorState::default(), vec![up(UpgradeSeat::Member)], (0, 0, 0, 1)),
            (with("DEACTIVATED", seat(Seat::Member)), vec![plain(Action::Reactivate)], (0, 0, 1, 0)),
            (seat(Seat::Member), vec![plain(Action::Reactivate)], (0, 0, 0, 1)),
            // Several jobs of one user: what the earlier ones did is what the later ones find.
            (seat(Seat::Member), vec![down(), plain(Action::Deactivate)], (1, 0, 0, 0)),
            (with("DEACTIVATED", seat(Seat::Viewer)), vec![plain(Action::Reactivate), down()], (1, 0, 1, 0)),
            (PriorState::default(), vec![down(), plain(Action::Deactivate)], (0, 1, 0, 0)),
            (seat(Seat::Member), vec![(down().0, JobCertainty::Possible), plain(Action::Deactivate)], (0, 2, 0, 0)),
        ];
        for (before, jobs, expected) in table {
            assert_eq!(counted(&before, &jobs), expected, "{before:?}: {jobs:?}");
        }
    }
}
