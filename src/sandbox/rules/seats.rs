//! Downgrade, upgrade, and removal from a plan.
//!
//! It decides who may be given which seat. It must never touch a user's status: that is for `activation`.

use jiff::Timestamp;

use super::{require_active, require_admin, require_user};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::seat::{Seat, Step};
use crate::sandbox::user::{Role, User};
use crate::sandbox::world::{Quirks, World};

/// A seat wanted for a user in a plan, by the name that the request gave it.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) struct SeatOrder<'a> {
    pub(in crate::sandbox) user: u64,
    pub(in crate::sandbox) plan: u64,
    pub(in crate::sandbox) seat: &'a str,
}

/// Seed 000. Beyond it: who is no longer licensed can be neither admin, group admin nor resource viewer, so these are
/// refused, as update would (1102, 1097); of System Admins the C# SDK says so, and the documents name no code for them.
pub(in crate::sandbox) fn downgrade(world: &mut World, order: SeatOrder<'_>, now: Timestamp) -> Result<(), Refusal> {
    let target = downgrade_target(world.quirks, order.seat)?;
    let user = seated_user(world, order)?;
    require_active(user)?;
    match step(user, order, |seat, is_internal| seat.down_to(&target, is_internal))? {
        Step::Same => return Ok(()),
        Step::Legal => {}
        Step::Illegal => return Err(no_such_seat(order.seat)),
    }
    if user.roles.has(Role::Admin) {
        return Err(Refusal::about(1146, &["a System Admin cannot be downgraded"]));
    }
    if user.roles.has(Role::GroupAdmin) {
        return Err(Refusal::new(1102));
    }
    if user.roles.has(Role::ResourceViewer) {
        return Err(Refusal::new(1097));
    }
    sit(world, order, target, now);
    Ok(())
}

/// The same seat again is answered as done (documented). A MEMBER's seat takes a licence.
pub(in crate::sandbox) fn upgrade(world: &mut World, order: SeatOrder<'_>, now: Timestamp) -> Result<(), Refusal> {
    let target = match order.seat {
        "MEMBER" => Seat::Member,
        "GUEST" => Seat::Guest,
        other => return Err(no_such_seat(other)),
    };
    let user = seated_user(world, order)?;
    require_active(user)?;
    match step(user, order, |seat, is_internal| seat.up_to(&target, is_internal))? {
        Step::Same => return Ok(()),
        Step::Legal => {}
        Step::Illegal => return Err(no_such_seat(order.seat)),
    }
    if target == Seat::Member && !world.has_free_licence(order.plan) {
        return Err(Refusal::new(1014));
    }
    sit(world, order, target, now);
    Ok(())
}

/// Takes a user out of a plan for good, whatever the seat or status. A second removal finds nobody there (1013).
pub(in crate::sandbox) fn remove(world: &mut World, user: u64, plan: u64) -> Result<(), Refusal> {
    require_admin(world)?;
    require_user(world, user)?;
    if !world.administers(plan) {
        return Err(Refusal::new(1004));
    }
    if user == world.own_user {
        return Err(Refusal::new(1047));
    }
    let user = world.user_mut(user).ok_or_else(|| Refusal::new(1006))?;
    let place = user.memberships.iter().position(|membership| membership.plan == plan);
    user.memberships.remove(place.ok_or_else(|| Refusal::new(1013))?);
    Ok(())
}

/// The user of the order, who must be in its plan, which must be the caller's: else 1004, "the target is outside".
fn seated_user<'a>(world: &'a World, order: SeatOrder<'_>) -> Result<&'a User, Refusal> {
    require_admin(world)?;
    let user = require_user(world, order.user)?;
    if world.administers(order.plan) && user.membership(order.plan).is_some() {
        Ok(user)
    } else {
        Err(Refusal::new(1004))
    }
}

fn step(user: &User, order: SeatOrder<'_>, step: impl Fn(&Seat, bool) -> Step) -> Result<Step, Refusal> {
    let membership = user.membership(order.plan).ok_or_else(|| Refusal::new(1004))?;
    Ok(step(&membership.seat, membership.is_internal))
}

fn sit(world: &mut World, order: SeatOrder<'_>, seat: Seat, now: Timestamp) {
    if let Some(user) = world.user_mut(order.user) {
        user.sit(order.plan, seat, now);
    }
}

/// Seed 000 knows VIEWER, the SDKs CONTRIBUTOR; which of them a tenant takes, and how it refuses the other, can be
/// chosen.
fn downgrade_target(quirks: Quirks, name: &str) -> Result<Seat, Refusal> {
    match name {
        "GUEST" => Ok(Seat::Guest),
        "VIEWER" | "CONTRIBUTOR" if quirks.free_seat_names.take(name) => Ok(Seat::Free),
        "VIEWER" | "CONTRIBUTOR" => Err(Refusal::bad_request(quirks.refused_seat_name_code, &[name, "seatType"])),
        other => Err(no_such_seat(other)),
    }
}

/// No code is documented for a seat that this user can't be given (GUEST for an internal one, say), so it is a value
/// that is not valid, like one that does not exist.
fn no_such_seat(name: &str) -> Refusal {
    Refusal::about(1031, &[name, "seatType"])
}

#[cfg(test)]
mod tests {
    use super::super::code;
    use super::*;
    use crate::sandbox::sandbox_user::SandboxUser;
    use crate::sandbox::seat::{FreeName, FreeSeatNames};
    use crate::sandbox::user::Status;

    const PLAN: u64 = 4_843_937_635_559_300;
    const USER: u64 = 48_569_348_493_401_200;

    type Shape = fn(&mut SandboxUser);
    type Change = fn(&mut World, SeatOrder<'_>, Timestamp) -> Result<(), Refusal>;

    /// A world whose user holds `seat`, and is otherwise as `shape` makes it.
    fn world(seat: &str, shape: Shape) -> World {
        let mut sandbox_user = SandboxUser::new(USER).seated(PLAN, seat);
        shape(&mut sandbox_user);
        World::holding([sandbox_user]).with_quirks(Quirks::BEFORE_SUNSET)
    }

    fn seat(world: &World) -> &str {
        world.user(USER).unwrap().membership(PLAN).unwrap().seat.name(FreeName::Contributor)
    }

    const ORDER: SeatOrder<'_> = SeatOrder { user: USER, plan: PLAN, seat: "" };

    #[test]
    fn each_step_ends_in_that_seat_or_with_that_code() {
        let internal: Shape = |_| {};
        let external: Shape = |sandbox_user| sandbox_user.is_internal = false;
        let table: [(Change, &str, Shape, &str, u16, &str); 15] = [
            (downgrade, "MEMBER", internal, "VIEWER", 0, "CONTRIBUTOR"),
            (downgrade, "MEMBER", internal, "CONTRIBUTOR", 0, "CONTRIBUTOR"),
            (downgrade, "PROVISIONAL_MEMBER", internal, "CONTRIBUTOR", 0, "CONTRIBUTOR"),
            (downgrade, "MEMBER", external, "GUEST", 0, "GUEST"),
            (downgrade, "MEMBER", internal, "GUEST", 1031, "MEMBER"),
            (downgrade, "MEMBER", internal, "MEMBER", 1031, "MEMBER"),
            (downgrade, "MEMBER", internal, "viewer", 1031, "MEMBER"),
            (downgrade, "VIEWER", internal, "CONTRIBUTOR", 0, "CONTRIBUTOR"),
            (downgrade, "VIEWER", external, "GUEST", 1031, "CONTRIBUTOR"),
            (upgrade, "VIEWER", internal, "MEMBER", 0, "MEMBER"),
            (upgrade, "MEMBER", internal, "MEMBER", 0, "MEMBER"),
            (upgrade, "VIEWER", external, "GUEST", 0, "GUEST"),
            (upgrade, "VIEWER", internal, "GUEST", 1031, "CONTRIBUTOR"),
            (upgrade, "VIEWER", internal, "CONTRIBUTOR", 1031, "CONTRIBUTOR"),
            (downgrade, "ARCHIVIST", internal, "VIEWER", 0, "CONTRIBUTOR"),
        ];
        for (change, from, shape, to, expected, after) in table {
            let mut world = world(from, shape);
            let answer = change(&mut world, SeatOrder { seat: to, ..ORDER }, Timestamp::now());
            assert_eq!((code(answer), seat(&world)), (expected, after), "{from} to {to}");
        }
    }

    #[test]
    fn who_may_not_be_downgraded_is_refused_with_that_code() {
        let table: [(Shape, u16); 6] = [
            (|sandbox_user| sandbox_user.status = Status::Pending, 1188),
            (|sandbox_user| sandbox_user.status = Status::Declined, 1048),
            (|sandbox_user| sandbox_user.status = Status::deactivated_days_ago(1), 1188),
            (|sandbox_user| sandbox_user.roles = vec![Role::Admin], 1146),
            (|sandbox_user| sandbox_user.roles = vec![Role::GroupAdmin], 1102),
            (|sandbox_user| sandbox_user.roles = vec![Role::ResourceViewer], 1097),
        ];
        for (shape, expected) in table {
            let mut world = world("MEMBER", shape);
            let answer = downgrade(&mut world, SeatOrder { seat: "VIEWER", ..ORDER }, Timestamp::now());
            assert_eq!((code(answer), seat(&world)), (expected, "MEMBER"));
        }
    }

    #[test]
    fn wrong_user_wrong_plan_and_no_admin_are_told_apart() {
        let table = [
            (SeatOrder { user: 1, plan: PLAN, seat: "VIEWER" }, 1006),
            (SeatOrder { user: USER, plan: 1, seat: "VIEWER" }, 1004),
            (SeatOrder { user: USER, plan: PLAN, seat: "VIEWER" }, 0),
        ];
        for (order, expected) in table {
            let mut world = world("MEMBER", |_| {});
            assert_eq!(code(downgrade(&mut world.clone(), order, Timestamp::now())), expected, "{order:?}");
            world = world.with_own_user(USER);
            assert_eq!(code(downgrade(&mut world, order, Timestamp::now())), 1004, "{order:?} by no admin");
        }
    }

    #[test]
    fn one_name_of_the_free_seat_can_be_refused() {
        let table = [
            (FreeSeatNames::Both, "VIEWER", 0),
            (FreeSeatNames::Both, "CONTRIBUTOR", 0),
            (FreeSeatNames::OnlyViewer, "VIEWER", 0),
            (FreeSeatNames::OnlyViewer, "CONTRIBUTOR", 1031),
            (FreeSeatNames::OnlyContributor, "VIEWER", 1031),
            (FreeSeatNames::OnlyContributor, "CONTRIBUTOR", 0),
        ];
        for (free_seat_names, seat, expected) in table {
            let mut world = world("MEMBER", |_| {}).with_quirks(Quirks { free_seat_names, ..Quirks::default() });
            let answer = downgrade(&mut world, SeatOrder { seat, ..ORDER }, Timestamp::now());
            assert_eq!(code(answer), expected, "{free_seat_names:?}, {seat}");
        }
    }

    #[test]
    fn an_upgrade_needs_a_licence_that_a_downgrade_frees() {
        let other = USER + 1;
        let sandbox_users =
            [SandboxUser::new(USER).seated(PLAN, "MEMBER"), SandboxUser::new(other).seated(PLAN, "VIEWER")];
        // The token's own user holds the other licence.
        let mut world = World::holding(sandbox_users).with_licences(PLAN, 2);
        let wanted = SeatOrder { user: other, plan: PLAN, seat: "MEMBER" };
        assert_eq!(code(upgrade(&mut world, wanted, Timestamp::now())), 1014);
        downgrade(&mut world, SeatOrder { seat: "CONTRIBUTOR", ..ORDER }, Timestamp::now()).unwrap();
        assert_eq!(code(upgrade(&mut world, wanted, Timestamp::now())), 0);
        assert_eq!(code(upgrade(&mut world, SeatOrder { seat: "MEMBER", ..ORDER }, Timestamp::now())), 1014);
    }

    #[test]
    fn a_removal_is_done_once() {
        let mut world = world("MEMBER", |sandbox_user| sandbox_user.status = Status::Pending);
        let own = world.own_user;
        assert_eq!(code(remove(&mut world, own, PLAN)), 1047);
        assert_eq!(code(remove(&mut world, USER, 1)), 1004);
        assert_eq!(code(remove(&mut world, 1, PLAN)), 1006);
        assert_eq!(code(remove(&mut world, USER, PLAN)), 0);
        assert_eq!(code(remove(&mut world, USER, PLAN)), 1013);
        assert!(world.user(USER).unwrap().memberships.is_empty());
    }
}
