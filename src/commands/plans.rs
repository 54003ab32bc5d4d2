//! `seatrun plans`: which plans and seats users have now (seed 002), as CSV or JSON.

use std::path::Path;

use serde_json::{Value, json};

use crate::api::{Completeness, PlanNames, UserPlan, UserPlansQuery};
use crate::app::account::read_error::ReadError;
use crate::app::account::reader::AccountReader;
use crate::app::context::Context;
use crate::app::listing::Listing;
use crate::app::preflight::named_users::{Introductions, NamedUser, NamedUsers, named_users};
use crate::app::source::{self, Source};
use crate::app::{CommandError, Exit};
use crate::cli::{self, Stream};
use crate::input::{Options, Subject};
use crate::ledger::Ledger;
use crate::model::ActionName;
use crate::settings::ApiTarget;

/// The user, and the response fields of seed 002, in its order, with the plan's name.
const COLUMNS: [&str; 9] = [
    "user_id",
    "email",
    "name",
    "plan_id",
    "plan_name",
    "seat_type",
    "seat_type_last_changed_at",
    "is_internal",
    "provisional_expiration_date",
];

/// Runs `seatrun plans`.
pub(super) async fn plans(arguments: cli::Plans) -> Result<Exit, CommandError> {
    let context = Context::new(arguments.flags(), arguments.connection.target())?;
    let listing = Listing::new(&arguments.listing, input_file(&arguments))?;
    if arguments.connection.target() == ApiTarget::Sandbox {
        let message = "`plans` has nothing to read with --sandbox: simulated users exist only during a run";
        let hint = "serve a sandbox with `seatrun sandbox`, and name its address with --api-url";
        return Err(CommandError::new(Exit::Usage, message).hint(hint));
    }
    let api_url = context.settings.api_url.value.as_str();
    let client = context.client(api_url)?;
    let ledger = Ledger::open(&context.state_folder()).ok();
    let reader = AccountReader::new(&client, api_url, context.rate(), ledger.as_ref(), &context)?;
    let NamedUsers { users, unknown } = named_users(&reader, &subjects(&context, &arguments)?).await?;
    for email in &unknown {
        context.console.warn(&format!("nobody in the account has the address {email}"));
    }
    let query = UserPlansQuery {
        last_key: None,
        max_items: arguments.max_items,
        display_contributor_seat_type: arguments.display_contributor_seat_type.then_some(true),
        names: PlanNames::Asked,
    };
    let mut exit = if unknown.is_empty() { Exit::Fine } else { Exit::SomeRows };
    let mut listed = Vec::new();
    let mut introductions = Introductions::default();
    for user in users {
        match reader.plans(user.id, &query).await {
            Ok(list) => {
                if list.completeness == Completeness::Incomplete {
                    exit = Exit::SomeRows;
                }
                listed.push((introductions.introduce(&reader, user).await, list.plans));
            }
            // The other users' plans are wanted all the same.
            Err(ReadError::Refused(failure, _) | ReadError::Lacking(failure)) => {
                let id = user.id;
                context.console.error(&format!("user {id}: {}", failure.message), failure.hint.as_deref());
                exit = Exit::SomeRows;
            }
            Err(ReadError::Failed(failure)) => return Err(failure),
        }
    }
    let rows = listed.iter().flat_map(|(user, plans)| plans.iter().map(|plan| cells(user, plan)));
    listing.write(COLUMNS, &rows.collect::<Vec<_>>(), || json_of(&listed))?;
    Ok(exit)
}

fn input_file(arguments: &cli::Plans) -> Option<&Path> {
    match arguments.input.as_ref()? {
        Stream::File(path) => Some(path),
        Stream::Standard => None,
    }
}

/// The users of the command line, or those of the input.
fn subjects(context: &Context, arguments: &cli::Plans) -> Result<Vec<Subject>, CommandError> {
    let Some(input) = &arguments.input else { return Ok(arguments.users.clone()) };
    let options = Options { action: Some(ActionName::Plans), ..source::reading(context)? };
    let source = Source::read(context, input, &options)?;
    let mut subjects = Vec::new();
    for row in source.sheet.rows() {
        match source.sheet.subject(&row) {
            Ok(subject) => subjects.push(subject),
            Err(complaints) => complaints.iter().for_each(|complaint| context.console.warn(&complaint.to_string())),
        }
    }
    Ok(subjects)
}

fn cells(user: &NamedUser, plan: &UserPlan) -> [Value; COLUMNS.len()] {
    [
        json!(user.id.to_string()),
        json!(user.email),
        json!(user.name),
        json!(plan.plan_id.to_string()),
        json!(plan.plan_name),
        json!(plan.seat_type),
        json!(plan.seat_type_last_changed_at),
        json!(plan.is_internal),
        json!(plan.provisional_expiration_date),
    ]
}

/// The users with their plans: one without any is there, too.
fn json_of(listed: &[(NamedUser, Vec<UserPlan>)]) -> Value {
    let plan = |plan: &UserPlan| {
        json!({
            "plan_id": plan.plan_id.to_string(),
            "plan_name": plan.plan_name,
            "seat_type": plan.seat_type,
            "seat_type_last_changed_at": plan.seat_type_last_changed_at,
            "is_internal": plan.is_internal,
            "provisional_expiration_date": plan.provisional_expiration_date,
        })
    };
    let user = |(user, plans): &(NamedUser, Vec<UserPlan>)| {
        let plans: Vec<_> = plans.iter().map(plan).collect();
        json!({ "user_id": user.id.to_string(), "email": user.email, "name": user.name, "plans": plans })
    };
    listed.iter().map(user).collect()
}
