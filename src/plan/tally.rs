//! The tally: what a plan comes to, by action and seat, in requests and in seats.

use std::collections::BTreeMap;

use super::build::{Plan, Step};
use crate::model::{Action, ActionName, Seat, SeatEffect};

/// What one kind of row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// The action.
    pub action: ActionName,
    /// The seat that it asks for, where it asks for one.
    pub seat: Option<Seat>,
}

/// What a plan comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that would be sent, by what they would do.
    pub effects: BTreeMap<Effect, u64>,
    /// Requests, if every one of them succeeds at once.
    pub requests: u64,
    /// Rows that can give a paid seat back.
    pub frees: u64,
    /// Rows that can need a paid seat.
    pub takes: u64,
    /// Rows whose effect cannot be reversed.
    pub for_good: u64,
}

impl Tally {
    /// Rows that would change a user.
    pub fn changes(&self) -> u64 {
        self.effects.iter().filter(|(effect, _)| effect.action.changes()).map(|(_, rows)| rows).sum()
    }
}

impl Plan {
    /// What the plan comes to.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for planned in &self.rows {
            match &planned.step {
                Step::Send(job) => tally.count(&job.action),
                Step::SendTo(_, action) => tally.count(action),
                Step::SendSomewhere(action) => {
                    *tally.effects.entry(Effect { action: *action, seat: None }).or_default() += 1;
                    tally.requests += 1;
                }
                Step::Blocked(..) | Step::Ended(..) => {}
            }
        }
        tally
    }
}

impl Tally {
    fn count(&mut self, action: &Action) {
        let effect = Effect { action: action.name(), seat: action.seat() };
        *self.effects.entry(effect).or_default() += 1;
        self.requests += 1;
        match action.seat_effect() {
            SeatEffect::Frees => self.frees += 1,
            SeatEffect::Takes => self.takes += 1,
            SeatEffect::Neutral => {}
        }
        self.for_good += u64::from(action.name() == ActionName::Remove);
    }
}
