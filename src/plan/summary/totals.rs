//! The tally: what a plan comes to, by action and seat, in requests, in paid seats, and in what nothing can undo.

use std::collections::{BTreeMap, HashMap};

use super::affected_share::Share;
use super::paid_seats::{Done, Meter, Money};
use crate::model::{Action, ActionName, Job, PlanId, Seat, SeatEffect, SeenSeat, UpgradeSeat, UserId};
use crate::plan::account_state::Circumstances;
use crate::plan::directory::Directory;
use crate::plan::run_plan::{Plan, Planned, Step};

/// What one kind of row would do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// The action.
    pub action: ActionName,
    /// The seat that the user holds when the row's turn comes, where that is known and the action changes it.
    pub from: Option<SeenSeat>,
    /// The seat that it asks for, where it asks for one.
    pub to: Option<Seat>,
}

/// What a plan comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that would be sent, by what they would do.
    pub effects: BTreeMap<Effect, u64>,
    /// Requests, if every one of them succeeds at once.
    pub requests: u64,
    /// Users who would be changed, each counted once.
    pub users: u64,
    /// Users who would be changed, plan by plan.
    pub shares: Vec<Share>,
    /// Paid seats freed and taken.
    pub money: Money,
    /// Rows that remove somebody, which nothing reverses.
    pub removals: u64,
    /// Rows that deactivate somebody, which can be undone for 30 days (API notes, "reactivate").
    pub deactivations: u64,
    /// Rows that end a trial seat, which can be asked for by nobody.
    pub trials_ended: u64,
    /// How the plans are called, as far as the API said.
    pub plan_names: BTreeMap<PlanId, String>,
}

impl Tally {
    /// Rows that would change a user.
    pub fn changes(&self) -> u64 {
        self.effects.iter().filter(|(effect, _)| effect.action.changes()).map(|(_, rows)| rows).sum()
    }
}

impl Plan {
    /// What the plan comes to.
    pub fn tally(&self, circumstances: &Circumstances) -> Tally {
        let directory = circumstances.directory.as_ref();
        let mut counter = Counter { home: directory.and_then(Directory::home), ..Counter::default() };
        for planned in &self.rows {
            match &planned.step {
                Step::Send(job) if self.repeated.users.contains(&job.user) => counter.send_one_of_several(planned, job),
                Step::Send(job) => counter.send(planned, job),
                Step::SendTo(_, action) => {
                    counter.meter.count_unplaced(action.seat_effect(), action.plan());
                    counter.count(action.name(), None, action.seat());
                }
                Step::SendSomewhere(action) => {
                    counter.meter.count_unplaced(likely_effect(*action), None);
                    counter.count(*action, None, None);
                }
                Step::Blocked(..) | Step::Ended(..) => {}
            }
        }
        let Counter { tally, meter, .. } = counter;
        Tally {
            money: meter.read(),
            users: self.changed_users(),
            shares: self.shares(directory),
            plan_names: directory.map(|directory| directory.plan_names().clone()).unwrap_or_default(),
            ..tally
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
struct Counter {
    tally: Tally,
    meter: Meter,
    home: Option<PlanId>,
    /// The seats that earlier rows give.
    given: HashMap<(Option<PlanId>, UserId), Seat>,
}

impl Counter {
    /// Counts the only row of its user.
    fn send(&mut self, planned: &Planned, job: &Job) {
        self.meter.count_only(job, planned.before(), self.home, Done::Surely);
        let from = planned.before().seat.clone().filter(|_| job.action.changes_seats());
        self.count(job.action.name(), from, job.action.seat());
    }

    fn send_one_of_several(&mut self, planned: &Planned, job: &Job) {
        self.meter.count(job, planned.before(), self.home, Done::Surely);
        let key = (job.action.plan().or(planned.before().plan).or(self.home), job.user);
        let given = self.given.get(&key).map(|seat| SeenSeat::Known(*seat));
        let from = given.or_else(|| planned.before().seat.clone()).filter(|_| job.action.changes_seats());
        let given = match &job.action {
            Action::Downgrade { to, .. } => Some(to.seat()),
            Action::Upgrade { to, .. } => Some(to.seat()),
            Action::Reactivate => Some(UpgradeSeat::Member.seat()),
            Action::Deactivate | Action::Remove { .. } | Action::Update(_) | Action::Plans => None,
        };
        if let Some(seat) = given {
            self.given.insert(key, seat);
        }
        self.count(job.action.name(), from, job.action.seat());
    }

    fn count(&mut self, action: ActionName, from: Option<SeenSeat>, to: Option<Seat>) {
        let ends_trial = from.as_ref().is_some_and(|from| from.is(Seat::ProvisionalMember));
        match action {
            ActionName::Downgrade => self.tally.trials_ended += u64::from(ends_trial),
            ActionName::Deactivate => {
                self.tally.deactivations += 1;
                self.tally.trials_ended += u64::from(ends_trial);
            }
            // A trial that ends with a removal is the least of what is lost.
            ActionName::Remove => self.tally.removals += 1,
            ActionName::Upgrade | ActionName::Reactivate | ActionName::Update | ActionName::Plans => {}
        }
        *self.tally.effects.entry(Effect { action, from, to }).or_default() += 1;
        self.tally.requests += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Before, DowngradeSeat};

    #[test]
    fn rows_are_counted_from_the_seat_that_they_find() {
        let plan_id = PlanId::new(9).unwrap();
        let down = |to| Action::Downgrade { plan: plan_id, to };
        let up = || Action::Upgrade { plan: plan_id, to: UpgradeSeat::Member };
        let seat = |seat| Some(SeenSeat::Known(seat));
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
            Planned { before: Some(Box::new(Before { seat, ..Before::default() })), ..Planned::new(row, step) }
        });
        let mut directory = Directory::default();
        directory.note_home(plan_id);
        let circumstances = Circumstances { directory: Some(directory), ..Circumstances::default() };
        let tally = Plan::of(rows).tally(&circumstances);
        let effects = tally.effects.iter().map(|(effect, rows)| {
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
        assert_eq!((tally.requests, tally.users), (10, 8));
        assert_eq!((tally.removals, tally.deactivations, tally.trials_ended), (1, 1, 1));
        let seats = tally.money.total();
        // Two members downgraded, one deactivated, the reactivated one downgraded; one unknown downgrade, one removal.
        assert_eq!((seats.freed.certain, seats.freed.perhaps), (4, 2));
        assert_eq!((seats.taken.certain, seats.taken.perhaps), (1, 1), "the reactivated one may have been active");
    }
}
