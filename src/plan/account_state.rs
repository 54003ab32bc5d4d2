//! The state of the account: everything that is known of it when a plan is made.

use super::directory::Directory;
use super::protected::Protected;
use crate::model::{MissingUserPolicy, UserId};

/// The kind of Smartsheet that holds the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CloudKind {
    /// The commercial cloud.
    #[default]
    Commercial,
    /// Smartsheet Gov, which has no deactivation.
    Gov,
}

/// Whether the addresses of the users of a file were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Only those that other lookups showed.
    #[default]
    Unread,
    /// All that the API shows and that matter.
    Read,
}

/// The state of the account when a plan is made.
#[derive(Debug, Clone, Default)]
pub struct AccountState {
    /// The token's own user, once `/users/me` was read.
    pub own: Option<UserId>,
    /// Whether that user is a System Admin; `None` when the API does not say.
    pub own_is_admin: Option<bool>,
    /// The kind of Smartsheet.
    pub cloud_kind: CloudKind,
    /// Users whom no run changes.
    pub protected: Vec<Protected>,
    /// What becomes of rows whose users have no account.
    pub missing_users: MissingUserPolicy,
    /// Whether addresses were read, which some protected users are named by.
    pub addresses: Addresses,
    /// What the API says of the users now; `None` without a network.
    pub directory: Option<Directory>,
}
