//! Reports without a run: of a dry run, and of a run that was refused before anything was changed.

use std::io;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use crate::app::command_line;
use crate::app::context::Context;
use crate::app::output::destination::{Destination, Destinations};
use crate::app::output::page::{self, UnsentPage};
use crate::app::output::report_rows::{WrittenReport, count, write_report};
use crate::app::output::summary_file;
use crate::app::review::approval_guide::approval_guide;
use crate::app::review::planned_rows::PlannedRows;
use crate::app::review::verdict::{PlanVerdict, Prefill};
use crate::app::runs::execute::{record_written_file, say_summary, say_unwritten};
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::ledger::FileKind;
use crate::model::Status;
use crate::plan::{PaidSeatsByPlan, RunPlan};
use crate::report::{Counts, RowTotals, SheetFormat, Summary};

/// Whether a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFile {
    /// It is.
    Written,
    /// It is not: the input is a review that is approved already, and it would be written again without its approvals.
    ApprovedInput,
}

/// What is to be said at the end of a command that worked on no run.
#[derive(Debug)]
pub(crate) struct UnsentConclusion<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was read.
    pub source: &'a Source,
    /// What would become of it.
    pub plan: &'a RunPlan,
    /// Where everything goes that is written.
    pub outputs: &'a Destinations,
    /// Whether a report is among it.
    pub report_file: ReportFile,
    /// What is said of rows that would be sent.
    pub verdict: PlanVerdict<'a>,
    /// The token's user, where the API was asked.
    pub who: Option<&'a str>,
    /// When the command began.
    pub began: Instant,
}

impl UnsentConclusion<'_> {
    /// Writes and says it, and how the program ends.
    pub(crate) fn carry_out(&self) -> Exit {
        let rows = PlannedRows::new(&self.source.sheet, self.plan, &self.verdict, self.guide());
        let (totals, sha256) = self.write(&rows);
        let RowTotals { counts, reasons, missing_users, plan_ids, .. } = totals;
        summary_file::note(|facts| facts.plan_ids = plan_ids);
        let name = self.outputs.report.name();
        let mut exit = self.exit(&counts);
        let took = self.began.elapsed();
        let nothing = PaidSeatsByPlan::default();
        let summary = Summary {
            run: None,
            input: &self.source.name,
            report: name.as_deref().filter(|_| matches!(sha256, Ok(Some(_)))),
            counts,
            reasons: &reasons,
            missing_users,
            money: match &self.verdict {
                PlanVerdict::Foreseen { totals, .. } => &totals.paid_seats,
                PlanVerdict::Refused(_) => &nothing,
            },
            traffic: None,
            ending: None,
            started: SignedDuration::try_from(took).map_or(Timestamp::now(), |took| Timestamp::now() - took),
            took,
            exit_code: exit.code(),
        };
        say_summary(&self.context.console, &summary);
        match &sha256 {
            Err(error) => {
                let name = name.as_deref().unwrap_or("on standard output");
                let message = format!("the report {name} could not be written: {error}");
                exit = say_unwritten(self.context, exit, &CommandError::new(Exit::NoReport, message));
            }
            Ok(None) => self.say_what_runs(&counts),
            Ok(Some(sum)) => {
                if let Destination::File(path) = &self.outputs.report {
                    record_written_file(self.context, path, sum, FileKind::Other);
                }
                self.say_how_to_approve(&counts);
            }
        }
        if let Some(target) = &self.outputs.page {
            let Self { source, plan, verdict, who, .. } = self;
            let (report, began, rows) = (summary.report, summary.started, &rows);
            let unsent = UnsentPage { source, plan, rows, verdict, who: *who, report, began, took };
            exit = page::of_plan(self.context, &unsent, target).map_or_else(|_| exit.unwritten(), |()| exit);
        }
        let summary = Summary { exit_code: exit.code(), ..summary };
        summary_file::finish(self.context, &summary).map_or_else(|_| exit.unwritten(), |()| exit)
    }

    /// What whoever opens the report has to do, where it is a workbook.
    fn guide(&self) -> Option<Vec<String>> {
        let Self { context, source, outputs, .. } = self;
        let name = outputs.report.name()?;
        let is_workbook = outputs.report.form(*source.sheet.dialect()) == SheetFormat::Workbook;
        is_workbook.then(|| approval_guide(context, source, &name))
    }

    /// Writes the report, if one is written. Returns its SHA-256, in hexadecimal.
    fn write(&self, rows: &PlannedRows<'_>) -> (RowTotals, io::Result<Option<String>>) {
        let written = match self.report_file {
            ReportFile::Written => write_report(rows, &self.outputs.report, &self.context.signals)
                .map(|WrittenReport { totals, sha256 }| (totals, sha256.map(Some))),
            ReportFile::ApprovedInput => count(rows).map(|totals| (totals, Ok(None))),
        };
        written.unwrap_or_else(|error| (RowTotals::default(), Err(io::Error::other(error))))
    }

    fn say_how_to_approve(&self, counts: &Counts) {
        let (PlanVerdict::Foreseen { approving, .. }, Some(name)) = (&self.verdict, self.outputs.report.name()) else {
            return;
        };
        if counts.of(Status::Planned) == 0 {
            return;
        }
        let sheet = &self.source.sheet;
        let column = sheet.approved().map_or("approved", |own| &sheet.header()[own]);
        let command = self.context.again(&["run", &command_line::file(&name)]);
        self.context.console.say(&match approving.prefill {
            Prefill::Empty => {
                format!("to approve rows, write `yes` in the column `{}` of {name}, then run: {command}", column.trim())
            }
            Prefill::Planned => format!("to run what is approved: {command}"),
        });
    }

    /// Says that an approved review is the one to run.
    fn say_what_runs(&self, counts: &Counts) {
        if let Some(path) = self.source.path.as_deref().filter(|_| counts.of(Status::Planned) > 0) {
            let path = path.display().to_string();
            self.context
                .console
                .say(&format!("{} runs these", self.context.again(&["run", &command_line::file(&path)])));
        }
    }

    fn exit(&self, counts: &Counts) -> Exit {
        match &self.verdict {
            PlanVerdict::Foreseen { guards, .. } if counts.are_fine() && guards.is_empty() => Exit::Fine,
            PlanVerdict::Foreseen { .. } => Exit::SomeRows,
            PlanVerdict::Refused(failure) => failure.exit,
        }
    }
}
