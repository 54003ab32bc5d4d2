//! A run that is carried on: as it was started, but for what was said anew; what is left of it, and everything that comes
//! before its first change.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

use crate::app::account::current_user::Operations;
use crate::app::account::endpoint::Api;
use crate::app::account::lock;
use crate::app::account::reader::AccountReader;
use crate::app::context::Context;
use crate::app::interrupt::ask;
use crate::app::notify;
use crate::app::output::destination::{Destination, Destinations};
use crate::app::output::summary_file;
use crate::app::preflight::drift::RemainingJob;
use crate::app::preflight::expectations;
use crate::app::preflight::planning::check_admin;
use crate::app::preflight::skip_protected;
use crate::app::preflight::subjects::AffectedUsers;
use crate::app::preflight::survey::survey;
use crate::app::runs::execute::{Conclusion, conclude};
use crate::app::sandbox_run;
use crate::app::{CommandError, Exit};
use crate::cli::{self, OutputArgs, Stream};
use crate::console::{Answer, Expected, Question, visible_line};
use crate::engine::Assignment;
use crate::ledger::{Confirmation, Ledger, RowRecord, RunRecord, RunSettings, clock};
use crate::model::{JobState, MissingUserPolicy, RetryRefused, Status, StopReason, UserId};
use crate::plan::Directory;
use crate::settings::{ApiTarget, Setting};

/// A run that is about to be carried on.
pub(crate) struct Resumption<'a> {
    /// The command's context.
    pub(crate) context: &'a Context,
    /// What was typed.
    pub(crate) arguments: &'a cli::Resume,
    /// Where the run is recorded.
    pub(crate) ledger: &'a Ledger,
    /// The run.
    pub(crate) record: &'a RunRecord,
}

impl Resumption<'_> {
    /// Everything that comes before the first change: whose token it is, what the users hold now, the question.
    pub(crate) async fn prepare(
        &self,
        settings: &RunSettings,
        left: &[RemainingJob],
    ) -> Result<(Api, Directory), CommandError> {
        let Self { context, arguments, ledger, record } = self;
        let target = arguments.connection.target();
        let api = match target {
            ApiTarget::Configured => Api::at(context, &settings.api_url)?,
            ApiTarget::Sandbox => Api::rehearse(context, sandbox_run::world_of_run(ledger, record)?).await?,
        };
        notify::begin(context);
        let rate = NonZeroU32::new(settings.rate);
        let reader = AccountReader::new(&api.client, &api.base_url, rate, Some(ledger), context)?;
        let myself = reader.myself().await?;
        summary_file::note(|facts| facts.user_id = myself.id);
        let is_same = match myself.operations {
            Operations::All => lock::account_name(target, &settings.api_url, &myself, None) == record.run.account,
            // The server says nothing that could contradict.
            Operations::SeatsOnly => lock::is_anonymous(&record.run.account, &settings.api_url),
        };
        if !is_same {
            let message = format!(
                "the run belongs to {} at {}, and this token to {} at {}",
                record.run.who, record.run.settings.api_url, myself.who, settings.api_url
            );
            let hint = "use a token of the same user at the same address; a renewed one carries on the same run";
            return Err(CommandError::refused(message).hint(hint));
        }
        let changing = left.iter().map(|left| &left.assignment).filter(|left| left.job.action.name().changes());
        let changes: Vec<_> = changing.map(|left| (left.row, left.job.action.plan())).collect();
        let home = context.settings.plan_id.as_ref().map(|plan| plan.value);
        expectations::refuse(&expectations::mistaken(context, &myself, &changes, home))?;
        check_admin(!changes.is_empty(), &myself)?;
        let mut directory = Directory::default();
        if !arguments.preflight.no_preflight {
            let affected = AffectedUsers::of_seats(left.iter().map(|left| &left.assignment.job));
            let missing_users = MissingUserPolicy::Fail;
            survey(&reader, &mut directory, &affected, None, myself.operations, missing_users).await?;
        }
        let protected = expectations::protected(&context.settings);
        skip_protected::learn_addresses(&reader, &mut directory, left, &protected, arguments.preflight).await?;
        confirm(context, arguments, record, left.len(), &myself.who).await?;
        Ok((api, directory))
    }
}

/// The settings as the run was started, but for what was said on the command line.
pub(crate) fn settings(context: &Context, as_started: &RunSettings) -> RunSettings {
    let mut settings = as_started.clone();
    let said = &context.settings;
    lay(&said.api_url, |url| url.as_str().clone_into(&mut settings.api_url));
    lay(&said.rate, |rate| settings.rate = rate.per_minute().map_or(0, NonZeroU32::get));
    if let Some(concurrency) = &said.concurrency {
        lay(concurrency, |fixed| settings.concurrency = Some(fixed.get()));
    }
    lay(&said.max_errors, |limit| settings.max_errors = *limit);
    settings
}

fn lay<T>(setting: &Setting<T>, set: impl FnOnce(&T)) {
    if setting.origin.is_flag() {
        set(&setting.value);
    }
}

/// Where everything goes that is written: what the run has written is written again, all of it.
pub(crate) fn outputs(context: &Context, settings: &RunSettings, run: &str) -> Result<Destinations, CommandError> {
    let report = match &context.settings.report {
        Some(Setting { value, origin }) if origin.is_flag() => {
            Destination::of_report(value, settings.input_path.as_deref().map(Path::new))?
        }
        Some(_) | None => {
            Destination::again(&settings.report, run, context.written_files().as_ref(), &context.console)?
        }
    };
    // Yesterday's page beside today's report would be believed.
    let again = |said: &Option<Setting<Stream>>, written: &Option<String>| match (said, written) {
        (Some(said), _) if said.origin.is_flag() => Some(said.value.clone()),
        (_, Some(path)) => Some(Stream::File(path.into())),
        (said, None) => said.as_ref().map(|said| said.value.clone()),
    };
    let output = OutputArgs {
        html: again(&context.settings.html, &settings.page),
        summary_json: again(&context.settings.summary_json, &settings.summary),
        ..context.output()
    };
    Destinations::new(report, &output, settings.input_path.as_deref().map(Path::new))
}

/// The jobs that are left, in the order of the file, and the users whose seats the run has changed already.
pub(crate) fn left(
    ledger: &Ledger,
    record: &RunRecord,
    refused: RetryRefused,
) -> Result<(Vec<RemainingJob>, HashSet<UserId>), CommandError> {
    let (mut left, mut changed) = (Vec::new(), HashSet::new());
    ledger.views().each_row(record.id, |row| {
        let was_done = matches!(row.state, JobState::Settled { status: Status::Success | Status::PartialSuccess, .. });
        changed.extend(row.job.as_ref().filter(|job| was_done && job.action.changes_seats()).map(|job| job.user));
        left.extend(revive(row, refused));
    })?;
    Ok((left, changed))
}

fn revive(row: RowRecord, refused: RetryRefused) -> Option<RemainingJob> {
    let (state, event) = row.state.revived(refused)?;
    let RowRecord { place, number, job, answer, before, last_began: sent, .. } = row;
    let seat_before = before.seat;
    Some(RemainingJob {
        assignment: Assignment { place, row: number, job: job?, state, answer, seat_before, sent },
        event,
    })
}

/// Nothing is left to do: the report is written again, and the program ends as the run would.
pub(crate) fn finish(
    context: &Context,
    mut ledger: Ledger,
    record: &RunRecord,
    outputs: &Destinations,
    began: Instant,
) -> Result<Exit, CommandError> {
    context.console.say(&format!("nothing is left to do of run {}", record.run.name));
    if record.ending() != Some(&StopReason::Finished) {
        // It died between its last row and its end.
        ledger.end_session(record.id, clock::now(), &StopReason::Finished)?;
    }
    let conclusion = Conclusion {
        run: &record.run.name,
        ending: &StopReason::Finished,
        traffic: None,
        outputs,
        took: began.elapsed(),
    };
    conclude(context, &ledger, &conclusion)
}

/// Who started the run without a question is not asked now either.
async fn confirm(
    context: &Context,
    arguments: &cli::Resume,
    record: &RunRecord,
    jobs: usize,
    who: &str,
) -> Result<(), CommandError> {
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
    match ask(&context.console, Question::brief(visible_line(&question).into_owned()), Expected::Yes).await {
        Answer::Confirmed => Ok(()),
        Answer::Declined => Err(CommandError::refused("not confirmed").hint("nothing was changed")),
        Answer::Unanswered => Err(CommandError::refused("there is no terminal to ask on").hint("add --yes")),
    }
}
