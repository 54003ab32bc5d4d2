//! Refusals that are certain: each follows from the documents and from what was read.

use super::domains::is_provider;
use super::projected_user::{Holding, Standing};
use crate::model::{Action, Email, Job, Seat};
use crate::plan::account_state::{Circumstances, Tenant};
use crate::plan::run_plan::Prediction;

/// The refusal that is certain for a job, if one is.
pub(super) fn certain(
    job: &Job,
    standing: Standing<'_>,
    address: Option<&Email>,
    circumstances: &Circumstances,
) -> Option<Prediction> {
    yourself(job, circumstances)
        .or_else(|| missing_in_gov(&job.action, circumstances))
        .or_else(|| provider(&job.action, address))
        .or_else(|| absent(job, standing))
        .or_else(|| internal_guest(job, standing))
        .or_else(|| illegal_step(job, standing))
}

fn yourself(job: &Job, circumstances: &Circumstances) -> Option<Prediction> {
    let source = match &job.action {
        Action::Downgrade { .. } => "Smartsheet's C# SDK, downgradeUser: not an admin",
        Action::Deactivate => "error 1336",
        Action::Reactivate => "error 1355",
        Action::Remove { .. } => "error 1047",
        Action::Update(attributes) if attributes.admin == Some(false) => "error 1049",
        Action::Update(_) | Action::Upgrade { .. } | Action::Plans => return None,
    };
    (circumstances.own == Some(job.user)).then(|| {
        let (user, action) = (job.user, job.action.name());
        Prediction::new(
            format!("user {user} is the token's own user, and nobody can {action} themselves ({source})"),
            "take the row out, or use another System Admin's token",
        )
    })
}

fn missing_in_gov(action: &Action, circumstances: &Circumstances) -> Option<Prediction> {
    (is_about_access(action) && circumstances.tenant == Tenant::Gov).then(|| {
        Prediction::new(
            format!("Smartsheet Gov has no {} (API documentation, Deactivate user; error 1356)", action.name()),
            "remove the user from the plan, or downgrade",
        )
    })
}

/// Whether an action shuts a user out or lets one in again.
pub(super) const fn is_about_access(action: &Action) -> bool {
    match action {
        Action::Deactivate | Action::Reactivate => true,
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => false,
    }
}

/// Seed 001: the 17 domains whose users cannot be deactivated; "same domain rules" for a reactivation (API notes).
fn provider(action: &Action, address: Option<&Email>) -> Option<Prediction> {
    let domain = address.filter(|_| is_about_access(action))?.domain();
    is_provider(domain).then(|| {
        Prediction::new(
            format!(
                "{domain} is an internet provider's domain, and its users cannot be {}d (API documentation, Deactivate \
                 user; error 1359)",
                action.name()
            ),
            "remove the user from the plan instead, or downgrade",
        )
    })
}

/// What only a user of the plan can be given or lose. Without a plan, the user may be in another organization.
fn absent(job: &Job, standing: Standing<'_>) -> Option<Prediction> {
    let plan = job.action.plan()?;
    (standing.holding(plan).fact()? == Holding::Absent).then(|| {
        Prediction::new(
            format!(
                "user {} is not in plan {plan}, as reading this one user's plans confirmed (API documentation, List user \
                 plans; errors 1004, 1006, 1013)",
                job.user
            ),
            "check user_id, which a spreadsheet may have rounded, and plan_id",
        )
    })
}

fn internal_guest(job: &Job, standing: Standing<'_>) -> Option<Prediction> {
    let plan = job.action.plan().filter(|_| job.action.seat() == Some(Seat::Guest))?;
    (standing.held(plan)?.is_internal == Some(true)).then(|| {
        Prediction::new(
            format!(
                "user {} is internal to plan {plan}, and GUEST is for external users only (API documentation, Downgrade \
                 user)",
                job.user
            ),
            "downgrade to VIEWER or CONTRIBUTOR instead",
        )
    })
}

/// A step that the table of seats does not have.
fn illegal_step(job: &Job, standing: Standing<'_>) -> Option<Prediction> {
    let Holding::Seat(found) = standing.holding(job.action.plan()?).fact()? else { return None };
    is_illegal(&job.action, found).then(|| {
        let (message, hint) = match job.action {
            Action::Upgrade { .. } => ("GUEST is no upgrade from there", "`downgrade` to GUEST is the way"),
            Action::Downgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Update(_)
            | Action::Plans => ("GUEST is no downgrade from there", "`upgrade` to GUEST is the way"),
        };
        let source = "API documentation, Downgrade user and Upgrade user";
        Prediction::new(format!("user {} holds {found}, and {message} ({source})", job.user), hint)
    })
}

/// Whether the table of seats (API notes, "Seats") has no such step. The same seat again is none.
pub(super) const fn is_illegal(action: &Action, from: Seat) -> bool {
    match (action.seat(), action) {
        (Some(Seat::Guest), Action::Downgrade { .. }) => matches!(from, Seat::Viewer | Seat::Contributor),
        (Some(Seat::Guest), Action::Upgrade { .. }) => matches!(from, Seat::Member | Seat::ProvisionalMember),
        (Some(_) | None, _) => false,
    }
}
