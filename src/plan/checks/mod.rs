//! Checks of one row at a time: what is so already, what is certain to be refused, what is worth a warning.

mod checker;
mod conditions;
mod domains;
mod drift;
mod no_op;
mod projected_user;
mod refusals;
mod row_warnings;
mod skip_protected;

pub(super) use checker::Checker;
pub use drift::Seen;
pub(super) use row_warnings::unread_user_warnings;
pub(super) use skip_protected::{protection_of, skip_protected};
