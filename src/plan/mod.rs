//! The plan: what a run will do, row by row, decided before anything is sent.
//!
//! Pure: rows and the state of the account come in, steps and tripped guards come out. It never drops a row: each becomes
//! a job or ends here with its reason.

mod account_state;
mod builder;
mod checks;
mod conflicts;
mod directory;
mod guards;
mod missing_users;
mod protected;
mod reasons;
mod row_warning;
mod run_plan;
mod summary;
mod wording;

pub use account_state::{AccountState, Addresses, CloudKind};
pub use builder::RunPlanBuilder;
pub use checks::Seen;
pub use directory::{AddressOwner, Coverage, Directory, Lookups, Person, PlanCoverage, Presence, SeatRecord};
pub use guards::{
    ExpectedPlans, Guard, Limits, MissingUsers, Removal, Shares, is_wrong_plan, refused, tripped, warnings,
};
pub use protected::{Protected, Protection, protection};
pub use reasons::Reasons;
pub use row_warning::{RowWarning, RowWarnings};
pub use run_plan::{CertainRefusal, PlannedRow, RunPlan, Step};
pub use summary::{
    AffectedShare, Amount, Highlight, JobCertainty, PaidSeatCounter, PaidSeats, PaidSeatsByPlan, REACTIVATION,
    RowEffect, Totals, WarnedRows, highlights, history_warnings,
};
