//! Planning: what has to be known of the account before rows become a plan.

use std::collections::BTreeSet;

use super::Failure;
use super::contact::{Contact, Myself};
use super::context::Context;
use super::source::Source;
use crate::api::UserPlansQuery;
use crate::input::{Entry, Sheet, Subject};
use crate::model::{Email, Job, PlanId};
use crate::plan::{Builder, Circumstances, Plan, Step};

/// The plan of a sheet, as far as it can be made of what is known.
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
pub(super) fn lenient(context: &Context, failure: Failure, so: &str) -> Result<(), Failure> {
    if !failure.of_one_request {
        return Err(failure);
    }
    let message = failure.message;
    context.console.warn(&format!("what some users hold now could not be read, so {so} of them: {message}"));
    Ok(())
}

/// Whether a row names no plan, and nobody else does.
pub(super) fn needs_plan(source: &Source) -> bool {
    source.sheet.rows().any(|row| matches!(source.sheet.entry(&row), Entry::NeedsPlan { .. }))
}

/// The only plan of the token's own user.
pub(super) async fn only_plan(contact: &Contact<'_>, myself: &Myself) -> Result<PlanId, Failure> {
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
pub(super) fn addresses(source: &Source) -> Vec<Email> {
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
