//! `seatrun plans`: which plans and seats users have now (seed 002), as CSV or JSON.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::api::{Completeness, PlanNames, UserPlan, UserPlansQuery};
use crate::app::account::read_error::ReadError;
use crate::app::account::reader::AccountReader;
use crate::app::context::Context;
use crate::app::output::destination::Destination;
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::cli::{self, Stream};
use crate::console::visible_json;
use crate::input::{Options, Subject};
use crate::ledger::Ledger;
use crate::model::{ActionName, Email, UserId};
use crate::plan::{AddressOwner, Directory};
use crate::report::{SheetFormat, Table};
use crate::settings::ApiTarget;
use crate::tabular::Dialect;

/// The response fields of seed 002, in its order, and the plan's name.
const COLUMNS: [&str; 7] = [
    "user_id",
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
    let target = match &arguments.output {
        Some(stream) => Destination::of_table(stream, "list", "--output", input_file(&arguments))?,
        None => Destination::Standard,
    };
    let form = target.form(Dialect::default());
    if arguments.json && form == SheetFormat::Workbook {
        return Err(CommandError::new(Exit::Usage, "--json cannot be written to a workbook")
            .hint("name a file that ends in .json with --output, or leave --json out"));
    }
    if arguments.connection.target() == ApiTarget::Sandbox {
        return Err(CommandError::new(
            Exit::Usage,
            "`plans` has nothing to read with --sandbox: simulated users exist only during a run",
        )
        .hint("serve a sandbox with `seatrun sandbox`, and name its address with --api-url"));
    }
    let api_url = context.settings.api_url.value.as_str();
    let client = context.client(api_url)?;
    let ledger = Ledger::open(&context.state_folder()).ok();
    let reader = AccountReader::new(&client, api_url, context.rate(), ledger.as_ref(), &context)?;
    let users = users(&context, &reader, &arguments).await?;
    let query = UserPlansQuery {
        last_key: None,
        max_items: arguments.max_items,
        display_contributor_seat_type: arguments.display_contributor_seat_type.then_some(true),
        names: PlanNames::Asked,
    };
    let mut listed = Vec::new();
    let mut exit = Exit::Fine;
    for user in users {
        match reader.plans(user, &query).await {
            Ok(list) => {
                if list.completeness == Completeness::Incomplete {
                    exit = Exit::SomeRows;
                }
                listed.push((user, list.plans));
            }
            // The other users' plans are wanted all the same.
            Err(ReadError::Refused(failure, _) | ReadError::Lacking(failure)) => {
                context.console.error(&format!("user {user}: {}", failure.message), failure.hint.as_deref());
                exit = Exit::SomeRows;
            }
            Err(ReadError::Failed(failure)) => return Err(failure),
        }
    }
    let written = target
        .write(|output| if arguments.json { write_json(output, &listed) } else { write_table(output, form, &listed) });
    written.map_err(|error| CommandError::new(Exit::NoReport, format!("the plans could not be written: {error}")))?;
    Ok(exit)
}

fn input_file(arguments: &cli::Plans) -> Option<&Path> {
    match arguments.input.as_ref()? {
        Stream::File(path) => Some(path),
        Stream::Standard => None,
    }
}

/// The users of the command line, or those of the input, once each.
async fn users(
    context: &Context,
    reader: &AccountReader<'_>,
    arguments: &cli::Plans,
) -> Result<Vec<UserId>, CommandError> {
    let Some(input) = &arguments.input else { return Ok(once_each(arguments.users.clone())) };
    let options = Options { action: Some(ActionName::Plans), ..crate::app::source::reading(context)? };
    let source = Source::read(context, input, &options)?;
    let (mut found, mut emails) = (Vec::new(), Vec::new());
    for row in source.sheet.rows() {
        match source.sheet.subject(&row) {
            Ok(Subject::Id(user) | Subject::Both(user, _)) => found.push(Ok(user)),
            Ok(Subject::Email(email)) => {
                found.push(Err(email.clone()));
                emails.push(email);
            }
            Err(complaints) => {
                for complaint in complaints {
                    context.console.warn(&complaint.to_string());
                }
            }
        }
    }
    let mut directory = Directory::default();
    for user in reader.users_by_email(&emails).await?.users {
        if let Some(email) = user.email.as_deref().and_then(Email::new) {
            directory.note_address(email, user.id);
        }
    }
    let mut users = Vec::new();
    for entry in found {
        match entry.map_err(|email| (directory.owner(&email), email)) {
            Ok(user) | Err((AddressOwner::One(user), _)) => users.push(user),
            // Whoever only looks may look at all of them.
            Err((AddressOwner::Several(several), email)) => {
                context
                    .console
                    .warn(&format!("{} users have the address {email}: all of them are listed", several.len()));
                users.extend(several);
            }
            Err((AddressOwner::Nobody, email)) => {
                context.console.warn(&format!("nobody in the account has the address {email}"));
            }
        }
    }
    Ok(once_each(users))
}

fn once_each(users: Vec<UserId>) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::new();
    users.into_iter().filter(|user| seen.insert(*user)).collect()
}

fn write_table(
    output: &mut (dyn Write + Send),
    form: SheetFormat,
    listed: &[(UserId, Vec<UserPlan>)],
) -> std::io::Result<()> {
    let mut table = Table::begin(output, form, COLUMNS, &[])?;
    for (user, plans) in listed {
        for plan in plans {
            let internal = plan.is_internal.map(|internal| internal.to_string());
            let cells = [
                Some(user.to_string()),
                Some(plan.plan_id.to_string()),
                plan.plan_name.clone(),
                plan.seat_type.clone(),
                plan.seat_type_last_changed_at.clone(),
                internal,
                plan.provisional_expiration_date.clone(),
            ];
            table.write_cells(cells.iter().map(|cell| cell.as_deref().unwrap_or_default()))?;
        }
    }
    table.finish().map(drop)
}

fn write_json(output: &mut dyn Write, listed: &[(UserId, Vec<UserPlan>)]) -> std::io::Result<()> {
    let users: Vec<Value> = listed
        .iter()
        .map(|(user, plans)| {
            let plans: Vec<Value> = plans
                .iter()
                .map(|plan| {
                    json!({
                        "plan_id": plan.plan_id.to_string(),
                        "plan_name": plan.plan_name,
                        "seat_type": plan.seat_type,
                        "seat_type_last_changed_at": plan.seat_type_last_changed_at,
                        "is_internal": plan.is_internal,
                        "provisional_expiration_date": plan.provisional_expiration_date,
                    })
                })
                .collect();
            json!({ "user_id": user.to_string(), "plans": plans })
        })
        .collect();
    writeln!(output, "{}", visible_json(&format!("{:#}", Value::Array(users))))
}
