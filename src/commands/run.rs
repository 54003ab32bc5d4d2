//! `seatrun run`: reads, checks, reviews, asks, changes seats, and writes the report.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::claim;
use super::contact::{Contact, Myself};
use super::context::Context;
use super::earlier::{self, Earlier};
use super::review::{self, Verdict};
use super::source::Source;
use super::stop::{Signals, ask};
use super::survey::survey;
use super::target::{Kind, Outputs, Target};
use super::work::Work;
use super::{Exit, Failure, rehearsal};
use crate::api::{Client, UserPlansQuery};
use crate::cli::{self, Intent};
use crate::console::{Answer, Expected};
use crate::engine::{Assignment, Pace};
use crate::input::{Entry, FieldError, IdTrust, Options, Sheet, Subject};
use crate::ledger::{AccountLock, Confirmation, Ledger, LedgerError, NewRow, NewRun, RunSettings};
use crate::model::{Email, Event, Job, JobState, PlanId};
use crate::plan::{Builder, Circumstances, Directory, Guard, Limits, Plan, Removal, Step, Tenant, tripped};
use crate::report::{Estimate, record, review as review_text};
use crate::sandbox::{self, Sandbox, World};
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

/// How any input is read: which column holds what.
pub(super) fn reading(context: &Context, arguments: &cli::Reading) -> Result<Options, Failure> {
    let columns = context.settings.columns.iter();
    let map = columns
        .map(|(field, column)| Ok((field.parse()?, column.value.clone())))
        .collect::<Result<_, FieldError>>()
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    Ok(Options {
        delimiter: arguments.delimiter,
        encoding: arguments.encoding.clone(),
        header_row: arguments.header_row,
        map,
        ..Options::default()
    })
}

fn options(context: &Context, arguments: &cli::Run) -> Result<Options, Failure> {
    let settings = &context.settings;
    Ok(Options {
        ids: if arguments.guards.ids_are_exact { IdTrust::Exact } else { IdTrust::Judged },
        plan_id: settings.plan_id.as_ref().map(|setting| setting.value),
        action: settings.action.as_ref().map(|setting| setting.value),
        seat: settings.seat_type.as_ref().map(|setting| setting.value),
        only: (!arguments.selection.only.is_empty()).then(|| arguments.selection.only.clone()),
        ..reading(context, &arguments.reading)?
    })
}

struct Command<'a> {
    context: &'a Context,
    arguments: &'a cli::Run,
    began: Instant,
}

/// The API that a run talks to: the real one, or a rehearsal's.
pub(super) struct Api {
    /// The client.
    pub(super) client: Client,
    /// The address.
    pub(super) base_url: String,
    _sandbox: Option<Sandbox>,
}

impl Api {
    /// The API at an address.
    pub(super) fn at(context: &Context, base_url: &str) -> Result<Self, Failure> {
        Ok(Self { client: context.client(base_url)?, base_url: base_url.to_owned(), _sandbox: None })
    }

    /// A sandbox that holds `world`.
    pub(super) async fn rehearse(context: &Context, world: World) -> Result<Self, Failure> {
        let sandbox = sandbox::serve(world, &sandbox::Options::default())
            .await
            .map_err(|error| Failure::refused(format!("the sandbox cannot be served: {error}")))?;
        let base_url = sandbox.base_url().to_owned();
        let client = context.connect(&base_url, sandbox.token().to_owned().into())?;
        Ok(Self { client, base_url, _sandbox: Some(sandbox) })
    }
}

impl Command<'_> {
    fn review_offline(&self, source: &Source) -> Result<Exit, Failure> {
        let outputs = self.outputs(source, Kind::Review)?;
        let circumstances = Circumstances { tenant: self.tenant(), ..Circumstances::default() };
        let plan = make_plan(&source.sheet, &circumstances);
        Ok(self.write_review(source, &plan, &outputs, None))
    }

    async fn go_online(&self, mut source: Source, options: Options) -> Result<Exit, Failure> {
        let kind = if self.arguments.intent() == Intent::Change { Kind::Report } else { Kind::Review };
        let ledger = Ledger::open(&self.context.state_folder());
        let outputs = self.outputs(&source, kind)?;
        let mut signals = Signals::listen()?;
        let mut plan = None;
        let preparations = self.prepare(ledger, &mut source, &options, &outputs, &mut plan);
        match signals.unless_stopped(self.began, self.arguments.patience.deadline, preparations).await {
            Ok(Prepared::Run(entered)) => self.work(*entered, plan.unwrap_or_default(), outputs, signals).await,
            Ok(Prepared::Review(myself)) => {
                Ok(self.write_review(&source, &plan.unwrap_or_default(), &outputs, Some(&myself)))
            }
            // The report belongs to the run that is under way.
            Err(failure) if failure.exit == Exit::Locked => Err(failure),
            Err(failure) => {
                let plan = plan.unwrap_or_else(|| make_plan(&source.sheet, &Circumstances::default()));
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
        let (myself, circumstances) = self.find_out(&contact, source, options).await?;
        let plan = plan.insert(make_plan(&source.sheet, &circumstances));
        check_admin(plan.changed_users() > 0, &myself)?;
        match ledger {
            Some(ledger) if self.arguments.intent() == Intent::Change => {
                let stage = Stage { ledger, api, myself };
                Ok(Prepared::Run(Box::new(self.enter(stage, source, plan, outputs).await?)))
            }
            Some(_) | None => Ok(Prepared::Review(myself)),
        }
    }

    /// Without a terminal nobody can answer, so a run that would have to ask is refused before anything is read.
    fn refuse_silence(&self, source: &Source) -> Result<(), Failure> {
        let asks = self.arguments.intent() == Intent::Change && !self.arguments.confirmation.yes;
        if asks && source.path.is_none() {
            return Err(Failure::refused("rows come from standard input, so nobody can be asked there")
                .hint("add --yes, or --dry-run to look first"));
        }
        Ok(())
    }

    fn outputs(&self, source: &Source, kind: Kind) -> Result<Outputs, Failure> {
        let input = source.path.as_deref();
        Outputs::new(self.report(input, kind)?, self.arguments.output.summary_json.as_ref(), input)
    }

    fn report(&self, input: Option<&Path>, kind: Kind) -> Result<Target, Failure> {
        if let Some(stream) = &self.arguments.output.report {
            Target::of_report(stream, input)
        } else {
            let target = Target::of_input(input, kind, self.context.memory().as_ref())?;
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

    /// Whose token it is, the plan of rows that name none, the users behind addresses.
    async fn find_out(
        &self,
        contact: &Contact<'_>,
        source: &mut Source,
        options: &Options,
    ) -> Result<(Myself, Circumstances), Failure> {
        let myself = contact.myself().await?;
        if options.plan_id.is_none() && needs_plan(source) {
            let plan = only_plan(contact, &myself).await?;
            self.context.console.say(&format!("rows without a plan_id are about plan {plan}, your only one"));
            source.sheet = source.sheet.clone().with_plan(plan);
        }
        let mut directory = Directory::default();
        for (email, user) in contact.users_by_email(&addresses(source)).await? {
            directory.note_address(email, user);
        }
        let own = myself.id;
        let circumstances = Circumstances { own, tenant: self.tenant(), directory: Some(directory.clone()) };
        if self.arguments.preflight.no_preflight {
            return Ok((myself, circumstances));
        }
        let plan = make_plan(&source.sheet, &circumstances);
        let jobs = || plan.rows.iter().filter_map(|planned| sent(&planned.step));
        let home = options.plan_id.or_else(|| jobs().find_map(|job| job.action.plan()));
        if let Err(failure) = survey(contact, &mut directory, jobs(), home).await {
            lenient(self.context, failure)?;
        }
        Ok((myself, Circumstances { directory: Some(directory), ..circumstances }))
    }

    fn tenant(&self) -> Tenant {
        if self.context.settings.api_url.value.is_gov() { Tenant::Gov } else { Tenant::Commercial }
    }

    fn guards(&self, plan: &Plan) -> Vec<Guard> {
        let settings = &self.context.settings;
        let removal = if self.arguments.guards.allow_remove { Removal::Allowed } else { Removal::Forbidden };
        let (changes, invalid) = (settings.max_changes.value, settings.max_invalid.value);
        let limits = Limits { changes, invalid, users: None, removal };
        tripped(plan, &limits)
    }

    fn review_text(&self, plan: &Plan, guards: &[Guard]) -> String {
        let tally = plan.tally();
        let limit = self.context.rate().map(std::num::NonZeroU32::get);
        review_text(&tally, Estimate { requests: tally.requests, limit }, guards)
    }

    fn write_review(&self, source: &Source, plan: &Plan, outputs: &Outputs, myself: Option<&Myself>) -> Exit {
        let guards = self.guards(plan);
        if let Some(myself) = myself {
            self.context.console.say(&format!("as {}", myself.who));
        }
        self.context.console.say(self.review_text(plan, &guards).trim_end());
        let written = review::write(source, plan, &outputs.report, &Verdict::Foreseen);
        let exit = if written.counts.are_fine() && guards.is_empty() { Exit::Fine } else { Exit::SomeRows };
        self.conclude_without_run(source, outputs, &written, exit)
    }

    /// A refusal before anything was changed: the report says so for every row.
    fn refuse(&self, failure: &Failure, source: &Source, plan: &Plan, outputs: &Outputs) -> Exit {
        self.context.console.error(&failure.message, failure.hint.as_deref());
        let written = review::write(source, plan, &outputs.report, &Verdict::Refused(failure.message.clone()));
        self.conclude_without_run(source, outputs, &written, failure.exit)
    }

    fn conclude_without_run(&self, source: &Source, outputs: &Outputs, written: &review::Written, exit: Exit) -> Exit {
        let conclusion = review::Conclusion { context: self.context, source, outputs, took: self.began.elapsed() };
        conclusion.say(written, exit)
    }

    /// The last checks, the question, and the run's entry into the ledger.
    async fn enter(
        &self,
        mut stage: Stage,
        source: &Source,
        plan: &Plan,
        outputs: &Outputs,
    ) -> Result<Entered, Failure> {
        if let Some(guard) = self.guards(plan).into_iter().next() {
            return Err(Failure::refused(guard.message).hint(guard.hint));
        }
        let account = claim::account(self.arguments.connection.target(), &stage.api.base_url, &stage.myself);
        let patience = self.arguments.patience.wait.unwrap_or_default();
        let lock = claim::lock(self.context, &account, &source.name, patience).await?;
        let earlier = match self.arguments.connection.target() {
            ApiTarget::Configured => earlier::look(&stage.ledger, &account, &source.sha256, plan)?,
            // Every rehearsal has a world of its own, in which nothing has happened before.
            ApiTarget::Sandbox => Earlier::default(),
        };
        for notice in &earlier.notices {
            self.context.console.warn(notice);
        }
        self.confirm(plan, &stage.myself).await?;
        let run = self.new_run(account, source, &stage, outputs);
        stage.ledger.enter(&run, new_rows(source, plan, &earlier.doubts), &earlier.superseded)?;
        let pace = claim::pace(Some(&stage.ledger), &stage.api.base_url, self.context.rate())?;
        Ok(Entered { ledger: stage.ledger, api: stage.api, pace, run, doubts: earlier.doubts, _lock: lock })
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

    fn new_run(&self, account: String, source: &Source, stage: &Stage, outputs: &Outputs) -> NewRun {
        let settings = &self.context.settings;
        let started = Timestamp::now();
        NewRun {
            name: run_name(started),
            account,
            who: stage.myself.who.clone(),
            input: source.name.clone(),
            sha256: source.sha256.clone(),
            header: carried_header(source),
            settings: RunSettings {
                api_url: stage.api.base_url.clone(),
                rate: self.context.rate().map_or(0, std::num::NonZeroU32::get),
                concurrency: u32::try_from(settings.concurrency.value.get()).unwrap_or(u32::MAX),
                max_errors: settings.max_errors.value,
                free_seat_name: settings.free_seat_name.value,
                report: outputs.report.lasting_name(),
                confirmation: if self.arguments.confirmation.yes { Confirmation::Waived } else { Confirmation::Asked },
            },
            started,
        }
    }
}

/// What comes before the first change has come to.
enum Prepared {
    /// A review is to be written.
    Review(Myself),
    /// A run stands in the ledger.
    Run(Box<Entered>),
}

/// What is known and open once the account was read.
struct Stage {
    ledger: Ledger,
    api: Api,
    myself: Myself,
}

/// A run that stands in the ledger, with the account locked.
struct Entered {
    ledger: Ledger,
    api: Api,
    pace: Arc<Pace>,
    run: NewRun,
    doubts: HashMap<Job, Timestamp>,
    _lock: AccountLock,
}

pub(super) fn make_plan(sheet: &Sheet, circumstances: &Circumstances) -> Plan {
    let mut builder = Builder::new(circumstances);
    for row in sheet.rows() {
        builder.add(row.number, sheet.entry(&row), || sheet.no_plan(&row));
    }
    builder.finish()
}

/// The job of a step that would be sent.
pub(super) const fn sent(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) => Some(job),
        Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    }
}

/// A survey that the API does not allow is done without, because nothing but foresight is lost.
pub(super) fn lenient(context: &Context, failure: Failure) -> Result<(), Failure> {
    if !failure.of_one_request {
        return Err(failure);
    }
    let message = failure.message;
    context.console.warn(&format!("what users hold now could not be read, so nothing is foreseen: {message}"));
    Ok(())
}

fn needs_plan(source: &Source) -> bool {
    source.sheet.rows().any(|row| matches!(source.sheet.entry(&row), Entry::NeedsPlan { .. }))
}

async fn only_plan(contact: &Contact<'_>, myself: &Myself) -> Result<PlanId, Failure> {
    let Some(id) = myself.id else {
        return Err(Failure::refused("some rows name no plan, and the API does not say whose token this is")
            .hint("name the plan with --plan-id"));
    };
    let plans = contact.plans(id, &UserPlansQuery::default()).await?;
    match plans.as_slice() {
        [only] => Ok(only.plan_id),
        [] => Err(Failure::refused("some rows name no plan, and the token's user is in none")
            .hint("name the plan with --plan-id, or in the rows")),
        several => {
            let ids: Vec<_> = several.iter().map(|plan| plan.plan_id.to_string()).collect();
            Err(Failure::refused(format!(
                "some rows name no plan, and the token's user is in several: {}",
                ids.join(", ")
            ))
            .hint("name one with --plan-id, or in the rows"))
        }
    }
}

/// Every address that a row gives, once each.
fn addresses(source: &Source) -> Vec<Email> {
    let mut seen = BTreeSet::new();
    for row in source.sheet.rows() {
        match source.sheet.entry(&row) {
            Entry::Job { subject: Subject::Email(email) | Subject::Both(_, email), .. } => {
                seen.insert(email.as_str().to_owned());
            }
            Entry::Job { subject: Subject::Id(_), .. }
            | Entry::NeedsPlan { .. }
            | Entry::LeftOut { .. }
            | Entry::Invalid { .. } => {}
        }
    }
    seen.iter().filter_map(|email| Email::new(email)).collect()
}

/// Only a System Admin can change anybody (seeds, "Permissions").
pub(super) fn check_admin(changes: bool, myself: &Myself) -> Result<(), Failure> {
    if changes && myself.is_admin == Some(false) {
        let message = format!("{} is no System Admin, and only a System Admin can change users", myself.who);
        return Err(Failure::refused(message).hint("use the token of a System Admin"));
    }
    Ok(())
}

/// The header of the columns that the report carries, as one CSV record.
pub(super) fn carried_header(source: &Source) -> String {
    let header = source.sheet.header();
    record(source.sheet.carried().iter().map(|column| header[*column].as_str()))
}

/// The cells that the report carries, as one CSV record.
pub(super) fn carried_cells(source: &Source, row: &crate::input::Row<'_>) -> String {
    record(source.sheet.carried().iter().map(|column| row.cell(*column)))
}

fn new_rows<'a>(
    source: &'a Source,
    plan: &'a Plan,
    doubts: &'a HashMap<Job, Timestamp>,
) -> impl Iterator<Item = NewRow> + 'a {
    source.sheet.rows().zip(&plan.rows).map(|(row, planned)| {
        let (job, outcome) = match &planned.step {
            Step::Send(job) => (Some(job.clone()), None),
            Step::SendTo(..) | Step::SendSomewhere(_) => (None, None),
            Step::Blocked(job, prediction) => (Some(job.clone()), Some(prediction.failed())),
            Step::Ended(job, outcome) => (job.clone(), Some((**outcome).clone())),
        };
        let doubted = job.as_ref().filter(|_| outcome.is_none()).and_then(|job| doubts.get(job)).copied();
        let seat_before = planned.seat_before.clone();
        NewRow { number: row.number, cells: carried_cells(source, &row), job, seat_before, outcome, doubted }
    })
}

fn assignments(plan: Plan, doubts: &HashMap<Job, Timestamp>) -> Vec<Assignment> {
    let rows = plan.rows.into_iter().enumerate();
    rows.filter_map(|(place, planned)| {
        let Step::Send(job) = planned.step else { return None };
        let place = u32::try_from(place).ok()?;
        let fresh = JobState::default();
        let orphaned = || fresh.next(Event::Begun).and_then(|sent| sent.next(Event::Orphaned));
        let state = if doubts.contains_key(&job) { orphaned().ok()? } else { fresh };
        let seat_before = planned.seat_before;
        Some(Assignment { place, row: planned.row, job, state, answer: None, seat_before })
    })
    .collect()
}

/// A name for a run: when it began, and four letters so that two of one second differ.
fn run_name(now: Timestamp) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letters: String = (0..4).map(|_| char::from(fastrand::choice(LETTERS).copied().unwrap_or(b'a'))).collect();
    format!("{}-{letters}", now.strftime("%Y%m%d-%H%M%S"))
}
