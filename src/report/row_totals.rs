//! What the rows of a report come to, counted row by row.

use std::collections::BTreeSet;

use super::{Counts, ReportRow, RowRequest};
use crate::model::{Action, PlanId, Reason};
use crate::plan::PaidSeatCounter;

/// What all rows come to.
#[derive(Debug, Default)]
pub struct RowTotals {
    /// How many rows have which status.
    pub counts: Counts,
    /// How many of them nobody in the account has the address of.
    pub missing_users: u64,
    /// The paid seats that were freed and taken, as far as anybody knows.
    pub seat_counter: PaidSeatCounter,
    /// The plans that rows are about.
    pub plan_ids: BTreeSet<PlanId>,
}

impl RowTotals {
    /// Counts a row.
    pub fn add(&mut self, row: &ReportRow<'_>) {
        self.counts.add(row.outcome.status);
        self.missing_users += u64::from(row.outcome.reason == Reason::MissingUser);
        self.plan_ids.extend(row.request.action().and_then(Action::plan));
        if let (RowRequest::Job(job), Some(certainty)) = (&row.request, row.certainty) {
            self.seat_counter.count(job, &row.before, None, certainty);
        }
    }
}
