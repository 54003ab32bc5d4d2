//! Expected plans: changes in any plan that the settings do not name refuse the file.

use super::guard::Guard;
use crate::model::{Action, PlanId};
use crate::plan::run_plan::RunPlan;
use crate::plan::wording::listed;

/// The only plans in which anything may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedPlans {
    /// The plans.
    pub plans: Vec<PlanId>,
    /// Where they are named, as a person would look it up.
    pub place: String,
}

impl ExpectedPlans {
    /// The guard that is tripped by changes in any other plan. `changes` are rows, each with its plan; rows about no plan
    /// are about `default_plan`, where it is known.
    pub fn guard(
        &self,
        changes: impl Iterator<Item = (u64, Option<PlanId>)>,
        default_plan: Option<PlanId>,
    ) -> Option<Guard> {
        let unexpected = changes.filter_map(|(row, of)| {
            let of = of.or(default_plan)?;
            (!self.plans.contains(&of)).then_some((row, of))
        });
        let unexpected: Vec<_> = unexpected.collect();
        let (_, plan) = unexpected.first()?;
        let rows: Vec<_> = unexpected.iter().filter(|(_, of)| of == plan).map(|(row, _)| *row).collect();
        let plans: Vec<_> = self.plans.iter().map(ToString::to_string).collect();
        Some(Guard {
            message: format!(
                "{} would change users of plan {plan}, and expect_plan in {} allows only {}",
                listed("row", &rows),
                self.place,
                plans.join(", ")
            ),
            hint: "check --profile, --plan-id and the file; if this plan is meant, add it to expect_plan".to_owned(),
        })
    }
}

impl RunPlan {
    /// The rows that would change a user, each with its plan.
    pub fn changes(&self) -> impl Iterator<Item = (u64, Option<PlanId>)> {
        self.rows.iter().filter_map(|planned| {
            planned.step.sends().filter(|action| action.changes())?;
            Some((planned.row, planned.step.action().and_then(Action::plan)))
        })
    }
}

/// The guard that is tripped by rows about no plan when their plan is unknown.
pub(super) fn unknown_plan(plan: &RunPlan, default_plan: Option<PlanId>) -> Option<Guard> {
    let rows: Vec<_> = plan.changes().filter(|(_, of)| of.is_none()).map(|(row, _)| row).collect();
    (default_plan.is_none() && !rows.is_empty()).then(|| Guard {
        message: format!("expect_plan is set, but the plan of the users in {} is unknown", listed("row", &rows)),
        hint: "name the plan with --plan-id".to_owned(),
    })
}
