//! Unfinished runs: which of them a resume carries on, and what everybody else is told of them.

use std::fmt;

use crate::app::CommandError;
use crate::ledger::{Ledger, LedgerError, RunRecord};
use crate::model::{RetryRefused, StopReason};

/// The run that was named, or the newest that is unfinished, or the newest.
pub(crate) fn choose(ledger: &Ledger, name: Option<&str>) -> Result<RunRecord, CommandError> {
    if let Some(name) = name {
        let record = ledger.views().named(name)?;
        return match &record.superseded_by {
            None => Ok(record),
            Some(other) => Err(CommandError::refused(format!("run {} was taken over by run {other}", record.run.name))
                .hint(format!("`seatrun resume {other}` carries that one on"))),
        };
    }
    let mut runs = ledger.views().runs()?;
    let newest_unfinished = runs.iter().position(RunRecord::is_unfinished).unwrap_or(0);
    if runs.is_empty() {
        return Err(CommandError::refused(format!("there is no run in {}", ledger.path().display()))
            .hint("`seatrun run INPUT` starts one"));
    }
    Ok(runs.swap_remove(newest_unfinished))
}

/// The newest run that can go on without anybody having looked at it: something passing has ended it.
pub(crate) fn choose_unattended(ledger: &Ledger) -> Result<Option<RunRecord>, LedgerError> {
    let was_ended_in_passing = |record: &RunRecord| record.ending().is_none_or(StopReason::is_passing);
    let mut runs = ledger.views().runs()?.into_iter();
    Ok(runs.find(|record| record.is_unfinished() && was_ended_in_passing(record)))
}

/// What there is to say of each unfinished run that has rows left, the newest first. `resume` is the command that carries
/// one on.
pub(crate) fn list(ledger: &Ledger, resume: &str) -> Result<Vec<Unfinished>, LedgerError> {
    let mut found = Vec::new();
    for record in ledger.views().runs()?.iter().filter(|record| record.is_unfinished()) {
        let mut left = 0;
        ledger.views().each_row(record.id, |row| {
            left += u64::from(row.job.is_some() && row.state.revived(RetryRefused::No).is_some());
        })?;
        if left > 0 {
            found.push(Unfinished::new(record, left, resume));
        }
    }
    Ok(found)
}

/// What there is to say of an unfinished run.
#[derive(Debug)]
pub(crate) struct Unfinished {
    /// What became of it.
    pub(crate) text: String,
    /// What carries it on.
    pub(crate) command: String,
}

impl Unfinished {
    /// A run that has so many rows left.
    pub(crate) fn new(record: &RunRecord, left: u64, resume: &str) -> Self {
        let name = &record.run.name;
        let was_interrupted = record.ending().is_none_or(StopReason::is_passing);
        let what = if was_interrupted { "was interrupted" } else { "was stopped" };
        let rows = if left == 1 { "1 row".to_owned() } else { format!("{left} rows") };
        Self { text: format!("run {name} {what} with {rows} to go"), command: format!("{resume} {name}") }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.text, self.command)
    }
}
