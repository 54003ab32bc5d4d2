//! The requests that a fault can be bound to, by the words of the input's `action` column.
//!
//! It decides what such a request is called. It must never say what the request does.

use std::fmt;
use std::str::FromStr;

/// One kind of request about one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /users/{userId}/plans/{planId}/downgrade`
    Downgrade,
    /// `POST /users/{userId}/plans/{planId}/upgrade`
    Upgrade,
    /// `POST /users/{userId}/deactivate`
    Deactivate,
    /// `POST /users/{userId}/reactivate`
    Reactivate,
    /// `DELETE /users/{userId}/plans/{planId}`
    Remove,
    /// `PUT /users/{userId}`
    Update,
    /// `GET /users/{userId}/plans`, the only one that changes nothing.
    Plans,
}

impl Operation {
    const ALL: [Self; 7] =
        [Self::Downgrade, Self::Upgrade, Self::Deactivate, Self::Reactivate, Self::Remove, Self::Update, Self::Plans];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Downgrade => "downgrade",
            Self::Upgrade => "upgrade",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::Remove => "remove",
            Self::Update => "update",
            Self::Plans => "plans",
        }
    }

    /// Whether the request asks for a change.
    pub fn is_change(self) -> bool {
        self != Self::Plans
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Operation {
    type Err = String;

    /// The operation of that [name](Self::name); the error lists the names.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|operation| operation.name() == text).ok_or_else(|| {
            format!("no operation is called '{text}'; there are {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}
