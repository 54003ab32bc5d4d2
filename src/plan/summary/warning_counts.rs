//! The warnings of a plan as a whole: what its rows are likely to meet, and what nothing shows beforehand.

use std::collections::BTreeMap;

use crate::model::{Action, ActionName, SeatEffect};
use crate::plan::row_warning::Caution;
use crate::plan::run_plan::{Plan, Step};

/// The rows that a caution concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concerned {
    /// How many.
    pub rows: u64,
    /// The number of the first.
    pub first: u64,
}

impl Plan {
    /// The cautions of all rows that are sent, the most striking first.
    pub fn cautions(&self) -> BTreeMap<Caution, Concerned> {
        let mut cautions = BTreeMap::new();
        for planned in &self.rows {
            for caution in planned.cautions.iter() {
                let concerned = cautions.entry(caution).or_insert(Concerned { rows: 0, first: planned.row });
                concerned.rows += 1;
            }
        }
        cautions
    }

    /// What no field of the API shows beforehand, so that it may meet any of the rows that are sent.
    pub fn unforeseeable(&self) -> Vec<&'static str> {
        let sent = || self.rows.iter().filter_map(|planned| action(&planned.step));
        let has = |wanted: &[ActionName]| sent().any(|action| wanted.contains(&action.name()));
        let takes = sent().any(|action| action.seat_effect() == SeatEffect::Takes);
        let remarks = [
            (
                has(&[ActionName::Deactivate, ActionName::Reactivate]),
                "no field shows whom a directory service manages; such users are refused (API documentation, Deactivate \
                 user; 5697 and 5717)",
            ),
            (
                has(&[ActionName::Reactivate]),
                "a reactivation is possible for 30 days, and no field shows since when a user is deactivated (API \
                 documentation, Reactivate user)",
            ),
            (takes, "no field shows how many paid seats are left; without one, a row is refused (1014)"),
        ];
        remarks.into_iter().filter_map(|(applies, remark)| applies.then_some(remark)).collect()
    }
}

/// The action of a step that is sent.
const fn action(step: &Step) -> Option<&Action> {
    match step {
        Step::Send(job) => Some(&job.action),
        Step::SendTo(_, action) => Some(action),
        Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    }
}
