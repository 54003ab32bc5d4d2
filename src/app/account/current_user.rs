//! The current user: whose token it is, and what the server has to say so with.

use std::fmt;

use crate::model::{ExpectedAccount, UserId};

/// Whose token it is.
#[derive(Debug, Clone)]
pub(crate) struct CurrentUser {
    /// What the server has, as far as asking this showed it.
    pub operations: Operations,
    /// The user's id, which every answer of Smartsheet has.
    pub id: Option<UserId>,
    /// The user and the account, as a person would name them.
    pub who: String,
    /// The account.
    pub account: Account,
    /// Whether the user is a System Admin; `None` when the API does not say.
    pub is_admin: Option<bool>,
}

/// Which operations of the API a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operations {
    /// All, as far as is known.
    All,
    /// Those of the documents on seats, plans and updates alone: neither `GET /users/me` nor lists of users.
    SeatsOnly,
}

impl CurrentUser {
    /// Somebody of whom the server says nothing.
    pub(super) fn unknown() -> Self {
        let who = "the owner of the token".to_owned();
        Self { operations: Operations::SeatsOnly, id: None, who, account: Account::default(), is_admin: None }
    }
}

/// The account that a token belongs to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    pub(super) name: Option<String>,
    pub(super) id: Option<u64>,
}

impl Account {
    /// Whether it is the one that is expected.
    pub(crate) fn is(&self, expected: &ExpectedAccount) -> bool {
        expected.is_met_by(self.id, self.name.as_deref())
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.id) {
            (Some(name), Some(id)) => write!(f, "`{name}` (account {id})"),
            (Some(name), None) => write!(f, "`{name}`"),
            (None, Some(id)) => write!(f, "account {id}"),
            (None, None) => f.write_str("an account that the API does not name"),
        }
    }
}
