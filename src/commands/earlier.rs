//! Earlier runs: which of them a new run repeats or takes over.
//!
//! A job is known by its user, action and arguments, not by its place in a file; and a run sends each at most once, so
//! that is all it takes to find one again in a file that was sorted, cut or exported anew.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::Failure;
use super::run::sent;
use crate::ledger::{Ledger, RunRecord};
use crate::model::{Ending, Job, JobState, Past, SeenSeat, Status};
use crate::plan::{Plan, Step};

/// Users that a notice names, at the most.
const SHOWN: usize = 10;

/// What earlier runs mean for a new one.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// What the user should know before going on, in sentences.
    pub(super) notices: Vec<String>,
    /// Jobs of the new run that an earlier one has sent and left in doubt, and when.
    pub(super) doubts: HashMap<Job, Timestamp>,
    /// Runs that have nothing left which the new one does not do.
    pub(super) superseded: Vec<i64>,
}

/// Looks through the runs of an account.
pub(super) fn look(ledger: &Ledger, account: &str, sha256: &str, plan: &Plan) -> Result<Earlier, Failure> {
    let wanted: HashSet<&Job> = plan.rows.iter().filter_map(|planned| done_by(&planned.step)).collect();
    let mut earlier = Earlier::default();
    let mut said = false;
    for record in ledger.views().runs()?.iter().filter(|record| record.run.account == account) {
        if record.is_unfinished() {
            earlier.take_over(ledger, record, &wanted)?;
        } else if record.run.sha256 == sha256 && record.ending() == Some(&Ending::Finished) && !said {
            said = true;
            earlier.notices.push(repetition(ledger, record, plan)?);
        }
    }
    Ok(earlier)
}

/// The job that a new run does, or finds to be so already.
fn done_by(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) => Some(job),
        Step::Ended(job, outcome) if outcome.status == Status::Unchanged => job.as_ref(),
        Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    }
}

/// When this very file ran, and which of the users it changed have been changed back since.
fn repetition(ledger: &Ledger, record: &RunRecord, plan: &Plan) -> Result<String, Failure> {
    let held: HashMap<&Job, &SeenSeat> =
        plan.rows.iter().filter_map(|planned| Some((sent(&planned.step)?, planned.seat_before.as_ref()?))).collect();
    let mut changed_back = Vec::new();
    ledger.views().each_row(record.id, |row| {
        let was_done = matches!(row.state, JobState::Settled { status: Status::Success, .. });
        if let Some(job) = row.job.filter(|_| was_done)
            && let (Some(seat), Some(wanted)) = (held.get(&job), job.action.seat())
            && !seat.is(wanted)
        {
            changed_back.push(format!("{} (row {}, now {seat})", job.user, row.number));
        }
    })?;
    let at = record.run.started.strftime("%Y-%m-%d %H:%M:%SZ");
    let ran = format!("this very file ran already, on {at}, as run {}", record.run.name);
    let shown = changed_back.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = changed_back.len().saturating_sub(SHOWN);
    Ok(match (changed_back.len(), more) {
        (0, _) => ran,
        (count, 0) => format!("{ran}; {count} of its users have been changed back since: {shown}"),
        (count, more) => format!("{ran}; {count} of its users have been changed back since: {shown} and {more} more"),
    })
}

impl Earlier {
    fn take_over(&mut self, ledger: &Ledger, record: &RunRecord, wanted: &HashSet<&Job>) -> Result<(), Failure> {
        let (mut left, mut covered) = (0_u64, 0_u64);
        ledger.views().each_row(record.id, |row| {
            let Some(job) = row.job else { return };
            left += u64::from(!row.state.is_settled());
            if !wanted.contains(&job) {
                return;
            }
            covered += u64::from(!row.state.is_settled());
            if let Some(began) = row.began.filter(|_| is_doubtful(row.state)) {
                self.doubts.entry(job).or_insert(began);
            }
        })?;
        if covered > 0 {
            let RunRecord { run, .. } = record;
            self.notices.push(format!(
                "run {name} of {}, started {}, is unfinished: {left} of its rows are left, {covered} of them in this \
                 file too; `seatrun resume {name}` would carry it on",
                run.input,
                run.started.strftime("%Y-%m-%d %H:%M:%SZ"),
                name = run.name,
            ));
            if covered == left {
                self.superseded.push(record.id);
            }
        }
        Ok(())
    }
}

/// Whether something that was sent may have been done without anybody knowing.
const fn is_doubtful(state: JobState) -> bool {
    match state {
        JobState::Sent { .. }
        | JobState::InDoubt { .. }
        | JobState::Ready { past: Past::Doubted, .. }
        | JobState::Settled { status: Status::Unknown, .. } => true,
        JobState::Ready { past: Past::Clean, .. } | JobState::Partly { .. } | JobState::Settled { .. } => false,
    }
}
