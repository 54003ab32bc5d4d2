//! A user to be held by a world, described by whoever builds the world.
//!
//! It decides what can be said about such a user and what goes without saying. It must never read an input file: the
//! caller does, so that the sandbox knows nothing of CSV.

use jiff::{SignedDuration, Timestamp};

use super::fault::Fault;
use super::operation::Operation;
use super::seat::Seat;
use super::user::{Membership, Role, Roles, Status, User};

/// A user of a [`World::holding`](super::World::holding).
#[derive(Debug, Clone)]
pub struct SandboxUser {
    /// The user's id, the same in the whole API.
    pub id: u64,
    /// The primary address. Made up when absent, at a domain of the plan or not as [`is_internal`](Self::is_internal)
    /// says.
    pub email: Option<String>,
    /// Made up when absent.
    pub first_name: Option<String>,
    /// Made up when absent.
    pub last_name: Option<String>,
    /// Plan ids and the seat held there, by the API's names; an unknown name is carried as it is. Without any, the user
    /// is a MEMBER of the first plan that any user names, or else of [`HOME_PLAN`](super::HOME_PLAN): a file of
    /// leavers names none.
    pub plans: Vec<(u64, String)>,
    /// ACTIVE unless said otherwise.
    pub status: Status,
    /// Whether the address belongs to a domain of the plan; true unless said otherwise. An address at one of the ISP
    /// domains of seed 001 is refused by deactivate and reactivate either way.
    pub is_internal: bool,
    /// Whether a directory service manages the user, who can then be deactivated only there.
    pub is_directory_managed: bool,
    /// Roles. A licence comes with a MEMBER or PROVISIONAL seat and needs no mention.
    pub roles: Vec<Role>,
    /// How many days ago the user last signed in: 1 unless said otherwise, `None` for never.
    pub last_login_days_ago: Option<u32>,
    /// How many sheets the user owns.
    pub sheets: u32,
    /// What goes wrong, once each: the first request of that operation for this user meets the first fault given for
    /// it, the second request the second, and so on.
    pub faults: Vec<(Operation, Fault)>,
}

impl SandboxUser {
    /// An active internal user without a role, who names no plan.
    pub const fn new(id: u64) -> Self {
        Self {
            id,
            email: None,
            first_name: None,
            last_name: None,
            plans: Vec::new(),
            status: Status::Active,
            is_internal: true,
            is_directory_managed: false,
            roles: Vec::new(),
            last_login_days_ago: Some(1),
            sheets: 0,
            faults: Vec::new(),
        }
    }

    /// Adds a seat in a plan.
    #[must_use]
    pub fn seated(mut self, plan: u64, seat: impl Into<String>) -> Self {
        self.plans.push((plan, seat.into()));
        self
    }

    /// Adds a fault for an operation.
    #[must_use]
    pub fn failing(mut self, operation: Operation, fault: Fault) -> Self {
        self.faults.push((operation, fault));
        self
    }

    /// The same user as the world holds it, in the plan `home` if in no other. Dates count back from `now`.
    pub(super) fn into_user(self, home: u64, now: Timestamp) -> User {
        let plans = if self.plans.is_empty() { vec![(home, "MEMBER".to_owned())] } else { self.plans };
        let domain = if self.is_internal { OWN_DOMAIN } else { FOREIGN_DOMAIN };
        let mut user = User {
            id: self.id,
            email: self.email.unwrap_or_else(|| format!("user.{}@{domain}", self.id)),
            first_name: self.first_name.unwrap_or_else(|| "User".to_owned()),
            last_name: self.last_name.unwrap_or_else(|| self.id.to_string()),
            status: self.status,
            roles: Roles::new(&self.roles),
            memberships: Vec::new(),
            sheets: self.sheets,
            is_directory_managed: self.is_directory_managed,
            last_login: self.last_login_days_ago.map(|days| with_fraction(now, self.id) - days_of(days.into())),
            is_unreadable: false,
            is_known: true,
        };
        for (plan, seat) in plans {
            join(&mut user, plan, Seat::named(&seat), self.is_internal, now);
        }
        user
    }
}

/// The domain of the sandbox's own plans (reserved by RFC 2606, so that nobody gets mail).
pub(super) const OWN_DOMAIN: &str = "example.com";

/// A domain that belongs to no plan.
pub(super) const FOREIGN_DOMAIN: &str = "partner.example.net";

/// Puts the user into one more plan; a plan that the user is in already keeps its seat.
pub(super) fn join(user: &mut User, plan: u64, seat: Seat, is_internal: bool, now: Timestamp) {
    if user.membership(plan).is_some() {
        return;
    }
    if seat.is_licensed() {
        user.roles.set(Role::LicensedSheetCreator, true);
    }
    user.memberships.push(Membership {
        plan,
        seat,
        is_internal,
        changed_at: with_fraction(now, user.id) - days_of(90),
        provisional_until: with_fraction(now, user.id) + days_of(21),
    });
}

const fn days_of(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// The time in whole seconds, in microseconds or in nanoseconds, as the number decides: the API sends all three.
pub(super) fn with_fraction(time: Timestamp, number: u64) -> Timestamp {
    let nanoseconds = match number % 3 {
        0 => 0,
        1 => 123_456_000,
        _ => 123_456_789,
    };
    Timestamp::new(time.as_second(), nanoseconds).unwrap_or(time)
}
