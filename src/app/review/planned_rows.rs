//! The report rows of a plan: what would become of each row, or why it was not sent, and what a review adds so that it can
//! be approved.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::app::output::report_rows::{CarriedCell, Layout, ReportRows};
use crate::app::parallel::map_ordered;
use crate::app::review::verdict::{PlanVerdict, ReviewSigner};
use crate::input::{Row, RowChunk, Sheet};
use crate::ledger::LedgerError;
use crate::model::{Job, Outcome, Status};
use crate::plan::{Person, PlannedRow, RunPlan, Step};
use crate::report::{Column, ReportRow, RowRequest};
use crate::tabular::write::WorkbookExtras;

/// How many rows are put into words at a time.
const ROWS_OF_A_CHUNK: usize = 512;

/// The rows of a plan.
#[derive(Debug)]
pub(crate) struct PlannedRows<'a> {
    sheet: &'a Sheet,
    plan: &'a RunPlan,
    verdict: &'a PlanVerdict<'a>,
    layout: Layout,
}

impl<'a> PlannedRows<'a> {
    /// The rows of a plan, with what is said of those that would be sent. `guide` says what to do with a signed review that
    /// is written as a workbook; none where it is written as a CSV.
    pub(crate) fn new(
        sheet: &'a Sheet,
        plan: &'a RunPlan,
        verdict: &'a PlanVerdict<'a>,
        guide: Option<Vec<String>>,
    ) -> Self {
        let layout = layout(sheet, verdict);
        let layout = match guide.filter(|_| verdict.is_signed()) {
            Some(guide) => to_fill_in(layout, guide),
            None => layout,
        };
        Self { sheet, plan, verdict, layout }
    }

    /// Who the user of a step is, where the API said it.
    fn person(&self, step: &Step) -> Option<&'a Person> {
        let PlanVerdict::Foreseen { account_state, .. } = self.verdict else { return None };
        account_state.directory.as_ref()?.person(job(step)?.user)
    }

    fn row(&self, input: Row, planned: &'a PlannedRow) -> ReportRow<'a> {
        let (plan_job, outcome) = (job(&planned.step), outcome(planned, self.verdict));
        let key = plan_job.map(Job::key).or_else(|| Some(self.sheet.keyed_job(&input)?.key()));
        let mut row = ReportRow {
            input,
            request: request(&planned.step),
            person: self.person(&planned.step),
            outcome,
            before: Cow::Borrowed(planned.before()),
            certainty: None,
            attempts: 0,
            began: None,
            finished: None,
            run: None,
            key: key.map(|key| key.to_string()),
            signature: None,
            approved: "",
        };
        if let PlanVerdict::Foreseen { approving, .. } = self.verdict {
            row.signature = approving.sign(&row);
            row.approved = approving.filled(&row);
        }
        row
    }
}

impl ReportRows for PlannedRows<'_> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn each(&self, each: &mut dyn FnMut(&ReportRow<'_>)) -> Result<(), LedgerError> {
        let in_words = |rows: RowChunk<'_>| -> Vec<_> {
            self.plan.beside(rows).map(|(input, planned)| self.row(input, planned)).collect()
        };
        let Ok(()) = map_ordered(&self.sheet.chunks(ROWS_OF_A_CHUNK), in_words, |rows| {
            rows.iter().for_each(&mut *each);
            Ok::<_, Infallible>(())
        });
        Ok(())
    }
}

/// What a table of the rows looks like. A review asks for approval in the input's own column, whose words are gone, because
/// they approved another review; or else in a column behind the others.
fn layout(sheet: &Sheet, verdict: &PlanVerdict<'_>) -> Layout {
    let (is_review, columns) = match verdict {
        PlanVerdict::Foreseen { approving: ReviewSigner { seal: Some(_), .. }, .. } => (true, Column::REVIEW),
        PlanVerdict::Foreseen { approving: ReviewSigner { seal: None, .. }, .. } => (true, Column::REPORT),
        PlanVerdict::Refused(_) => (false, Column::REPORT),
    };
    let own = sheet.approved().filter(|_| is_review);
    let carried = sheet.carried().iter().map(|column| {
        let cell = if own == Some(*column) { CarriedCell::Approval } else { CarriedCell::Input(*column) };
        (sheet.header()[*column].clone(), cell)
    });
    let behind = (is_review && own.is_none()).then(|| ("approved".to_owned(), CarriedCell::Approval));
    let carried = carried.chain(behind).collect();
    Layout { carried, columns, dialect: *sheet.dialect(), extras: WorkbookExtras::default() }
}

/// A layout for people who fill the rows in: the approval comes first and offers its words, and what only the program reads
/// is folded away.
fn to_fill_in(mut layout: Layout, guide: Vec<String>) -> Layout {
    layout.carried.sort_by_key(|(_, cell)| *cell != CarriedCell::Approval);
    layout.columns = Column::REVIEW_WORKBOOK;
    layout.extras = WorkbookExtras { guide, choice: Some((0, &["yes", "no"])), folded: Column::FOLDED };
    layout
}

/// What a row orders.
const fn request(step: &Step) -> RowRequest<'_> {
    match step {
        Step::Send(job) | Step::Blocked(job, _) | Step::Final(Some(job), _) => RowRequest::Job(Cow::Borrowed(job)),
        Step::UnresolvedUser(_, action) => RowRequest::Unresolved(action),
        Step::UnresolvedPlan(action) => RowRequest::Named(*action),
        Step::Final(None, _) => RowRequest::Unclear,
    }
}

const fn status(planned: &PlannedRow, verdict: &PlanVerdict<'_>) -> Status {
    match (&planned.step, verdict) {
        (Step::Final(_, outcome), PlanVerdict::Foreseen { .. }) if matches!(outcome.status, Status::Failed) => {
            Status::Blocked
        }
        (Step::Final(_, outcome), _) => outcome.status,
        (_, PlanVerdict::Refused(_)) => Status::NotAttempted,
        (Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_), PlanVerdict::Foreseen { .. }) => {
            Status::Planned
        }
        (Step::Blocked(..), PlanVerdict::Foreseen { .. }) => Status::Blocked,
    }
}

/// What is said of a row.
fn outcome(planned: &PlannedRow, verdict: &PlanVerdict<'_>) -> Outcome {
    let message = match (&planned.step, verdict) {
        (Step::Final(_, outcome), _) => {
            return noted(Outcome { status: status(planned, verdict), ..(**outcome).clone() }, planned);
        }
        (_, PlanVerdict::Refused(failure)) => format!("not sent: the run was refused, because {}", failure.message),
        (Step::Send(job), PlanVerdict::Foreseen { .. }) => format!("would be sent: {}", job.action),
        (Step::UnresolvedUser(email, action), PlanVerdict::Foreseen { .. }) => {
            let message = format!("would be sent: {action}, once the id of {email} is looked up");
            return noted(to_be_looked_up(message), planned);
        }
        (Step::UnresolvedPlan(action), PlanVerdict::Foreseen { .. }) => {
            let message = format!("would be sent: {action}, in the only plan of the token's own user");
            return noted(to_be_looked_up(message), planned);
        }
        (Step::Blocked(_, refusal), PlanVerdict::Foreseen { .. }) => return noted(refusal.blocked(), planned),
    };
    noted(Outcome::of_row(status(planned, verdict), message), planned)
}

/// An outcome with what else is known of its row.
fn noted(mut outcome: Outcome, planned: &PlannedRow) -> Outcome {
    outcome.seat_before.clone_from(&planned.before().seat);
    let row_warnings = planned.row_warnings.iter().map(|warning| warning.to_string());
    for note in planned.notes.iter().cloned().chain(row_warnings) {
        outcome.message = format!("{}; {note}", outcome.message);
    }
    outcome
}

/// A row that a review without a network does not know well enough to sign.
fn to_be_looked_up(message: String) -> Outcome {
    let mut outcome = Outcome::of_row(Status::Planned, message);
    outcome.hint = Some("a review without --offline looks it up, and then the row can be approved".to_owned());
    outcome
}

/// The job of a row, whatever becomes of it.
const fn job(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) | Step::Blocked(job, _) => Some(job),
        Step::Final(job, _) => job.as_ref(),
        Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => None,
    }
}
