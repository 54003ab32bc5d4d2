//! The overview: what all rows of a page come to, counted row by row, so that the page can begin with it.

use std::collections::BTreeMap;

use super::words;
use crate::model::{Action, ActionName, PlanId, ReportedSeat, Seat, SeatEffect, Status};
use crate::report::{Counts, ReportRow};

/// Different pieces of advice that are counted one by one; a file in which every row is wrong in its own way has one a
/// row, and nobody reads a thousand of them.
const MOST_REMEDIES: usize = 500;

/// What all rows come to.
#[derive(Debug, Clone)]
pub struct Overview {
    tense: Tense,
    pub(super) counts: Counts,
    by_action: BTreeMap<Option<ActionName>, Counts>,
    pub(super) moves: BTreeMap<Move, u64>,
    pub(super) seats: BTreeMap<Option<PlanId>, Seats>,
    pub(super) plans: BTreeMap<PlanId, u64>,
    pub(super) remedies: BTreeMap<(Status, String), u64>,
}

/// Which rows count as changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    /// Those that were made.
    Done,
    /// Those that would be made, or would have been.
    Intended,
}

/// One kind of change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    pub(super) action: ActionName,
    /// The seat before; none where it was not read.
    pub(super) from: Option<String>,
    pub(super) to: String,
}

/// What becomes of the paid seats of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seats {
    /// Given back.
    pub(super) freed: Quantity,
    /// Taken.
    pub(super) taken: Quantity,
}

/// How many seats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Quantity {
    /// So many at the most.
    pub(super) most: u64,
    /// So many of them only if the user holds the seat for it, which was not read.
    pub(super) unsure: u64,
}

impl Quantity {
    const SURE: Self = Self { most: 1, unsure: 0 };
    const UNSURE: Self = Self { most: 1, unsure: 1 };

    fn add(&mut self, other: Self) {
        self.most += other.most;
        self.unsure += other.unsure;
    }
}

impl Seats {
    fn add(&mut self, other: Self) {
        self.freed.add(other.freed);
        self.taken.add(other.taken);
    }
}

impl Overview {
    pub(super) fn new(tense: Tense) -> Self {
        Self {
            tense,
            counts: Counts::default(),
            by_action: BTreeMap::new(),
            moves: BTreeMap::new(),
            seats: BTreeMap::new(),
            plans: BTreeMap::new(),
            remedies: BTreeMap::new(),
        }
    }

    /// Counts a row.
    pub fn add(&mut self, row: &ReportRow<'_>) {
        let (outcome, status) = (&row.outcome, row.outcome.status);
        self.counts.add(status);
        self.by_action.entry(row.request.action_name()).or_default().add(status);
        if !status.is_fine() {
            self.advise(row);
        }
        let Some(action) = row.request.action() else { return };
        if let Some(plan) = action.plan() {
            *self.plans.entry(plan).or_default() += 1;
        }
        if self.tense.counts(status) && action.name().changes() {
            self.count_change(action, outcome.seat_before.as_ref());
        }
    }

    /// What becomes of paid seats in all plans together.
    pub(super) fn all_seats(&self) -> Seats {
        let mut all = Seats::default();
        for seats in self.seats.values() {
            all.add(*seats);
        }
        all
    }

    /// The outcomes of each action; of rows without one, last.
    pub(super) fn actions(&self) -> impl Iterator<Item = (Option<ActionName>, &Counts)> {
        let (without, with): (Vec<_>, Vec<_>) = self.by_action.iter().partition(|(action, _)| action.is_none());
        with.into_iter().chain(without).map(|(action, counts)| (*action, counts))
    }

    /// Rows that change something, or would.
    pub(super) fn changes(&self) -> u64 {
        self.moves.values().sum()
    }

    /// Rows of one action that change something, or would.
    pub(super) fn changes_by(&self, action: ActionName) -> u64 {
        self.moves.iter().filter(|(change, _)| change.action == action).map(|(_, rows)| rows).sum()
    }

    fn advise(&mut self, row: &ReportRow<'_>) {
        let (message, own) = (&row.outcome.message, format!("row {}", row.input.number));
        // A message that begins with its row is the same for others but for that.
        let of_any = message.strip_prefix(&own).map(|rest| rest.trim_start_matches([',', ':', ' ']));
        let advice = row.outcome.hint.as_deref().and_then(words::plain);
        let Some(advice) = advice.or_else(|| words::plain(of_any.unwrap_or(message))) else { return };
        let key = (row.outcome.status, advice);
        if self.remedies.len() < MOST_REMEDIES || self.remedies.contains_key(&key) {
            *self.remedies.entry(key).or_default() += 1;
        }
    }

    fn count_change(&mut self, action: &Action, before: Option<&ReportedSeat>) {
        let change = Move { action: action.name(), from: before.map(words::seen), to: words::kind_of_target(action) };
        *self.moves.entry(change).or_default() += 1;
        self.seats.entry(action.plan()).or_default().add(seats(action, before));
    }
}

/// What a change does to paid seats. Only a Member's seat is paid for; a provisional one is on trial (API notes,
/// "Seats"). Whatever is shown of somebody deactivated, the seat was given back then, and a reactivation takes one.
fn seats(action: &Action, before: Option<&ReportedSeat>) -> Seats {
    let none = Quantity::default();
    let was_member = match action {
        Action::Reactivate => Some(false),
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Deactivate
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => before.map(|seat| seat.is(Seat::Member)),
    };
    let (freed, taken) = match (action.seat_effect(), was_member) {
        (SeatEffect::Frees, Some(true)) => (Quantity::SURE, none),
        (SeatEffect::Frees, None) => (Quantity::UNSURE, none),
        (SeatEffect::Takes, Some(false)) => (none, Quantity::SURE),
        (SeatEffect::Takes, None) => (none, Quantity::UNSURE),
        (SeatEffect::Frees, Some(false)) | (SeatEffect::Takes, Some(true)) | (SeatEffect::Neutral, _) => (none, none),
    };
    Seats { freed, taken }
}

impl Tense {
    /// Whether a row of this status counts as a change.
    const fn counts(self, status: Status) -> bool {
        match status {
            Status::Success | Status::PartialSuccess => matches!(self, Self::Done),
            // Of a run that was refused, everything that it would have sent is not attempted.
            Status::Planned | Status::NotAttempted => matches!(self, Self::Intended),
            Status::Unchanged
            | Status::Failed
            | Status::Unknown
            | Status::Skipped
            | Status::Invalid
            | Status::Blocked => false,
        }
    }
}
