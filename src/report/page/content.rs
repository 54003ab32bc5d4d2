//! What a page is about, but for its rows.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::remark::Remark;
use super::traffic::Traffic;
use crate::model::{PlanId, StopReason};
use crate::plan::{AffectedShare, Highlight};
use crate::report::Estimate;

/// What a page is about, but for its rows.
#[derive(Debug)]
pub struct Page<'a> {
    /// What it shows.
    pub occasion: Occasion<'a>,
    /// Whether anything of it is real.
    pub stage: Stage,
    /// The input's name.
    pub input: &'a str,
    /// Where the report is; none when it could not be written, or went to standard output.
    pub report: Option<&'a str>,
    /// When it began.
    pub began: Timestamp,
    /// How long it took, as far as it has come to its end.
    pub took: Option<Duration>,
    /// The token's user and the account, where the API was asked.
    pub who: Option<&'a str>,
    /// The API's address, where it was asked.
    pub api_url: Option<&'a str>,
    /// What is to be known before anything else.
    pub remarks: Vec<Remark>,
    /// How the plans are called, as far as the API said.
    pub plan_names: &'a BTreeMap<PlanId, String>,
    /// How many users of each plan would be changed; none of a run.
    pub shares: &'a [AffectedShare],
    /// The rows to look at first; none of a run.
    pub highlights: &'a [Highlight],
    /// How the rows are approved, where they can be.
    pub approval: Option<Approval<'a>>,
}

/// What a page shows.
#[derive(Debug)]
pub enum Occasion<'a> {
    /// A dry run: what would happen, and what that costs.
    Review(Estimate),
    /// A run that was refused before anything was changed.
    Refusal,
    /// A run.
    Run {
        /// Its name.
        name: &'a str,
        /// Why it ended; none while it is under way, or when it died.
        ending: Option<&'a StopReason>,
        /// What it sent, and when.
        traffic: Traffic,
    },
}

/// Whether anything of it is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is.
    Real,
    /// It is not: the API was simulated.
    Rehearsal,
}

/// How the rows of a review are approved.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// The column that says yes.
    pub column: &'a str,
    /// Until when the review can run; none where nobody knows.
    pub until: Option<Timestamp>,
}

impl Page<'_> {
    /// A plan as people know it: by its name, with its id.
    pub(super) fn plan_in_words(&self, plan: PlanId) -> String {
        self.plan_names.get(&plan).map_or_else(|| plan.to_string(), |name| format!("{name} ({plan})"))
    }
}
