//! Checks of one row at a time: what is so already, what is certain to be refused, what is worth a warning.

mod checker;
mod domains;
mod drift;
mod no_op;
mod projected_user;
mod refusals;
mod row_warnings;
mod skip_protected;

pub(super) use checker::Foresight;
pub use drift::Seen;
pub(super) use row_warnings::of_unread;
pub(super) use skip_protected::{judge, spare};
