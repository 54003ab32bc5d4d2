//! A made-up company: who works there, with which seat, in which state.
//!
//! It decides a realistic mix for a number of users and a seed. It must never depend on anything else but the date: the
//! same day, number and seed give the same people.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::options::Options;
use super::rules::ISP_DOMAINS;
use super::sandbox_user::{FOREIGN_DOMAIN, OWN_DOMAIN, join};
use super::seat::Seat;
use super::user::{Role, Roles, Status, User};
use super::world::{HOME_PLAN, PLAN_NAMES, Plan, World, admin};

/// The second plan of the account.
const BRANCH_PLAN: u64 = 7_161_310_043_711_364;

/// A plan of another account, in which some have a seat as well; nothing can be changed there.
const FOREIGN_PLAN: u64 = 2_657_710_416_340_868;

/// Ids are beyond what a float holds exactly, with 16 or 17 digits.
const IDS: std::ops::RangeInclusive<u64> = (1 << 53) + 1..=99_999_999_999_999_999;

impl World {
    /// A company of `options.users` people, the token's own user first, made from `options.seed`: about nine in ten in
    /// the main plan, some external, some with ISP addresses or managed by a directory, some pending, declined or
    /// deactivated, a few seen only in somebody else's plan. Hardly any paid seat is free.
    pub fn generated(options: &Options) -> Self {
        let mut world = Self::empty();
        world.plans.insert(HOME_PLAN, Plan::own(PLAN_NAMES[0]));
        world.plans.insert(BRANCH_PLAN, Plan::own(PLAN_NAMES[1]));
        world.plans.insert(FOREIGN_PLAN, Plan { is_administered: false, ..Plan::own("Globex") });
        let mut census = Census::new(options.seed);
        world.own_user = census.id();
        let mut own = admin(world.own_user, census.today);
        join(&mut own, HOME_PLAN, Seat::Member, true, census.today);
        world.settle(own, census.today);
        for number in 1..options.users {
            let person = census.person(number);
            world.settle(person, census.today);
        }
        world.limit_licences(HOME_PLAN);
        world.limit_licences(BRANCH_PLAN);
        world
    }

    /// A company buys what it uses, and two per cent more.
    fn limit_licences(&mut self, plan: u64) {
        let is_paid = |user: &&User| user.membership(plan).is_some_and(|membership| membership.seat == Seat::Member);
        let paid = self.users.iter().filter(is_paid).count();
        if let Some(plan) = self.plans.get_mut(&plan) {
            plan.licences = Some(paid + (paid / 50).max(3));
        }
    }
}

/// Makes people one by one.
struct Census {
    dice: fastrand::Rng,
    taken: HashSet<u64>,
    today: Timestamp,
}

impl Census {
    fn new(seed: u64) -> Self {
        let now = Timestamp::now();
        // Dates count back from midnight, so that a seed gives the same people all day.
        let today = Timestamp::from_second(now.as_second() / 86_400 * 86_400).unwrap_or(now);
        Self { dice: fastrand::Rng::with_seed(seed), taken: HashSet::new(), today }
    }

    fn id(&mut self) -> u64 {
        loop {
            let id = self.dice.u64(IDS);
            if self.taken.insert(id) {
                return id;
            }
        }
    }

    /// Whether something happens that happens to that many in a thousand.
    fn happens(&mut self, in_a_thousand: u32) -> bool {
        self.dice.u32(0..1000) < in_a_thousand
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.dice.usize(0..choices.len())]
    }

    /// A time in the last `days` days, in seconds, microseconds or nanoseconds as the API's own times are.
    fn some_time_ago(&mut self, days: i64) -> Timestamp {
        let fraction = match self.dice.u8(0..3) {
            0 => 0,
            1 => self.dice.i32(1..1_000_000) * 1_000,
            _ => self.dice.i32(1..1_000_000_000),
        };
        self.today - SignedDuration::new(self.dice.i64(3600..days * 86_400), fraction)
    }

    fn person(&mut self, number: usize) -> User {
        let is_internal = !self.happens(140);
        let (first_name, last_name) = (self.one_of(FIRST_NAMES), self.one_of(LAST_NAMES));
        let domain = if is_internal { OWN_DOMAIN } else { self.foreign_domain() };
        let mut user = User {
            id: self.id(),
            // The number makes the address unique.
            email: format!("{first_name}.{last_name}{number}@{domain}").to_lowercase(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            status: self.status(),
            roles: Roles::default(),
            memberships: Vec::new(),
            sheets: 0,
            is_directory_managed: is_internal && self.happens(40),
            last_login: None,
            is_unreadable: false,
            is_known: true,
        };
        self.seat(&mut user, is_internal);
        self.promote(&mut user);
        // One in ten has never signed in, and nearly one in five has not for longer than 90 days.
        if user.status == Status::Active && self.happens(900) {
            let days = if self.happens(750) { 30 } else { 400 };
            user.last_login = Some(self.some_time_ago(days));
        }
        user
    }

    fn foreign_domain(&mut self) -> &'static str {
        if self.happens(300) { self.one_of(&ISP_DOMAINS) } else { FOREIGN_DOMAIN }
    }

    fn status(&mut self) -> Status {
        match self.dice.u32(0..1000) {
            0..900 => Status::Active,
            900..950 => Status::Pending,
            950..960 => Status::Declined,
            // Two in three can still be reactivated.
            _ => Status::Deactivated { since: self.some_time_ago(45) },
        }
    }

    fn seat(&mut self, user: &mut User, is_internal: bool) {
        let plans: &[u64] = match self.dice.u32(0..1000) {
            0..880 => &[HOME_PLAN],
            880..930 => &[HOME_PLAN, BRANCH_PLAN],
            930..980 => &[BRANCH_PLAN],
            980..990 => &[HOME_PLAN, FOREIGN_PLAN],
            _ => &[FOREIGN_PLAN],
        };
        for plan in plans {
            let seat = match (is_internal && *plan != FOREIGN_PLAN, self.dice.u32(0..100)) {
                (true, 0..48) | (false, 0..8) => Seat::Member,
                (true, 48..54) => Seat::Provisional,
                (true, _) | (false, 8..45) => Seat::Free,
                (false, _) => Seat::Guest,
            };
            join(user, *plan, seat, is_internal && *plan != FOREIGN_PLAN, self.today);
        }
        for membership in &mut user.memberships {
            membership.changed_at = self.some_time_ago(700);
            membership.provisional_until = self.today + SignedDuration::from_hours(24 * self.dice.i64(1..30));
        }
        user.is_known = user.memberships.iter().any(|membership| membership.plan != FOREIGN_PLAN);
    }

    /// Only members are given roles and own sheets.
    fn promote(&mut self, user: &mut User) {
        if user.status != Status::Active || !user.roles.has(Role::LicensedSheetCreator) {
            return;
        }
        user.roles.set(Role::Admin, self.happens(10));
        user.roles.set(Role::GroupAdmin, self.happens(50));
        user.roles.set(Role::ResourceViewer, self.happens(30));
        user.sheets = if self.happens(700) { self.dice.u32(1..80) } else { 0 };
    }
}

const FIRST_NAMES: &[&str] = &[
    "Ada", "Amir", "Ana", "Anders", "Aoife", "Bao", "Bea", "Carlos", "Chidi", "Chloe", "Dana", "Daniel", "Elena",
    "Emre", "Eva", "Fatima", "Femi", "Gita", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jane", "Jonas", "Kai", "Keiko",
    "Lars", "Leila", "Liam", "Mara", "Mei", "Nadia", "Noah", "Olga", "Omar", "Paul", "Priya", "Rosa", "Sam", "Sofia",
    "Tariq", "Tom", "Uma", "Vera", "Wei", "Yusuf", "Zara",
];

const LAST_NAMES: &[&str] = &[
    "Abebe", "Ahmed", "Andersen", "Baker", "Bauer", "Becker", "Brown", "Chen", "Cohen", "Costa", "Diaz", "Doe",
    "Dubois", "Evans", "Fischer", "Garcia", "Gupta", "Haas", "Hansen", "Ito", "Ivanov", "Jansen", "Jones", "Kaya",
    "Khan", "Kim", "Kowalski", "Lee", "Lopez", "Martin", "Meyer", "Moreau", "Nguyen", "Novak", "Okafor", "Olsen",
    "Park", "Patel", "Petrov", "Quinn", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Smith", "Tanaka", "Torres",
    "Vogel", "Walker", "Weber", "Wong", "Young", "Zhang",
];

#[cfg(test)]
mod tests {
    use super::super::snapshot::HeldUser;
    use super::*;

    fn world(users: usize, seed: u64) -> World {
        World::generated(&Options { users, seed, ..Options::default() })
    }

    fn held(world: &World) -> Vec<HeldUser> {
        world.users.iter().map(HeldUser::new).collect()
    }

    #[test]
    fn a_seed_gives_the_same_people_and_another_seed_others() {
        assert_eq!(held(&world(300, 7)), held(&world(300, 7)));
        assert_ne!(held(&world(300, 7)), held(&world(300, 8)));
    }

    #[test]
    fn there_are_as_many_users_as_asked_for_and_never_none() {
        for (asked, expected) in [(0, 1), (1, 1), (2, 2), (500, 500)] {
            assert_eq!(world(asked, 1).users.len(), expected);
        }
    }

    #[test]
    fn ids_are_unique_and_beyond_what_a_float_holds() {
        let world = world(20_000, 1);
        let ids: HashSet<u64> = world.users.iter().map(|user| user.id).collect();
        assert_eq!(ids.len(), 20_000);
        assert!(ids.iter().all(|id| *id > 1 << 53 && (16..=17).contains(&id.to_string().len())));
    }

    #[test]
    fn every_kind_of_user_is_there_and_the_main_plan_holds_most() {
        let world = world(2_000, 1);
        let share = |test: &dyn Fn(&User) -> bool| world.users.iter().filter(|user| test(user)).count() * 100 / 2_000;
        let has = |test: &dyn Fn(&User) -> bool| world.users.iter().any(test);
        assert!((90..97).contains(&share(&|user| user.membership(HOME_PLAN).is_some())));
        assert!((85..95).contains(&share(&|user| user.status == Status::Active)));
        assert!((38..55).contains(&share(&|user| user.memberships.iter().any(|held| held.seat == Seat::Member))));
        assert!(has(&|user| user.memberships.iter().any(|held| held.seat == Seat::Provisional)));
        assert!(has(&|user| user.memberships.iter().any(|held| held.seat == Seat::Guest && !held.is_internal)));
        assert!(has(&|user| ISP_DOMAINS.contains(&user.domain())) && has(&|user| user.is_directory_managed));
        assert!(has(&|user| user.status == Status::Pending) && has(&|user| user.status == Status::Declined));
        assert!(has(&|user| matches!(user.status, Status::Deactivated { .. })));
        assert!(has(&|user| !user.is_known) && has(&|user| user.memberships.len() == 2));
        let own = world.user(world.own_user()).unwrap();
        assert!(own.roles.has(Role::Admin) && own.status == Status::Active);
        assert!(world.has_free_licence(HOME_PLAN));
        let long_ago = Timestamp::now() - SignedDuration::from_hours(24 * 90);
        assert!((10..25).contains(&share(&|user| user.last_login.is_some_and(|last| last < long_ago))));
        assert!((8..25).contains(&share(&|user| user.last_login.is_none())));
    }

    #[test]
    fn no_internal_user_is_a_guest() {
        let world = world(2_000, 3);
        let guests = world.users.iter().flat_map(|user| &user.memberships).filter(|held| held.seat == Seat::Guest);
        assert!(guests.into_iter().all(|held| !held.is_internal));
    }
}
