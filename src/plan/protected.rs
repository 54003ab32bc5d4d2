//! Protection: users whom no run changes, whatever a file says.

use super::run_plan::Prediction;
use crate::model::{Email, Outcome, Pattern, Status, UserId};

/// An entry of the list of protected users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// Whom it means.
    pub pattern: Pattern,
    /// Where it stands, as a person would look it up.
    pub place: String,
}

/// Whether a user is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection<'p> {
    /// No entry means this user.
    Open,
    /// This entry does.
    By(&'p Protected),
    /// This entry may: it goes by the address, which is not known.
    Unclear(&'p Protected),
}

/// Whether a user is protected by one of `entries`, as far as the id and the address that are known tell.
pub fn protection<'p>(entries: &'p [Protected], user: Option<UserId>, email: Option<&Email>) -> Protection<'p> {
    let judged = || entries.iter().map(|entry| (entry, entry.pattern.matches(user, email)));
    match judged().find(|(_, is_meant)| *is_meant == Some(true)) {
        Some((entry, _)) => Protection::By(entry),
        None => judged()
            .find(|(_, is_meant)| is_meant.is_none())
            .map_or(Protection::Open, |(entry, _)| Protection::Unclear(entry)),
    }
}

impl Protected {
    /// How a row of a protected user ends.
    pub fn outcome(&self) -> Outcome {
        let message = format!("protected user: `{}` in {} protects them", self.pattern, self.place);
        let mut outcome = Outcome::of_row(Status::Skipped, message);
        outcome.hint = Some("take the entry out there, if this user is to be changed all the same".to_owned());
        outcome
    }

    /// Why a row is not sent whose user this may protect, because the API does not show the address.
    pub fn doubt(&self) -> Prediction {
        Prediction {
            message: format!(
                "`{}` in {} protects users by their address, and the API does not show this one's",
                self.pattern, self.place
            ),
            hint: "give the user's address in a column `email`".to_owned(),
        }
    }
}
