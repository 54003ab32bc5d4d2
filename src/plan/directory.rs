//! The directory: what the API says of the users now, as far as a plan depends on it.

use std::collections::HashMap;

use crate::model::{Email, PlanId, SeenSeat, UserId};

/// What the API says of the users now. What is not in it was not read, or is not shown.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    addresses: HashMap<Email, UserId>,
    seats: HashMap<(PlanId, UserId), SeenSeat>,
    statuses: HashMap<UserId, String>,
}

impl Directory {
    /// Notes whose a primary address is.
    pub fn note_address(&mut self, email: Email, user: UserId) {
        self.addresses.insert(email, user);
    }

    /// Notes the seat of a user in a plan.
    pub fn note_seat(&mut self, plan: PlanId, user: UserId, seat: SeenSeat) {
        self.seats.insert((plan, user), seat);
    }

    /// Notes the status of a user: ACTIVE, DEACTIVATED and so on.
    pub fn note_status(&mut self, user: UserId, status: String) {
        self.statuses.insert(user, status);
    }

    /// Whose an address is.
    pub fn user(&self, email: &Email) -> Option<UserId> {
        self.addresses.get(email).copied()
    }

    /// The seat of a user in a plan.
    pub fn seat(&self, plan: PlanId, user: UserId) -> Option<&SeenSeat> {
        self.seats.get(&(plan, user))
    }

    /// The status of a user.
    pub fn status(&self, user: UserId) -> Option<&str> {
        self.statuses.get(&user).map(String::as_str)
    }
}
