//! Planning: what has to be known of the account before rows become a plan.

use crate::api::UserPlansQuery;
use crate::app::CommandError;
use crate::app::account::current_user::{CurrentUser, Operations};
use crate::app::account::read_error::ReadError;
use crate::app::account::reader::AccountReader;
use crate::app::parallel::each_entry;
use crate::app::preflight::addresses::look_up;
use crate::app::preflight::subjects::AffectedUsers;
use crate::app::preflight::survey::survey;
use crate::app::review::approval::Approvals;
use crate::app::review::signed_rows::ReviewedRow;
use crate::app::source::Source;
use crate::cli::{self, Intent};
use crate::console::Console;
use crate::input::{Row, Sheet};
use crate::model::{Job, Outcome, PlanId, Reason, Status};
use crate::plan::{AccountState, Addresses, Directory, RunPlan, RunPlanBuilder, Step, WarnedRows};

/// Notes on rows that are said where nobody is asked, at the most.
const NOTES: usize = 10;

/// The plan of a sheet, as far as it can be made of what is known.
pub(crate) fn make_plan(sheet: &Sheet, approvals: &Approvals, account_state: &AccountState) -> RunPlan {
    let mut builder = RunPlanBuilder::new(account_state);
    let read = |row: &Row| approvals.entry(sheet, row);
    each_entry(sheet, read, |row, reviewed| match reviewed {
        ReviewedRow::Open(entry) => builder.add(row, entry, || sheet.no_plan(row)),
        ReviewedRow::Settled(outcome) => builder.add_settled(row, outcome),
    });
    builder.finish()
}

/// The job of a step that would be sent.
pub(crate) const fn sent(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) => Some(job),
        Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) | Step::Blocked(..) | Step::Final(..) => None,
    }
}

/// Says what should be known of rows that are sent; the report of a dry run has it in full.
pub(crate) fn tell_notes(console: &Console, plan: &RunPlan) {
    let sent = plan.rows.iter().filter(|planned| sent(&planned.step).is_some());
    let notes: Vec<_> =
        sent.flat_map(|planned| planned.notes.iter().map(|note| format!("row {}: {note}", planned.row))).collect();
    for note in notes.iter().take(NOTES) {
        console.warn(note);
    }
    if let Some(more) = notes.len().checked_sub(NOTES).filter(|more| *more > 0) {
        console.warn(&format!("{more} more rows have notes; --dry-run lists them all"));
    }
}

/// The rows that somebody has approved and that cannot run as they were reviewed, in sentences.
pub(crate) fn unmet_approvals(plan: &RunPlan) -> Vec<String> {
    each_final(plan, Reason::Approval, |row, outcome| {
        let is_approved = if outcome.message.starts_with("not approved") { "" } else { "is approved and " };
        Some(format!("row {row} {is_approved}does not run: {}", outcome.message))
    })
}

/// The rows that are skipped because their users have no account, in sentences.
pub(crate) fn skipped_missing_users(plan: &RunPlan) -> Vec<String> {
    let skipped = |row, outcome: &Outcome| {
        (outcome.status == Status::Skipped).then(|| format!("row {row} is skipped: {}", outcome.message))
    };
    each_final(plan, Reason::MissingUser, skipped)
}

/// What is said of the rows that end for a reason: [`NOTES`] at the most.
fn each_final(plan: &RunPlan, reason: Reason, say: impl Fn(u64, &Outcome) -> Option<String>) -> Vec<String> {
    let rows = plan.rows.iter().filter_map(|planned| match &planned.step {
        Step::Final(_, outcome) if outcome.reason == reason => say(planned.row, outcome),
        Step::Final(..) | Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) | Step::Blocked(..) => {
            None
        }
    });
    let mut said: Vec<_> = rows.collect();
    if let Some(more) = said.len().checked_sub(NOTES).filter(|more| *more > 0) {
        said.truncate(NOTES);
        said.push(format!("{more} more rows end in the same way; the report lists them all"));
    }
    said
}

/// What rows are likely to meet, each thing once.
pub(crate) fn row_warnings(plan: &RunPlan) -> impl Iterator<Item = String> {
    plan.row_warnings().into_iter().map(|(warning, WarnedRows { rows, first })| {
        let plural = if rows == 1 { "" } else { "s, the first" };
        format!("{rows} row{plural} (row {first}): {warning}")
    })
}

/// What is to be found out before a run or a review, and of whom it is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preflight<'a> {
    /// The API.
    pub reader: &'a AccountReader<'a>,
    /// Whose token it is.
    pub myself: &'a CurrentUser,
    /// The plan of rows that do not say, from the command line or the settings.
    pub plan: Option<PlanId>,
    /// What for.
    pub intent: Intent,
    /// Whether the users may be read.
    pub reading: cli::PreflightArgs,
}

impl Preflight<'_> {
    /// Adds to what is known: the plan of rows that name none, the users behind addresses, what everybody holds now.
    pub(crate) async fn account_state(
        &self,
        source: &mut Source,
        mut known: AccountState,
    ) -> Result<AccountState, CommandError> {
        let Self { reader, myself, .. } = self;
        let mut affected = AffectedUsers::of_sheet(&source.sheet);
        if let Err(barred) = check_admin(affected.changes(), myself) {
            return match self.intent {
                Intent::Change => Err(barred),
                // Nobody else may read users, so the review is one without a network.
                Intent::Review | Intent::OfflineReview => Ok(known),
            };
        }
        if affected.needs_plan {
            let plan = only_plan(reader, myself, "some rows name no plan").await?;
            reader.console().say(&format!("rows without a plan_id are about plan {plan}, your only one"));
            source.sheet = source.sheet.clone().with_plan(plan);
            affected.place(plan);
        }
        let mut directory = Directory::default();
        if self.reading.no_preflight {
            look_up(reader, &mut directory, &affected).await?;
            if let Some(home) = affected.home(self.plan) {
                directory.note_default_plan(home);
            }
        } else {
            if myself.operations == Operations::All {
                known.addresses = Addresses::Read;
            }
            let home = home(reader, myself, &affected, self.plan).await?;
            survey(reader, &mut directory, &affected, home, myself.operations, known.missing_users).await?;
            name_plans(reader, myself, &affected, home).await?;
            for (plan, name) in reader.plan_names() {
                directory.note_plan_name(plan, name);
            }
        }
        known.directory = Some(directory);
        Ok(known)
    }
}

/// The only plan of the token's own user, which is needed because of `reason`.
pub(crate) async fn only_plan(
    reader: &AccountReader<'_>,
    myself: &CurrentUser,
    reason: &str,
) -> Result<PlanId, CommandError> {
    if myself.id.is_none() {
        return Err(CommandError::refused(format!("{reason}, and the API does not say whose token this is"))
            .hint("name the plan with --plan-id"));
    }
    match own_plans(reader, myself).await?.as_slice() {
        [only] => Ok(*only),
        [] => Err(CommandError::refused(format!("{reason}, and the token's user is in none"))
            .hint("name the plan with --plan-id")),
        several => {
            let ids: Vec<_> = several.iter().map(ToString::to_string).collect();
            Err(CommandError::refused(format!("{reason}, and the token's user is in several: {}", ids.join(", ")))
                .hint("name one with --plan-id"))
        }
    }
}

async fn own_plans(reader: &AccountReader<'_>, myself: &CurrentUser) -> Result<Vec<PlanId>, ReadError> {
    let Some(id) = myself.id else { return Ok(Vec::new()) };
    let list = reader.plans(id, &UserPlansQuery::default()).await?;
    Ok(list.plans.iter().map(|plan| plan.plan_id).collect())
}

/// Reads how the plans are called that the rows are about, which people know better than ids. Rows can do without.
async fn name_plans(
    reader: &AccountReader<'_>,
    myself: &CurrentUser,
    affected: &AffectedUsers,
    home: Option<PlanId>,
) -> Result<(), CommandError> {
    let names = reader.plan_names();
    if affected.by_plan(home).keys().all(|plan| names.contains_key(plan)) {
        return Ok(());
    }
    match own_plans(reader, myself).await {
        Ok(_) | Err(ReadError::Refused(..) | ReadError::Lacking(_)) => Ok(()),
        Err(ReadError::Failed(failure)) => Err(failure),
    }
}

/// The plan by which rows about no plan are judged. They can do without, so not to find it is no failure.
async fn home(
    reader: &AccountReader<'_>,
    myself: &CurrentUser,
    affected: &AffectedUsers,
    set: Option<PlanId>,
) -> Result<Option<PlanId>, CommandError> {
    match affected.home(set) {
        None if !affected.anywhere.is_empty() => match own_plans(reader, myself).await {
            Ok(plans) => Ok(if let [only] = plans[..] { Some(only) } else { None }),
            Err(ReadError::Refused(..) | ReadError::Lacking(_)) => Ok(None),
            Err(ReadError::Failed(failure)) => Err(failure),
        },
        known => Ok(known),
    }
}

/// Only a System Admin can change anybody (seeds, "Permissions").
pub(crate) fn check_admin(changes: bool, myself: &CurrentUser) -> Result<(), CommandError> {
    if changes && myself.is_admin == Some(false) {
        let message = format!("{} is not a System Admin, and only a System Admin can change users", myself.who);
        return Err(CommandError::refused(message).hint("use the token of a System Admin"));
    }
    Ok(())
}
