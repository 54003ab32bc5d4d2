//! What the guards allow, as the settings and flags say.

use super::expected_plans::ExpectedPlans;
use crate::model::Limit;

/// What the guards allow.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Users that may be changed (`--max-changes`): in all, or per cent of each plan's users.
    pub changes: Limit,
    /// Rows that may be invalid (`--max-invalid`).
    pub invalid: Limit,
    /// Whether users may be removed from a plan (`--allow-remove`).
    pub removal: Removal,
    /// Whether the share of a plan's users is judged.
    pub shares: Shares,
    /// The only plans in which anything may be changed (`expect_plan`); `None` allows any plan.
    pub expected: Option<ExpectedPlans>,
}

/// Whether users may be removed from a plan, which nothing can reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// A removal refuses the file.
    #[default]
    Forbidden,
    /// A removal is carried out.
    Allowed,
}

/// Whether the share of a plan's users is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shares {
    /// It is judged.
    Count,
    /// It means nothing: the plan of a sandbox run holds only the users of the file.
    MeanNothing,
}
