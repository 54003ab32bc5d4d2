//! `seatrun plans`: which plans and seats users have now (seed 002), as CSV or JSON.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::contact::Contact;
use super::context::Context;
use super::source::Source;
use super::target::Target;
use super::{Exit, Failure};
use crate::api::{ListedUser, UserPlan, UserPlansQuery};
use crate::cli::{self, Stream};
use crate::input::{Options, Subject};
use crate::ledger::Ledger;
use crate::model::{ActionName, Email, UserId};
use crate::report::{SheetFormat, Table};
use crate::settings::Target as ApiTarget;
use crate::tabular::Dialect;

/// The response fields of seed 002, in its order.
const COLUMNS: [&str; 6] =
    ["user_id", "plan_id", "seat_type", "seat_type_last_changed_at", "is_internal", "provisional_expiration_date"];

/// Runs `seatrun plans`.
pub(super) async fn plans(arguments: cli::Plans) -> Result<Exit, Failure> {
    let context = Context::new(arguments.flags(), arguments.talk, arguments.connection.target())?;
    let target = match &arguments.output {
        Some(stream) => Target::of_table(stream, "list", "--output", input_file(&arguments))?,
        None => Target::Standard,
    };
    let form = target.form(Dialect::default());
    if arguments.json && form == SheetFormat::Workbook {
        return Err(Failure::new(Exit::Usage, "a workbook holds a table, and --json asks for something else")
            .hint("name a file that ends in .json with --output, or leave --json out"));
    }
    if arguments.connection.target() == ApiTarget::Sandbox {
        return Err(Failure::new(Exit::Usage, "a rehearsal's users are gone with it, so there is nothing to read")
            .hint("serve a sandbox with `seatrun sandbox`, and name its address with --api-url"));
    }
    let api_url = context.settings.api_url.value.as_str();
    let client = context.client(api_url)?;
    let ledger = Ledger::open(&context.state_folder()).ok();
    let contact = Contact::new(&client, api_url, context.rate(), ledger.as_ref(), &context.console)?;
    let users = users(&context, &contact, &arguments).await?;
    let query = UserPlansQuery {
        last_key: None,
        max_items: arguments.max_items,
        display_contributor_seat_type: arguments.display_contributor_seat_type.then_some(true),
    };
    let mut listed = Vec::new();
    let mut exit = Exit::Fine;
    for user in users {
        match contact.plans(user, &query).await {
            Ok(plans) => listed.push((user, plans)),
            // The other users' plans are wanted all the same.
            Err(failure) if failure.of_one_request => {
                context.console.error(&format!("user {user}: {}", failure.message), failure.hint.as_deref());
                exit = Exit::SomeRows;
            }
            Err(failure) => return Err(failure),
        }
    }
    let written = target
        .write(|output| if arguments.json { write_json(output, &listed) } else { write_table(output, form, &listed) });
    written.map_err(|error| Failure::new(Exit::NoReport, format!("the plans could not be written: {error}")))?;
    Ok(exit)
}

fn input_file(arguments: &cli::Plans) -> Option<&Path> {
    match arguments.input.as_ref()? {
        Stream::File(path) => Some(path),
        Stream::Standard => None,
    }
}

/// The users of the command line, or those of the input, once each.
async fn users(context: &Context, contact: &Contact<'_>, arguments: &cli::Plans) -> Result<Vec<UserId>, Failure> {
    let Some(input) = &arguments.input else { return Ok(once_each(arguments.users.clone())) };
    let options = Options { action: Some(ActionName::Plans), ..super::source::reading(context, &arguments.reading)? };
    let source = Source::read(input, &options)?;
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
    let listed = contact.users_by_email(&emails).await?;
    let by_email = |user: ListedUser| Some((Email::new(user.email.as_deref()?)?, user.id));
    let directory: HashMap<Email, UserId> = listed.into_iter().filter_map(by_email).collect();
    let mut users = Vec::new();
    for entry in found {
        match entry {
            Ok(user) => users.push(user),
            Err(email) => match directory.get(&email) {
                Some(user) => users.push(*user),
                None => context.console.warn(&format!("nobody in the account has the address {email}")),
            },
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
                        "planId": plan.plan_id,
                        "seatType": plan.seat_type,
                        "seatTypeLastChangedAt": plan.seat_type_last_changed_at,
                        "isInternal": plan.is_internal,
                        "provisionalExpirationDate": plan.provisional_expiration_date,
                    })
                })
                .collect();
            json!({ "userId": user, "plans": plans })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *output, &users)?;
    writeln!(output)
}
