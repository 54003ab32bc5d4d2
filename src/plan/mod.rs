//! The plan: what a run will do, row by row, decided before anything is sent.
//!
//! Pure: rows and what is known of the account come in, steps and tripped guards come out. It never drops a row: each
//! either becomes a job or ends here with its reason.

mod account_state;
mod builder;
mod checks;
mod conflicts;
mod directory;
mod guards;
mod protected;
mod row_warning;
mod run_plan;
mod summary;
mod wording;

pub use account_state::{Addresses, Circumstances, Tenant};
pub use builder::Builder;
pub use checks::Seen;
pub use directory::{AddressOwner, Directory, Extent, Held, Lookups, Person, Presence, Reach};
pub use guards::{Expected, Guard, Limits, Removal, Shares, Strangers, refused, tripped, warnings};
pub use protected::{Protected, Protection, protection};
pub use row_warning::{Caution, Cautions};
pub use run_plan::{Plan, Planned, Prediction, Step};
pub use summary::{
    Amount, Concerned, Done, Effect, Meter, Money, PaidSeats, REACTIVATION, Share, Striking, Tally, recall, striking,
};
