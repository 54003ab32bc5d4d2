//! What the guards allow, as the settings and flags say.

use super::expected_plans::Expected;
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
    /// Whether the share of a plan's users says anything.
    pub shares: Shares,
    /// The only plans in which anything may be changed (`expect_plan`); `None` when any will do.
    pub expected: Option<Expected>,
}

/// Whether users may be removed from a plan, which nothing can reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// It refuses the file.
    #[default]
    Forbidden,
    /// It is done.
    Allowed,
}

/// Whether the share of a plan's users says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shares {
    /// It does.
    Count,
    /// It does not: a rehearsal's plan holds the users of the file and nobody else.
    MeanNothing,
}
