//! The state of the account: everything that is known of it when a plan is made.

use super::directory::Directory;
use super::protected::Protected;
use crate::model::UserId;

/// Which kind of Smartsheet the account lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tenant {
    /// The ordinary one.
    #[default]
    Commercial,
    /// Smartsheet Gov, which has no deactivation.
    Gov,
}

/// Whether the addresses of the users of a file were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Not beyond what happened to be shown.
    #[default]
    Unread,
    /// All that the API shows, where anything depends on them.
    Read,
}

/// What is known of the account when a plan is made.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// The token's own user, once `/users/me` was read.
    pub own: Option<UserId>,
    /// Whether that user is a System Admin; `None` when the API does not say.
    pub own_is_admin: Option<bool>,
    /// The kind of tenant.
    pub tenant: Tenant,
    /// Users whom no run changes.
    pub protected: Vec<Protected>,
    /// Whether the addresses by which some of them are protected were read.
    pub addresses: Addresses,
    /// What the API says of the users now; `None` without a network.
    pub directory: Option<Directory>,
}
