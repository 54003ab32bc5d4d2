//! Protected users: no run changes them, whatever a file says.

use super::run_plan::CertainRefusal;
use crate::model::{Email, Outcome, Pattern, Status, UserId};

/// An entry of the list of protected users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// The users it names.
    pub pattern: Pattern,
    /// Where it is written, as a person would look it up.
    pub place: String,
}

/// Whether a user is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection<'p> {
    /// No entry names this user.
    NotProtected,
    /// This entry names this user.
    ProtectedBy(&'p Protected),
    /// This entry may name this user: it names an address, and the user's address is unknown.
    Undetermined(&'p Protected),
}

/// Whether one of `entries` protects a user, as far as the known id and address tell.
pub fn protection<'p>(entries: &'p [Protected], user: Option<UserId>, email: Option<&Email>) -> Protection<'p> {
    let judged = || entries.iter().map(|entry| (entry, entry.pattern.matches(user, email)));
    match judged().find(|(_, is_meant)| *is_meant == Some(true)) {
        Some((entry, _)) => Protection::ProtectedBy(entry),
        None => judged()
            .find(|(_, is_meant)| is_meant.is_none())
            .map_or(Protection::NotProtected, |(entry, _)| Protection::Undetermined(entry)),
    }
}

impl Protected {
    /// How a row of a protected user ends.
    pub fn outcome(&self) -> Outcome {
        let message = format!("protected user: `{}` in {} protects this user", self.pattern, self.place);
        let mut outcome = Outcome::of_row(Status::Skipped, message);
        outcome.hint = Some("remove that entry if this user is to be changed anyway".to_owned());
        outcome
    }

    /// The refusal of a row whose user this may protect, because the API does not show the address.
    pub fn doubt(&self) -> CertainRefusal {
        CertainRefusal {
            message: format!(
                "cannot tell whether this user is protected by `{}` ({}): the API does not show the address",
                self.pattern, self.place
            ),
            hint: "add the user's address in a column `email`".to_owned(),
        }
    }
}
