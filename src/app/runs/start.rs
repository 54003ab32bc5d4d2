//! Entering: how a plan becomes a run in the ledger, its rows there, and the jobs of the engine; what runs and reviews
//! are called.

use std::collections::HashMap;
use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::app::account::current_user::CurrentUser;
use crate::app::account::endpoint::Api;
use crate::app::context::Context;
use crate::app::output::destination::{Destinations, absolute};
use crate::app::review::approval::Approvals;
use crate::app::source::Source;
use crate::cli;
use crate::engine::Assignment;
use crate::ledger::{AccountLock, Confirmation, Ledger, NewRow, NewRun, RunSettings, Verification};
use crate::model::{Event, Job, JobState};
use crate::plan::{AccountState, RunPlan, Step};
use crate::report::record;

/// What is known and open once the account was read.
pub(crate) struct PreparedRun {
    /// Where the run will stand.
    pub ledger: Ledger,
    /// The API.
    pub api: Api,
    /// Whose token it is.
    pub myself: CurrentUser,
    /// What is known of it.
    pub account_state: AccountState,
    /// What the past says of the users, in sentences.
    pub recalled: Vec<String>,
    /// The account that is changed.
    pub account: String,
    /// What is known of the reviews that the input holds rows of.
    pub approvals: Approvals,
    /// The account's lock, which the run holds until its end.
    pub lock: Option<AccountLock>,
}

impl PreparedRun {
    /// A run as it enters the ledger.
    pub(crate) fn new_run(
        &self,
        context: &Context,
        arguments: &cli::Run,
        source: &Source,
        outputs: &Destinations,
    ) -> NewRun {
        let settings = &context.settings;
        let started = Timestamp::now();
        NewRun {
            name: new_name(started),
            account: self.account.clone(),
            who: self.myself.who.clone(),
            input: source.name.clone(),
            sha256: source.sha256.clone(),
            header: record(source.carried_header()),
            settings: RunSettings {
                plan_names: self
                    .account_state
                    .directory
                    .as_ref()
                    .map(|directory| directory.plan_names().clone())
                    .unwrap_or_default(),
                api_url: self.api.base_url.clone(),
                rate: context.rate().map_or(0, NonZeroU32::get),
                concurrency: u32::try_from(settings.concurrency.value.get()).unwrap_or(u32::MAX),
                max_errors: settings.max_errors.value,
                free_seat_name: settings.free_seat_name.value,
                input_path: source.path.as_deref().map(absolute),
                report: outputs.report.lasting_name(),
                dialect: *source.sheet.dialect(),
                confirmation: if arguments.confirmation.yes { Confirmation::Waived } else { Confirmation::Asked },
                verification: if settings.verify.value { Verification::ReadBack } else { Verification::Waived },
            },
            started,
            // A rehearsal changes nothing, so what was reviewed is still to run.
            reviews: if context.is_sandbox_run() { Vec::new() } else { self.approvals.spent(&source.sheet) },
        }
    }
}

/// Every row of a plan as it enters the ledger; `doubts` are jobs that an earlier run has sent, and when.
pub(crate) fn new_rows<'a>(
    source: &'a Source,
    plan: &'a RunPlan,
    doubts: &'a HashMap<Job, Timestamp>,
) -> impl Iterator<Item = NewRow> + 'a {
    source.sheet.rows().zip(&plan.rows).map(|(row, planned)| {
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
pub(crate) fn assignments(plan: RunPlan, doubts: &HashMap<Job, Timestamp>) -> Vec<Assignment> {
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
