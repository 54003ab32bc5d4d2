//! The plan: what a run will do, row by row, decided before anything is sent.
//!
//! Pure: rows and what is known of the account come in, steps and tripped guards come out. It never drops a row: each
//! either becomes a job or ends here with its reason.

mod build;
mod caution;
mod conflict;
mod directory;
mod domain;
mod guard;
mod likely;
mod predict;
mod recall;
mod standing;
mod tally;
mod tenant;

pub use build::{Builder, Circumstances, Plan, Planned, Step, Tenant};
pub use caution::{Caution, Cautions, Concerned};
pub use directory::{Directory, Extent, Held, Person, Presence, Reach};
pub use guard::{Guard, Limits, Removal, tripped};
pub use predict::Prediction;
pub use recall::{REACTIVATION, recall};
pub use tally::{Effect, Tally};
pub use tenant::Strangers;
