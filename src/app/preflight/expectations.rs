//! Guarding: what the settings say of who is protected and which account and plans are meant, held against what was
//! read.

use crate::app::CommandError;
use crate::app::account::current_user::CurrentUser;
use crate::app::context::Context;
use crate::model::{Pattern, PlanId};
use crate::plan::{ExpectedPlans, Guard, Protected};
use crate::settings::{Setting, Settings};

/// Users whom no run changes.
pub(crate) fn protected(settings: &Settings) -> Vec<Protected> {
    let entry = |entry: &Setting<Pattern>| Protected { pattern: entry.value.clone(), place: entry.origin.to_string() };
    settings.protected.iter().map(entry).collect()
}

/// The only plans in which anything may be changed; none where any will do. A rehearsal has plans of its own.
pub(crate) fn expected_plans(context: &Context) -> Option<ExpectedPlans> {
    let plans = &context.settings.expect_plan;
    let first = plans.first().filter(|_| !context.is_sandbox_run())?;
    Some(ExpectedPlans { plans: plans.iter().map(|plan| plan.value).collect(), place: first.origin.to_string() })
}

/// The guard that a token of any other account than the expected one trips. A rehearsal has an account of its own.
pub(crate) fn unexpected_account(context: &Context, myself: &CurrentUser) -> Option<Guard> {
    let expected = context.settings.expect_account.as_ref().filter(|_| !context.is_sandbox_run())?;
    (!myself.account.is(&expected.value)).then(|| Guard {
        message: format!(
            "the token is one of {}, and expect_account in {} allows only `{}`",
            myself.account, expected.origin, expected.value
        ),
        hint: "use the token of that account, or choose the profile of this one with --profile".to_owned(),
    })
}

/// Whether the settings say which account or plans are meant.
pub(crate) fn expects_anything(context: &Context) -> bool {
    let settings = &context.settings;
    !context.is_sandbox_run() && (settings.expect_account.is_some() || !settings.expect_plan.is_empty())
}

/// What is wrong with the account or the plans, as far as it shows before anything else is read. `changes` are the rows
/// that change somebody, with the plan that each is about; others may be about any.
pub(crate) fn mistaken(
    context: &Context,
    myself: &CurrentUser,
    changes: &[(u64, Option<PlanId>)],
    home: Option<PlanId>,
) -> Vec<Guard> {
    if changes.is_empty() {
        return Vec::new();
    }
    let plans = expected_plans(context).and_then(|expected| expected.guard(changes.iter().copied(), home));
    unexpected_account(context, myself).into_iter().chain(plans).collect()
}

/// Refuses what trips guards.
pub(crate) fn refuse(guards: &[Guard]) -> Result<(), CommandError> {
    if guards.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = guards.iter().map(|guard| guard.message.as_str()).collect();
    let hints: Vec<_> = guards.iter().map(|guard| guard.hint.as_str()).collect();
    Err(Guard { message: messages.join("; "), hint: hints.join("; ") }.into())
}
