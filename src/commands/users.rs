//! `seatrun users`: the users of a plan as a sheet that `seatrun run` takes, narrowed by seat, status, domain and sign-in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::{Completeness, LastLogin, ListedUser};
use crate::app::account::endpoint::Api;
use crate::app::account::reader::{AccountReader, ListedUsers};
use crate::app::context::Context;
use crate::app::listing::{Listing, objects};
use crate::app::preflight::planning::only_plan;
use crate::app::user_filter::{Inactivity, LeftOut, NeverSignedIn, UserFilter, UserOrigin, words};
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::ledger::Ledger;
use crate::model::PlanId;
use crate::sandbox::{Options, World};
use crate::settings::ApiTarget;

const COLUMNS: [&str; 11] = [
    "user_id",
    "email",
    "name",
    "seat_type",
    "status",
    "is_internal",
    "admin",
    "group_admin",
    "licensed_sheet_creator",
    "last_login",
    "plan_id",
];

/// Runs `seatrun users`.
pub(super) async fn users(arguments: cli::Users) -> Result<Exit, CommandError> {
    let target = arguments.connection.target();
    let context = Context::new(arguments.flags(), target)?;
    let listing = Listing::new(&arguments.listing, None)?;
    let api = match target {
        ApiTarget::Configured => Api::at(&context, context.settings.api_url.value.as_str())?,
        ApiTarget::Sandbox => Api::rehearse(&context, World::generated(&Options::default())).await?,
    };
    let ledger = Ledger::open(&context.state_folder()).ok();
    let reader = AccountReader::new(&api.client, &api.base_url, context.rate(), ledger.as_ref(), &context)?;
    let plan = plan(&context, &reader).await?;
    let found = reader.users_with_logins(plan).await?;
    if arguments.inactive_for.is_some() {
        refuse_unseen_logins(&found.users)?;
    }
    let filter = filter(&arguments);
    let mut left_out = BTreeMap::new();
    if found.unreadable > 0 {
        left_out.insert(LeftOut::UnreadableUser, found.unreadable);
    }
    let mut rows = Vec::new();
    for user in &found.users {
        match filter.judge(user) {
            Ok(()) => rows.push(cells(user, plan)),
            Err(reason) => *left_out.entry(reason).or_default() += 1,
        }
    }
    listing.write(COLUMNS, &rows, || objects(COLUMNS, &rows))?;
    context.console.say_lines(&words(plan, rows.len(), &left_out));
    Ok(exit(&context, plan, &found))
}

/// The plan that is meant: the one that is named, else the only one of the token's user. A rehearsal has plans of its own.
async fn plan(context: &Context, reader: &AccountReader<'_>) -> Result<PlanId, CommandError> {
    let named = context.settings.plan_id.as_ref().filter(|_| !context.is_sandbox_run());
    match named {
        Some(plan) => Ok(plan.value),
        None => only_plan(reader, &reader.myself().await?, "no plan is named").await,
    }
}

/// Where nobody at all has a last sign-in, nobody is inactive because of it.
fn refuse_unseen_logins(users: &[ListedUser]) -> Result<(), CommandError> {
    if users.is_empty() || users.iter().any(|user| user.last_login != LastLogin::Unsaid) {
        return Ok(());
    }
    let message = "the API tells of no user when they last signed in, so nobody can be called inactive";
    Err(CommandError::refused(message).hint("use the token of a System Admin of this plan: others may not see it"))
}

fn filter(arguments: &cli::Users) -> UserFilter {
    let never = if arguments.never_signed_in { NeverSignedIn::Inactive } else { NeverSignedIn::LeftOut };
    UserFilter {
        seats: arguments.seat.clone(),
        statuses: arguments.status.clone(),
        domains: arguments.domain.clone(),
        origin: if arguments.external { UserOrigin::External } else { UserOrigin::Any },
        inactivity: arguments.inactive_for.map(|span| Inactivity { span, now: Timestamp::now(), never }),
    }
}

fn cells(user: &ListedUser, plan: PlanId) -> [Value; COLUMNS.len()] {
    let last_login = match user.last_login {
        LastLogin::At(at) => Some(at.to_string()),
        LastLogin::Unsaid | LastLogin::Unreadable => None,
    };
    [
        json!(user.id.to_string()),
        json!(user.email),
        json!(user.name),
        json!(user.seat_type),
        json!(user.status),
        json!(user.is_internal),
        json!(user.attributes.admin),
        json!(user.attributes.group_admin),
        json!(user.attributes.licensed_sheet_creator),
        json!(last_login),
        json!(plan.to_string()),
    ]
}

fn exit(context: &Context, plan: PlanId, found: &ListedUsers) -> Exit {
    if found.completeness == Completeness::Incomplete {
        context.console.warn(&format!("the list of the users of plan {plan} is not whole: pages of it are missing"));
    }
    match (found.completeness, found.unreadable) {
        (Completeness::Complete, 0) => Exit::Fine,
        (Completeness::Complete | Completeness::Incomplete, _) => Exit::SomeRows,
    }
}
