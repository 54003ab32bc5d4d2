//! A user as the world holds it: status, roles, and a seat in each plan.
//!
//! It decides what is known of a user. It must never decide what may be done to one: that is for `rules`.

use jiff::{SignedDuration, Timestamp};

use super::seat::Seat;

/// Whether a user can sign in (`status` in a list of users).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Can.
    Active,
    /// Was invited and has not answered.
    Pending,
    /// Was invited and said no.
    Declined,
    /// Was shut out by an admin.
    Deactivated {
        /// When. A reactivation is possible for 30 days from then.
        since: Timestamp,
    },
}

impl Status {
    /// Deactivated this many days of 24 hours ago.
    pub fn deactivated_days_ago(days: u32) -> Self {
        let since = Timestamp::now() - SignedDuration::from_hours(24 * i64::from(days));
        Self::Deactivated { since }
    }

    /// The API's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Pending => "PENDING",
            Self::Declined => "DECLINED",
            Self::Deactivated { .. } => "DEACTIVATED",
        }
    }
}

/// What a user is allowed besides using the product (the four booleans of seed 003).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `admin`: System Admin.
    Admin,
    /// `groupAdmin`
    GroupAdmin,
    /// `resourceViewer`
    ResourceViewer,
    /// `licensedSheetCreator`. Whoever holds a paid or a trial seat has it without being given it.
    LicensedSheetCreator,
}

/// The roles that a user holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Roles([bool; 4]);

impl Roles {
    pub(super) fn new(roles: &[Role]) -> Self {
        let mut held = Self::default();
        for role in roles {
            held.set(*role, true);
        }
        held
    }

    pub(super) const fn has(self, role: Role) -> bool {
        self.0[role as usize]
    }

    pub(super) const fn set(&mut self, role: Role, held: bool) {
        self.0[role as usize] = held;
    }
}

/// A seat in one plan.
#[derive(Debug, Clone)]
pub(super) struct Membership {
    pub(super) plan: u64,
    pub(super) seat: Seat,
    /// The email domain belongs to the plan.
    pub(super) is_internal: bool,
    pub(super) changed_at: Timestamp,
    /// Shown for a trial seat only.
    pub(super) provisional_until: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) status: Status,
    pub(super) roles: Roles,
    pub(super) memberships: Vec<Membership>,
    /// Sheets owned, which tie the user to a licence.
    pub(super) sheets: u32,
    pub(super) is_directory_managed: bool,
    pub(super) last_login: Option<Timestamp>,
    /// The fault `lost` has struck: nobody can read this user any more.
    pub(super) is_unreadable: bool,
    /// Is or was in a plan of the token's account. Without that, not even an admin may read the user.
    pub(super) is_known: bool,
}

impl User {
    pub(super) fn membership(&self, plan: u64) -> Option<&Membership> {
        self.memberships.iter().find(|membership| membership.plan == plan)
    }

    pub(super) fn domain(&self) -> &str {
        self.email.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// When the user first looked in, as far as anybody remembers; `None` for who has never signed in.
    pub(super) fn first_login(&self) -> Option<Timestamp> {
        self.last_login.map(|last| last - SignedDuration::from_hours(24 * 365))
    }

    /// Gives the seat, and the licence that goes with it.
    pub(super) fn sit(&mut self, plan: u64, seat: Seat, now: Timestamp) {
        self.roles.set(Role::LicensedSheetCreator, seat.is_licensed());
        if let Some(membership) = self.memberships.iter_mut().find(|membership| membership.plan == plan) {
            membership.seat = seat;
            membership.changed_at = now;
        }
    }
}
