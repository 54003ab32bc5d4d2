//! Rows that repeat or contradict each other: a repeat runs once, and of a contradiction nothing runs, because nobody
//! can know which of the rows was meant.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::build::{Planned, Step};
use crate::model::{Action, DowngradeSeat, Job, Outcome, Status, UserId};

/// Settles repeats and contradictions among rows that would be sent.
pub(super) fn settle(rows: &mut [Planned]) {
    let mut first_of: HashMap<Job, usize> = HashMap::new();
    let mut of_user: HashMap<UserId, Vec<usize>> = HashMap::new();
    for at in 0..rows.len() {
        let Step::Send(job) = &rows[at].step else { continue };
        let (job, user) = (job.clone(), job.user);
        match first_of.entry(one_name(&job)) {
            Entry::Occupied(first) => {
                let message = format!("a duplicate of row {}", rows[*first.get()].row);
                let outcome = Outcome::of_row(Status::Skipped, message);
                rows[at].step = Step::Ended(Some(job), Box::new(outcome));
            }
            Entry::Vacant(slot) => {
                slot.insert(at);
                of_user.entry(user).or_default().push(at);
            }
        }
    }
    for places in of_user.into_values().filter(|places| places.len() > 1) {
        settle_user(rows, &places);
    }
}

/// The rows of one user, compared pair by pair: there are a handful at the most, for a user has few distinct jobs.
fn settle_user(rows: &mut [Planned], places: &[usize]) {
    let mut contradictions = Vec::new();
    for (nth, first) in places.iter().enumerate() {
        for second in &places[nth + 1..] {
            if let (Step::Send(earlier), Step::Send(later)) = (&rows[*first].step, &rows[*second].step)
                && contradict(&earlier.action, &later.action)
            {
                contradictions.push((*first, *second, later.clone()));
                contradictions.push((*second, *first, earlier.clone()));
            }
        }
    }
    for (at, other, job) in contradictions {
        let Step::Send(own) = &rows[at].step else { continue };
        let row = rows[at].row;
        let message = format!("row {row}: contradicts row {} ({})", rows[other].row, job.action);
        let mut outcome = Outcome::of_row(Status::Invalid, message);
        outcome.hint = Some("keep the one that is meant".to_owned());
        rows[at].step = Step::Ended(Some(own.clone()), Box::new(outcome));
    }
}

/// Whether a later row undoes, or cannot follow, an earlier one of the same user.
fn contradict(earlier: &Action, later: &Action) -> bool {
    match (earlier, later) {
        (Action::Downgrade { plan, .. }, Action::Upgrade { plan: other, .. })
        | (Action::Upgrade { plan, .. }, Action::Downgrade { plan: other, .. }) => plan == other,
        (Action::Deactivate, Action::Reactivate) | (Action::Reactivate, Action::Deactivate) => true,
        (Action::Remove { plan }, later) => match later {
            Action::Plans => false,
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Update(_) => later.plan().is_none_or(|other| *plan == other),
        },
        (
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Update(_)
            | Action::Plans,
            _,
        ) => false,
    }
}

/// The job with its free seat under one name, so that VIEWER and CONTRIBUTOR are found to be the same.
fn one_name(job: &Job) -> Job {
    match &job.action {
        Action::Downgrade { plan, to: DowngradeSeat::Viewer } => {
            Job { user: job.user, action: Action::Downgrade { plan: *plan, to: DowngradeSeat::Contributor } }
        }
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Deactivate
        | Action::Reactivate
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => job.clone(),
    }
}
