//! Deactivate and reactivate.
//!
//! It decides who may be shut out and let in again. It must never change a seat, but for the MEMBER seat that comes
//! with a reactivation.

use jiff::{SignedDuration, Timestamp};

use super::{home, require_admin, require_user};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::seat::Seat;
use crate::sandbox::user::{Membership, Status, User};
use crate::sandbox::world::World;

/// The domains of seed 001, whose users cannot be deactivated.
pub(in crate::sandbox) const ISP_DOMAINS: [&str; 17] = [
    "aol.com",
    "charter.net",
    "comcast.net",
    "duck.com",
    "email.com",
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "outlook.com",
    "rocketmail.com",
    "usa.com",
    "verizon.net",
    "web.de",
    "yahoo.com",
];

/// How long a deactivation can be taken back (the SDKs' documentation).
const REACTIVATION_WINDOW: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The codes of one of the two directions.
struct Codes {
    yourself: u16,
    not_a_member: u16,
    directory: u16,
}

/// Seed 001. A second deactivation finds an account that is not active (1188), as does one of an invitation that is
/// still open. The seat is kept on record and takes no licence.
pub(in crate::sandbox) fn deactivate(world: &mut World, id: u64, now: Timestamp) -> Result<(), Refusal> {
    let (user, _) = managed_user(world, id, &Codes { yourself: 1336, not_a_member: 1335, directory: 5697 })?;
    match user.status {
        Status::Active => {}
        Status::Pending | Status::Deactivated { .. } => return Err(Refusal::new(1188)),
        Status::Declined => return Err(Refusal::new(1048)),
    }
    if let Some(user) = world.user_mut(id) {
        user.status = Status::Deactivated { since: now };
    }
    Ok(())
}

/// Within 30 days; gives a MEMBER seat in the user's own plan, which takes a licence. An active user is answered as
/// done, as an upgrade to the same seat is; for a window that is over no code is documented.
pub(in crate::sandbox) fn reactivate(world: &mut World, id: u64, now: Timestamp) -> Result<(), Refusal> {
    let (user, membership) = managed_user(world, id, &Codes { yourself: 1355, not_a_member: 1354, directory: 5717 })?;
    let since = match user.status {
        Status::Active => return Ok(()),
        Status::Deactivated { since } => since,
        Status::Pending => return Err(Refusal::new(1188)),
        Status::Declined => return Err(Refusal::new(1048)),
    };
    if now.duration_since(since) > REACTIVATION_WINDOW {
        return Err(Refusal::about(1146, &["the user was deactivated more than 30 days ago"]));
    }
    let plan = membership.plan;
    if !world.has_free_licence(plan) {
        return Err(Refusal::new(1014));
    }
    if let Some(user) = world.user_mut(id) {
        user.status = Status::Active;
        user.sit(plan, Seat::Member, now);
    }
    Ok(())
}

/// The user and the seat by which the account manages them, after all that both directions refuse alike. Domains
/// outside the plan are answered as "not a member of your account": the list has no nearer code.
fn managed_user<'a>(world: &'a World, id: u64, codes: &Codes) -> Result<(&'a User, &'a Membership), Refusal> {
    require_admin(world)?;
    let user = require_user(world, id)?;
    if id == world.own_user {
        return Err(Refusal::new(codes.yourself));
    }
    let membership = home(world, user).ok_or_else(|| Refusal::new(codes.not_a_member))?;
    if ISP_DOMAINS.iter().any(|domain| domain.eq_ignore_ascii_case(user.domain())) {
        return Err(Refusal::new(1359));
    }
    if !membership.is_internal {
        return Err(Refusal::new(codes.not_a_member));
    }
    if user.is_directory_managed {
        return Err(Refusal::new(codes.directory));
    }
    Ok((user, membership))
}

#[cfg(test)]
mod tests {
    use super::super::code;
    use super::*;
    use crate::sandbox::sandbox_user::SandboxUser;
    use crate::sandbox::world::HOME_PLAN;

    const USER: u64 = 48_569_348_493_401_200;

    type Shape = fn(&mut SandboxUser);

    fn world(shape: Shape) -> World {
        let mut sandbox_user = SandboxUser::new(USER);
        shape(&mut sandbox_user);
        World::holding([sandbox_user])
    }

    #[test]
    fn who_may_not_be_deactivated_is_refused_with_that_code() {
        let table: [(Shape, u16, u16); 8] = [
            // shape, deactivate, reactivate
            (|_| {}, 0, 0),
            (|sandbox_user| sandbox_user.email = Some("jane@Gmail.com".to_owned()), 1359, 1359),
            (|sandbox_user| sandbox_user.email = Some("jane@notgmail.com".to_owned()), 0, 0),
            (|sandbox_user| sandbox_user.is_internal = false, 1335, 1354),
            (|sandbox_user| sandbox_user.is_directory_managed = true, 5697, 5717),
            (|sandbox_user| sandbox_user.status = Status::Pending, 1188, 1188),
            (|sandbox_user| sandbox_user.status = Status::Declined, 1048, 1048),
            (|sandbox_user| sandbox_user.status = Status::deactivated_days_ago(1), 1188, 0),
        ];
        for (row, (shape, down, up)) in table.into_iter().enumerate() {
            assert_eq!(code(deactivate(&mut world(shape), USER, Timestamp::now())), down, "row {row}");
            assert_eq!(code(reactivate(&mut world(shape), USER, Timestamp::now())), up, "row {row}");
        }
    }

    #[test]
    fn yourself_a_stranger_and_nobody_are_told_apart() {
        let mut world = world(|_| {});
        let own = world.own_user;
        let now = Timestamp::now();
        assert_eq!((code(deactivate(&mut world, own, now)), code(reactivate(&mut world, own, now))), (1336, 1355));
        assert_eq!((code(deactivate(&mut world, 1, now)), code(reactivate(&mut world, 1, now))), (1006, 1006));
        super::super::remove(&mut world, USER, HOME_PLAN).unwrap();
        assert_eq!((code(deactivate(&mut world, USER, now)), code(reactivate(&mut world, USER, now))), (1335, 1354));
    }

    #[test]
    fn a_deactivation_can_be_taken_back_for_thirty_days_and_gives_a_member_seat() {
        let day = SignedDuration::from_hours(24);
        for (days, expected, seat) in [(29, 0, Seat::Member), (30, 0, Seat::Member), (31, 1146, Seat::Free)] {
            let mut world = World::holding([SandboxUser::new(USER).seated(HOME_PLAN, "VIEWER")]);
            let then = Timestamp::now();
            deactivate(&mut world, USER, then).unwrap();
            assert_eq!(code(deactivate(&mut world, USER, then)), 1188);
            assert_eq!(code(reactivate(&mut world, USER, then + day * days)), expected, "after {days} days");
            assert_eq!(world.user(USER).unwrap().membership(HOME_PLAN).unwrap().seat, seat);
        }
    }

    #[test]
    fn a_deactivation_frees_the_licence_that_a_reactivation_needs() {
        let mut world =
            World::holding([SandboxUser::new(USER), SandboxUser::new(USER + 1).seated(HOME_PLAN, "VIEWER")])
                .with_licences(HOME_PLAN, 2);
        let now = Timestamp::now();
        let wanted = super::super::SeatOrder { user: USER + 1, plan: HOME_PLAN, seat: "MEMBER" };
        deactivate(&mut world, USER, now).unwrap();
        super::super::upgrade(&mut world, wanted, now).unwrap();
        assert_eq!(code(reactivate(&mut world, USER, now)), 1014);
        super::super::downgrade(&mut world, super::super::SeatOrder { seat: "CONTRIBUTOR", ..wanted }, now).unwrap();
        assert_eq!(code(reactivate(&mut world, USER, now)), 0);
    }
}
