//! Entering: how a plan becomes the rows of the ledger and the jobs of the engine, and what the run is called.

use std::collections::HashMap;

use jiff::Timestamp;

use super::source::Source;
use crate::engine::Assignment;
use crate::ledger::NewRow;
use crate::model::{Event, Job, JobState};
use crate::plan::{Plan, Step};
use crate::report::record;

/// Every row of a plan as it enters the ledger; `doubts` are jobs that an earlier run has sent, and when.
pub(super) fn new_rows<'a>(
    source: &'a Source,
    plan: &'a Plan,
    doubts: &'a HashMap<Job, Timestamp>,
) -> impl Iterator<Item = NewRow> + 'a {
    source.sheet.rows().zip(&plan.rows).map(|(row, planned)| {
        let (job, outcome) = match &planned.step {
            Step::Send(job) => (Some(job.clone()), None),
            Step::SendTo(..) | Step::SendSomewhere(_) => (None, None),
            Step::Blocked(job, prediction) => (Some(job.clone()), Some(prediction.failed())),
            Step::Ended(job, outcome) => (job.clone(), Some((**outcome).clone())),
        };
        let doubted = job.as_ref().filter(|_| outcome.is_none()).and_then(|job| doubts.get(job)).copied();
        let before = planned.before.clone();
        NewRow { number: row.number, cells: record(source.carried_cells(&row)), job, before, outcome, doubted }
    })
}

/// The jobs that the engine has to settle. One that an earlier run left in doubt is read before it is sent.
pub(super) fn assignments(plan: Plan, doubts: &HashMap<Job, Timestamp>) -> Vec<Assignment> {
    let rows = plan.rows.into_iter().enumerate();
    rows.filter_map(|(place, planned)| {
        let Step::Send(job) = planned.step else { return None };
        let place = u32::try_from(place).ok()?;
        let fresh = JobState::default();
        let orphaned = || fresh.next(Event::Begun).and_then(|sent| sent.next(Event::Orphaned));
        let state = if doubts.contains_key(&job) { orphaned().ok()? } else { fresh };
        let seat_before = planned.before.seat;
        Some(Assignment { place, row: planned.row, job, state, answer: None, seat_before })
    })
    .collect()
}

/// A name for a run: when it began, and four letters so that two of one second differ.
pub(super) fn run_name(now: Timestamp) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letters: String = (0..4).map(|_| char::from(fastrand::choice(LETTERS).copied().unwrap_or(b'a'))).collect();
    format!("{}-{letters}", now.strftime("%Y%m%d-%H%M%S"))
}
