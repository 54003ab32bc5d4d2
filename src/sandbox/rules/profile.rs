//! Update: names and roles.
//!
//! It decides which attributes may be changed for whom (seed 003). It must never change a seat: on the user model that
//! is what upgrade and downgrade are for, and what 2109 says.

use serde::Deserialize;

use super::{require_admin, require_user};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::user::{Role, Roles, Status, User};
use crate::sandbox::world::World;

/// The attributes of seed 003 that a request names; the others stay as they are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct ProfileChanges {
    admin: Option<bool>,
    licensed_sheet_creator: Option<bool>,
    group_admin: Option<bool>,
    resource_viewer: Option<bool>,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// Makes all the changes or none. Naming no attribute is a change of nothing, and done.
pub(in crate::sandbox) fn update(world: &mut World, id: u64, changes: ProfileChanges) -> Result<(), Refusal> {
    require_admin(world)?;
    let user = require_user(world, id)?;
    if super::home(world, user).is_none() {
        return Err(Refusal::new(1004));
    }
    match user.status {
        Status::Active | Status::Pending => {}
        Status::Declined => return Err(Refusal::new(1048)),
        Status::Deactivated { .. } => return Err(Refusal::new(1188)),
    }
    if id == world.own_user && changes.admin == Some(false) {
        return Err(Refusal::new(1049));
    }
    let names = [&changes.first_name, &changes.last_name];
    if names.into_iter().flatten().any(|name| name.contains(is_forbidden_in_a_name)) {
        return Err(Refusal::new(1329));
    }
    let roles = changed_roles(user, &changes)?;
    if let Some(user) = world.user_mut(id) {
        user.roles = roles;
        user.first_name = changes.first_name.unwrap_or_else(|| std::mem::take(&mut user.first_name));
        user.last_name = changes.last_name.unwrap_or_else(|| std::mem::take(&mut user.last_name));
    }
    Ok(())
}

/// The roles after the change. The licence is judged last, with the other roles as they will be. A value that is the
/// present one is no change, so that a profile can be read and sent back whole.
fn changed_roles(user: &User, changes: &ProfileChanges) -> Result<Roles, Refusal> {
    let mut roles = user.roles;
    for (role, wanted) in [
        (Role::Admin, changes.admin),
        (Role::GroupAdmin, changes.group_admin),
        (Role::ResourceViewer, changes.resource_viewer),
        (Role::LicensedSheetCreator, changes.licensed_sheet_creator),
    ] {
        if let Some(wanted) = wanted {
            roles.set(role, wanted);
        }
    }
    if roles.has(Role::LicensedSheetCreator) != user.roles.has(Role::LicensedSheetCreator) && !roles.has(Role::Admin) {
        return Err(Refusal::new(2109));
    }
    if roles.has(Role::LicensedSheetCreator) || roles == user.roles {
        return Ok(roles);
    }
    if roles.has(Role::GroupAdmin) {
        return Err(Refusal::new(1102));
    }
    if roles.has(Role::ResourceViewer) {
        return Err(Refusal::new(1097));
    }
    if user.roles.has(Role::LicensedSheetCreator) && user.sheets > 0 {
        return Err(Refusal::new(1076));
    }
    Ok(roles)
}

/// The documents name the error and not the characters; these are in nobody's name.
fn is_forbidden_in_a_name(character: char) -> bool {
    character.is_control() || "<>\"\\/{}".contains(character)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::code;
    use super::*;
    use crate::sandbox::sandbox_user::SandboxUser;
    use crate::sandbox::world::HOME_PLAN;

    const USER: u64 = 48_569_348_493_401_200;

    /// How the user is, what is asked, and the code of the answer.
    type Row<'a> = (&'a dyn Fn(&mut SandboxUser), serde_json::Value, u16);

    fn changed(shape: &dyn Fn(&mut SandboxUser), changes: serde_json::Value) -> (u16, User) {
        let mut sandbox_user = SandboxUser::new(USER);
        shape(&mut sandbox_user);
        let mut world = World::holding([sandbox_user]);
        let answer = update(&mut world, USER, serde_json::from_value(changes).unwrap());
        (code(answer), world.user(USER).unwrap().clone())
    }

    #[test]
    fn a_refused_update_has_that_code_and_changes_nothing() {
        let seated = |seat: &'static str| {
            move |sandbox_user: &mut SandboxUser| sandbox_user.plans = vec![(HOME_PLAN, seat.to_owned())]
        };
        let with = |roles: &'static [Role]| move |sandbox_user: &mut SandboxUser| sandbox_user.roles = roles.to_vec();
        let table: [Row<'_>; 13] = [
            (&seated("MEMBER"), json!({"licensedSheetCreator": false}), 2109),
            (&seated("VIEWER"), json!({"licensedSheetCreator": true}), 2109),
            (&with(&[Role::Admin]), json!({"licensedSheetCreator": false, "admin": false}), 2109),
            (&with(&[Role::Admin, Role::GroupAdmin]), json!({"licensedSheetCreator": false}), 1102),
            (&with(&[Role::Admin, Role::ResourceViewer]), json!({"licensedSheetCreator": false}), 1097),
            (
                &|sandbox_user| (sandbox_user.roles, sandbox_user.sheets) = (vec![Role::Admin], 2),
                json!({"licensedSheetCreator": false}),
                1076,
            ),
            (&seated("VIEWER"), json!({"groupAdmin": true}), 1102),
            (&seated("GUEST"), json!({"resourceViewer": true}), 1097),
            (&seated("MEMBER"), json!({"firstName": "<b>"}), 1329),
            (&seated("MEMBER"), json!({"lastName": "a\nb"}), 1329),
            (&|sandbox_user| sandbox_user.status = Status::deactivated_days_ago(1), json!({"firstName": "A"}), 1188),
            (&|sandbox_user| sandbox_user.status = Status::Declined, json!({"firstName": "A"}), 1048),
            (
                &|sandbox_user| sandbox_user.plans = vec![(HOME_PLAN, "VIEWER".into())],
                json!({"firstName": "B", "groupAdmin": true}),
                1102,
            ),
        ];
        for (shape, changes, expected) in table {
            let (before, after) = (changed(shape, json!({})).1, changed(shape, changes.clone()));
            assert_eq!(after.0, expected, "{changes}");
            assert_eq!((after.1.roles, after.1.full_name()), (before.roles, before.full_name()), "{changes}");
        }
    }

    #[test]
    fn all_six_attributes_can_be_changed_at_once() {
        let (code, user) = changed(
            &|sandbox_user| sandbox_user.roles = vec![Role::Admin],
            json!({"admin": true, "licensedSheetCreator": true, "firstName": "Zoë", "lastName": "O'Neill-Łę",
                   "groupAdmin": true, "resourceViewer": true}),
        );
        assert_eq!((code, user.full_name().as_str()), (0, "Zoë O'Neill-Łę"));
        assert!(user.roles.has(Role::GroupAdmin) && user.roles.has(Role::ResourceViewer));
    }

    #[test]
    fn a_profile_can_be_sent_back_as_it_was_read() {
        let (code, _) = changed(&|_| {}, json!({"admin": false, "licensedSheetCreator": true, "firstName": "A"}));
        assert_eq!(code, 0);
    }

    #[test]
    fn only_an_admin_of_the_account_may_and_not_against_himself() {
        let mut world = World::holding([SandboxUser::new(USER)]);
        let demotion = || ProfileChanges { admin: Some(false), ..ProfileChanges::default() };
        let own = world.own_user;
        assert_eq!(code(update(&mut world, own, demotion())), 1049);
        assert_eq!(code(update(&mut world, 1, demotion())), 1006);
        let mut by_no_admin = world.clone().with_own_user(USER);
        assert_eq!(code(update(&mut by_no_admin, USER, demotion())), 1004);
        super::super::remove(&mut world, USER, HOME_PLAN).unwrap();
        assert_eq!(code(update(&mut world, USER, demotion())), 1004);
    }
}
