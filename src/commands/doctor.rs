//! `seatrun doctor`: checks settings, token, admin right, plan, a page of users and the state folder, and says how to
//! mend each.

use crate::api::{UserPlan, UserPlansQuery};
use crate::app::account::current_user::{CurrentUser, Operations};
use crate::app::account::read_error::ReadError;
use crate::app::account::reader::AccountReader;
use crate::app::context::Context;
use crate::app::preflight::expectations;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::ledger::Ledger;
use crate::model::PlanId;
use crate::plan::ExpectedPlans;
use crate::settings::ApiTarget;

/// Runs `seatrun doctor`. What is wrong with the settings is said by reading them.
pub(super) async fn doctor(arguments: cli::Doctor) -> Result<Exit, CommandError> {
    let context = Context::new(arguments.flags(), arguments.connection.target())?;
    let mut checks = Checks { context: &context, failed: 0 };
    checks.settings();
    checks.state_folder();
    if arguments.connection.target() == ApiTarget::Configured {
        checks.account().await;
    } else {
        checks.good("api", "the sandbox needs no token");
    }
    match checks.failed {
        0 => Ok(Exit::Fine),
        failed => {
            let plural = if failed == 1 { "" } else { "s" };
            Err(CommandError::refused(format!("{failed} check{plural} failed")).hint("see the hint under each"))
        }
    }
}

struct Checks<'a> {
    context: &'a Context,
    failed: u32,
}

impl Checks<'_> {
    fn good(&self, what: &str, found: &str) {
        self.context.console.say(&format!("ok      {what:<12} {found}"));
    }

    fn bad(&mut self, what: &str, failure: &CommandError) {
        self.failed += 1;
        self.context.console.say(&format!("failed  {what:<12} {}", failure.message));
        if let Some(hint) = &failure.hint {
            self.context.console.say(&format!("        hint: {hint}"));
        }
    }

    /// What is not as usual, and no fault.
    fn note(&self, what: &str, found: &str) {
        self.context.console.say(&format!("note    {what:<12} {found}"));
    }

    fn settings(&self) {
        let files: Vec<_> = self.context.settings.files.iter().map(|path| path.display().to_string()).collect();
        let found = if files.is_empty() { "no file; the built-in ones".to_owned() } else { files.join(", ") };
        self.good("settings", &found);
    }

    fn state_folder(&mut self) {
        match Ledger::open(&self.context.state_folder()).and_then(|ledger| Ok((ledger.views().runs()?.len(), ledger))) {
            Ok((runs, ledger)) => {
                let plural = if runs == 1 { "" } else { "s" };
                self.good("state folder", &format!("{} holds {runs} run{plural}", ledger.path().display()));
            }
            Err(error) => self.bad("state folder", &error.into()),
        }
    }

    async fn account(&mut self) {
        let api_url = self.context.settings.api_url.value.as_str();
        let client = match self.context.client(api_url) {
            Ok(client) => client,
            Err(failure) => return self.bad("token", &failure),
        };
        let ledger = Ledger::open(&self.context.state_folder()).ok();
        let reader = match AccountReader::new(&client, api_url, self.context.rate(), ledger.as_ref(), self.context) {
            Ok(reader) => reader,
            Err(failure) => return self.bad("state folder", &failure),
        };
        let myself = match reader.myself().await {
            Ok(myself) => myself,
            Err(error) => return self.bad("token", &error.into()),
        };
        let url = &self.context.settings.api_url.value;
        match myself.operations {
            Operations::All => self.good("token", &format!("{} at {url}", myself.who)),
            Operations::SeatsOnly => self.note("token", &format!("{url} does not say whose it is")),
        }
        self.expected_account(&myself);
        self.admin(&myself);
        self.plan(&reader, &myself).await;
    }

    fn expected_account(&mut self, myself: &CurrentUser) {
        match (expectations::unexpected_account(self.context, myself), &self.context.settings.expect_account) {
            (Some(guard), _) => self.bad("account", &CommandError::refused(guard.message).hint(guard.hint)),
            (None, Some(_)) => self.good("account", &format!("{}, the expected one", myself.account)),
            (None, None) => self.good("account", &format!("{}; expect_account is not set", myself.account)),
        }
    }

    /// Rows without a plan are about the one that is set, so that must be an expected one; of all others, the token's
    /// user should be in one at least.
    fn expected_plans(&mut self, own: &[PlanId]) {
        let Some(ExpectedPlans { plans, place }) = expectations::expected_plans(self.context) else { return };
        let set = self.context.settings.plan_id.as_ref().map(|setting| setting.value);
        let listed = |plans: &[PlanId]| plans.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match set {
            Some(set) if !plans.contains(&set) => self.bad(
                "plan",
                &CommandError::refused(format!(
                    "plan_id is {set}, and expect_plan in {place} allows only {}",
                    listed(&plans)
                ))
                .hint("set plan_id to an expected one, or choose another profile"),
            ),
            Some(_) | None if plans.iter().any(|plan| own.contains(plan)) => {
                self.good("plan", &format!("only {} may be changed", listed(&plans)));
            }
            Some(_) | None => self.bad(
                "plan",
                &CommandError::refused(format!("you are in none of the plans that expect_plan in {place} allows"))
                    .hint(format!("you are in {}", if own.is_empty() { "none".to_owned() } else { listed(own) })),
            ),
        }
    }

    fn admin(&mut self, myself: &CurrentUser) {
        match myself.is_admin {
            None if myself.operations == Operations::SeatsOnly => {
                self.note("admin right", "not checked: this server does not have GET /users/me");
            }
            Some(true) => self.good("admin right", "a System Admin"),
            Some(false) => self.bad(
                "admin right",
                &CommandError::refused(format!("{} is not a System Admin", myself.who))
                    .hint("use the token of a System Admin; without one only `plans` works"),
            ),
            None => self.bad(
                "admin right",
                &CommandError::refused("the API does not say whether this is a System Admin")
                    .hint("check --api-url: Smartsheet always says"),
            ),
        }
    }

    async fn plan(&mut self, reader: &AccountReader<'_>, myself: &CurrentUser) {
        let set = self.context.settings.plan_id.as_ref().map(|setting| setting.value);
        let Some(id) = myself.id else {
            if let Some(plan) = set {
                self.users(reader, plan).await;
            }
            return;
        };
        let plans = match reader.plans(id, &UserPlansQuery::default()).await {
            Ok(list) => list.plans,
            Err(error) => return self.bad("plan", &error.into()),
        };
        self.expected_plans(&plans.iter().map(|plan| plan.plan_id).collect::<Vec<_>>());
        let in_words = |plan: &UserPlan| match &plan.plan_name {
            Some(name) => format!("{name} ({})", plan.plan_id),
            None => plan.plan_id.to_string(),
        };
        let ids: Vec<_> = plans.iter().map(in_words).collect();
        match (set, plans.as_slice()) {
            (Some(plan), found) if let Some(found) = found.iter().find(|found| found.plan_id == plan) => {
                self.good("plan", &format!("{}, which you are in", in_words(found)));
            }
            (Some(plan), _) => self.bad(
                "plan",
                &CommandError::refused(format!("you are not in plan {plan}"))
                    .hint(format!("you are in {}", if ids.is_empty() { "none".to_owned() } else { ids.join(", ") })),
            ),
            (None, [only]) => self.good("plan", &format!("{}, your only one", in_words(only))),
            (None, _) => self.good(
                "plan",
                &format!("none is set, so rows must name theirs, or --plan-id one of {}", ids.join(", ")),
            ),
        }
        if let Some(plan) = set.or(if let [only] = plans.as_slice() { Some(only.plan_id) } else { None }) {
            self.users(reader, plan).await;
        }
    }

    /// One page of a plan's users, which every run reads first.
    async fn users(&mut self, reader: &AccountReader<'_>, plan: PlanId) {
        match reader.users_of_plan(plan, 1).await {
            Ok(page) => {
                let shown = page.users.read.len();
                let of = page.total_count.filter(|total| *total >= shown as u64);
                let of = of.map(|total| format!(" of {total}")).unwrap_or_default();
                let seats = page.users.read.iter().filter(|user| user.seat_type.is_some()).count();
                match page.users.unreadable.as_slice() {
                    [] => self.good("users", &format!("the first page shows {shown}{of}, {seats} of them with a seat")),
                    [first, ..] => self.bad(
                        "users",
                        &CommandError::refused(format!("a page of users is not as documented: {first}"))
                            .hint("such users are treated as not known; please report it"),
                    ),
                }
            }
            Err(ReadError::Lacking(failure)) => {
                let so = "a run reads seats from the users' plans, and cannot look up addresses";
                self.note("users", &format!("{}: {so}", failure.message));
            }
            Err(error) => self.bad("users", &error.into()),
        }
    }
}
