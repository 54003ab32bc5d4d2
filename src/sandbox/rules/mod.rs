//! The rules of the changes: pure functions on the state, given the time.
//!
//! They decide whether a change is made or refused, and with which code. They must never know that there is HTTP, a
//! fault or a limit. Where the documents are silent, the comment at the place says what was chosen and why.

mod activation;
mod profile;
mod seats;

pub(super) use activation::{ISP_DOMAINS, deactivate, reactivate};
pub(super) use profile::{ProfileChanges, update};
pub(super) use seats::{SeatOrder, downgrade, remove, upgrade};

use super::refusal::Refusal;
use super::user::{Membership, Role, Status, User};
use super::world::World;

/// All changes need a System Admin's token.
pub(super) fn require_admin(world: &World) -> Result<(), Refusal> {
    if is_admin(world) { Ok(()) } else { Err(Refusal::new(1004)) }
}

/// Whether the token is an active System Admin's.
pub(super) fn is_admin(world: &World) -> bool {
    let is_admin = |own: &User| own.roles.has(Role::Admin) && own.status == Status::Active;
    world.user(world.own_user).is_some_and(is_admin)
}

pub(super) fn require_user(world: &World, id: u64) -> Result<&User, Refusal> {
    world.user(id).ok_or_else(|| Refusal::new(1006))
}

/// The C# SDK says it of downgrade only; a seat for somebody who can't sign in makes no more sense the other way.
fn require_active(user: &User) -> Result<(), Refusal> {
    match user.status {
        Status::Active => Ok(()),
        Status::Pending | Status::Deactivated { .. } => Err(Refusal::new(1188)),
        Status::Declined => Err(Refusal::new(1048)),
    }
}

/// The seat by which a user belongs to the token's account: an internal one if there is one.
pub(super) fn home<'a>(world: &World, user: &'a User) -> Option<&'a Membership> {
    let own = || user.memberships.iter().filter(|membership| world.administers(membership.plan));
    own().find(|membership| membership.is_internal).or_else(|| own().next())
}

#[cfg(test)]
pub(super) fn code<T>(result: Result<T, Refusal>) -> u16 {
    result.map_or_else(|refusal| refusal.code().unwrap_or(u16::MAX), |_| 0)
}
