//! Reports without a run: of a dry run, and of a run that was refused before anything was changed.

use std::io;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::page::{self, Unrun};
use super::source::Source;
use super::target::{Outputs, Target};
use super::work::{remember, write_summary};
use super::{Exit, Failure};
use crate::ledger::Keep;
use crate::model::{Job, Outcome, Status};
use crate::plan::{Guard, Money, Plan, Planned, Step};
use crate::report::{Column, Counts, Estimate, Line, Summary, Table};

/// What is said of rows that would be sent.
#[derive(Debug)]
pub(super) enum Verdict<'a> {
    /// A dry run: what would happen.
    Foreseen {
        /// The guards that a run would meet.
        guards: Vec<Guard>,
        /// What a run would cost.
        estimate: Estimate,
        /// What should be known of it, in sentences.
        warnings: Vec<String>,
        /// The paid seats that it would free and take.
        money: Money,
    },
    /// A run that was refused, and why.
    Refused(&'a Failure),
}

/// A report that was written, or not.
#[derive(Debug)]
struct Written {
    /// How many rows have which status.
    counts: Counts,
    /// What writing came to: the SHA-256 of the report, in hexadecimal.
    sha256: io::Result<String>,
}

/// Writes what is said of each row of a plan.
fn write(source: &Source, plan: &Plan, target: &Target, verdict: &Verdict<'_>) -> Written {
    let mut counts = Counts::default();
    for planned in &plan.rows {
        counts.add(status(planned, verdict));
    }
    let sha256 = target.write(|output| {
        let form = target.form(*source.sheet.dialect());
        let mut table = Table::begin(output, form, source.carried_header(), Column::REPORT)?;
        for (row, planned) in source.sheet.rows().zip(&plan.rows) {
            let outcome = outcome(planned, verdict);
            let key = job(&planned.step).map(|job| job.key().to_string());
            let line = Line {
                row: row.number,
                outcome: &outcome,
                attempts: 0,
                began: None,
                finished: None,
                run: None,
                key,
                signature: None,
            };
            table.write(source.carried_cells(&row), &line)?;
        }
        table.finish().map(drop)
    });
    Written { counts, sha256 }
}

const fn status(planned: &Planned, verdict: &Verdict<'_>) -> Status {
    match (&planned.step, verdict) {
        (Step::Ended(_, outcome), _) => outcome.status,
        (_, Verdict::Refused(_)) => Status::NotAttempted,
        (Step::Send(_) | Step::SendTo(..) | Step::SendSomewhere(_), Verdict::Foreseen { .. }) => Status::Planned,
        (Step::Blocked(..), Verdict::Foreseen { .. }) => Status::Blocked,
    }
}

/// What is said of a row.
pub(super) fn outcome(planned: &Planned, verdict: &Verdict<'_>) -> Outcome {
    let message = match (&planned.step, verdict) {
        (Step::Ended(_, outcome), _) => return noted((**outcome).clone(), planned),
        (_, Verdict::Refused(failure)) => format!("not sent: the run was refused, because {}", failure.message),
        (Step::Send(job), Verdict::Foreseen { .. }) => format!("would be sent: {}", job.action),
        (Step::SendTo(email, action), Verdict::Foreseen { .. }) => {
            format!("would be sent: {action}, once the id of {email} is looked up")
        }
        (Step::SendSomewhere(action), Verdict::Foreseen { .. }) => {
            format!("would be sent: {action}, in the only plan of the token's own user")
        }
        (Step::Blocked(_, prediction), Verdict::Foreseen { .. }) => return noted(prediction.blocked(), planned),
    };
    noted(Outcome::of_row(status(planned, verdict), message), planned)
}

/// An outcome with what else is known of its row.
fn noted(mut outcome: Outcome, planned: &Planned) -> Outcome {
    outcome.seat_before.clone_from(&planned.before.seat);
    let cautions = planned.cautions.iter().map(|caution| caution.to_string());
    for note in planned.notes.iter().cloned().chain(cautions) {
        outcome.message = format!("{}; {note}", outcome.message);
    }
    outcome
}

/// The job of a row, whatever becomes of it.
pub(super) const fn job(step: &Step) -> Option<&Job> {
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
    /// What would become of it.
    pub plan: &'a Plan,
    /// Where everything goes that is written.
    pub outputs: &'a Outputs,
    /// What is said of rows that would be sent.
    pub verdict: Verdict<'a>,
    /// The token's user, where the API was asked.
    pub who: Option<&'a str>,
    /// When the command began.
    pub began: Instant,
}

impl Conclusion<'_> {
    /// Writes and says it, and how the program ends.
    pub(super) fn carry_out(&self) -> Exit {
        let written = write(self.source, self.plan, &self.outputs.report, &self.verdict);
        let name = self.outputs.report.name();
        let exit = match (self.exit(&written.counts), &written.sha256) {
            (Exit::Fine | Exit::SomeRows, Err(_)) => Exit::NoReport,
            (exit, Ok(_) | Err(_)) => exit,
        };
        let took = self.began.elapsed();
        let nothing = Money::default();
        let summary = Summary {
            run: None,
            input: &self.source.name,
            report: name.as_deref().filter(|_| written.sha256.is_ok()),
            counts: written.counts,
            money: match &self.verdict {
                Verdict::Foreseen { money, .. } => money,
                Verdict::Refused(_) => &nothing,
            },
            ending: None,
            started: SignedDuration::try_from(took).map_or(Timestamp::now(), |took| Timestamp::now() - took),
            took,
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
        if let Some(target) = &self.outputs.page {
            let Self { source, plan, verdict, who, .. } = self;
            let (report, began) = (summary.report, summary.started);
            page::of_plan(self.context, &Unrun { source, plan, verdict, who: *who, report, began, took }, target);
        }
        exit
    }

    fn exit(&self, counts: &Counts) -> Exit {
        match &self.verdict {
            Verdict::Foreseen { guards, .. } if counts.are_fine() && guards.is_empty() => Exit::Fine,
            Verdict::Foreseen { .. } => Exit::SomeRows,
            Verdict::Refused(failure) => failure.exit,
        }
    }
}
