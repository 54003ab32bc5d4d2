//! The report rows of a run, as the ledger has recorded them.

use std::borrow::Cow;

use crate::app::output::report_rows::{Layout, ReportRows};
use crate::input::Row;
use crate::ledger::{Ledger, LedgerError, RowRecord, RunRecord};
use crate::model::{JobState, Outcome, Status, StopReason};
use crate::plan::JobCertainty;
use crate::report::{ReportRow, RowRequest, standing};

/// The rows of a run.
#[derive(Debug)]
pub(crate) struct RecordedRows<'a> {
    /// Where it is recorded.
    pub(crate) ledger: &'a Ledger,
    /// The run.
    pub(crate) record: &'a RunRecord,
    /// Why it ended; none while it is in progress, or where its process was killed.
    pub(crate) ending: Option<&'a StopReason>,
    layout: Layout,
}

impl<'a> RecordedRows<'a> {
    /// The rows of a run that ended as `ending` says; none while it is in progress, or where its process was killed.
    pub(crate) fn new(ledger: &'a Ledger, record: &'a RunRecord, ending: Option<&'a StopReason>) -> Self {
        let layout = Layout::of_report(&Row::from_record(&record.run.header), record.run.settings.dialect);
        Self { ledger, record, ending, layout }
    }

    fn row(&self, row: RowRecord) -> ReportRow<'_> {
        let outcome = outcome_of(&row, self.ending);
        ReportRow {
            input: Row::from_record(&row.cells).numbered(row.number),
            certainty: certainty(row.state),
            finished: row.touched.filter(|_| row.state.is_settled()),
            run: Some(&self.record.run.name),
            key: row.job.as_ref().map(|job| job.key().to_string()),
            request: row.job.map_or(RowRequest::Unclear, |job| RowRequest::Job(Cow::Owned(job))),
            person: None,
            outcome,
            before: Cow::Owned(row.before),
            attempts: row.attempts,
            began: row.began,
            signature: None,
            approved: "",
        }
    }
}

impl ReportRows for RecordedRows<'_> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn each(&self, each: &mut dyn FnMut(&ReportRow<'_>)) -> Result<(), LedgerError> {
        self.ledger.views().each_row(self.record.id, |row| each(&self.row(row)))
    }
}

/// How certain it is that a job in this state has changed its user; none where nothing was changed.
const fn certainty(state: JobState) -> Option<JobCertainty> {
    match state {
        JobState::Settled { status: Status::Success, .. } | JobState::Done { .. } => Some(JobCertainty::Certain),
        JobState::Settled { status: Status::Unknown | Status::PartialSuccess, .. }
        | JobState::Sent { .. }
        | JobState::InDoubt { .. }
        | JobState::Partly { .. } => Some(JobCertainty::Possible),
        JobState::Settled { .. } | JobState::Ready { .. } => None,
    }
}

/// What is said of a row: its outcome, or where it stands without one.
pub(crate) fn outcome_of(row: &RowRecord, ending: Option<&StopReason>) -> Outcome {
    let mut outcome = match &row.outcome {
        Some(outcome) if row.state.is_settled() => outcome.clone(),
        Some(_) | None => {
            let action = row.job.as_ref().map(|job| job.action.name());
            standing(row.state, action, row.answer.as_ref(), ending)
        }
    };
    outcome.seat_before.clone_from(&row.before.seat);
    outcome
}
