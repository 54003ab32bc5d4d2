//! What a test may know of a user in the world.
//!
//! It decides which of the state is shown outside. It must never lend the state itself.

use super::seat::FreeName;
use super::user::{Role, User};

/// A user as held now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUser {
    /// The id.
    pub id: u64,
    /// The primary address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// `ACTIVE`, `PENDING`, `DECLINED` or `DEACTIVATED`.
    pub status: &'static str,
    /// The roles held, in the order of [`Role`].
    pub roles: Vec<Role>,
    /// Plan ids and seats, by the API's names; the free seat is always CONTRIBUTOR.
    pub seats: Vec<(u64, String)>,
}

impl HeldUser {
    pub(super) fn new(user: &User) -> Self {
        let all = [Role::Admin, Role::GroupAdmin, Role::ResourceViewer, Role::LicensedSheetCreator];
        let seat = |seat: &super::seat::Seat| seat.name(FreeName::Contributor).to_owned();
        Self {
            id: user.id,
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            status: user.status.name(),
            roles: all.into_iter().filter(|role| user.roles.has(*role)).collect(),
            seats: user.memberships.iter().map(|held| (held.plan, seat(&held.seat))).collect(),
        }
    }
}
