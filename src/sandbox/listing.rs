//! The reads: one user, the current user, a user's plans, the list of users.
//!
//! It decides who may read what, and which page. It must never change anything.

use super::refusal::Refusal;
use super::rules::{home, is_admin, require_admin, require_user};
use super::seat::Seat;
use super::user::{Membership, Status, User};
use super::view::{KeyedPage, ListedUser, NumberedPage, PlanOfUser, Profile};
use super::world::World;

/// The parameters of `GET /users/{userId}/plans`. `maxItems` is not among them: 100 is its default and minimum, and no
/// page here is longer.
#[derive(Debug, Clone, Default)]
pub(super) struct PlansQuery {
    pub(super) last_key: Option<String>,
    pub(super) shows_contributor: bool,
    pub(super) shows_plan_name: bool,
}

/// The parameters of `GET /users`.
#[derive(Debug, Clone, Default)]
pub(super) struct UsersQuery {
    pub(super) plan: Option<u64>,
    /// Any of these, by the API's names; empty is all.
    pub(super) seats: Vec<String>,
    /// Primary addresses; `None` is everybody.
    pub(super) emails: Option<Vec<String>>,
    pub(super) page: usize,
    /// `None` is everything on one page (`includeAll`, which SDKs can send).
    pub(super) page_size: Option<usize>,
    pub(super) tells_login: bool,
    pub(super) shows_contributor: bool,
}

pub(super) fn current_user(world: &World) -> Result<Profile<'_>, Refusal> {
    Ok(Profile::new(world, require_user(world, world.own_user)?))
}

pub(super) fn one_user(world: &World, id: u64) -> Result<Profile<'_>, Refusal> {
    Ok(Profile::new(world, readable_user(world, id)?))
}

pub(super) fn plans_of_user<'a>(
    world: &'a World,
    id: u64,
    query: &PlansQuery,
) -> Result<KeyedPage<PlanOfUser<'a>>, Refusal> {
    let memberships = &readable_user(world, id)?.memberships;
    // The key is the last plan of the page before ("the ID of the last item returned", seed 002).
    let start = match &query.last_key {
        None => 0,
        Some(key) => memberships
            .iter()
            .position(|membership| membership.plan.to_string() == *key)
            .map(|place| place + 1)
            .ok_or_else(|| Refusal::about(1018, &[key, "lastKey"]))?,
    };
    let end = memberships.len().min(start + world.quirks.plans_on_a_page.max(1));
    let free_name = world.free_name(query.shows_contributor);
    let view = |membership: &'a Membership| {
        let name = world.plans.get(&membership.plan).map(|plan| plan.name.as_str());
        PlanOfUser::new(membership, name.filter(|_| query.shows_plan_name), free_name)
    };
    let page = &memberships[start..end];
    let last_key = if end < memberships.len() { page.last().map(|last| last.plan.to_string()) } else { None };
    Ok(KeyedPage { last_key, data: page.iter().map(view).collect() })
}

pub(super) fn users<'a>(world: &'a World, query: &UsersQuery) -> Result<NumberedPage<ListedUser<'a>>, Refusal> {
    let tells_seat = query.plan.is_some() || !query.seats.is_empty();
    if tells_seat {
        require_admin(world)?;
    }
    if query.plan.is_some_and(|plan| !world.administers(plan)) {
        return Err(Refusal::new(1004));
    }
    let found = match &query.emails {
        Some(emails) => users_at(world, emails)?,
        // Whom nobody can read is on no page, and nothing can be concluded from that.
        None => world.users.iter().filter(|user| !user.is_unreadable).collect(),
    };
    let lists =
        |user: &&User| world.quirks.lists_deactivated_users || !matches!(user.status, Status::Deactivated { .. });
    let found: Vec<_> = found
        .into_iter()
        .filter(lists)
        .filter_map(|user| Some((user, listed_membership(world, user, query)?)))
        .collect();
    let mut page = page_of(&found, query, world.quirks.users_on_a_page);
    if page.page_number > 1 {
        page.data.drain(..world.quirks.users_skipped_between_pages.min(page.data.len()));
    }
    let tells_login = query.tells_login && page.data.len() <= MOST_WITH_LOGIN;
    let shown_seat = tells_seat.then(|| world.free_name(query.shows_contributor));
    let by_admin = is_admin(world);
    Ok(page.map(|(user, membership)| {
        let listed = ListedUser::new(user);
        if by_admin { listed.for_admins(user, membership, tells_login, shown_seat) } else { listed }
    }))
}

/// An answer with more users than this never tells when they last signed in.
const MOST_WITH_LOGIN: usize = 100;

/// The page asked for, or the last one where there are fewer: the documentation says that it is repeated.
fn page_of<T: Copy>(found: &[T], query: &UsersQuery, longest: usize) -> NumberedPage<T> {
    let page_size = query.page_size.map_or(found.len(), |size| size.min(longest)).max(1);
    let total_pages = found.len().div_ceil(page_size).max(1);
    let page_number = query.page.clamp(1, total_pages);
    let data = found.iter().skip((page_number - 1) * page_size).take(page_size).copied().collect();
    NumberedPage { page_number, page_size, total_pages, total_count: found.len(), data }
}

/// The membership that puts the user on the list, if one does.
fn listed_membership<'a>(world: &World, user: &'a User, query: &UsersQuery) -> Option<&'a Membership> {
    let membership = match query.plan {
        Some(plan) => user.membership(plan),
        None => home(world, user),
    };
    let is_wanted = |seat: &Seat| query.seats.iter().any(|name| seat.is_found_by(name, world.quirks.free_seat_names));
    membership.filter(|membership| query.seats.is_empty() || is_wanted(&membership.seat))
}

fn users_at<'a>(world: &'a World, emails: &[String]) -> Result<Vec<&'a User>, Refusal> {
    let found = world.users_at(emails);
    if found.iter().any(|user| user.is_unreadable) { Err(Refusal::new(4004)) } else { Ok(found) }
}

/// Everybody may read himself; an admin, whoever is or was in the account, so that a removal can be seen.
fn readable_user(world: &World, id: u64) -> Result<&User, Refusal> {
    let user = require_user(world, id)?;
    if id != world.own_user {
        require_admin(world)?;
        if !user.is_known {
            return Err(Refusal::new(1004));
        }
    }
    if user.is_unreadable { Err(Refusal::new(4004)) } else { Ok(user) }
}

#[cfg(test)]
mod tests {
    use super::super::rules::{code, remove};
    use super::super::sandbox_user::SandboxUser;
    use super::super::seat::FreeSeatNames;
    use super::super::world::Quirks;
    use super::*;

    const PLAN: u64 = 4_843_937_635_559_300;
    const OTHER_PLAN: u64 = PLAN + 1;
    const USER: u64 = 48_569_348_493_401_200;

    fn json(view: impl serde::Serialize) -> serde_json::Value {
        serde_json::to_value(view).unwrap()
    }

    /// 250 users, every second a member; the own user is the 251st.
    fn crowd() -> World {
        World::holding((0..250).map(|number| {
            let seat = if number % 2 == 0 { "MEMBER" } else { "VIEWER" };
            SandboxUser {
                email: Some(format!("u{number}@example.com")),
                ..SandboxUser::new(USER + number).seated(PLAN, seat)
            }
        }))
    }

    fn page(world: &World, query: &UsersQuery) -> (usize, usize, usize, usize) {
        let page = users(world, query).ok().unwrap();
        (page.page_number, page.total_pages, page.total_count, page.data.len())
    }

    #[test]
    fn pages_are_as_asked_up_to_a_hundred_and_the_last_one_repeats() {
        let asked = |page, page_size| UsersQuery { page, page_size, ..UsersQuery::default() };
        let table = [
            (asked(1, Some(100)), (1, 3, 251, 100)),
            (asked(3, Some(100)), (3, 3, 251, 51)),
            (asked(9, Some(100)), (3, 3, 251, 51)),
            (asked(1, Some(5000)), (1, 3, 251, 100)),
            (asked(26, Some(10)), (26, 26, 251, 1)),
            (asked(1, None), (1, 1, 251, 251)),
        ];
        for (query, expected) in table {
            assert_eq!(page(&crowd(), &query), expected, "{query:?}");
        }
    }

    #[test]
    fn the_list_is_narrowed_by_seat_and_address() {
        let query = UsersQuery { page: 1, page_size: Some(100), ..UsersQuery::default() };
        let members = UsersQuery { seats: vec!["MEMBER".to_owned()], ..query.clone() };
        assert_eq!(page(&crowd(), &members).2, 126);
        let emails =
            Some(vec!["U3@Example.com".to_owned(), "nobody@example.com".to_owned(), "u4@example.com".to_owned()]);
        assert_eq!(page(&crowd(), &UsersQuery { emails, ..query }).2, 2);
    }

    #[test]
    fn the_seat_is_told_only_when_a_plan_or_a_seat_is_asked_for() {
        let world = World::holding([SandboxUser::new(USER).seated(PLAN, "VIEWER")]);
        let first = |query: &UsersQuery| json(users(&world, query).ok().unwrap())["data"][0].clone();
        let plain = first(&UsersQuery::default());
        assert_eq!((&plain["seatType"], &plain["isInternal"]), (&serde_json::Value::Null, &true.into()));
        assert_eq!((&plain["id"], &plain["status"]), (&USER.into(), &"ACTIVE".into()));
        let by_plan = first(&UsersQuery { plan: Some(PLAN), ..UsersQuery::default() });
        assert_eq!((&by_plan["seatType"], &by_plan["isInternal"]), (&"CONTRIBUTOR".into(), &true.into()));
        let by_seat =
            UsersQuery { seats: vec!["CONTRIBUTOR".to_owned()], shows_contributor: true, ..UsersQuery::default() };
        assert_eq!(first(&by_seat)["seatType"], "CONTRIBUTOR");
    }

    #[test]
    fn a_listed_user_has_every_property_of_the_official_example() {
        let example = "id email firstName lastName name admin groupAdmin licensedSheetCreator resourceViewer isInternal \
                       status seatType seatTypeLastChangedAt provisionalExpirationDate lastLogin \
                       customWelcomeScreenViewed profileImage sheetCount";
        let of_plan = UsersQuery { plan: Some(PLAN), tells_login: true, ..UsersQuery::default() };
        let beyond_plan = ["seatType", "seatTypeLastChangedAt", "provisionalExpirationDate"];
        let for_admins = "admin groupAdmin licensedSheetCreator resourceViewer isInternal status lastLogin \
                          customWelcomeScreenViewed sheetCount";
        let never = SandboxUser { last_login_days_ago: None, ..SandboxUser::new(USER) };
        let pending = SandboxUser { status: Status::Pending, ..SandboxUser::new(USER) };
        let cases: [(&str, SandboxUser, UsersQuery, Vec<&str>); 5] = [
            ("in a plan", SandboxUser::new(USER), of_plan.clone(), vec![]),
            ("in no plan", SandboxUser::new(USER), UsersQuery { plan: None, ..of_plan.clone() }, beyond_plan.to_vec()),
            (
                "without include",
                SandboxUser::new(USER),
                UsersQuery { tells_login: false, ..of_plan.clone() },
                vec!["lastLogin"],
            ),
            ("never signed in", never, of_plan.clone(), vec!["lastLogin", "customWelcomeScreenViewed"]),
            ("not active", pending, of_plan.clone(), vec!["sheetCount"]),
        ];
        for (case, sandbox_user, query, missing) in cases {
            let world = World::holding([sandbox_user.seated(PLAN, "MEMBER")]);
            let user = json(users(&world, &query).ok().unwrap())["data"][0].clone();
            let mut expected: Vec<_> = example.split_whitespace().filter(|name| !missing.contains(name)).collect();
            expected.sort_unstable();
            let mut shown: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
            shown.sort_unstable();
            assert_eq!(shown, expected, "{case}");
            assert!(user.get("sheetCount").is_none_or(|count| *count == -1), "{case}: {user}");
        }
        let world = World::holding([SandboxUser::new(USER), SandboxUser::new(USER + 1)]).with_own_user(USER);
        let by_nobody = json(users(&world, &UsersQuery { plan: None, ..of_plan }).ok().unwrap())["data"][0].clone();
        assert!(for_admins.split_whitespace().all(|name| by_nobody.get(name).is_none()), "{by_nobody}");
        assert!(by_nobody["profileImage"]["imageId"].is_string());
    }

    #[test]
    fn last_logins_are_told_of_a_hundred_users_and_of_no_more() {
        for (page_size, expected) in [(Some(100), 100), (None, 0)] {
            let query = UsersQuery { page: 1, page_size, tells_login: true, ..UsersQuery::default() };
            let page = json(users(&crowd(), &query).ok().unwrap());
            let told = page["data"].as_array().unwrap().iter().filter(|user| user["lastLogin"].is_string());
            assert_eq!(told.count(), expected, "{query:?}");
        }
    }

    #[test]
    fn two_users_can_have_one_address_in_any_case() {
        let at = |id, email: &str| SandboxUser { email: Some(email.to_owned()), ..SandboxUser::new(id) };
        let world = World::holding([at(USER, "jane@example.com"), at(USER + 1, "Jane@Example.COM")]);
        for asked in [vec!["JANE@example.com"], vec!["jane@example.com", "Jane@Example.COM"]] {
            let emails = Some(asked.iter().map(|email| (*email).to_owned()).collect());
            let query = UsersQuery { emails, page: 1, page_size: Some(100), ..UsersQuery::default() };
            assert_eq!(page(&world, &query).2, 2, "{asked:?}");
        }
    }

    #[test]
    fn a_filter_for_a_name_that_the_free_seat_does_not_have_finds_nobody() {
        for (names, viewers, contributors) in [
            (FreeSeatNames::Both, 125, 125),
            (FreeSeatNames::OnlyViewer, 125, 0),
            (FreeSeatNames::OnlyContributor, 0, 125),
        ] {
            let world = crowd().with_quirks(Quirks { free_seat_names: names, ..Quirks::default() });
            let found =
                |seat: &str| page(&world, &UsersQuery { seats: vec![seat.to_owned()], ..UsersQuery::default() }).2;
            assert_eq!((found("VIEWER"), found("CONTRIBUTOR")), (viewers, contributors), "{names:?}");
        }
    }

    #[test]
    fn a_plan_has_a_name_where_it_is_asked_for() {
        let world = World::holding([SandboxUser::new(USER).seated(PLAN, "MEMBER").seated(OTHER_PLAN, "GUEST")]);
        let query = PlansQuery { shows_plan_name: true, ..PlansQuery::default() };
        let plans = json(plans_of_user(&world, USER, &query).ok().unwrap());
        assert_eq!(
            (&plans["data"][0]["planName"], &plans["data"][1]["planName"]),
            (&"Acme".into(), &"Acme Labs".into())
        );
    }

    #[test]
    fn deactivated_users_are_listed_unless_the_world_says_otherwise() {
        let gone = SandboxUser { status: Status::deactivated_days_ago(2), ..SandboxUser::new(USER) };
        for (lists_deactivated_users, expected) in [(true, 2), (false, 1)] {
            let quirks = Quirks { lists_deactivated_users, ..Quirks::default() };
            let world = World::holding([gone.clone()]).with_quirks(quirks);
            assert_eq!(page(&world, &UsersQuery::default()).2, expected);
        }
    }

    #[test]
    fn plans_come_page_by_page_until_there_is_no_key() {
        let sandbox_user =
            (0..5).fold(SandboxUser::new(USER), |sandbox_user, number| sandbox_user.seated(PLAN + number, "MEMBER"));
        let world = World::holding([sandbox_user]).with_quirks(Quirks { plans_on_a_page: 2, ..Quirks::default() });
        let (mut query, mut seen) = (PlansQuery::default(), Vec::new());
        loop {
            let page = json(plans_of_user(&world, USER, &query).ok().unwrap());
            seen.extend(page["data"].as_array().unwrap().iter().map(|plan| plan["planId"].as_u64().unwrap() - PLAN));
            let Some(key) = page["lastKey"].as_str() else { break };
            query.last_key = Some(key.to_owned());
        }
        assert_eq!(seen, [0, 1, 2, 3, 4]);
        query.last_key = Some("elsewhere".to_owned());
        assert_eq!(code(plans_of_user(&world, USER, &query)), 1018);
    }

    #[test]
    fn a_plan_is_shown_with_every_field_of_the_seed() {
        let sandbox_user = SandboxUser::new(USER).seated(PLAN, "PROVISIONAL_MEMBER").seated(OTHER_PLAN, "CONTRIBUTOR");
        let world = World::holding([sandbox_user]);
        let plans = json(plans_of_user(&world, USER, &PlansQuery::default()).ok().unwrap());
        let (trial, free) = (&plans["data"][0], &plans["data"][1]);
        assert_eq!((&trial["planId"], &trial["seatType"]), (&PLAN.into(), &"PROVISIONAL_MEMBER".into()));
        assert!(trial["seatTypeLastChangedAt"].is_string() && trial["provisionalExpirationDate"].is_string());
        assert_eq!((&free["seatType"], &free["isInternal"]), (&"CONTRIBUTOR".into(), &true.into()));
        assert!(free.as_object().unwrap()["provisionalExpirationDate"].is_null());
        assert!(plans.get("lastKey").is_none() && free.get("planName").is_none());
    }

    #[test]
    fn the_free_seat_has_the_name_that_was_asked_for_while_both_exist() {
        for (free_seat_names, shows_contributor, expected) in [
            (FreeSeatNames::Both, false, "VIEWER"),
            (FreeSeatNames::Both, true, "CONTRIBUTOR"),
            (FreeSeatNames::OnlyContributor, false, "CONTRIBUTOR"),
        ] {
            let quirks = Quirks { free_seat_names, ..Quirks::default() };
            let world = World::holding([SandboxUser::new(USER).seated(PLAN, "VIEWER")]).with_quirks(quirks);
            let query = PlansQuery { shows_contributor, ..PlansQuery::default() };
            assert_eq!(json(plans_of_user(&world, USER, &query).ok().unwrap())["data"][0]["seatType"], expected);
        }
    }

    #[test]
    fn a_single_read_tells_no_seat_and_no_status() {
        let world = World::holding([SandboxUser::new(USER)]);
        let profile = json(one_user(&world, USER).ok().unwrap());
        assert_eq!((&profile["id"], &profile["licensedSheetCreator"]), (&USER.into(), &true.into()));
        assert!(profile.get("status").is_none() && profile.get("seatType").is_none());
        let world = world.with_quirks(Quirks { shows_status_of_one_user: true, ..Quirks::default() });
        assert_eq!(json(one_user(&world, USER).ok().unwrap())["status"], "ACTIVE");
    }

    #[test]
    fn who_may_read_whom() {
        let mut world = World::holding([SandboxUser::new(USER), SandboxUser::new(USER + 1)]);
        remove(&mut world, USER, PLAN).unwrap();
        let table = [
            // by, whom, code
            (world.own_user, USER, 0),
            (world.own_user, 1, 1006),
            (USER + 1, USER + 1, 0),
            (USER + 1, USER, 1004),
        ];
        for (by, whom, expected) in table {
            let world = world.clone().with_own_user(by);
            assert_eq!(code(one_user(&world, whom)), expected, "{by} reads {whom}");
            assert_eq!(
                code(plans_of_user(&world, whom, &PlansQuery::default())),
                expected,
                "{by} reads plans of {whom}"
            );
        }
        for query in [
            UsersQuery { plan: Some(PLAN), ..UsersQuery::default() },
            UsersQuery { seats: vec!["MEMBER".to_owned()], ..UsersQuery::default() },
        ] {
            assert_eq!(code(users(&world.clone().with_own_user(USER), &query)), 1004, "{query:?}");
        }
        let elsewhere = UsersQuery { plan: Some(1), ..UsersQuery::default() };
        assert_eq!(code(users(&world, &elsewhere)), 1004);
    }

    #[test]
    fn whom_nobody_can_read_is_found_nowhere() {
        let mut world = World::holding([SandboxUser::new(USER)]);
        world.user_mut(USER).unwrap().is_unreadable = true;
        let by_email =
            UsersQuery { emails: Some(vec![world.user(USER).unwrap().email.clone()]), ..UsersQuery::default() };
        assert_eq!(code(one_user(&world, USER)), 4004);
        assert_eq!(code(plans_of_user(&world, USER, &PlansQuery::default())), 4004);
        assert_eq!(code(users(&world, &by_email)), 4004);
        assert_eq!(page(&world, &UsersQuery::default()).2, 1);
    }
}
