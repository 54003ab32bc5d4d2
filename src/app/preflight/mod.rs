//! The preflight: what has to be known of the account before rows become a plan, and who is left alone because of it.

mod addresses;
mod costs;
pub(crate) mod drift;
pub(crate) mod expectations;
mod findings;
pub(crate) mod hidden_rows;
pub(crate) mod named_users;
pub(crate) mod planning;
pub(crate) mod skip_protected;
pub(crate) mod subjects;
pub(crate) mod survey;
