//! Guards over the whole file: limits that refuse a plan before anything is changed, because the file looks like an
//! accident.

mod admins;
mod changes;
mod expected_plans;
mod guard;
mod limits;
mod tripped;
mod unclear_protection;
mod wrong_account;
mod wrong_plan;

pub use expected_plans::ExpectedPlans;
pub use guard::Guard;
pub use limits::{Limits, Removal, Shares};
pub use tripped::{tripped, warnings};
pub use unclear_protection::refused;
pub use wrong_plan::{MissingUsers, is_wrong_plan};
