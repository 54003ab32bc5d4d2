//! The plan: what a run will do, row by row, decided before anything is sent.
//!
//! Pure: rows and what is known of the account come in, steps and tripped guards come out. It never drops a row: each
//! either becomes a job or ends here with its reason.

mod admins;
mod build;
mod caution;
mod conflict;
mod directory;
mod domain;
mod drift;
mod guard;
mod likely;
mod money;
mod predict;
mod protect;
mod recall;
mod share;
mod standing;
mod striking;
mod tally;
mod tenant;

pub use build::{Addresses, Builder, Circumstances, Plan, Planned, Step, Tenant};
pub use caution::{Caution, Cautions, Concerned};
pub use directory::{AddressOwner, Directory, Extent, Held, Lookups, Person, Presence, Reach};
pub use drift::Seen;
pub use guard::{Expected, Guard, Limits, Removal, Shares, tripped, warnings};
pub use money::{Amount, Done, Meter, Money, PaidSeats};
pub use predict::Prediction;
pub use protect::{Protected, Protection, protection, refused};
pub use recall::{REACTIVATION, recall};
pub use share::Share;
pub use striking::{Striking, striking};
pub use tally::{Effect, Tally};
pub use tenant::Strangers;
