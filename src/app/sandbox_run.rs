//! Rehearsals: the world that `run --sandbox` rehearses in, holding the users of the input so that each row can work.

use crate::app::preflight::planning::make_plan;
use crate::app::review::approval::Approvals;
use crate::app::source::Source;
use crate::input::{ParsedRow, Row, Sheet, Subject};
use crate::ledger::{Ledger, RunRecord};
use crate::model::{self, Action, ActionName, Attributes, Email, JobState, PlanId, Seat, UpgradeSeat};
use crate::plan::{AccountState, PlannedRow, RunPlan, Step};
use crate::sandbox::{Fault, HOME_PLAN, Operation, Role, SandboxUser, Status, World};

use crate::app::CommandError;

/// A world with the users of a plan made without a network.
///
/// # Errors
/// When a cell of `sandbox_fault` names no fault.
pub(crate) fn world(source: &Source) -> Result<World, CommandError> {
    let plan = plan(source);
    let sheet = &source.sheet;
    let mut sandbox_users = Vec::new();
    for (row, planned) in plan.beside(sheet.rows()) {
        let Some((user, email, action)) = meant(sheet, &row, planned) else { continue };
        let mut sandbox_user = sandbox_user(user, &action);
        sandbox_user.email = email.map(|email| email.as_str().to_owned());
        if let (Some(text), Step::Send(_) | Step::UnresolvedUser(..)) = (sheet.sandbox_fault(&row), &planned.step) {
            let fault: Fault = text.parse().map_err(|error| {
                CommandError::refused(format!("row {}, column `sandbox_fault`: {error}", row.number))
            })?;
            sandbox_user = sandbox_user.failing(operation(action.name()), fault);
        }
        sandbox_users.push(sandbox_user);
    }
    Ok(World::holding(sandbox_users))
}

/// Whom a row is about and what it orders, whether or not that can work.
fn meant(sheet: &Sheet, row: &Row, planned: &PlannedRow) -> Option<(u64, Option<Email>, Action)> {
    match &planned.step {
        Step::UnresolvedUser(email, action) => Some((made_up_id(email), Some(email.clone()), action.clone())),
        Step::Send(job) | Step::Final(Some(job), _) | Step::Blocked(job, _) => {
            Some((job.user.get(), planned.email.clone(), job.action.clone()))
        }
        // Of somebody who is known by address alone, a plan without a network holds no job.
        Step::Final(None, _) => match sheet.parse(row) {
            ParsedRow::Job { subject: Subject::Email(email), action, .. } => {
                Some((made_up_id(&email), Some(email), action))
            }
            ParsedRow::Job { .. }
            | ParsedRow::MissingPlan { .. }
            | ParsedRow::Skipped { .. }
            | ParsedRow::Invalid { .. } => None,
        },
        Step::UnresolvedPlan(_) => None,
    }
}

/// The plan of the input without a network. Rows that name no Smartsheet plan are about the first that another row
/// names, or about the sandbox's own.
fn plan(source: &Source) -> RunPlan {
    let account_state = AccountState::default();
    let plan = make_plan(&source.sheet, &Approvals::Unchecked, &account_state);
    if !plan.rows.iter().any(|planned| matches!(planned.step, Step::UnresolvedPlan(_))) {
        return plan;
    }
    let named = plan.rows.iter().find_map(|planned| match &planned.step {
        Step::Send(job) => job.action.plan(),
        Step::UnresolvedUser(_, action) => action.plan(),
        Step::UnresolvedPlan(_) | Step::Blocked(..) | Step::Final(..) => None,
    });
    let Some(home) = named.or(PlanId::new(HOME_PLAN)) else { return plan };
    make_plan(&source.sheet.clone().with_plan(home), &Approvals::Unchecked, &account_state)
}

/// The world of a rehearsal that is carried on: what is settled as done has been done in it.
pub(crate) fn world_of_run(ledger: &Ledger, record: &RunRecord) -> Result<World, CommandError> {
    let mut sandbox_users = Vec::new();
    ledger.views().each_row(record.id, |row| {
        let Some(job) = row.job else { return };
        let is_done = matches!(row.state, JobState::Settled { status: model::Status::Success, .. });
        sandbox_users.push(if is_done {
            done(job.user.get(), &job.action)
        } else {
            sandbox_user(job.user.get(), &job.action)
        });
    })?;
    Ok(World::holding(sandbox_users))
}

/// Somebody to whom `action` was done.
fn done(user: u64, action: &Action) -> SandboxUser {
    let mut sandbox_user = sandbox_user(user, action);
    match action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let seat = action.seat().map_or("MEMBER", Seat::name);
            sandbox_user.plans = vec![(plan.get(), seat.to_owned())];
        }
        Action::Remove { .. } => sandbox_user.plans = Vec::new(),
        Action::Deactivate => sandbox_user.status = Status::deactivated_days_ago(0),
        Action::Reactivate => sandbox_user.status = Status::Active,
        Action::Update(_) | Action::Plans => {}
    }
    sandbox_user
}

/// Somebody for whom `action` can work.
fn sandbox_user(user: u64, action: &Action) -> SandboxUser {
    let mut sandbox_user = SandboxUser::new(user);
    match action {
        Action::Downgrade { plan, to } => {
            sandbox_user = sandbox_user.seated(plan.get(), "MEMBER");
            sandbox_user.is_internal = to.seat() != Seat::Guest;
        }
        Action::Upgrade { plan, to } => {
            sandbox_user = sandbox_user.seated(plan.get(), "CONTRIBUTOR");
            sandbox_user.is_internal = *to == UpgradeSeat::Member;
        }
        Action::Remove { plan } => sandbox_user = sandbox_user.seated(plan.get(), "MEMBER"),
        Action::Reactivate => sandbox_user.status = Status::deactivated_days_ago(1),
        Action::Update(attributes) => sandbox_user.roles = roles(attributes),
        Action::Deactivate | Action::Plans => {}
    }
    sandbox_user
}

/// The roles of somebody whom an update changes: those that it takes away, and what it needs to be allowed. On the user
/// model, only a System Admin's licensed sheet creator status can be changed (seed 003, "Licensed sheet creator
/// constraints").
fn roles(attributes: &Attributes) -> Vec<Role> {
    let taken = |affected: Option<bool>| affected == Some(false);
    let held = [
        (Role::Admin, taken(attributes.admin) || attributes.licensed_sheet_creator.is_some()),
        (Role::GroupAdmin, taken(attributes.group_admin)),
        (Role::ResourceViewer, taken(attributes.resource_viewer)),
    ];
    held.into_iter().filter(|(_, is_held)| *is_held).map(|(role, _)| role).collect()
}

const fn operation(action: ActionName) -> Operation {
    match action {
        ActionName::Downgrade => Operation::Downgrade,
        ActionName::Upgrade => Operation::Upgrade,
        ActionName::Deactivate => Operation::Deactivate,
        ActionName::Reactivate => Operation::Reactivate,
        ActionName::Remove => Operation::Remove,
        ActionName::Update => Operation::Update,
        ActionName::Plans => Operation::Plans,
    }
}

/// An id for somebody of whom the input knows only the address; the same for the same address.
fn made_up_id(email: &Email) -> u64 {
    email.as_str().bytes().fold(7_000_000_000_000_000, |id: u64, byte| {
        7_000_000_000_000_000 + (id.wrapping_mul(31).wrapping_add(u64::from(byte))) % 1_000_000_000_000_000
    })
}
