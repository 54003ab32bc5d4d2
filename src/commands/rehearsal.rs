//! Rehearsals: the world that `run --sandbox` rehearses in, holding the users of the input so that each row can work.

use super::approval::Approvals;
use super::planning::make_plan;
use super::source::Source;
use crate::input::{ParsedRow, Row, Sheet, Subject};
use crate::ledger::{Ledger, RunRecord};
use crate::model::{self, Action, ActionName, Attributes, Email, JobState, PlanId, Seat, UpgradeSeat};
use crate::plan::{Circumstances, Plan, Planned, Step};
use crate::sandbox::{Fault, HOME_PLAN, Operation, Resident, Role, Status, World};

use super::Failure;

/// A world with the users of a plan made without a network.
///
/// # Errors
/// When a cell of `sandbox_fault` names no fault.
pub(super) fn world(source: &Source) -> Result<World, Failure> {
    let plan = plan(source);
    let sheet = &source.sheet;
    let mut residents = Vec::new();
    for (row, planned) in sheet.rows().zip(&plan.rows) {
        let Some((user, email, action)) = meant(sheet, &row, planned) else { continue };
        let mut resident = resident(user, &action);
        resident.email = email.map(|email| email.as_str().to_owned());
        if let (Some(text), Step::Send(_) | Step::SendTo(..)) = (sheet.sandbox_fault(&row), &planned.step) {
            let fault: Fault = text
                .parse()
                .map_err(|error| Failure::refused(format!("row {}, column `sandbox_fault`: {error}", row.number)))?;
            resident = resident.failing(operation(action.name()), fault);
        }
        residents.push(resident);
    }
    Ok(World::holding(residents))
}

/// Whom a row is about and what it orders, whether or not that can work.
fn meant(sheet: &Sheet, row: &Row, planned: &Planned) -> Option<(u64, Option<Email>, Action)> {
    match &planned.step {
        Step::SendTo(email, action) => Some((made_up_id(email), Some(email.clone()), action.clone())),
        Step::Send(job) | Step::Ended(Some(job), _) | Step::Blocked(job, _) => {
            Some((job.user.get(), planned.email.clone(), job.action.clone()))
        }
        // Of somebody who is known by address alone, a plan without a network holds no job.
        Step::Ended(None, _) => match sheet.parse(row) {
            ParsedRow::Job { subject: Subject::Email(email), action, .. } => {
                Some((made_up_id(&email), Some(email), action))
            }
            ParsedRow::Job { .. }
            | ParsedRow::MissingPlan { .. }
            | ParsedRow::Skipped { .. }
            | ParsedRow::Invalid { .. } => None,
        },
        Step::SendSomewhere(_) => None,
    }
}

/// The plan of the input without a network. Rows that name no Smartsheet plan are about the first that another row
/// names, or about the sandbox's own.
fn plan(source: &Source) -> Plan {
    let circumstances = Circumstances::default();
    let plan = make_plan(&source.sheet, &Approvals::Unchecked, &circumstances);
    if !plan.rows.iter().any(|planned| matches!(planned.step, Step::SendSomewhere(_))) {
        return plan;
    }
    let named = plan.rows.iter().find_map(|planned| match &planned.step {
        Step::Send(job) => job.action.plan(),
        Step::SendTo(_, action) => action.plan(),
        Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    });
    let Some(home) = named.or(PlanId::new(HOME_PLAN)) else { return plan };
    make_plan(&source.sheet.clone().with_plan(home), &Approvals::Unchecked, &circumstances)
}

/// The world of a rehearsal that is carried on: what is settled as done has been done in it.
pub(super) fn world_of_run(ledger: &Ledger, record: &RunRecord) -> Result<World, Failure> {
    let mut residents = Vec::new();
    ledger.views().each_row(record.id, |row| {
        let Some(job) = row.job else { return };
        let is_done = matches!(row.state, JobState::Settled { status: model::Status::Success, .. });
        residents.push(if is_done { done(job.user.get(), &job.action) } else { resident(job.user.get(), &job.action) });
    })?;
    Ok(World::holding(residents))
}

/// Somebody to whom `action` was done.
fn done(user: u64, action: &Action) -> Resident {
    let mut resident = resident(user, action);
    match action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let seat = action.seat().map_or("MEMBER", Seat::name);
            resident.plans = vec![(plan.get(), seat.to_owned())];
        }
        Action::Remove { .. } => resident.plans = Vec::new(),
        Action::Deactivate => resident.status = Status::deactivated_days_ago(0),
        Action::Reactivate => resident.status = Status::Active,
        Action::Update(_) | Action::Plans => {}
    }
    resident
}

/// Somebody for whom `action` can work.
fn resident(user: u64, action: &Action) -> Resident {
    let mut resident = Resident::new(user);
    match action {
        Action::Downgrade { plan, to } => {
            resident = resident.seated(plan.get(), "MEMBER");
            resident.is_internal = to.seat() != Seat::Guest;
        }
        Action::Upgrade { plan, to } => {
            resident = resident.seated(plan.get(), "CONTRIBUTOR");
            resident.is_internal = *to == UpgradeSeat::Member;
        }
        Action::Remove { plan } => resident = resident.seated(plan.get(), "MEMBER"),
        Action::Reactivate => resident.status = Status::deactivated_days_ago(1),
        Action::Update(attributes) => resident.roles = roles(attributes),
        Action::Deactivate | Action::Plans => {}
    }
    resident
}

/// The roles of somebody whom an update changes: those that it takes away, and what it needs to be allowed. On the user
/// model, only a System Admin's licensed sheet creator status can be changed (seed 003, "Licensed sheet creator
/// constraints").
fn roles(attributes: &Attributes) -> Vec<Role> {
    let taken = |wanted: Option<bool>| wanted == Some(false);
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
