//! `seatrun run`: reads, checks, reviews, asks, changes seats, and writes the report.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use crate::app::account::current_user::{CurrentUser, Operations};
use crate::app::account::endpoint::Api;
use crate::app::account::reader::AccountReader;
use crate::app::account::{budget, lock};
use crate::app::context::Context;
use crate::app::interrupt::Signals;
use crate::app::output::destination::{Destination, Destinations, Kind};
use crate::app::preflight::drift;
use crate::app::preflight::expectations;
use crate::app::preflight::planning::{Preflight, check_admin, make_plan};
use crate::app::preflight::subjects::AffectedUsers;
use crate::app::review::approval::{self, Approvals};
use crate::app::review::confirmation::ConfirmationPrompt;
use crate::app::review::dry_run_report;
use crate::app::review::dry_run_report::{Prefill, Verdict};
use crate::app::runs::execute::Work;
use crate::app::runs::previous;
use crate::app::runs::previous::Earlier;
use crate::app::runs::start::{PreparedRun, assignments, new_rows};
use crate::app::sandbox_run;
use crate::app::source::{Source, options};
use crate::app::{CommandError, Exit};
use crate::cli::{self, Intent};
use crate::engine::Pace;
use crate::input::Options;
use crate::ledger::{AccountLock, FileKind, Ledger, LedgerError, NewRun};
use crate::model::{Job, PlanId};
use crate::plan::{AccountState, CloudKind, Guard, RunPlan, Totals};
use crate::settings::ApiTarget;

/// Runs `seatrun run`.
pub(super) async fn run(arguments: cli::Run) -> Result<Exit, CommandError> {
    let began = Instant::now();
    let target = arguments.connection.target();
    let context = Context::new(arguments.flags(), target)?;
    let options = options(&context, &arguments)?;
    let source = Source::read(&context, &arguments.input, &options)?;
    for warning in source.sheet.warnings() {
        context.console.warn(&warning.to_string());
    }
    let command = Command { context: &context, arguments: &arguments, began };
    match arguments.intent() {
        Intent::OfflineReview => command.review_offline(&source),
        Intent::Review | Intent::Change => command.go_online(source, options).await,
    }
}

struct Command<'a> {
    context: &'a Context,
    arguments: &'a cli::Run,
    began: Instant,
}

impl Command<'_> {
    fn review_offline(&self, source: &Source) -> Result<Exit, CommandError> {
        let outputs = self.outputs(source, Kind::Review, FileKind::Other)?;
        let approvals = self.approvals(source, None)?;
        let known = PreflightResult { account_state: self.offline(), approvals, ..PreflightResult::default() };
        let plan = make_plan(&source.sheet, &known.approvals, &known.account_state);
        Ok(self.write_review(source, &plan, &outputs, &known))
    }

    async fn go_online(&self, mut source: Source, options: Options) -> Result<Exit, CommandError> {
        let kind = if self.arguments.intent() == Intent::Change { Kind::Report } else { Kind::Review };
        let ledger = Ledger::open(&self.context.state_folder());
        let outputs = self.outputs(&source, kind, self.keep())?;
        let mut signals = Signals::listen()?;
        let mut plan = None;
        let preparations = self.prepare(ledger, &mut source, &options, &outputs, &mut plan);
        match signals.run_until_interrupted(self.began, self.context.deadline(), preparations).await {
            Ok(Prepared::Run(entered)) => self.work(*entered, plan.unwrap_or_default(), outputs, signals).await,
            Ok(Prepared::Review(known)) => Ok(self.write_review(&source, &plan.unwrap_or_default(), &outputs, &known)),
            // The report belongs to the run that is under way.
            Err(failure) if failure.exit == Exit::Locked => Err(failure),
            Err(failure) => {
                let unread = || make_plan(&source.sheet, &Approvals::Unchecked, &AccountState::default());
                let plan = plan.unwrap_or_else(unread);
                // A refusal does not take the place of the report of a run.
                let outputs = self.outputs(&source, kind, FileKind::Other).unwrap_or(outputs);
                Ok(self.refuse(&failure, &source, &plan, &outputs))
            }
        }
    }

    /// Everything that comes before the first change. `decided` is the plan as far as it came.
    async fn prepare(
        &self,
        ledger: Result<Ledger, LedgerError>,
        source: &mut Source,
        options: &Options,
        outputs: &Destinations,
        decided: &mut Option<RunPlan>,
    ) -> Result<Prepared, CommandError> {
        let context = self.context;
        self.refuse_silence(source)?;
        let ledger = match self.arguments.intent() {
            Intent::Change => Some(ledger?),
            // A review only asks it which files are its own, and can do without.
            Intent::Review | Intent::OfflineReview => ledger.ok(),
        };
        let api = self.api(source).await?;
        let reader = AccountReader::new(&api.client, &api.base_url, context.rate(), ledger.as_ref(), &context.console)?;
        let myself = reader.myself().await?;
        let plan = match myself.operations {
            Operations::All => None,
            Operations::SeatsOnly => AffectedUsers::of_sheet(&source.sheet).home(options.plan_id),
        };
        let account = lock::account_name(self.arguments.connection.target(), &api.base_url, &myself, plan);
        if let Some((first_look, mistaken)) = self.first_look(source, &myself, options.plan_id) {
            *decided = Some(first_look);
            if self.arguments.intent() == Intent::Change {
                expectations::refuse(&mistaken)?;
            }
            let by = Some((myself, account));
            let known = PreflightResult { account_state: self.offline(), by, mistaken, ..PreflightResult::default() };
            return Ok(Prepared::Review(Box::new(known)));
        }
        // What is read from here on must not be changed by another run before this one acts on it.
        let lock = match self.arguments.intent() {
            Intent::Change => {
                let patience = context.settings.wait.value.get();
                Some(lock::take(context, &account, &source.name, patience).await?)
            }
            Intent::Review | Intent::OfflineReview => None,
        };
        let approvals = self.approvals(source, Some(&account))?;
        let inquiry = Preflight {
            reader: &reader,
            myself: &myself,
            plan: options.plan_id,
            intent: self.arguments.intent(),
            preflight: self.arguments.preflight,
        };
        let known = AccountState { own: myself.id, own_is_admin: myself.is_admin, ..self.offline() };
        let account_state = inquiry.account_state(source, known).await?;
        let plan = decided.insert(make_plan(&source.sheet, &approvals, &account_state));
        drift::skip_drifted(context, self.arguments, &source.sheet, plan);
        let recalled = match (&ledger, self.arguments.connection.target()) {
            (Some(ledger), ApiTarget::Configured) => previous::recalled(ledger, &account, plan, &account_state)?,
            // Every rehearsal has a world of its own, in which nothing has happened before.
            (Some(_) | None, _) => Vec::new(),
        };
        match ledger {
            Some(ledger) if self.arguments.intent() == Intent::Change => {
                let stage = PreparedRun { ledger, api, myself, account_state, recalled, account, approvals, lock };
                Ok(Prepared::Run(Box::new(self.enter(stage, source, plan, outputs).await?)))
            }
            Some(_) | None => {
                let by = Some((myself, account));
                let known = PreflightResult { account_state, approvals, recalled, by, mistaken: Vec::new() };
                Ok(Prepared::Review(Box::new(known)))
            }
        }
    }

    /// What is known of the reviews that the input holds rows of, for the account that would be changed.
    fn approvals(&self, source: &Source, account: Option<&str>) -> Result<Approvals, CommandError> {
        let approvals = approval::look(self.context, &source.sheet, account)?;
        match (self.arguments.intent(), approvals.objection()) {
            (Intent::Change, Some(objection)) => Err(objection.clone().into()),
            // A dry run says what a run would meet.
            (Intent::Review | Intent::OfflineReview, _) | (Intent::Change, None) => Ok(approvals),
        }
    }

    /// Rows that come from standard input leave nothing to type an answer on, so such a run is refused at once.
    fn refuse_silence(&self, source: &Source) -> Result<(), CommandError> {
        let asks = self.arguments.intent() == Intent::Change && !self.arguments.confirmation.yes;
        if asks && source.path.is_none() {
            return Err(CommandError::refused("rows come from standard input, so nobody can be asked there")
                .hint("add --yes, or --dry-run to look first"));
        }
        Ok(())
    }

    /// What a report of this command is worth.
    fn keep(&self) -> FileKind {
        match (self.arguments.intent(), self.arguments.connection.target()) {
            (Intent::Change, ApiTarget::Configured) => FileKind::Run,
            (Intent::Change, ApiTarget::Sandbox) | (Intent::Review | Intent::OfflineReview, _) => FileKind::Other,
        }
    }

    fn outputs(&self, source: &Source, kind: Kind, keep: FileKind) -> Result<Destinations, CommandError> {
        let input = source.path.as_deref();
        let report = self.report(input, kind, keep)?;
        report.check_rows(|| source.sheet.rows().count() as u64)?;
        Destinations::new(report, &self.context.output(), input)
    }

    fn report(&self, input: Option<&Path>, kind: Kind, keep: FileKind) -> Result<Destination, CommandError> {
        let wanted = self.context.settings.report.as_ref();
        // What files and the environment say is the place of a run's report, which no review may take.
        if let Some(wanted) = wanted.filter(|wanted| kind == Kind::Report || wanted.origin.is_flag()) {
            Destination::of_report(&wanted.value, input)
        } else {
            let target = Destination::of_input(input, kind, keep, self.context.written_files().as_ref())?;
            let usual = Destination::usual_name(input, kind);
            if let Some(name) = target.name().filter(|name| Path::new(name) != usual) {
                let why = if input == Some(&*usual) {
                    "is the input"
                } else {
                    "is there already, and not as seatrun wrote it"
                };
                self.context.console.warn(&format!("{} {why}: the report goes to {name}", usual.display()));
            }
            Ok(target)
        }
    }

    async fn api(&self, source: &Source) -> Result<Api, CommandError> {
        let context = self.context;
        match self.arguments.connection.target() {
            ApiTarget::Configured => Api::at(context, context.settings.api_url.value.as_str()),
            ApiTarget::Sandbox => Api::rehearse(context, sandbox_run::world(source)?).await,
        }
    }

    /// The plan as far as it shows without reading any further, where the account or a plan is not the one that is meant:
    /// of such an account nothing else is read.
    fn first_look(&self, source: &Source, myself: &CurrentUser, home: Option<PlanId>) -> Option<(RunPlan, Vec<Guard>)> {
        expectations::expects_anything(self.context).then_some(())?;
        let plan = make_plan(&source.sheet, &Approvals::Unchecked, &self.offline());
        let mistaken = expectations::mistaken(self.context, myself, &plan.changes().collect::<Vec<_>>(), home);
        (!mistaken.is_empty()).then_some((plan, mistaken))
    }

    /// What is known before anything was read.
    fn offline(&self) -> AccountState {
        let settings = &self.context.settings;
        AccountState {
            cloud_kind: self.cloud_kind(),
            protected: expectations::protected(settings),
            ..AccountState::default()
        }
    }

    fn cloud_kind(&self) -> CloudKind {
        if self.context.settings.api_url.value.is_gov() { CloudKind::Gov } else { CloudKind::Commercial }
    }

    fn question<'a>(
        &'a self,
        plan: &'a RunPlan,
        totals: &'a Totals,
        account_state: &'a AccountState,
        recalled: &'a [String],
        myself: Option<&'a CurrentUser>,
    ) -> ConfirmationPrompt<'a> {
        ConfirmationPrompt {
            context: self.context,
            arguments: self.arguments,
            account_state,
            myself,
            plan,
            totals,
            recalled,
        }
    }

    fn write_review(&self, source: &Source, plan: &RunPlan, outputs: &Destinations, known: &PreflightResult) -> Exit {
        let (myself, account) = known.by.as_ref().map(|(myself, account)| (myself, account.clone())).unzip();
        let totals = plan.totals(&known.account_state);
        let question = self.question(plan, &totals, &known.account_state, &known.recalled, myself);
        let mut guards = known.mistaken.clone();
        guards.extend(question.tripped().into_iter().filter(|guard| !known.mistaken.contains(guard)));
        guards.extend(drift::guard(self.context, self.arguments, &source.sheet, plan));
        guards.extend(known.approvals.objection().cloned());
        let barred = myself.and_then(|myself| check_admin(totals.users > 0, myself).err());
        guards.extend(barred.map(|failure| Guard { message: failure.message, hint: failure.hint.unwrap_or_default() }));
        self.context.console.say_fitted(question.text(&guards).trim_end());
        let (estimate, warnings) = (question.estimate(), question.warnings());
        let prefill = Prefill::of(self.arguments.dry_run_args.prefill_approved);
        let approving = approval::approving(self.context, source, account, prefill);
        let verdict = Verdict::Foreseen {
            guards,
            estimate,
            warnings,
            money: totals.paid_seats,
            plan_names: totals.plan_names,
            approving,
        };
        self.conclude_without_run(source, plan, outputs, verdict, myself)
    }

    /// A refusal before anything was changed: the report says so for every row.
    fn refuse(&self, failure: &CommandError, source: &Source, plan: &RunPlan, outputs: &Destinations) -> Exit {
        self.context.console.error(&failure.message, failure.hint.as_deref());
        self.conclude_without_run(source, plan, outputs, Verdict::Refused(failure), None)
    }

    fn conclude_without_run(
        &self,
        source: &Source,
        plan: &RunPlan,
        outputs: &Destinations,
        verdict: Verdict<'_>,
        myself: Option<&CurrentUser>,
    ) -> Exit {
        let who = myself.map(|myself| myself.who.as_str());
        dry_run_report::Conclusion { context: self.context, source, plan, outputs, verdict, who, began: self.began }
            .carry_out()
    }

    /// The last checks, the question, and the run's entry into the ledger.
    async fn enter(
        &self,
        mut stage: PreparedRun,
        source: &Source,
        plan: &RunPlan,
        outputs: &Destinations,
    ) -> Result<StartedRun, CommandError> {
        let totals = plan.totals(&stage.account_state);
        let question = self.question(plan, &totals, &stage.account_state, &stage.recalled, Some(&stage.myself));
        let unseen = drift::guard(self.context, self.arguments, &source.sheet, plan);
        expectations::refuse(&question.tripped().into_iter().chain(unseen).collect::<Vec<_>>())?;
        let earlier = match self.arguments.connection.target() {
            ApiTarget::Configured => previous::look(&stage.ledger, &stage.account, &source.sha256, plan)?,
            ApiTarget::Sandbox => Earlier::default(),
        };
        for notice in &earlier.notices {
            self.context.console.warn(notice);
        }
        question.confirm().await?;
        source.refuse_change()?;
        let run = stage.new_run(self.context, self.arguments, source, outputs);
        stage.ledger.enter(&run, new_rows(source, plan, &earlier.doubts), &earlier.takeovers)?;
        let pace = budget::pace(Some(&stage.ledger), &stage.api.base_url, self.context.rate())?;
        Ok(StartedRun { ledger: stage.ledger, api: stage.api, pace, run, doubts: earlier.doubts, _lock: stage.lock })
    }

    async fn work(
        &self,
        entered: StartedRun,
        plan: RunPlan,
        outputs: Destinations,
        signals: Signals,
    ) -> Result<Exit, CommandError> {
        let work = Work {
            context: self.context,
            client: entered.api.client.clone(),
            pace: entered.pace,
            ledger: entered.ledger,
            run: entered.run.name,
            settings: entered.run.settings,
            assignments: assignments(plan, &entered.doubts),
            deadline: self.context.deadline(),
            signals,
            began: self.began,
            outputs,
        };
        work.carry_out().await
    }
}

/// What comes before the first change has come to.
enum Prepared {
    /// A review is to be written.
    Review(Box<PreflightResult>),
    /// A run stands in the ledger.
    Run(Box<StartedRun>),
}

/// What a review says beside its rows.
#[derive(Default)]
struct PreflightResult {
    account_state: AccountState,
    approvals: Approvals,
    /// Whose token it is, and the account; none without a network.
    by: Option<(CurrentUser, String)>,
    /// What the past says of the users.
    recalled: Vec<String>,
    /// Why nothing more was read: the account or the plans are not the ones that are meant.
    mistaken: Vec<Guard>,
}

/// A run that stands in the ledger, with the account locked.
struct StartedRun {
    ledger: Ledger,
    api: Api,
    pace: Arc<Pace>,
    run: NewRun,
    doubts: HashMap<Job, Timestamp>,
    _lock: Option<AccountLock>,
}
