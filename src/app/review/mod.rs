//! Reviews: what a person sees before a run, the report of a dry run, and what comes back approved.

pub(crate) mod approval;
pub(crate) mod approval_guide;
pub(crate) mod confirmation;
pub(crate) mod dry_run;
pub(crate) mod dry_run_report;
mod objections;
pub(crate) mod planned_rows;
pub(crate) mod signed_rows;
pub(crate) mod verdict;
