//! Reports without a run: of a dry run, and of a run that was refused before anything was changed.

use std::io;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Exit;
use super::context::Context;
use super::source::Source;
use super::target::{Outputs, Target};
use super::work::{remember, write_summary};
use crate::ledger::Keep;
use crate::model::{Job, Outcome, Status};
use crate::plan::{Plan, Planned, Step};
use crate::report::{Column, Counts, Line, Summary, Table};

/// What is said of rows that would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A dry run: what would happen.
    Foreseen,
    /// A run that was refused, and why.
    Refused(String),
}

/// A report that was written, or not.
#[derive(Debug)]
pub(super) struct Written {
    /// How many rows have which status.
    pub counts: Counts,
    /// What writing came to: the SHA-256 of the report, in hexadecimal.
    pub sha256: io::Result<String>,
}

/// Writes what is said of each row of a plan.
pub(super) fn write(source: &Source, plan: &Plan, target: &Target, verdict: &Verdict) -> Written {
    let mut counts = Counts::default();
    for planned in &plan.rows {
        counts.add(outcome(planned, verdict).status);
    }
    let sha256 = target.write(|output| {
        let form = target.form(*source.sheet.dialect());
        let mut table = Table::begin(output, form, source.carried_header(), Column::REPORT)?;
        for (row, planned) in source.sheet.rows().zip(&plan.rows) {
            let outcome = outcome(planned, verdict);
            let key = job(&planned.step).map(|job| job.key().to_string());
            let line =
                Line { row: row.number, outcome: &outcome, attempts: 0, began: None, finished: None, run: None, key };
            table.write(source.carried_cells(&row), &line)?;
        }
        table.finish().map(drop)
    });
    Written { counts, sha256 }
}

fn outcome(planned: &Planned, verdict: &Verdict) -> Outcome {
    let mut outcome = match (&planned.step, verdict) {
        (Step::Ended(_, outcome), _) => (**outcome).clone(),
        (_, Verdict::Refused(why)) => {
            Outcome::of_row(Status::NotAttempted, format!("not sent: the run was refused, because {why}"))
        }
        (Step::Send(job), Verdict::Foreseen) => {
            Outcome::of_row(Status::Planned, format!("would be sent: {}", job.action))
        }
        (Step::SendTo(email, action), Verdict::Foreseen) => {
            let message = format!("would be sent: {action}, once the id of {email} is looked up");
            Outcome::of_row(Status::Planned, message)
        }
        (Step::SendSomewhere(action), Verdict::Foreseen) => {
            let message = format!("would be sent: {action}, in the only plan of the token's own user");
            Outcome::of_row(Status::Planned, message)
        }
        (Step::Blocked(_, prediction), Verdict::Foreseen) => prediction.blocked(),
    };
    outcome.seat_before.clone_from(&planned.before.seat);
    let cautions = planned.cautions.iter().map(|caution| caution.to_string());
    for note in planned.notes.iter().cloned().chain(cautions) {
        outcome.message = format!("{}; {note}", outcome.message);
    }
    outcome
}

const fn job(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) | Step::Blocked(job, _) => Some(job),
        Step::Ended(job, _) => job.as_ref(),
        Step::SendTo(..) | Step::SendSomewhere(_) => None,
    }
}

/// What is to be said at the end of a command that worked on no run.
#[derive(Debug)]
pub(super) struct Conclusion<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was read.
    pub source: &'a Source,
    /// Where report and summary go.
    pub outputs: &'a Outputs,
    /// How long the command took.
    pub took: Duration,
}

impl Conclusion<'_> {
    /// Says it, and how the program ends.
    pub(super) fn say(&self, written: &Written, exit: Exit) -> Exit {
        let name = self.outputs.report.name();
        let exit = match (&written.sha256, exit) {
            (Err(_), Exit::Fine | Exit::SomeRows) => Exit::NoReport,
            (Ok(_) | Err(_), exit) => exit,
        };
        let summary = Summary {
            run: None,
            input: &self.source.name,
            report: name.as_deref().filter(|_| written.sha256.is_ok()),
            counts: written.counts,
            ending: None,
            started: SignedDuration::try_from(self.took).map_or(Timestamp::now(), |took| Timestamp::now() - took),
            took: self.took,
            exit_code: exit.code(),
        };
        self.context.console.say(summary.text().trim_end());
        match &written.sha256 {
            Err(error) => {
                let name = name.as_deref().unwrap_or("on standard output");
                self.context.console.error(&format!("the report {name} could not be written: {error}"), None);
            }
            Ok(sum) => {
                if let Target::File(path) = &self.outputs.report {
                    remember(self.context, path, sum, Keep::Other);
                }
            }
        }
        write_summary(self.context, self.outputs, &summary);
        exit
    }
}
