//! Readings: what the API shows of a user when a job's effect has to be looked up.

use super::{Attributes, ReportedSeat};

/// What was read of a user, as far as one job's action shows in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObservedState {
    /// The user's seat in the job's plan; `None` when the user is not in it.
    Seat(Option<ReportedSeat>),
    /// The user's status (ACTIVE, DEACTIVATED, …); `None` when the API does not show it.
    UserStatus(Option<String>),
    /// The user's attributes; `None` for each that the API does not show.
    Attributes(Box<Attributes>),
    /// The API does not let the caller see the user in the plan or account.
    Gone,
    /// The API knows no such user.
    NoSuchUser,
}

impl ObservedState {
    /// The seat that was found, where a seat was read.
    pub const fn seat(&self) -> Option<&ReportedSeat> {
        match self {
            Self::Seat(seat) => seat.as_ref(),
            Self::UserStatus(_) | Self::Attributes(_) | Self::Gone | Self::NoSuchUser => None,
        }
    }

    /// What was found, in words.
    pub fn describe(&self) -> String {
        match self {
            Self::Seat(Some(seat)) => format!("the seat is {seat}"),
            Self::Seat(None) => "the user is not in the plan".to_owned(),
            Self::UserStatus(Some(status)) => format!("the user is {status}"),
            Self::UserStatus(None) => "the API does not show the user's status".to_owned(),
            Self::Attributes(attributes) => {
                let shown: Vec<_> =
                    attributes.set().into_iter().map(|(name, value)| format!("{name} is {value}")).collect();
                if shown.is_empty() { "the API shows no attributes".to_owned() } else { shown.join(", ") }
            }
            Self::Gone => "the user cannot be seen in the plan".to_owned(),
            Self::NoSuchUser => "the API knows no such user".to_owned(),
        }
    }
}
