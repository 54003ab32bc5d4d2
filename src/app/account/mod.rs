//! The account: whose token it is, what is read of its users, its lock, and what may be sent for it.

pub(crate) mod budget;
pub(crate) mod current_user;
pub(crate) mod endpoint;
pub(crate) mod lock;
pub(crate) mod obstacle;
pub(crate) mod read_error;
mod read_patience;
pub(crate) mod reader;
