//! Earlier runs: which of them a new run repeats or takes over.
//!
//! A job is known by its user, action and arguments, not by its place in a file; and a run sends each at most once, so
//! that is all it takes to find one again in a file that was sorted, cut or exported anew.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::Failure;
use super::run::sent;
use crate::ledger::{Ledger, RunRecord};
use crate::model::{Ending, Job, JobState};
use crate::plan::Plan;

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
    let wanted: HashSet<&Job> = plan.rows.iter().filter_map(|planned| sent(&planned.step)).collect();
    let mut earlier = Earlier::default();
    let mut said = false;
    for record in ledger.views().runs()?.iter().filter(|record| record.run.account == account) {
        if record.is_unfinished() {
            earlier.take_over(ledger, record, &wanted)?;
        } else if record.run.sha256 == sha256 && record.ending() == Some(&Ending::Finished) && !said {
            said = true;
            let at = record.run.started.strftime("%Y-%m-%d %H:%M:%SZ");
            earlier.notices.push(format!("this very file ran already, on {at}, as run {}", record.run.name));
        }
    }
    Ok(earlier)
}

impl Earlier {
    fn take_over(&mut self, ledger: &Ledger, record: &RunRecord, wanted: &HashSet<&Job>) -> Result<(), Failure> {
        let (mut left, mut covered) = (0_u64, 0_u64);
        ledger.views().each_row(record.id, |row| {
            let Some(job) = row.job.filter(|_| !row.state.is_settled()) else { return };
            left += 1;
            if !wanted.contains(&job) {
                return;
            }
            covered += 1;
            let in_doubt = matches!(row.state, JobState::Sent { .. } | JobState::InDoubt { .. });
            if let Some(began) = row.began.filter(|_| in_doubt) {
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
