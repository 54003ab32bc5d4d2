//! `seatrun doctor`: checks settings, token, admin right, plan and state folder, and says how to mend each.

use super::contact::{Contact, Myself};
use super::context::Context;
use super::{Exit, Failure, guarding};
use crate::api::UserPlansQuery;
use crate::cli;
use crate::ledger::Ledger;
use crate::model::PlanId;
use crate::plan::Expected;
use crate::settings::ApiTarget;

/// Runs `seatrun doctor`. What is wrong with the settings is said by reading them.
pub(super) async fn doctor(arguments: cli::Doctor) -> Result<Exit, Failure> {
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
            Err(Failure::refused(format!("{failed} check{plural} failed")).hint("each says above how to mend it"))
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

    fn bad(&mut self, what: &str, failure: &Failure) {
        self.failed += 1;
        let hint = failure.hint.as_deref().map(|hint| format!("\n        hint: {hint}")).unwrap_or_default();
        self.context.console.say(&format!("failed  {what:<12} {}{hint}", failure.message));
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
        let contact = match Contact::new(&client, api_url, self.context.rate(), ledger.as_ref(), &self.context.console)
        {
            Ok(contact) => contact,
            Err(failure) => return self.bad("state folder", &failure),
        };
        let myself = match contact.myself().await {
            Ok(myself) => myself,
            Err(failure) => return self.bad("token", &failure),
        };
        self.good("token", &format!("{} at {}", myself.who, self.context.settings.api_url.value));
        self.expected_account(&myself);
        self.admin(&myself);
        self.plan(&contact, &myself).await;
    }

    fn expected_account(&mut self, myself: &Myself) {
        match (guarding::unexpected_account(self.context, myself), &self.context.settings.expect_account) {
            (Some(guard), _) => self.bad("account", &Failure::refused(guard.message).hint(guard.hint)),
            (None, Some(_)) => self.good("account", &format!("{}, the expected one", myself.account)),
            (None, None) => self.good("account", &format!("{}; expect_account is not set", myself.account)),
        }
    }

    /// Rows without a plan are about the one that is set, so that must be an expected one; of all others, the token's
    /// user should be in one at least.
    fn expected_plans(&mut self, own: &[PlanId]) {
        let Some(Expected { plans, place }) = guarding::expected_plans(self.context) else { return };
        let set = self.context.settings.plan_id.as_ref().map(|setting| setting.value);
        let listed = |plans: &[PlanId]| plans.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match set {
            Some(set) if !plans.contains(&set) => self.bad(
                "plan",
                &Failure::refused(format!(
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
                &Failure::refused(format!("you are in none of the plans that expect_plan in {place} allows"))
                    .hint(format!("you are in {}", if own.is_empty() { "none".to_owned() } else { listed(own) })),
            ),
        }
    }

    fn admin(&mut self, myself: &Myself) {
        match myself.is_admin {
            Some(true) => self.good("admin right", "a System Admin"),
            Some(false) => self.bad(
                "admin right",
                &Failure::refused(format!("{} is no System Admin", myself.who))
                    .hint("use the token of a System Admin; without one only `plans` works"),
            ),
            None => self.bad(
                "admin right",
                &Failure::refused("the API does not say whether this is a System Admin")
                    .hint("check --api-url: Smartsheet always says"),
            ),
        }
    }

    async fn plan(&mut self, contact: &Contact<'_>, myself: &Myself) {
        let Some(id) = myself.id else { return };
        let plans = match contact.plans(id, &UserPlansQuery::default()).await {
            Ok(plans) => plans,
            Err(failure) => return self.bad("plan", &failure),
        };
        self.expected_plans(&plans.iter().map(|plan| plan.plan_id).collect::<Vec<_>>());
        let ids: Vec<_> = plans.iter().map(|plan| plan.plan_id.to_string()).collect();
        let set = self.context.settings.plan_id.as_ref().map(|setting| setting.value);
        match (set, plans.as_slice()) {
            (Some(plan), found) if found.iter().any(|found| found.plan_id == plan) => {
                self.good("plan", &format!("{plan}, which you are in"));
            }
            (Some(plan), _) => self.bad(
                "plan",
                &Failure::refused(format!("you are not in plan {plan}"))
                    .hint(format!("you are in {}", if ids.is_empty() { "none".to_owned() } else { ids.join(", ") })),
            ),
            (None, [only]) => self.good("plan", &format!("{}, your only one", only.plan_id)),
            (None, _) => self.good(
                "plan",
                &format!("none is set, so rows must name theirs, or --plan-id one of {}", ids.join(", ")),
            ),
        }
    }
}
