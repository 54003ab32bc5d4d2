//! Work on a run that stands in the ledger: the engine is driven, then report and summary are written from the ledger.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{Instrument, info_span};

use crate::api::Client;
use crate::app::command_line;
use crate::app::context::Context;
use crate::app::history::totals;
use crate::app::interrupt::Signals;
use crate::app::output::archive::{self, Archived};
use crate::app::output::destination::{Destination, Destinations, absolute};
use crate::app::output::report_rows::{self, WrittenReport};
use crate::app::output::spare_files::SpareFiles;
use crate::app::output::{page, summary_file};
use crate::app::runs::recorded_rows::RecordedRows;
use crate::app::{CommandError, Exit};
use crate::console::{Console, visible_line};
use crate::engine::{self, Assignment, Pace, RunOptions, RunSpec};
use crate::ledger::{FileKind, Ledger, LedgerError, RunRecord, RunSettings, clock};
use crate::model::{RunTraffic, Status, StopReason};
use crate::policy::Silence;
use crate::report::{RowTotals, Summary};

/// A run that is to be worked on.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// The API.
    pub client: Client,
    /// When requests may leave.
    pub pace: Arc<Pace>,
    /// Where the run stands.
    pub ledger: Ledger,
    /// The run's name.
    pub run: String,
    /// What the run is driven by.
    pub settings: RunSettings,
    /// The jobs to settle.
    pub assignments: Vec<Assignment>,
    /// How long from `began` on anything may be begun.
    pub deadline: Option<Duration>,
    /// The signals that arrive.
    pub signals: Signals,
    /// When the command began.
    pub began: Instant,
    /// Where everything goes that is written.
    pub outputs: Destinations,
    /// Room for the report.
    pub spare_files: SpareFiles,
}

impl Work<'_> {
    /// Does it, and writes what there is to be written about it.
    pub(crate) async fn carry_out(self) -> Result<Exit, CommandError> {
        let Self { context, ledger, run, settings, .. } = self;
        let record = ledger.views().run(&run)?;
        let progress = context.console.progress(context.progress).of_run(&run);
        // Every rehearsal has a world of its own, so nothing is remembered of one.
        let remembered_seat_name =
            if context.is_sandbox_run() { None } else { ledger.views().free_seat_name(&record.run.account)? };
        let setup = RunSpec {
            assignments: self.assignments,
            free_seat_name: settings.free_seat_name,
            remembered_seat_name,
            max_errors: settings.max_errors,
            silence: Silence {
                throttled: context.settings.longest_silence.value,
                unreachable: context.settings.longest_silence.value,
            },
            started: clock::now(),
            landing_time: context.settings.landing_time.value,
            verification: settings.verification,
            journal: ledger.into_writer(record.id),
            pace: self.pace,
            observer: &progress,
        };
        let deadline = self.deadline.map(|deadline| tokio::time::Instant::from_std(self.began + deadline));
        let concurrency = settings.concurrency.map(|fixed| fixed as usize);
        let drive = RunOptions { concurrency, deadline, signals: self.signals.0 };
        let span = info_span!("run", id = run);
        let end = engine::run(self.client, setup, drive).instrument(span).await;
        drop((progress, self.spare_files));
        let (ledger, unwritten) = end.journal.close();
        let mut ledger = ledger.ok_or_else(|| CommandError::new(Exit::Bug, "the ledger's writer died"))?;
        let ending = unwritten.map_or(end.ending, StopReason::Ledger);
        if let Some(name) = end.accepted_seat_name.filter(|_| !context.is_sandbox_run()) {
            // A name that is forgotten costs the next run a request.
            let _ = ledger.remember_free_seat_name(&record.run.account, name, clock::now());
        }
        if let Err(error) = ledger.end_session(record.id, clock::now(), &ending) {
            context.console.error(&error.to_string(), None);
        }
        let conclusion = Conclusion {
            run: &run,
            ending: &ending,
            traffic: Some(&end.traffic),
            outputs: &self.outputs,
            took: self.began.elapsed(),
        };
        conclude(context, &ledger, &conclusion)
    }
}

/// What is to be said about a run at the end.
#[derive(Debug)]
pub(crate) struct Conclusion<'a> {
    /// The run's name.
    pub run: &'a str,
    /// Why it ended.
    pub ending: &'a StopReason,
    /// What was sent, and what held it up, where anything was.
    pub traffic: Option<&'a RunTraffic>,
    /// Where everything goes that is written.
    pub outputs: &'a Destinations,
    /// How long the command took.
    pub took: Duration,
}

/// Writes the report and the summary of a run, and says how the program ends.
pub(crate) fn conclude(context: &Context, ledger: &Ledger, conclusion: &Conclusion<'_>) -> Result<Exit, CommandError> {
    // Of a run that has begun, nobody may think that nothing was changed.
    let unread = |error: LedgerError| CommandError { exit: Exit::Stopped, ..error.into() };
    let record = ledger.views().run(conclusion.run).map_err(unread)?;
    let rows = RecordedRows::new(ledger, &record, Some(conclusion.ending));
    let WrittenReport { totals, sha256 } = write_report(context, &rows, &conclusion.outputs.report).map_err(unread)?;
    let RowTotals { counts, reasons, missing_users, waiting, seat_counter, plan_ids } = totals;
    summary_file::note(|facts| facts.plan_ids = plan_ids);
    let money = seat_counter.read();
    // What is not kept is counted again when somebody asks.
    let _ = totals::from_rows(ledger, &record, &counts, money.total())
        .and_then(|totals| ledger.keep_totals(&record, &totals));
    let mut exit = Exit::of_run(conclusion.ending, &counts);
    let name = conclusion.outputs.report.name().filter(|_| sha256.is_ok());
    let summary = Summary {
        run: Some(conclusion.run),
        input: &record.run.input,
        report: name.as_deref(),
        counts,
        reasons: &reasons,
        missing_users,
        money: &money,
        traffic: conclusion.traffic,
        ending: Some(conclusion.ending),
        started: record.run.started,
        took: conclusion.took,
        exit_code: exit.code(),
    };
    say_summary(&context.console, &summary);
    if let Err(error) = sha256 {
        let message = format!("the report could not be written: {error}");
        let hint = format!("`seatrun report {} -o FILE` writes it again from the ledger", conclusion.run);
        exit = say_unwritten(context, exit, &CommandError::new(Exit::NoReport, message).hint(hint));
    }
    say_next(context, &summary);
    if let Some(target) = &conclusion.outputs.page {
        let page = page::of_run(context, &rows, summary.report, Some(conclusion.took), target);
        exit = page.map_or_else(|_| exit.unwritten(), |()| exit);
    }
    if waiting == 0 {
        exit = archive_input(context, &record, exit);
    }
    if let Some(stop) = stopped(context, ledger, exit, conclusion.ending, summary.report) {
        context.console.error(&stop.message, stop.hint.as_deref());
        summary_file::note_stop(&stop);
    }
    let summary = Summary { exit_code: exit.code(), ..summary };
    Ok(summary_file::finish(context, &summary).map_or_else(|_| exit.unwritten(), |()| exit))
}

/// Moves the input away of a run that has finished, where that is wanted, and says how the program then ends. One whose
/// run stopped part-way stays, because its name is how people know what is left.
fn archive_input(context: &Context, record: &RunRecord, exit: Exit) -> Exit {
    let RunSettings { archive_to: Some(folder), input_path: Some(input), .. } = &record.run.settings else {
        return exit;
    };
    if !matches!(exit, Exit::Fine | Exit::SomeRows) {
        return exit;
    }
    match archive::store(Path::new(input), &record.run.sha256, &record.run.name, Path::new(folder)) {
        Ok(Archived::Moved(place)) => context.console.say(&format!("archived: {}", place.display())),
        Ok(Archived::Changed) => {
            context.console.warn(&format!("{input} was changed since the run has read it, and is not archived"));
        }
        Err(error) => {
            let message = format!("{input} could not be moved to {folder}: {error}");
            let hint = "move it by hand, or the next run reads it again";
            return say_unwritten(context, exit, &CommandError::new(Exit::NoReport, message).hint(hint));
        }
    }
    exit
}

/// Says that something could not be written, and how the program then ends.
pub(crate) fn say_unwritten(context: &Context, exit: Exit, error: &CommandError) -> Exit {
    context.console.error(&error.message, error.hint.as_deref());
    summary_file::note_stop(error);
    exit.unwritten()
}

/// Why a run did not come to its end, and what carries it on.
fn stopped(
    context: &Context,
    ledger: &Ledger,
    exit: Exit,
    ending: &StopReason,
    report: Option<&str>,
) -> Option<CommandError> {
    let carry_on = context.resume_command();
    let hint = match exit {
        Exit::Fine | Exit::SomeRows | Exit::NoReport => return None,
        Exit::Stopped if !ledger.is_in_place() => gone_hint(&carry_on, report),
        Exit::Bug => format!("please report this, with the message above; `{carry_on}` carries on"),
        Exit::Usage | Exit::Refused | Exit::Stopped | Exit::Locked | Exit::Signal(_) => {
            format!("`{carry_on}` carries on")
        }
    };
    Some(CommandError::new(exit, ending.describe()).hint(hint))
}

/// What is left to do when the ledger of a run is gone.
fn gone_hint(carry_on: &str, report: Option<&str>) -> String {
    let report = report.unwrap_or("REPORT");
    format!(
        "put the state folder back, and `{carry_on}` carries on; if it is gone, `seatrun run {report} --only \
         NOT_ATTEMPTED` does the rest"
    )
}

/// Writes the report of a run, and remembers it.
pub(crate) fn write_report(
    context: &Context,
    rows: &RecordedRows<'_>,
    target: &Destination,
) -> Result<WrittenReport, LedgerError> {
    let written = report_rows::write_report(rows, target, &context.signals)?;
    // Where the state folder is gone, remembering it would make a new one in its place.
    if rows.ledger.is_in_place()
        && let (Ok(sum), Destination::File(path)) = (&written.sha256, target)
    {
        let keep = if context.is_sandbox_run() { FileKind::Other } else { FileKind::Run };
        record_written_file(context, path, sum, keep);
    }
    Ok(written)
}

/// Remembers a file, so that the next default name may replace it.
pub(crate) fn record_written_file(context: &Context, path: &Path, sum: &str, keep: FileKind) {
    if let Some(mut written_files) = context.written_files() {
        // A file that is forgotten is only one that no default name will replace.
        let _ = written_files.remember_file(&absolute(path), sum, keep);
    }
}

/// Says the summary for people.
pub(crate) fn say_summary(console: &Console, summary: &Summary<'_>) {
    let [input, report] = [Some(summary.input), summary.report].map(|value| value.map(visible_line));
    let shown = Summary { input: &input.unwrap_or_default(), report: report.as_deref(), ..summary.clone() };
    console.conclude(shown.text().trim_end(), summary.exit_code == 0);
}

/// Says how the rows of a run that need a look run again.
fn say_next(context: &Context, summary: &Summary<'_>) {
    let Some(report) = summary.report.filter(|_| summary.exit_code == Exit::SomeRows.code()) else { return };
    let again = [Status::Failed, Status::Unknown, Status::Invalid];
    let statuses: Vec<_> =
        again.into_iter().filter(|status| summary.counts.of(*status) > 0).map(Status::name).collect();
    if statuses.is_empty() {
        return;
    }
    let command = context.again(&["run", &command_line::file(report), "--only", &statuses.join(",")]);
    context.console.say(&format!("to run these rows again, once their causes are mended: {command}"));
}
