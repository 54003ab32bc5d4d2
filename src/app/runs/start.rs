//! The start of a run: the last checks, the question, and how a plan becomes a run in the ledger with the jobs of the
//! engine.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::account::budget;
use crate::app::account::endpoint::Api;
use crate::app::context::Context;
use crate::app::output::destination::{Destination, Destinations, absolute};
use crate::app::output::spare_files::SpareFiles;
use crate::app::preflight::{drift, expectations, hidden_rows};
use crate::app::prepare::{Connected, Planned, Preparation, Refusal};
use crate::app::review::confirmation::ConfirmationPrompt;
use crate::app::runs::previous::{self, Earlier};
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::engine::{Assignment, Pace};
use crate::ledger::{AccountLock, Confirmation, Ledger, NewRow, NewRun, RunSettings, Verification, clock};
use crate::model::{Event, Job, JobState};
use crate::plan::{RunPlan, Step};
use crate::report::record;
use crate::settings::ApiTarget;

/// A plan that passed the last checks, and what earlier runs have to do with it.
#[derive(Debug)]
pub(crate) struct Confirmed {
    earlier: Earlier,
}

/// A run that is in the ledger, with the account locked.
pub(crate) struct StartedRun {
    /// Where it is recorded.
    pub ledger: Ledger,
    /// The API.
    pub api: Api,
    /// What may be sent for the account.
    pub pace: Arc<Pace>,
    /// The run.
    pub run: NewRun,
    /// The jobs that the engine has to settle.
    pub assignments: Vec<Assignment>,
    /// Room for the report.
    pub spare_files: SpareFiles,
    _lock: Option<AccountLock>,
}

/// The last checks, and the question to whoever sits at the terminal.
///
/// # Errors
/// A guard that is tripped, an earlier run that is in the way, or a no.
pub(crate) async fn confirm(
    preparation: &Preparation<'_>,
    source: &Source,
    planned: &Planned,
) -> Result<Confirmed, CommandError> {
    let Preparation { context, arguments, .. } = *preparation;
    let totals = planned.plan.totals(&planned.account_state);
    let prompt = ConfirmationPrompt::new(context, arguments, &source.sheet, planned, &totals);
    let undetected_drift = drift::guard(context, arguments, &source.sheet, &planned.plan);
    let hidden = hidden_rows::guard(&source.sheet, &planned.plan);
    let tripped = prompt.tripped().into_iter().chain(undetected_drift).chain(hidden);
    expectations::refuse(&tripped.collect::<Vec<_>>())?;
    let earlier = match (arguments.connection.target(), &planned.connected) {
        (ApiTarget::Configured, Some(Connected { ledger: Some(ledger), account, .. })) => {
            previous::look(ledger, account, &source.sha256, &planned.plan)?
        }
        (ApiTarget::Configured | ApiTarget::Sandbox, _) => Earlier::default(),
    };
    for notice in &earlier.notices {
        context.console.warn(notice);
    }
    prompt.confirm().await?;
    source.refuse_change()?;
    Ok(Confirmed { earlier })
}

/// Puts a confirmed plan into the ledger as a run.
pub(crate) fn start(
    preparation: &Preparation<'_>,
    source: &Source,
    mut planned: Planned,
    confirmed: Confirmed,
    outputs: &Destinations,
) -> Result<StartedRun, Refusal> {
    let Preparation { context, arguments, .. } = *preparation;
    let Confirmed { earlier } = confirmed;
    let Some(mut connected) = planned.connected.take() else { return Err(unconnected()) };
    let Some(mut ledger) = connected.ledger.take() else { return Err(unconnected()) };
    let run = new_run(context, arguments, source, outputs, &planned, &connected);
    let Planned { plan, .. } = planned;
    let entered = SpareFiles::open().and_then(|spare_files| {
        connected.lock.as_ref().map_or(Ok(()), |lock| ledger.watch(lock))?;
        ledger.enter(&run, new_rows(source, &plan, &earlier.doubts), &earlier.takeovers)?;
        let pace = budget::pace(context, Some(&ledger), &connected.api.base_url, context.rate())?;
        Ok((spare_files, pace))
    });
    match entered {
        Ok((spare_files, pace)) => {
            let assignments = assignments(plan, &earlier.doubts);
            Ok(StartedRun { ledger, api: connected.api, pace, run, assignments, spare_files, _lock: connected.lock })
        }
        Err(error) => Err(Refusal { error, plan: Some(Box::new(plan)) }),
    }
}

fn unconnected() -> Refusal {
    CommandError::new(Exit::Bug, "a run was prepared without an API or a ledger").into()
}

/// A run as it enters the ledger.
fn new_run(
    context: &Context,
    arguments: &cli::Run,
    source: &Source,
    outputs: &Destinations,
    planned: &Planned,
    connected: &Connected,
) -> NewRun {
    let settings = &context.settings;
    let started = clock::now();
    NewRun {
        name: new_name(started),
        account: connected.account.clone(),
        who: connected.user.who.clone(),
        input: source.name.clone(),
        sha256: source.sha256.clone(),
        header: record(source.carried_header()),
        settings: RunSettings {
            plan_names: planned
                .account_state
                .directory
                .as_ref()
                .map(|directory| directory.plan_names().clone())
                .unwrap_or_default(),
            api_url: connected.api.base_url.clone(),
            rate: context.rate().map_or(0, NonZeroU32::get),
            concurrency: settings.concurrency.as_ref().map(|fixed| fixed.value.get()),
            max_errors: settings.max_errors.value,
            free_seat_name: settings.free_seat_name.value,
            input_path: source.path.as_deref().map(absolute),
            report: outputs.report.lasting_name(),
            page: outputs.page.as_ref().and_then(Destination::lasting_file),
            summary: outputs.summary.as_ref().and_then(Destination::lasting_file),
            archive_to: archive_to(context),
            dialect: *source.sheet.dialect(),
            confirmation: if arguments.confirmation.yes { Confirmation::Waived } else { Confirmation::Asked },
            verification: if settings.verify.value { Verification::ReadBack } else { Verification::Waived },
        },
        started,
        // A rehearsal changes nothing, so what was reviewed is still to run.
        reviews: if context.is_sandbox_run() { Vec::new() } else { planned.approvals.spent(&source.sheet) },
    }
}

/// Where the input goes in the end. A rehearsal leaves it, because it is still to run.
fn archive_to(context: &Context) -> Option<String> {
    let folder = context.settings.archive_to.as_ref().filter(|_| !context.is_sandbox_run())?;
    Some(absolute(&folder.value))
}

/// Every row of a plan as it enters the ledger; `doubts` are jobs that an earlier run has sent, and when.
fn new_rows<'a>(
    source: &'a Source,
    plan: &'a RunPlan,
    doubts: &'a HashMap<Job, Timestamp>,
) -> impl Iterator<Item = NewRow> + 'a {
    plan.beside(source.sheet.rows()).map(|(row, planned)| {
        let (job, outcome) = match &planned.step {
            Step::Send(job) => (Some(job.clone()), None),
            Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => (None, None),
            Step::Blocked(job, refusal) => (Some(job.clone()), Some(refusal.failed())),
            Step::Final(job, outcome) => {
                (job.clone().or_else(|| source.sheet.keyed_job(&row)), Some((**outcome).clone()))
            }
        };
        let doubted = job.as_ref().filter(|_| outcome.is_none()).and_then(|job| doubts.get(job)).copied();
        let before = planned.before().clone();
        NewRow { number: row.number, cells: record(source.carried_cells(&row)), job, before, outcome, doubted }
    })
}

/// The jobs that the engine has to settle. One that an earlier run left in doubt is read before it is sent.
fn assignments(plan: RunPlan, doubts: &HashMap<Job, Timestamp>) -> Vec<Assignment> {
    let rows = plan.rows.into_iter().enumerate();
    rows.filter_map(|(place, planned)| {
        let Step::Send(job) = planned.step else { return None };
        let place = u32::try_from(place).ok()?;
        let fresh = JobState::default();
        let orphaned = || fresh.next(Event::Begun).and_then(|sent| sent.next(Event::Orphaned));
        let sent = doubts.get(&job).copied();
        let state = if doubts.contains_key(&job) { orphaned().ok()? } else { fresh };
        let seat_before = planned.before.and_then(|before| before.seat);
        Some(Assignment { place, row: planned.row, job, state, answer: None, seat_before, sent })
    })
    .collect()
}

/// A name for a run or a review: when it was made, and four letters so that two of one second differ.
pub(crate) fn new_name(now: Timestamp) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letters: String = (0..4).map(|_| char::from(fastrand::choice(LETTERS).copied().unwrap_or(b'a'))).collect();
    format!("{}-{letters}", now.strftime("%Y%m%d-%H%M%S"))
}
