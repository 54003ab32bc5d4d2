//! Money: the paid seats that jobs free and take, plan by plan.
//!
//! MEMBER is the paid seat; `PROVISIONAL_MEMBER` is a trial and is not paid for, and a deactivated user holds none. Where
//! the seat before is not known, a seat is counted as one that is freed or taken *perhaps*.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Action, Before, Job, PlanId, Seat, SeatEffect, SeenSeat, UserId};

/// A number of paid seats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Those that are certain.
    pub certain: u64,
    /// Those that may come on top: the seat before was not read, or nobody knows whether the job was done.
    pub perhaps: u64,
}

impl Amount {
    /// The most that it can come to.
    pub const fn at_most(self) -> u64 {
        self.certain + self.perhaps
    }
}

/// What becomes of the paid seats of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaidSeats {
    /// Given back.
    pub freed: Amount,
    /// Needed.
    pub taken: Amount,
}

impl PaidSeats {
    /// How many fewer are in use afterwards, below zero for more; `None` where that is not certain.
    pub fn fewer(self) -> Option<i64> {
        let is_certain = self.freed.perhaps == 0 && self.taken.perhaps == 0;
        let (freed, taken) = (i64::try_from(self.freed.certain).ok()?, i64::try_from(self.taken.certain).ok()?);
        is_certain.then_some(freed - taken)
    }

    fn plus(self, other: Self) -> Self {
        let sum = |one: Amount, other: Amount| Amount {
            certain: one.certain + other.certain,
            perhaps: one.perhaps + other.perhaps,
        };
        Self { freed: sum(self.freed, other.freed), taken: sum(self.taken, other.taken) }
    }
}

/// The paid seats of every plan in which any is freed or taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money {
    /// By plan; under `None` those of which it is not known in which plan they are.
    pub plans: BTreeMap<Option<PlanId>, PaidSeats>,
}

impl Money {
    /// Those of all plans together.
    pub fn total(&self) -> PaidSeats {
        self.plans.values().fold(PaidSeats::default(), |sum, seats| sum.plus(*seats))
    }
}

/// Whether a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It is, or will be.
    Surely,
    /// Nobody knows.
    Perhaps,
}

/// Whether a user holds a paid seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holding {
    Paid,
    Unpaid,
    Unclear,
}

/// Counts paid seats, job after job; those of one user in the order in which they are done.
#[derive(Debug, Default)]
pub struct Meter {
    money: Money,
    /// What earlier jobs have made of a user's seat.
    holdings: HashMap<(Option<PlanId>, UserId), Holding>,
}

impl Meter {
    /// Counts a job. `before` is what its user held before any of the jobs, `home` the plan of jobs about none.
    pub fn count(&mut self, job: &Job, before: &Before, home: Option<PlanId>, done: Done) {
        let Some(wanted) = Holding::wanted(&job.action) else { return };
        let plan = job.action.plan().or(before.plan).or(home);
        let key = (plan, job.user);
        let held = self.holdings.get(&key).copied().unwrap_or_else(|| Holding::of(&job.action, before));
        if self.change(plan, held, wanted, done) {
            self.holdings.insert(key, if done == Done::Surely { wanted } else { Holding::Unclear });
        }
    }

    /// Counts the only job of its user, of whom nothing has to be remembered.
    pub fn count_only(&mut self, job: &Job, before: &Before, home: Option<PlanId>, done: Done) {
        let Some(wanted) = Holding::wanted(&job.action) else { return };
        let plan = job.action.plan().or(before.plan).or(home);
        self.change(plan, Holding::of(&job.action, before), wanted, done);
    }

    /// Counts an action of which neither the user nor the plan is known yet.
    pub fn count_unplaced(&mut self, effect: SeatEffect, plan: Option<PlanId>) {
        match effect {
            SeatEffect::Neutral => {}
            SeatEffect::Frees => self.add(plan, Holding::Unpaid, Done::Perhaps),
            SeatEffect::Takes => self.add(plan, Holding::Paid, Done::Perhaps),
        }
    }

    /// What was counted.
    pub fn read(self) -> Money {
        self.money
    }

    /// Counts a change from what is held to what is wanted, if it is one.
    fn change(&mut self, plan: Option<PlanId>, held: Holding, wanted: Holding, done: Done) -> bool {
        let is_certain = held != Holding::Unclear && done == Done::Surely;
        if held != wanted {
            self.add(plan, wanted, if is_certain { Done::Surely } else { Done::Perhaps });
        }
        held != wanted
    }

    fn add(&mut self, plan: Option<PlanId>, wanted: Holding, done: Done) {
        let seats = self.money.plans.entry(plan).or_default();
        let amount = match wanted {
            Holding::Paid => &mut seats.taken,
            Holding::Unpaid | Holding::Unclear => &mut seats.freed,
        };
        match done {
            Done::Surely => amount.certain += 1,
            Done::Perhaps => amount.perhaps += 1,
        }
    }
}

impl Holding {
    /// What an action leaves its user with; `None` where it changes no seat.
    const fn wanted(action: &Action) -> Option<Self> {
        match action.seat_effect() {
            SeatEffect::Neutral => None,
            SeatEffect::Frees => Some(Self::Unpaid),
            SeatEffect::Takes => Some(Self::Paid),
        }
    }

    fn of(action: &Action, before: &Before) -> Self {
        match (&before.status, &before.seat) {
            (Some(status), _) if status == "DEACTIVATED" => Self::Unpaid,
            // Whoever is to be reactivated is deactivated, or nothing happens.
            (None, _) if *action == Action::Reactivate => Self::Unclear,
            (_, Some(SeenSeat::Known(Seat::Member))) => Self::Paid,
            (_, Some(SeenSeat::Known(Seat::Guest | Seat::Viewer | Seat::Contributor | Seat::ProvisionalMember))) => {
                Self::Unpaid
            }
            (_, Some(SeenSeat::Other(_)) | None) => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, UpgradeSeat};

    const PLAN: PlanId = PlanId::new(9).unwrap();

    fn counted(before: &Before, jobs: &[(Action, Done)]) -> (u64, u64, u64, u64) {
        let mut meter = Meter::default();
        for (action, done) in jobs {
            let job = Job { user: UserId::new(5).unwrap(), action: action.clone() };
            meter.count(&job, before, Some(PLAN), *done);
        }
        let money = meter.read();
        if let [(action, done)] = jobs {
            let mut alone = Meter::default();
            let job = Job { user: UserId::new(5).unwrap(), action: action.clone() };
            alone.count_only(&job, before, Some(PLAN), *done);
            assert_eq!(alone.read(), money, "nothing has to be remembered of a user's only job");
        }
        let PaidSeats { freed, taken } = money.total();
        (freed.certain, freed.perhaps, taken.certain, taken.perhaps)
    }

    #[test]
    fn only_a_member_frees_a_seat_and_only_who_is_none_takes_one() {
        use Done::Surely;
        let down = || (Action::Downgrade { plan: PLAN, to: DowngradeSeat::Viewer }, Surely);
        let up = |to| (Action::Upgrade { plan: PLAN, to }, Surely);
        let plain = |action| (action, Surely);
        let seat = |seat| Before { seat: Some(SeenSeat::Known(seat)), ..Before::default() };
        let with = |status: &str, before| Before { status: Some(status.to_owned()), ..before };
        let other = Before { seat: Some(SeenSeat::Other("GALACTIC".into())), ..Before::default() };
        // what the user holds, what is done, seats freed for certain and perhaps, taken for certain and perhaps
        let table = [
            (seat(Seat::Member), vec![down()], (1, 0, 0, 0)),
            (seat(Seat::ProvisionalMember), vec![down()], (0, 0, 0, 0)),
            (seat(Seat::Guest), vec![down()], (0, 0, 0, 0)),
            (Before::default(), vec![down()], (0, 1, 0, 0)),
            (other, vec![down()], (0, 1, 0, 0)),
            (seat(Seat::Member), vec![plain(Action::Remove { plan: PLAN })], (1, 0, 0, 0)),
            (seat(Seat::Member), vec![plain(Action::Deactivate)], (1, 0, 0, 0)),
            (seat(Seat::Viewer), vec![plain(Action::Deactivate)], (0, 0, 0, 0)),
            (seat(Seat::Viewer), vec![up(UpgradeSeat::Member)], (0, 0, 1, 0)),
            (seat(Seat::ProvisionalMember), vec![up(UpgradeSeat::Member)], (0, 0, 1, 0)),
            (seat(Seat::Viewer), vec![up(UpgradeSeat::Guest)], (0, 0, 0, 0)),
            (Before::default(), vec![up(UpgradeSeat::Member)], (0, 0, 0, 1)),
            (with("DEACTIVATED", seat(Seat::Member)), vec![plain(Action::Reactivate)], (0, 0, 1, 0)),
            (seat(Seat::Member), vec![plain(Action::Reactivate)], (0, 0, 0, 1)),
            // Several jobs of one user: what the earlier ones did is what the later ones find.
            (seat(Seat::Member), vec![down(), plain(Action::Deactivate)], (1, 0, 0, 0)),
            (with("DEACTIVATED", seat(Seat::Viewer)), vec![plain(Action::Reactivate), down()], (1, 0, 1, 0)),
            (Before::default(), vec![down(), plain(Action::Deactivate)], (0, 1, 0, 0)),
            (seat(Seat::Member), vec![(down().0, Done::Perhaps), plain(Action::Deactivate)], (0, 2, 0, 0)),
        ];
        for (before, jobs, expected) in table {
            assert_eq!(counted(&before, &jobs), expected, "{before:?}: {jobs:?}");
        }
    }
}
