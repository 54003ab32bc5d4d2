//! Earlier runs: which of them a new run repeats or takes over.
//!
//! A job is known by its user, action and arguments, not by its place in a file; and a run sends each at most once, so
//! that is all it takes to find one again in a file that was sorted, cut or exported anew.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::app::CommandError;
use crate::app::preflight::planning::sent;
use crate::app::runs::unfinished::Unfinished;
use crate::ledger::{Ledger, ResumeEvent, RunRecord, TakenOver};
use crate::model::{
    Event, Job, JobState, Outcome, PriorAttempts, Reason, ReportedSeat, RetryRefused, Status, StopReason,
};
use crate::plan::{AccountState, REACTIVATION, RunPlan, Step, history_warnings};

/// How far back it matters what was done to a user.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Users that a notice names, at the most.
const SHOWN: usize = 10;

/// What earlier runs mean for a new one.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// What the user should know before going on, in sentences.
    pub(crate) notices: Vec<String>,
    /// Jobs of the new run that an earlier one has sent and left in doubt, and when.
    pub(crate) doubts: HashMap<Job, Timestamp>,
    /// What the new run takes over from each.
    pub(crate) takeovers: Vec<TakenOver>,
}

/// Looks through the runs of an account.
pub(crate) fn look(ledger: &Ledger, account: &str, sha256: &str, plan: &RunPlan) -> Result<Earlier, CommandError> {
    let affected = LazyCell::new(|| plan.rows.iter().filter_map(|planned| done_by(&planned.step)).collect());
    let mut earlier = Earlier::default();
    let (mut said, mut finished) = (false, false);
    for record in ledger.views().runs()?.iter().filter(|record| record.run.account == account) {
        if record.is_unfinished() {
            earlier.take_over(ledger, record, &affected)?;
            continue;
        }
        // A bare resume falls back on the newest finished run, so what that one left is taken over, too.
        if !finished {
            finished = true;
            if record.superseded_by.is_none() {
                earlier.take_over(ledger, record, &affected)?;
            }
        }
        if record.run.sha256 == sha256 && record.ending() == Some(&StopReason::Finished) && !said {
            said = true;
            earlier.notices.push(repetition(ledger, record, plan)?);
        }
    }
    Ok(earlier)
}

/// What the runs of an account say of the users of a plan, in sentences.
pub(crate) fn recalled(
    ledger: &Ledger,
    account: &str,
    plan: &RunPlan,
    account_state: &AccountState,
) -> Result<Vec<String>, CommandError> {
    let Some(directory) = &account_state.directory else { return Ok(Vec::new()) };
    let now = Timestamp::now();
    let since = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
    let users = plan.rows.iter().filter_map(|planned| Some(sent(&planned.step)?.user)).collect();
    let mut changes = ledger.views().past_changes_since(account, since, &users)?;
    // Of everybody, because what a deactivation took away cannot be given back after a while.
    let since = now.checked_sub(REACTIVATION).unwrap_or(Timestamp::MIN);
    changes.extend(ledger.views().status_changes_since(account, since)?);
    changes.sort_by_key(|change| change.at);
    Ok(history_warnings(plan, directory, &changes, now))
}

/// The job that a new run does, or finds to be so already.
fn done_by(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) => Some(job),
        Step::Final(job, outcome) if outcome.status == Status::Unchanged => job.as_ref(),
        Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) | Step::Blocked(..) | Step::Final(..) => None,
    }
}

/// When this very file ran, and which of the users it changed have been changed back since.
fn repetition(ledger: &Ledger, record: &RunRecord, plan: &RunPlan) -> Result<String, CommandError> {
    let held: HashMap<&Job, &ReportedSeat> =
        plan.rows.iter().filter_map(|planned| Some((sent(&planned.step)?, planned.before().seat.as_ref()?))).collect();
    let mut changed_back = Vec::new();
    ledger.views().each_row(record.id, |row| {
        let was_done = matches!(row.state, JobState::Settled { status: Status::Success, .. });
        if let Some(job) = row.job.filter(|_| was_done)
            && let (Some(seat), Some(affected)) = (held.get(&job), job.action.seat())
            && !seat.is(affected)
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
    /// Every job that a resume of the earlier run would take up and that the new run does ends there, so that nothing is
    /// done again behind the new run's back.
    fn take_over(&mut self, ledger: &Ledger, record: &RunRecord, affected: &HashSet<&Job>) -> Result<(), CommandError> {
        let mut left = 0_u64;
        let mut covered = 0_u64;
        let mut ends = Vec::new();
        ledger.views().each_row(record.id, |row| {
            let (Some(job), Some((_, revival))) = (row.job, row.state.revived(RetryRefused::No)) else { return };
            left += 1;
            if !affected.contains(&job) {
                return;
            }
            covered += 1;
            if let Some(began) = row.began.filter(|_| is_doubtful(row.state)) {
                self.doubts.entry(job).or_insert(began);
            }
            let outcome = given_up(row.state);
            let end = Event::Settled { status: outcome.status, reason: outcome.reason };
            ends.extend(revival.map(|event| ResumeEvent { place: row.place, event, outcome: None }));
            ends.push(ResumeEvent { place: row.place, event: end, outcome: Some(outcome) });
        })?;
        if covered == 0 {
            if left > 0 && record.is_unfinished() {
                self.notices.push(Unfinished::new(record, left, "seatrun resume").to_string());
            }
            return Ok(());
        }
        let RunRecord { run, .. } = record;
        self.notices.push(format!(
            "run {name} of {}, started {}, has {left} rows left, {covered} of them in this file too, which this run takes \
             over; `seatrun resume {name}` would carry it on instead",
            run.input,
            run.started.strftime("%Y-%m-%d %H:%M:%SZ"),
            name = run.name,
        ));
        self.takeovers.push(TakenOver { run: record.id, ends, whole: covered == left });
        Ok(())
    }
}

/// How a row ends that a later run takes over. What the API has called done stays so.
fn given_up(state: JobState) -> Outcome {
    match state {
        JobState::Done { .. } => {
            let message = "the API said SUCCESS, and it was not verified: a later run took this row over";
            Outcome::new(Status::Success, Reason::Answered, message)
        }
        JobState::Ready { .. }
        | JobState::Sent { .. }
        | JobState::InDoubt { .. }
        | JobState::Partly { .. }
        | JobState::Settled { .. } => Outcome::of_row(Status::Skipped, "a later run took this row over"),
    }
}

/// Whether something that was sent may have been done without anybody knowing for sure.
const fn is_doubtful(state: JobState) -> bool {
    match state {
        JobState::Sent { .. }
        | JobState::InDoubt { .. }
        | JobState::Done { .. }
        | JobState::Ready { past: PriorAttempts::Uncertain, .. }
        | JobState::Settled { status: Status::Unknown, .. } => true,
        JobState::Ready { past: PriorAttempts::NoEffect, .. } | JobState::Partly { .. } | JobState::Settled { .. } => {
            false
        }
    }
}
