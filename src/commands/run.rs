//! `seatrun run`: reads, checks, reviews, asks, changes seats, and writes the report.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::approval::{self, Approvals};
use super::claim;
use super::contact::{Contact, Myself};
use super::context::Context;
use super::drift;
use super::earlier::{self, Earlier};
use super::endpoint::Api;
use super::entering::{Stage, assignments, new_rows};
use super::planning::{Inquiry, check_admin, make_plan};
use super::question::Question;
use super::review::{self, Prefill, Verdict};
use super::source::{Source, options};
use super::stop::Signals;
use super::target::{Kind, Outputs, Target};
use super::work::Work;
use super::{Exit, Failure, guarding, rehearsal};
use crate::cli::{self, Intent};
use crate::engine::Pace;
use crate::input::Options;
use crate::ledger::{AccountLock, Keep, Ledger, LedgerError, NewRun};
use crate::model::{Job, PlanId};
use crate::plan::{Circumstances, Guard, Plan, Tally, Tenant};
use crate::settings::ApiTarget;

/// Runs `seatrun run`.
pub(super) async fn run(arguments: cli::Run) -> Result<Exit, Failure> {
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
    fn review_offline(&self, source: &Source) -> Result<Exit, Failure> {
        let outputs = self.outputs(source, Kind::Review, Keep::Other)?;
        let approvals = self.approvals(source, None)?;
        let known = Known { circumstances: self.offline(), approvals, ..Known::default() };
        let plan = make_plan(&source.sheet, &known.approvals, &known.circumstances);
        Ok(self.write_review(source, &plan, &outputs, &known))
    }

    async fn go_online(&self, mut source: Source, options: Options) -> Result<Exit, Failure> {
        let kind = if self.arguments.intent() == Intent::Change { Kind::Report } else { Kind::Review };
        let ledger = Ledger::open(&self.context.state_folder());
        let outputs = self.outputs(&source, kind, self.keep())?;
        let mut signals = Signals::listen()?;
        let mut plan = None;
        let preparations = self.prepare(ledger, &mut source, &options, &outputs, &mut plan);
        match signals.unless_stopped(self.began, self.context.deadline(), preparations).await {
            Ok(Prepared::Run(entered)) => self.work(*entered, plan.unwrap_or_default(), outputs, signals).await,
            Ok(Prepared::Review(known)) => Ok(self.write_review(&source, &plan.unwrap_or_default(), &outputs, &known)),
            // The report belongs to the run that is under way.
            Err(failure) if failure.exit == Exit::Locked => Err(failure),
            Err(failure) => {
                let unread = || make_plan(&source.sheet, &Approvals::Unchecked, &Circumstances::default());
                let plan = plan.unwrap_or_else(unread);
                // A refusal does not take the place of the report of a run.
                let outputs = self.outputs(&source, kind, Keep::Other).unwrap_or(outputs);
                Ok(self.refuse(&failure, &source, &plan, &outputs))
            }
        }
    }

    /// Everything that comes before the first change. `plan` is what was decided as far as it came.
    async fn prepare(
        &self,
        ledger: Result<Ledger, LedgerError>,
        source: &mut Source,
        options: &Options,
        outputs: &Outputs,
        plan: &mut Option<Plan>,
    ) -> Result<Prepared, Failure> {
        let context = self.context;
        self.refuse_silence(source)?;
        let ledger = match self.arguments.intent() {
            Intent::Change => Some(ledger?),
            // A review only asks it which files are its own, and can do without.
            Intent::Review | Intent::OfflineReview => ledger.ok(),
        };
        let api = self.api(source).await?;
        let contact = Contact::new(&api.client, &api.base_url, context.rate(), ledger.as_ref(), &context.console)?;
        let myself = contact.myself().await?;
        let account = claim::account(self.arguments.connection.target(), &api.base_url, &myself);
        if let Some((first_look, mistaken)) = self.first_look(source, &myself, options.plan_id) {
            *plan = Some(first_look);
            if self.arguments.intent() == Intent::Change {
                guarding::refuse(&mistaken)?;
            }
            let by = Some((myself, account));
            let known = Known { circumstances: self.offline(), by, mistaken, ..Known::default() };
            return Ok(Prepared::Review(Box::new(known)));
        }
        // What is read from here on must not be changed by another run before this one acts on it.
        let lock = match self.arguments.intent() {
            Intent::Change => {
                let patience = context.settings.wait.value.get();
                Some(claim::lock(context, &account, &source.name, patience).await?)
            }
            Intent::Review | Intent::OfflineReview => None,
        };
        let approvals = self.approvals(source, Some(&account))?;
        let inquiry = Inquiry {
            contact: &contact,
            myself: &myself,
            plan: options.plan_id,
            intent: self.arguments.intent(),
            preflight: self.arguments.preflight,
        };
        let known = Circumstances { own: myself.id, own_is_admin: myself.is_admin, ..self.offline() };
        let circumstances = inquiry.find_out(source, known).await?;
        let plan = plan.insert(make_plan(&source.sheet, &approvals, &circumstances));
        drift::heed(context, self.arguments, &source.sheet, plan);
        let recalled = match (&ledger, self.arguments.connection.target()) {
            (Some(ledger), ApiTarget::Configured) => earlier::recalled(ledger, &account, plan, &circumstances)?,
            // Every rehearsal has a world of its own, in which nothing has happened before.
            (Some(_) | None, _) => Vec::new(),
        };
        match ledger {
            Some(ledger) if self.arguments.intent() == Intent::Change => {
                let stage = Stage { ledger, api, myself, circumstances, recalled, account, approvals, lock };
                Ok(Prepared::Run(Box::new(self.enter(stage, source, plan, outputs).await?)))
            }
            Some(_) | None => {
                let by = Some((myself, account));
                let known = Known { circumstances, approvals, recalled, by, mistaken: Vec::new() };
                Ok(Prepared::Review(Box::new(known)))
            }
        }
    }

    /// What is known of the reviews that the input holds rows of, for the account that would be changed.
    fn approvals(&self, source: &Source, account: Option<&str>) -> Result<Approvals, Failure> {
        let approvals = approval::look(self.context, &source.sheet, account)?;
        match (self.arguments.intent(), approvals.objection()) {
            (Intent::Change, Some(objection)) => Err(objection.clone().into()),
            // A dry run says what a run would meet.
            (Intent::Review | Intent::OfflineReview, _) | (Intent::Change, None) => Ok(approvals),
        }
    }

    /// Rows that come from standard input leave nothing to type an answer on, so such a run is refused at once.
    fn refuse_silence(&self, source: &Source) -> Result<(), Failure> {
        let asks = self.arguments.intent() == Intent::Change && !self.arguments.confirmation.yes;
        if asks && source.path.is_none() {
            return Err(Failure::refused("rows come from standard input, so nobody can be asked there")
                .hint("add --yes, or --dry-run to look first"));
        }
        Ok(())
    }

    /// What a report of this command is worth.
    fn keep(&self) -> Keep {
        match (self.arguments.intent(), self.arguments.connection.target()) {
            (Intent::Change, ApiTarget::Configured) => Keep::Run,
            (Intent::Change, ApiTarget::Sandbox) | (Intent::Review | Intent::OfflineReview, _) => Keep::Other,
        }
    }

    fn outputs(&self, source: &Source, kind: Kind, keep: Keep) -> Result<Outputs, Failure> {
        let input = source.path.as_deref();
        let report = self.report(input, kind, keep)?;
        report.check_rows(|| source.sheet.rows().count() as u64)?;
        Outputs::new(report, &self.context.output(), input)
    }

    fn report(&self, input: Option<&Path>, kind: Kind, keep: Keep) -> Result<Target, Failure> {
        let wanted = self.context.settings.report.as_ref();
        // What files and the environment say is the place of a run's report, which no review may take.
        if let Some(wanted) = wanted.filter(|wanted| kind == Kind::Report || wanted.origin.is_flag()) {
            Target::of_report(&wanted.value, input)
        } else {
            let target = Target::of_input(input, kind, keep, self.context.memory().as_ref())?;
            let usual = Target::usual_name(input, kind);
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

    async fn api(&self, source: &Source) -> Result<Api, Failure> {
        let context = self.context;
        match self.arguments.connection.target() {
            ApiTarget::Configured => Api::at(context, context.settings.api_url.value.as_str()),
            ApiTarget::Sandbox => Api::rehearse(context, rehearsal::world(source)?).await,
        }
    }

    /// The plan as far as it shows without reading any further, where the account or a plan is not the one that is meant:
    /// of such an account nothing else is read.
    fn first_look(&self, source: &Source, myself: &Myself, home: Option<PlanId>) -> Option<(Plan, Vec<Guard>)> {
        guarding::expects_anything(self.context).then_some(())?;
        let plan = make_plan(&source.sheet, &Approvals::Unchecked, &self.offline());
        let mistaken = guarding::mistaken(self.context, myself, &plan.changes().collect::<Vec<_>>(), home);
        (!mistaken.is_empty()).then_some((plan, mistaken))
    }

    /// What is known before anything was read.
    fn offline(&self) -> Circumstances {
        let settings = &self.context.settings;
        Circumstances { tenant: self.tenant(), protected: guarding::protected(settings), ..Circumstances::default() }
    }

    fn tenant(&self) -> Tenant {
        if self.context.settings.api_url.value.is_gov() { Tenant::Gov } else { Tenant::Commercial }
    }

    fn question<'a>(
        &'a self,
        plan: &'a Plan,
        tally: &'a Tally,
        circumstances: &'a Circumstances,
        recalled: &'a [String],
        myself: Option<&'a Myself>,
    ) -> Question<'a> {
        Question { context: self.context, arguments: self.arguments, circumstances, myself, plan, tally, recalled }
    }

    fn write_review(&self, source: &Source, plan: &Plan, outputs: &Outputs, known: &Known) -> Exit {
        let (myself, account) = known.by.as_ref().map(|(myself, account)| (myself, account.clone())).unzip();
        let tally = plan.tally(&known.circumstances);
        let question = self.question(plan, &tally, &known.circumstances, &known.recalled, myself);
        let mut guards = known.mistaken.clone();
        guards.extend(question.tripped().into_iter().filter(|guard| !known.mistaken.contains(guard)));
        guards.extend(drift::guard(self.context, self.arguments, &source.sheet, plan));
        guards.extend(known.approvals.objection().cloned());
        let barred = myself.and_then(|myself| check_admin(tally.users > 0, myself).err());
        guards.extend(barred.map(|failure| Guard { message: failure.message, hint: failure.hint.unwrap_or_default() }));
        let console = &self.context.console;
        console.say(console.fitted(&question.text(&guards)).trim_end());
        let (estimate, warnings) = (question.estimate(), question.warnings());
        let prefill = Prefill::of(self.arguments.dry_run_args.prefill_approved);
        let approving = approval::approving(self.context, source, account, prefill);
        let verdict = Verdict::Foreseen { guards, estimate, warnings, money: tally.money, approving };
        self.conclude_without_run(source, plan, outputs, verdict, myself)
    }

    /// A refusal before anything was changed: the report says so for every row.
    fn refuse(&self, failure: &Failure, source: &Source, plan: &Plan, outputs: &Outputs) -> Exit {
        self.context.console.error(&failure.message, failure.hint.as_deref());
        self.conclude_without_run(source, plan, outputs, Verdict::Refused(failure), None)
    }

    fn conclude_without_run(
        &self,
        source: &Source,
        plan: &Plan,
        outputs: &Outputs,
        verdict: Verdict<'_>,
        myself: Option<&Myself>,
    ) -> Exit {
        let who = myself.map(|myself| myself.who.as_str());
        review::Conclusion { context: self.context, source, plan, outputs, verdict, who, began: self.began }.carry_out()
    }

    /// The last checks, the question, and the run's entry into the ledger.
    async fn enter(
        &self,
        mut stage: Stage,
        source: &Source,
        plan: &Plan,
        outputs: &Outputs,
    ) -> Result<Entered, Failure> {
        let tally = plan.tally(&stage.circumstances);
        let question = self.question(plan, &tally, &stage.circumstances, &stage.recalled, Some(&stage.myself));
        let unseen = drift::guard(self.context, self.arguments, &source.sheet, plan);
        guarding::refuse(&question.tripped().into_iter().chain(unseen).collect::<Vec<_>>())?;
        let earlier = match self.arguments.connection.target() {
            ApiTarget::Configured => earlier::look(&stage.ledger, &stage.account, &source.sha256, plan)?,
            ApiTarget::Sandbox => Earlier::default(),
        };
        for notice in &earlier.notices {
            self.context.console.warn(notice);
        }
        question.confirm().await?;
        source.refuse_change()?;
        let run = stage.new_run(self.context, self.arguments, source, outputs);
        stage.ledger.enter(&run, new_rows(source, plan, &earlier.doubts), &earlier.takeovers)?;
        let pace = claim::pace(Some(&stage.ledger), &stage.api.base_url, self.context.rate())?;
        Ok(Entered { ledger: stage.ledger, api: stage.api, pace, run, doubts: earlier.doubts, _lock: stage.lock })
    }

    async fn work(&self, entered: Entered, plan: Plan, outputs: Outputs, signals: Signals) -> Result<Exit, Failure> {
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
    Review(Box<Known>),
    /// A run stands in the ledger.
    Run(Box<Entered>),
}

/// What a review says beside its rows.
#[derive(Default)]
struct Known {
    circumstances: Circumstances,
    approvals: Approvals,
    /// Whose token it is, and the account; none without a network.
    by: Option<(Myself, String)>,
    /// What the past says of the users.
    recalled: Vec<String>,
    /// Why nothing more was read: the account or the plans are not the ones that are meant.
    mistaken: Vec<Guard>,
}

/// A run that stands in the ledger, with the account locked.
struct Entered {
    ledger: Ledger,
    api: Api,
    pace: Arc<Pace>,
    run: NewRun,
    doubts: HashMap<Job, Timestamp>,
    _lock: Option<AccountLock>,
}
