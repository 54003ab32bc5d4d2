//! The warnings of a plan as a whole: how many rows each concerns, and what the API does not show beforehand.

use std::collections::BTreeMap;

use crate::model::{ActionName, SeatEffect};
use crate::plan::row_warning::RowWarning;
use crate::plan::run_plan::RunPlan;

/// The rows that a warning concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarnedRows {
    /// How many.
    pub rows: u64,
    /// The number of the first.
    pub first: u64,
}

impl RunPlan {
    /// The warnings of all rows that are sent, the most important first.
    pub fn row_warnings(&self) -> BTreeMap<RowWarning, WarnedRows> {
        let mut row_warnings = BTreeMap::new();
        for planned in &self.rows {
            for warning in planned.row_warnings.iter() {
                let warned = row_warnings.entry(warning).or_insert(WarnedRows { rows: 0, first: planned.row });
                warned.rows += 1;
            }
        }
        row_warnings
    }

    /// The refusals that the API does not show beforehand, so that any row that is sent may meet them.
    pub fn unchecked_risks(&self) -> Vec<&'static str> {
        let sent = || self.rows.iter().filter_map(|planned| planned.step.action());
        let has = |wanted: &[ActionName]| sent().any(|action| wanted.contains(&action.name()));
        let takes = sent().any(|action| action.seat_effect() == SeatEffect::Takes);
        let remarks = [
            (
                has(&[ActionName::Deactivate, ActionName::Reactivate]),
                "users managed by a directory service will be refused, and the API does not show who they are (API \
                 documentation, Deactivate user; 5697 and 5717)",
            ),
            (
                has(&[ActionName::Reactivate]),
                "a user can be reactivated for 30 days, and the API does not show when a user was deactivated (API \
                 documentation, Reactivate user)",
            ),
            (takes, "a row is refused if no paid seat is left, and the API does not show how many are left (1014)"),
        ];
        remarks.into_iter().filter_map(|(applies, remark)| applies.then_some(remark)).collect()
    }
}
