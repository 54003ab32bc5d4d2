//! A user as people name one: by id, or by address.

use std::fmt;
use std::str::FromStr;

use crate::model::{Email, UserId};

/// Whom somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserQuery {
    /// The user with this id.
    Id(UserId),
    /// Whoever has, or had, this address.
    Address(Email),
}

impl FromStr for UserQuery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let id = text.parse().ok().and_then(UserId::new).map(Self::Id);
        id.or_else(|| Email::new(text).map(Self::Address))
            .ok_or_else(|| "name a user by id or by address, such as jo@example.com".to_owned())
    }
}

impl fmt::Display for UserQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Address(email) => email.fmt(f),
        }
    }
}
