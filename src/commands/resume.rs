//! `seatrun resume`: carries on a run from the ledger alone, whatever became of its input.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;

use super::claim;
use super::contact::Contact;
use super::context::Context;
use super::drift::{self, Drift, Left};
use super::endpoint::Api;
use super::planning::{check_admin, lenient};
use super::rehearsal;
use super::stop::{Signals, ask};
use super::survey::survey;
use super::target::{Outputs, Target};
use super::wanted::Wanted;
use super::work::{Conclusion, Work, conclude};
use super::{Exit, Failure, guarding, sparing};
use crate::cli;
use crate::console::{Answer, Expected};
use crate::engine::Assignment;
use crate::ledger::{Confirmation, Ledger, RowRecord, RunRecord, RunSettings};
use crate::model::{Ending, JobState, Refused, Status, UserId};
use crate::plan::Directory;
use crate::settings::{ApiTarget, Setting};

/// Runs `seatrun resume`.
pub(super) async fn resume(arguments: cli::Resume) -> Result<Exit, Failure> {
    let began = Instant::now();
    let context = Context::new(arguments.flags(), arguments.connection.target())?;
    let mut signals = Signals::listen()?;
    let mut ledger = Ledger::open(&context.state_folder())?;
    let record = choose(&ledger, arguments.run.as_deref())?;
    let settings = settings(&context, &record.run.settings);
    let deadline = context.deadline();
    let patience = context.settings.wait.value.get();
    // The jobs are read only once nobody else works on them.
    let lock = claim::lock(&context, &record.run.account, &record.run.input, patience);
    let _lock = signals.unless_stopped(began, deadline, lock).await?;
    let record = choose(&ledger, Some(&record.run.name))?;
    let outputs = outputs(&context, &settings)?;
    outputs.report.check_rows(|| record.rows)?;
    let refused = if arguments.retry_failed { Refused::TriedAgain } else { Refused::LeftAlone };
    let (left, changed) = left(&ledger, &record, refused)?;
    if left.is_empty() {
        return finish(&context, ledger, &record, &outputs, began);
    }
    let resumption = Resumption { context: &context, arguments: &arguments, ledger: &ledger, record: &record };
    let preparations = resumption.prepare(&settings, &left);
    let (api, directory) = signals.unless_stopped(began, deadline, preparations).await?;
    let (left, spared) = sparing::spare(left, &guarding::protected(&context.settings), &directory);
    let (assignments, mut revivals) = drift::sift(left, changed, &directory, Drift::of(arguments.accept_drift));
    revivals.extend(spared);
    ledger.begin_session(record.id, Timestamp::now(), &revivals)?;
    let work = Work {
        context: &context,
        client: api.client.clone(),
        pace: claim::pace(Some(&ledger), &api.base_url, NonZeroU32::new(settings.rate))?,
        ledger,
        run: record.run.name.clone(),
        settings,
        assignments,
        deadline,
        signals,
        began,
        outputs,
    };
    work.carry_out().await
}

/// A run that is about to be carried on.
struct Resumption<'a> {
    context: &'a Context,
    arguments: &'a cli::Resume,
    ledger: &'a Ledger,
    record: &'a RunRecord,
}

impl Resumption<'_> {
    /// Everything that comes before the first change: whose token it is, what the users hold now, the question.
    async fn prepare(&self, settings: &RunSettings, left: &[Left]) -> Result<(Api, Directory), Failure> {
        let Self { context, arguments, ledger, record } = self;
        let target = arguments.connection.target();
        let api = match target {
            ApiTarget::Configured => Api::at(context, &settings.api_url)?,
            ApiTarget::Sandbox => Api::rehearse(context, rehearsal::world_of_run(ledger, record)?).await?,
        };
        let rate = NonZeroU32::new(settings.rate);
        let contact = Contact::new(&api.client, &api.base_url, rate, Some(ledger), &context.console)?;
        let myself = contact.myself().await?;
        if claim::account(target, &settings.api_url, &myself) != record.run.account {
            let message = format!(
                "the run belongs to {} at {}, and this token to {} at {}",
                record.run.who, record.run.settings.api_url, myself.who, settings.api_url
            );
            let hint = "use a token of the same user at the same address; a renewed one carries on the same run";
            return Err(Failure::refused(message).hint(hint));
        }
        let changing = left.iter().map(|left| &left.assignment).filter(|left| left.job.action.name().changes());
        let changes: Vec<_> = changing.map(|left| (left.row, left.job.action.plan())).collect();
        let home = context.settings.plan_id.as_ref().map(|plan| plan.value);
        guarding::refuse(&guarding::mistaken(context, &myself, &changes, home))?;
        check_admin(!changes.is_empty(), &myself)?;
        let mut directory = Directory::default();
        if !arguments.preflight.no_preflight {
            let wanted = Wanted::of_seats(left.iter().map(|left| &left.assignment.job));
            if let Err(failure) = survey(&contact, &mut directory, &wanted, None).await {
                lenient(&context.console, failure, "what somebody else changed meanwhile goes unnoticed")?;
            }
        }
        let protected = guarding::protected(&context.settings);
        sparing::learn_addresses(&contact, &mut directory, left, &protected, arguments.preflight).await?;
        confirm(arguments, record, left.len(), &myself.who).await?;
        Ok((api, directory))
    }
}

/// The run that was named, or the newest that is unfinished, or the newest.
fn choose(ledger: &Ledger, name: Option<&str>) -> Result<RunRecord, Failure> {
    if let Some(name) = name {
        let record = ledger.views().run(name)?;
        return match &record.superseded_by {
            None => Ok(record),
            Some(other) => Err(Failure::refused(format!("run {name} was taken over by run {other}"))
                .hint(format!("`seatrun resume {other}` carries that one on"))),
        };
    }
    let mut runs = ledger.views().runs()?;
    let newest_unfinished = runs.iter().position(RunRecord::is_unfinished).unwrap_or(0);
    if runs.is_empty() {
        return Err(Failure::refused(format!("there is no run in {}", ledger.path().display()))
            .hint("`seatrun run INPUT` starts one"));
    }
    Ok(runs.swap_remove(newest_unfinished))
}

/// The settings as the run was started, but for what was said on the command line.
fn settings(context: &Context, as_started: &RunSettings) -> RunSettings {
    let mut settings = as_started.clone();
    let said = &context.settings;
    lay(&said.api_url, |url| url.as_str().clone_into(&mut settings.api_url));
    lay(&said.rate, |rate| settings.rate = rate.per_minute().map_or(0, NonZeroU32::get));
    lay(&said.concurrency, |concurrency| {
        settings.concurrency = u32::try_from(concurrency.get()).unwrap_or(u32::MAX);
    });
    lay(&said.max_errors, |limit| settings.max_errors = *limit);
    settings
}

fn lay<T>(setting: &Setting<T>, set: impl FnOnce(&T)) {
    if setting.origin.is_flag() {
        set(&setting.value);
    }
}

fn outputs(context: &Context, settings: &RunSettings) -> Result<Outputs, Failure> {
    let report = match &context.settings.report {
        Some(Setting { value, origin }) if origin.is_flag() => {
            Target::of_report(value, settings.input_path.as_deref().map(Path::new))?
        }
        Some(_) | None => Target::again(&settings.report, context.memory().as_ref(), &context.console)?,
    };
    Outputs::new(report, &context.output(), settings.input_path.as_deref().map(Path::new))
}

/// The jobs that are left, in the order of the file, and the users whose seats the run has changed already.
fn left(ledger: &Ledger, record: &RunRecord, refused: Refused) -> Result<(Vec<Left>, HashSet<UserId>), Failure> {
    let (mut left, mut changed) = (Vec::new(), HashSet::new());
    ledger.views().each_row(record.id, |row| {
        let was_done = matches!(row.state, JobState::Settled { status: Status::Success | Status::PartialSuccess, .. });
        changed.extend(row.job.as_ref().filter(|job| was_done && job.action.changes_seats()).map(|job| job.user));
        left.extend(revive(row, refused));
    })?;
    Ok((left, changed))
}

fn revive(row: RowRecord, refused: Refused) -> Option<Left> {
    let (state, event) = row.state.revived(refused)?;
    let RowRecord { place, number, job, answer, before, .. } = row;
    let seat_before = before.seat;
    Some(Left { assignment: Assignment { place, row: number, job: job?, state, answer, seat_before }, event })
}

/// Nothing is left to do: the report is written again, and the program ends as the run would.
fn finish(
    context: &Context,
    mut ledger: Ledger,
    record: &RunRecord,
    outputs: &Outputs,
    began: Instant,
) -> Result<Exit, Failure> {
    context.console.say(&format!("nothing is left to do of run {}", record.run.name));
    if record.ending() != Some(&Ending::Finished) {
        // It died between its last row and its end.
        ledger.end_session(record.id, Timestamp::now(), &Ending::Finished)?;
    }
    let conclusion = Conclusion { run: &record.run.name, ending: &Ending::Finished, outputs, took: began.elapsed() };
    conclude(context, &ledger, &conclusion)
}

/// Who started the run without a question is not asked now either.
async fn confirm(arguments: &cli::Resume, record: &RunRecord, jobs: usize, who: &str) -> Result<(), Failure> {
    if arguments.confirmation.yes || record.run.settings.confirmation == Confirmation::Waived {
        return Ok(());
    }
    let plural = if jobs == 1 { "" } else { "s" };
    let question = format!(
        "Run {} of {}, started {}, has {jobs} row{plural} left. Carry on as {who}?",
        record.run.name,
        record.run.input,
        record.run.started.strftime("%Y-%m-%d %H:%M:%SZ"),
    );
    match ask(question, Expected::Yes).await {
        Answer::Confirmed => Ok(()),
        Answer::Declined => Err(Failure::refused("not confirmed").hint("nothing was changed")),
        Answer::Unanswered => Err(Failure::refused("there is no terminal to ask on").hint("add --yes")),
    }
}
