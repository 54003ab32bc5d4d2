//! Certain refusals: each follows from the documents and from what was read.

use super::domains::is_provider;
use super::projected_user::{ProjectedUser, SeatState};
use crate::model::{Action, ActionName, Email, Job, Seat};
use crate::plan::account_state::{AccountState, CloudKind};
use crate::plan::run_plan::CertainRefusal;

/// The refusal that is certain for a job, if one is.
pub(super) fn certain_refusal(
    job: &Job,
    projected: ProjectedUser<'_>,
    address: Option<&Email>,
    account_state: &AccountState,
) -> Option<CertainRefusal> {
    own_user(job, account_state)
        .or_else(|| not_in_gov(&job.action, account_state))
        .or_else(|| at_provider(&job.action, address))
        .or_else(|| not_in_plan(job, projected))
        .or_else(|| internal_guest(job, projected))
        .or_else(|| illegal_change(job, projected))
}

fn own_user(job: &Job, account_state: &AccountState) -> Option<CertainRefusal> {
    let source = match &job.action {
        Action::Downgrade { .. } => "Smartsheet's C# SDK, downgradeUser: not an admin",
        Action::Deactivate => "error 1336",
        Action::Reactivate => "error 1355",
        Action::Remove { .. } => "error 1047",
        Action::Update(attributes) if attributes.admin == Some(false) => "error 1049",
        Action::Update(_) | Action::Upgrade { .. } | Action::Plans => return None,
    };
    (account_state.own == Some(job.user)).then(|| {
        let (user, action) = (job.user, job.action.name());
        CertainRefusal::new(
            format!("user {user} is the token's own user, and no user can {action} themselves ({source})"),
            "remove the row, or use another System Admin's token",
        )
    })
}

fn not_in_gov(action: &Action, account_state: &AccountState) -> Option<CertainRefusal> {
    (is_about_access(action) && account_state.cloud_kind == CloudKind::Gov).then(|| {
        CertainRefusal::new(
            format!("Smartsheet Gov has no {} (API documentation, Deactivate user; error 1356)", action.name()),
            "remove the user from the plan, or downgrade",
        )
    })
}

/// Whether an action deactivates or reactivates its user.
pub(super) const fn is_about_access(action: &Action) -> bool {
    matches!(action, Action::Deactivate | Action::Reactivate)
}

/// Seed 001 names 17 domains whose users cannot be deactivated; a reactivation has the "same domain rules" (API notes).
fn at_provider(action: &Action, address: Option<&Email>) -> Option<CertainRefusal> {
    let domain = address.filter(|_| is_about_access(action))?.domain();
    is_provider(domain).then(|| {
        CertainRefusal::new(
            format!(
                "{domain} belongs to an internet provider, and users at such a domain cannot be {}d (API documentation, Deactivate \
                 user; error 1359)",
                action.name()
            ),
            "remove the user from the plan instead, or downgrade",
        )
    })
}

/// Only a user of a plan has a seat in it. Without a plan, the user may be in another organization.
fn not_in_plan(job: &Job, projected: ProjectedUser<'_>) -> Option<CertainRefusal> {
    let plan = job.action.plan()?;
    (projected.seat_state(plan).confirmed()? == SeatState::Absent).then(|| {
        CertainRefusal::new(
            format!(
                "user {} is not in plan {plan}: a lookup of this user's plans confirmed it (API documentation, List user \
                 plans; errors 1004, 1006, 1013)",
                job.user
            ),
            "check user_id, which a spreadsheet may have rounded, and plan_id",
        )
    })
}

fn internal_guest(job: &Job, projected: ProjectedUser<'_>) -> Option<CertainRefusal> {
    let plan = job.action.plan().filter(|_| job.action.seat() == Some(Seat::Guest))?;
    (projected.held(plan)?.is_internal == Some(true)).then(|| {
        CertainRefusal::new(
            format!(
                "user {} is internal to plan {plan}, and GUEST is for external users only (API documentation, Downgrade \
                 user)",
                job.user
            ),
            "downgrade to VIEWER or CONTRIBUTOR instead",
        )
    })
}

/// A change that the table of seats does not have.
fn illegal_change(job: &Job, projected: ProjectedUser<'_>) -> Option<CertainRefusal> {
    let SeatState::Seat(found) = projected.seat_state(job.action.plan()?).confirmed()? else { return None };
    is_illegal(&job.action, found).then(|| {
        let (message, hint) = if job.action.name() == ActionName::Upgrade {
            ("GUEST is not an upgrade from that seat", "use `downgrade` to GUEST")
        } else {
            ("GUEST is not a downgrade from that seat", "use `upgrade` to GUEST")
        };
        let source = "API documentation, Downgrade user and Upgrade user";
        CertainRefusal::new(format!("user {} holds {found}, and {message} ({source})", job.user), hint)
    })
}

/// Whether the table of seats (API notes, "Seats") has no such change. Asking for the same seat again is legal.
pub(super) const fn is_illegal(action: &Action, from: Seat) -> bool {
    match (action.seat(), action) {
        (Some(Seat::Guest), Action::Downgrade { .. }) => matches!(from, Seat::Viewer | Seat::Contributor),
        (Some(Seat::Guest), Action::Upgrade { .. }) => matches!(from, Seat::Member | Seat::ProvisionalMember),
        (Some(_) | None, _) => false,
    }
}
