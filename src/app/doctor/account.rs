//! What the doctor learns by asking the API: whether it is reached, whose token it is, the account, the admin right, the
//! plan, a page of users, and whether the clocks agree.

use super::Checkup;
use crate::api::{Client, UserPlan, UserPlansQuery};
use crate::app::CommandError;
use crate::app::account::current_user::{CurrentUser, Operations};
use crate::app::account::read_error::ReadError;
use crate::app::account::reader::AccountReader;
use crate::app::context::Context;
use crate::app::preflight::expectations;
use crate::ledger::Ledger;
use crate::model::PlanId;
use crate::plan::ExpectedPlans;

/// Clocks that differ by more than this, in seconds, make certificates and times of reports wrong.
const CLOCK_SKEW: i64 = 120;

/// Checks what the API knows.
pub(super) async fn examine(context: &Context, checkup: &mut Checkup) {
    let api_url = context.settings.api_url.value.as_str();
    let client = match context.connect_with_token(api_url) {
        Ok(client) => client,
        Err(failure) => return checkup.failed("network", &failure),
    };
    let ledger = Ledger::open(&context.state_folder()).ok();
    let reader = match AccountReader::new(&client, api_url, context.rate(), ledger.as_ref(), context) {
        Ok(reader) => reader,
        Err(failure) => return checkup.failed("ledger", &failure),
    };
    let myself = reader.myself().await;
    network(&client, api_url, checkup);
    match myself {
        Ok(myself) => Examination { context, checkup }.examine(&reader, &myself).await,
        Err(error) => checkup.failed(if client.is_reached() { "account" } else { "network" }, &error.into()),
    }
}

fn network(client: &Client, api_url: &str, checkup: &mut Checkup) {
    if !client.is_reached() {
        return;
    }
    checkup.good("network", format!("{api_url} answers"));
    if api_url.starts_with("https:") {
        checkup.good("tls", "the certificate is trusted");
    } else {
        checkup.good("tls", "not used on loopback");
    }
    match client.clock_skew() {
        Some(skew) if skew.abs() > CLOCK_SKEW => {
            let which = if skew > 0 { "ahead of" } else { "behind" };
            let message = format!("the clock of this machine is {} s {which} the server's", skew.abs());
            checkup.failed("clock", &CommandError::refused(message).hint("set it, with NTP or chrony"));
        }
        Some(skew) => checkup.good("clock", format!("within {} s of the server's", skew.abs().max(1))),
        None => checkup.note("clock", "the server does not say what time it is", None),
    }
}

/// What is examined, and what was found.
struct Examination<'a> {
    context: &'a Context,
    checkup: &'a mut Checkup,
}

impl Examination<'_> {
    async fn examine(&mut self, reader: &AccountReader<'_>, myself: &CurrentUser) {
        let url = &self.context.settings.api_url.value;
        match myself.operations {
            Operations::All => self.checkup.good("user", myself.who.clone()),
            Operations::SeatsOnly => self.note("user", &format!("{url} does not say whose token it is")),
        }
        self.expected_account(myself);
        self.admin(myself);
        self.plan(reader, myself).await;
    }

    fn note(&mut self, check: &'static str, found: &str) {
        self.checkup.note(check, found, None);
    }

    fn expected_account(&mut self, myself: &CurrentUser) {
        match (expectations::unexpected_account(self.context, myself), &self.context.settings.expect_account) {
            (Some(guard), _) => self.checkup.failed("account", &CommandError::refused(guard.message).hint(guard.hint)),
            (None, Some(_)) => self.checkup.good("account", format!("{}, the expected one", myself.account)),
            (None, None) => self.checkup.good("account", format!("{}; expect_account is not set", myself.account)),
        }
    }

    /// Rows without a plan are about the one that is set, so that must be an expected one; of all others, the token's
    /// user should be in one at least.
    fn expected_plans(&mut self, own: &[PlanId]) {
        let Some(ExpectedPlans { plans, place }) = expectations::expected_plans(self.context) else { return };
        let set = self.context.settings.plan_id.as_ref().map(|setting| setting.value);
        let listed = |plans: &[PlanId]| plans.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match set {
            Some(set) if !plans.contains(&set) => self.checkup.failed(
                "plan",
                &CommandError::refused(format!(
                    "plan_id is {set}, and expect_plan in {place} allows only {}",
                    listed(&plans)
                ))
                .hint("set plan_id to an expected one, or choose another profile"),
            ),
            Some(_) | None if plans.iter().any(|plan| own.contains(plan)) => {
                self.checkup.good("plan", format!("only {} may be changed", listed(&plans)));
            }
            Some(_) | None => self.checkup.failed(
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
            Some(true) => self.checkup.good("admin right", "a System Admin"),
            Some(false) => self.checkup.failed(
                "admin right",
                &CommandError::refused(format!("{} is not a System Admin", myself.who))
                    .hint("use the token of a System Admin; without one only `plans` works"),
            ),
            None => self.checkup.failed(
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
            Err(error) => return self.checkup.failed("plan", &error.into()),
        };
        self.expected_plans(&plans.iter().map(|plan| plan.plan_id).collect::<Vec<_>>());
        let in_words = |plan: &UserPlan| match &plan.plan_name {
            Some(name) => format!("{name} ({})", plan.plan_id),
            None => plan.plan_id.to_string(),
        };
        let ids: Vec<_> = plans.iter().map(in_words).collect();
        match (set, plans.as_slice()) {
            (Some(plan), found) if let Some(found) = found.iter().find(|found| found.plan_id == plan) => {
                self.checkup.good("plan", format!("{}, which you are in", in_words(found)));
            }
            (Some(plan), _) => self.checkup.failed(
                "plan",
                &CommandError::refused(format!("you are not in plan {plan}"))
                    .hint(format!("you are in {}", if ids.is_empty() { "none".to_owned() } else { ids.join(", ") })),
            ),
            (None, [only]) => self.checkup.good("plan", format!("{}, your only one", in_words(only))),
            (None, _) => self
                .checkup
                .good("plan", format!("none is set, so rows must name theirs, or --plan-id one of {}", ids.join(", "))),
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
                    [] => self
                        .checkup
                        .good("users", format!("the first page shows {shown}{of}, {seats} of them with a seat")),
                    [first, ..] => self.checkup.failed(
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
            Err(error) => self.checkup.failed("users", &error.into()),
        }
    }
}
