//! Expected plans: nothing is changed in any other plan than those that the settings name.

use super::guard::Guard;
use crate::model::PlanId;
use crate::plan::run_plan::{Plan, Step};
use crate::plan::wording::named;

/// The only plans in which anything may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The plans.
    pub plans: Vec<PlanId>,
    /// Where they are named, as a person would look it up.
    pub place: String,
}

impl Expected {
    /// The guard that changes in any other plan trip. `changes` are rows with the plan that each is about; those about
    /// none are about `home`, where that is known.
    pub fn guard(&self, changes: impl Iterator<Item = (u64, Option<PlanId>)>, home: Option<PlanId>) -> Option<Guard> {
        let strays = changes.filter_map(|(row, of)| {
            let of = of.or(home)?;
            (!self.plans.contains(&of)).then_some((row, of))
        });
        let strays: Vec<_> = strays.collect();
        let (_, stray) = strays.first()?;
        let rows: Vec<_> = strays.iter().filter(|(_, of)| of == stray).map(|(row, _)| *row).collect();
        let plans: Vec<_> = self.plans.iter().map(ToString::to_string).collect();
        Some(Guard {
            message: format!(
                "{} would change users of plan {stray}, and expect_plan in {} allows only {}",
                named("row", &rows),
                self.place,
                plans.join(", ")
            ),
            hint: "check --profile, --plan-id and the file; where this plan is meant, add it to expect_plan".to_owned(),
        })
    }
}

impl Plan {
    /// The rows that would change somebody, with the plan that each is about.
    pub fn changes(&self) -> impl Iterator<Item = (u64, Option<PlanId>)> {
        self.rows.iter().filter_map(|planned| {
            planned.step.sends().filter(|action| action.changes())?;
            match &planned.step {
                Step::Send(job) => Some((planned.row, job.action.plan())),
                Step::SendTo(_, action) => Some((planned.row, action.plan())),
                Step::SendSomewhere(_) => Some((planned.row, None)),
                Step::Blocked(..) | Step::Ended(..) => None,
            }
        })
    }
}

/// The guard that is tripped when nobody knows whether rows about no plan act where they are expected to.
pub(super) fn homeless(plan: &Plan, home: Option<PlanId>) -> Option<Guard> {
    let rows: Vec<_> = plan.changes().filter(|(_, of)| of.is_none()).map(|(row, _)| row).collect();
    (home.is_none() && !rows.is_empty()).then(|| Guard {
        message: format!("expect_plan is set, and which plan the users of {} are in was not read", named("row", &rows)),
        hint: "name the plan with --plan-id".to_owned(),
    })
}
