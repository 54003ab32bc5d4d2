//! Planning: what has to be known of the account before rows become a plan.

use super::Failure;
use super::approval::Approvals;
use super::contact::{Contact, Myself};
use super::lanes::each_entry;
use super::source::Source;
use super::survey::{look_up, survey};
use super::wanted::Wanted;
use crate::api::UserPlansQuery;
use crate::cli::{Intent, Preflight};
use crate::console::Console;
use crate::input::{Row, Sheet};
use crate::model::{Job, PlanId};
use crate::plan::{Addresses, Builder, Circumstances, Concerned, Directory, Plan, Step};

/// Notes on rows that are said where nobody is asked, at the most.
const NOTES: usize = 10;

/// The plan of a sheet, as far as it can be made of what is known.
pub(super) fn make_plan(sheet: &Sheet, approvals: &Approvals, circumstances: &Circumstances) -> Plan {
    let mut builder = Builder::new(circumstances);
    let read = |row: &Row| approvals.entry(sheet, row);
    each_entry(sheet, read, |row, entry| builder.add(row, entry, || sheet.no_plan(row)));
    builder.finish()
}

/// The job of a step that would be sent.
pub(super) const fn sent(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) => Some(job),
        Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    }
}

/// Says what should be known of rows that are sent; the report of a dry run has it in full.
pub(super) fn tell_notes(console: &Console, plan: &Plan) {
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

/// What rows are likely to meet, each thing once.
pub(super) fn cautions(plan: &Plan) -> impl Iterator<Item = String> {
    plan.cautions().into_iter().map(|(caution, Concerned { rows, first })| {
        let plural = if rows == 1 { "" } else { "s, the first" };
        format!("{rows} row{plural} (row {first}): {caution}")
    })
}

/// A survey that the API does not allow is done without, because nothing but foresight is lost.
pub(super) fn lenient(console: &Console, failure: Failure, so: &str) -> Result<(), Failure> {
    if !failure.of_one_request {
        return Err(failure);
    }
    let message = failure.message;
    console.warn(&format!("what some users hold now could not be read, so {so} of them: {message}"));
    Ok(())
}

/// What is to be found out before a run or a review, and of whom it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inquiry<'a> {
    /// The API.
    pub contact: &'a Contact<'a>,
    /// Whose token it is.
    pub myself: &'a Myself,
    /// The plan of rows that do not say, from the command line or the settings.
    pub plan: Option<PlanId>,
    /// What for.
    pub intent: Intent,
    /// Whether the users may be read.
    pub preflight: Preflight,
}

impl Inquiry<'_> {
    /// Adds to what is known: the plan of rows that name none, the users behind addresses, what everybody holds now.
    pub(super) async fn find_out(
        &self,
        source: &mut Source,
        mut known: Circumstances,
    ) -> Result<Circumstances, Failure> {
        let Self { contact, myself, .. } = self;
        let mut wanted = Wanted::of_sheet(&source.sheet);
        if let Err(barred) = check_admin(wanted.changes(), myself) {
            return match self.intent {
                Intent::Change => Err(barred),
                // Nobody else may read users, so the review is one without a network.
                Intent::Review | Intent::OfflineReview => Ok(known),
            };
        }
        if wanted.needs_plan {
            let plan = only_plan(contact, myself).await?;
            contact.console().say(&format!("rows without a plan_id are about plan {plan}, your only one"));
            source.sheet = source.sheet.clone().with_plan(plan);
            wanted.place(plan);
        }
        let mut directory = Directory::default();
        if self.preflight.no_preflight {
            look_up(contact, &mut directory, &wanted).await?;
            if let Some(home) = wanted.home(self.plan) {
                directory.note_home(home);
            }
        } else {
            known.addresses = Addresses::Read;
            let home = home(contact, myself, &wanted, self.plan).await?;
            if let Err(failure) = survey(contact, &mut directory, &wanted, home).await {
                lenient(contact.console(), failure, "nothing is foreseen")?;
            }
        }
        known.directory = Some(directory);
        Ok(known)
    }
}

/// The only plan of the token's own user.
async fn only_plan(contact: &Contact<'_>, myself: &Myself) -> Result<PlanId, Failure> {
    if myself.id.is_none() {
        return Err(Failure::refused("some rows name no plan, and the API does not say whose token this is")
            .hint("name the plan with --plan-id"));
    }
    match own_plans(contact, myself).await?.as_slice() {
        [only] => Ok(*only),
        [] => Err(Failure::refused("some rows name no plan, and the token's user is in none")
            .hint("name the plan with --plan-id, or in the rows")),
        several => {
            let ids: Vec<_> = several.iter().map(ToString::to_string).collect();
            Err(Failure::refused(format!(
                "some rows name no plan, and the token's user is in several: {}",
                ids.join(", ")
            ))
            .hint("name one with --plan-id, or in the rows"))
        }
    }
}

async fn own_plans(contact: &Contact<'_>, myself: &Myself) -> Result<Vec<PlanId>, Failure> {
    let Some(id) = myself.id else { return Ok(Vec::new()) };
    let plans = contact.plans(id, &UserPlansQuery::default()).await?;
    Ok(plans.iter().map(|plan| plan.plan_id).collect())
}

/// The plan by which rows about no plan are judged. They can do without, so not to find it is no failure.
async fn home(
    contact: &Contact<'_>,
    myself: &Myself,
    wanted: &Wanted,
    set: Option<PlanId>,
) -> Result<Option<PlanId>, Failure> {
    match wanted.home(set) {
        None if !wanted.anywhere.is_empty() => match own_plans(contact, myself).await {
            Ok(plans) => Ok(if let [only] = plans[..] { Some(only) } else { None }),
            Err(failure) if failure.of_one_request => Ok(None),
            Err(failure) => Err(failure),
        },
        known => Ok(known),
    }
}

/// Only a System Admin can change anybody (seeds, "Permissions").
pub(super) fn check_admin(changes: bool, myself: &Myself) -> Result<(), Failure> {
    if changes && myself.is_admin == Some(false) {
        let message = format!("{} is no System Admin, and only a System Admin can change users", myself.who);
        return Err(Failure::refused(message).hint("use the token of a System Admin"));
    }
    Ok(())
}
