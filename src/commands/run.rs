//! `seatrun run`: reads, checks, reviews, asks, changes seats, and writes the report.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::claim;
use super::contact::{Contact, Myself};
use super::context::Context;
use super::earlier::{self, Earlier};
use super::endpoint::Api;
use super::entering::{assignments, new_rows, run_name};
use super::planning::{Inquiry, check_admin, make_plan, tell_cautions, tell_notes};
use super::review::{self, Verdict};
use super::source::{Source, options};
use super::stop::{Signals, ask};
use super::target::{Kind, Outputs, Target, absolute};
use super::work::Work;
use super::{Exit, Failure, rehearsal};
use crate::cli::{self, Intent};
use crate::console::{Answer, Expected};
use crate::engine::Pace;
use crate::input::Options;
use crate::ledger::{AccountLock, Confirmation, Keep, Ledger, LedgerError, NewRun, RunSettings, Verification};
use crate::model::Job;
use crate::plan::{Circumstances, Guard, Limits, Plan, Removal, Tenant, tripped};
use crate::report::{Estimate, record, review as review_text};
use crate::settings::Target as ApiTarget;

/// Runs larger than this many users are confirmed by typing their number.
const MANY: u64 = 100;

/// Runs `seatrun run`.
pub(super) async fn run(arguments: cli::Run) -> Result<Exit, Failure> {
    let began = Instant::now();
    let target = arguments.connection.target();
    let context = Context::new(arguments.flags(), arguments.talk, target)?;
    let options = options(&context, &arguments)?;
    let source = Source::read(&arguments.input, &options)?;
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
        let circumstances = Circumstances { tenant: self.tenant(), ..Circumstances::default() };
        let plan = make_plan(&source.sheet, &circumstances);
        Ok(self.write_review(source, &plan, &outputs, &Known { circumstances, myself: None }))
    }

    async fn go_online(&self, mut source: Source, options: Options) -> Result<Exit, Failure> {
        let kind = if self.arguments.intent() == Intent::Change { Kind::Report } else { Kind::Review };
        let ledger = Ledger::open(&self.context.state_folder());
        let outputs = self.outputs(&source, kind, self.keep())?;
        let mut signals = Signals::listen()?;
        let mut plan = None;
        let preparations = self.prepare(ledger, &mut source, &options, &outputs, &mut plan);
        match signals.unless_stopped(self.began, self.arguments.patience.deadline, preparations).await {
            Ok(Prepared::Run(entered)) => self.work(*entered, plan.unwrap_or_default(), outputs, signals).await,
            Ok(Prepared::Review(known)) => Ok(self.write_review(&source, &plan.unwrap_or_default(), &outputs, &known)),
            // The report belongs to the run that is under way.
            Err(failure) if failure.exit == Exit::Locked => Err(failure),
            Err(failure) => {
                let plan = plan.unwrap_or_else(|| make_plan(&source.sheet, &Circumstances::default()));
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
        // What is read from here on must not be changed by another run before this one acts on it.
        let lock = match self.arguments.intent() {
            Intent::Change => {
                let patience = self.arguments.patience.wait.unwrap_or_default();
                Some(claim::lock(context, &account, &source.name, patience).await?)
            }
            Intent::Review | Intent::OfflineReview => None,
        };
        let inquiry = Inquiry {
            contact: &contact,
            myself: &myself,
            plan: options.plan_id,
            intent: self.arguments.intent(),
            preflight: self.arguments.preflight,
        };
        let known = Circumstances { own: myself.id, tenant: self.tenant(), directory: None };
        let circumstances = inquiry.find_out(source, known).await?;
        let plan = plan.insert(make_plan(&source.sheet, &circumstances));
        match ledger {
            Some(ledger) if self.arguments.intent() == Intent::Change => {
                let stage = Stage { ledger, api, myself, circumstances, account, lock };
                Ok(Prepared::Run(Box::new(self.enter(stage, source, plan, outputs).await?)))
            }
            Some(_) | None => Ok(Prepared::Review(Box::new(Known { circumstances, myself: Some(myself) }))),
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
        Outputs::new(report, &self.arguments.output, input)
    }

    fn report(&self, input: Option<&Path>, kind: Kind, keep: Keep) -> Result<Target, Failure> {
        if let Some(stream) = &self.arguments.output.report {
            Target::of_report(stream, input)
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

    fn tenant(&self) -> Tenant {
        if self.context.settings.api_url.value.is_gov() { Tenant::Gov } else { Tenant::Commercial }
    }

    fn guards(&self, plan: &Plan, circumstances: &Circumstances) -> Vec<Guard> {
        let settings = &self.context.settings;
        let removal = if self.arguments.guards.allow_remove { Removal::Allowed } else { Removal::Forbidden };
        let (changes, invalid) = (settings.max_changes.value, settings.max_invalid.value);
        let limits = Limits { changes, invalid, users: None, removal };
        tripped(plan, circumstances, &limits)
    }

    fn review_text(&self, plan: &Plan, guards: &[Guard]) -> String {
        review_text(&plan.tally(), self.estimate(plan), guards)
    }

    fn estimate(&self, plan: &Plan) -> Estimate {
        let tally = plan.tally();
        let reads = if self.arguments.verify { tally.changes() } else { 0 };
        Estimate { requests: tally.requests + reads, limit: self.context.rate().map(std::num::NonZeroU32::get) }
    }

    fn write_review(&self, source: &Source, plan: &Plan, outputs: &Outputs, known: &Known) -> Exit {
        let mut guards = self.guards(plan, &known.circumstances);
        let barred = known.myself.as_ref().and_then(|myself| check_admin(plan.changed_users() > 0, myself).err());
        guards.extend(barred.map(|failure| Guard { message: failure.message, hint: failure.hint.unwrap_or_default() }));
        if let Some(myself) = &known.myself {
            self.context.console.say(&format!("as {}", myself.who));
        }
        tell_cautions(&self.context.console, plan);
        self.context.console.say(self.review_text(plan, &guards).trim_end());
        for remark in plan.unforeseeable() {
            self.context.console.say(&format!("cannot be foreseen: {remark}"));
        }
        let verdict = Verdict::Foreseen { guards, estimate: self.estimate(plan) };
        self.conclude_without_run(source, plan, outputs, verdict, known.myself.as_ref())
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
        let guards = self.guards(plan, &stage.circumstances);
        if !guards.is_empty() {
            let messages: Vec<_> = guards.iter().map(|guard| guard.message.as_str()).collect();
            let hints: Vec<_> = guards.iter().map(|guard| guard.hint.as_str()).collect();
            return Err(Failure::refused(messages.join("; ")).hint(hints.join("; ")));
        }
        let earlier = match self.arguments.connection.target() {
            ApiTarget::Configured => earlier::look(&stage.ledger, &stage.account, &source.sha256, plan)?,
            // Every rehearsal has a world of its own, in which nothing has happened before.
            ApiTarget::Sandbox => Earlier::default(),
        };
        for notice in &earlier.notices {
            self.context.console.warn(notice);
        }
        tell_notes(&self.context.console, plan);
        tell_cautions(&self.context.console, plan);
        self.confirm(plan, &stage.myself).await?;
        source.refuse_change()?;
        let run = self.new_run(source, &stage, outputs);
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
            deadline: self.arguments.patience.deadline,
            signals,
            began: self.began,
            outputs,
        };
        work.carry_out().await
    }

    async fn confirm(&self, plan: &Plan, myself: &Myself) -> Result<(), Failure> {
        let users = plan.changed_users();
        if self.arguments.confirmation.yes || users == 0 {
            return Ok(());
        }
        let tally = plan.tally();
        let text = self.review_text(plan, &[]);
        let plural = if users == 1 { "" } else { "s" };
        let question = format!("{text}Change {users} user{plural} as {}?", myself.who);
        let expected = if tally.for_good > 0 || users > MANY { Expected::Number(users) } else { Expected::Yes };
        match ask(question, expected).await {
            Answer::Confirmed => Ok(()),
            Answer::Declined => Err(Failure::refused("not confirmed").hint("nothing was changed")),
            Answer::Unanswered => Err(Failure::refused("there is no terminal to ask on")
                .hint("add --yes to run without asking, or --dry-run to look first")),
        }
    }

    fn new_run(&self, source: &Source, stage: &Stage, outputs: &Outputs) -> NewRun {
        let settings = &self.context.settings;
        let started = Timestamp::now();
        NewRun {
            name: run_name(started),
            account: stage.account.clone(),
            who: stage.myself.who.clone(),
            input: source.name.clone(),
            sha256: source.sha256.clone(),
            header: record(source.carried_header()),
            settings: RunSettings {
                api_url: stage.api.base_url.clone(),
                rate: self.context.rate().map_or(0, std::num::NonZeroU32::get),
                concurrency: u32::try_from(settings.concurrency.value.get()).unwrap_or(u32::MAX),
                max_errors: settings.max_errors.value,
                free_seat_name: settings.free_seat_name.value,
                input_path: source.path.as_deref().map(absolute),
                report: outputs.report.lasting_name(),
                dialect: *source.sheet.dialect(),
                confirmation: if self.arguments.confirmation.yes { Confirmation::Waived } else { Confirmation::Asked },
                verification: if self.arguments.verify { Verification::ReadBack } else { Verification::Waived },
            },
            started,
        }
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
struct Known {
    circumstances: Circumstances,
    myself: Option<Myself>,
}

/// What is known and open once the account was read.
struct Stage {
    ledger: Ledger,
    api: Api,
    myself: Myself,
    circumstances: Circumstances,
    account: String,
    lock: Option<AccountLock>,
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
