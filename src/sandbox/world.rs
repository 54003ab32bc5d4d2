//! The state: plans, users, and the faults that wait for some of them.
//!
//! It decides what exists and how it is found. It must never decide whether a change is allowed (that is for `rules`)
//! and knows nothing of HTTP.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;

use super::fault::Fault;
use super::operation::Operation;
use super::sandbox_user::{OWN_DOMAIN, SandboxUser, join};
use super::seat::{FreeName, FreeSeatNames, Seat};
use super::user::{Role, Roles, Status, User};

/// The plan of a world whose users name none (the example of seed 002).
pub const HOME_PLAN: u64 = 4_843_937_635_559_300;

/// The id of the token's own user, or the next number that no other user has.
const OWN_USER: u64 = 48_569_348_493_400_001;

/// What the account's plans are called, in the order in which they turn up.
pub(super) const PLAN_NAMES: [&str; 4] = ["Acme", "Acme Labs", "Acme Europe", "Acme Services"];

/// Everything that the simulated API knows.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) account: Account,
    pub(super) own_user: u64,
    pub(super) plans: BTreeMap<u64, Plan>,
    pub(super) users: Vec<User>,
    pub(super) quirks: Quirks,
    /// The fault `401-for-good` has struck.
    pub(super) token_has_expired: bool,
    places: HashMap<u64, usize>,
    addresses: HashMap<String, Vec<usize>>,
    row_faults: HashMap<(u64, Operation), VecDeque<Fault>>,
}

#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) id: u64,
    pub(super) name: String,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) name: String,
    /// Belongs to the token's account. Of any other plan, only who sits there can be read.
    pub(super) is_administered: bool,
    /// How many paid seats there are; `None` is as many as wanted.
    pub(super) licences: Option<usize>,
}

/// Answers to what the documents leave open, one way each; a test can have the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// Whether `GET /users/{userId}` and `/users/me` tell the status. The official mocks don't, so: no.
    pub shows_status_of_one_user: bool,
    /// Whether deactivated users are listed. The Admin Center lists them, so: yes.
    pub lists_deactivated_users: bool,
    /// Which names the free seat has. CONTRIBUTOR alone, as documented since the sunset of VIEWER on 2026-10-30.
    pub free_seat_names: FreeSeatNames,
    /// The `errorCode` of the 400 that answers a name which the free seat does not have, or `None` for a 400 without a
    /// code. No document names it; 1031, an attribute's value that is not valid.
    pub refused_seat_name_code: Option<u16>,
    /// How many plans a page of `GET /users/{userId}/plans` holds at most; 100, the documented default and minimum. "A
    /// page may be shorter than asked and more may follow."
    pub plans_on_a_page: usize,
    /// How many users a page of `GET /users` holds at most, whatever is asked; 100, because larger sizes are
    /// undocumented and a client must read what comes back.
    pub users_on_a_page: usize,
    /// How many users each page of `GET /users` but the first leaves out at its beginning, as when so many have left the
    /// list since the page before was read. None.
    pub users_skipped_between_pages: usize,
}

impl Quirks {
    /// A tenant of today, which is past the sunset of VIEWER.
    pub const AFTER_SUNSET: Self = Self {
        shows_status_of_one_user: false,
        lists_deactivated_users: true,
        free_seat_names: FreeSeatNames::OnlyContributor,
        refused_seat_name_code: Some(1031),
        plans_on_a_page: 100,
        users_on_a_page: 100,
        users_skipped_between_pages: 0,
    };

    /// A tenant that takes both names of the free seat, as between April and October 2026.
    pub const BEFORE_SUNSET: Self = Self { free_seat_names: FreeSeatNames::Both, ..Self::AFTER_SUNSET };
}

impl Default for Quirks {
    fn default() -> Self {
        Self::AFTER_SUNSET
    }
}

impl Default for Account {
    fn default() -> Self {
        Self { id: 5_094_772_010_117_508, name: "Seatrun Sandbox".to_owned() }
    }
}

impl World {
    /// A world of these users and the token's own, who is a System Admin and a MEMBER of every plan that they are in.
    /// An id given twice is one user: the first description stands, and later ones add plans and faults. One address
    /// given to two ids, in whatever case, is the address of two users.
    pub fn holding(sandbox_users: impl IntoIterator<Item = SandboxUser>) -> Self {
        let now = Timestamp::now();
        let mut world = Self::empty();
        let sandbox_users: Vec<SandboxUser> = sandbox_users.into_iter().collect();
        // One plan more, for those who name none, would leave the token's user without an "only plan".
        let home = sandbox_users
            .iter()
            .flat_map(|sandbox_user| &sandbox_user.plans)
            .next()
            .map_or(HOME_PLAN, |(plan, _)| *plan);
        for mut sandbox_user in sandbox_users {
            for (operation, fault) in std::mem::take(&mut sandbox_user.faults) {
                world.row_faults.entry((sandbox_user.id, operation)).or_default().push_back(fault);
            }
            world.settle(sandbox_user.into_user(home, now), now);
        }
        if world.plans.is_empty() {
            world.plans.insert(home, Plan::own(PLAN_NAMES[0]));
        }
        world.own_user = (OWN_USER..u64::MAX).find(|id| !world.places.contains_key(id)).unwrap_or(OWN_USER);
        let mut own = admin(world.own_user, now);
        for plan in world.plans.keys() {
            join(&mut own, *plan, Seat::Member, true, now);
        }
        world.settle(own, now);
        world
    }

    /// The same world, but the token is that user's. It must be one of the users given; a token of somebody who is no
    /// System Admin is good for nothing but `/users/me`.
    #[must_use]
    pub fn with_own_user(mut self, id: u64) -> Self {
        self.own_user = id;
        self
    }

    /// The same world with other answers to what the documents leave open.
    #[must_use]
    pub fn with_quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// The same world with that many paid seats in a plan; upgrades and reactivations beyond are refused (403/1014).
    #[must_use]
    pub fn with_licences(mut self, plan: u64, licences: usize) -> Self {
        if let Some(plan) = self.plans.get_mut(&plan) {
            plan.licences = Some(licences);
        }
        self
    }

    /// The id of the user whose token it is.
    pub const fn own_user(&self) -> u64 {
        self.own_user
    }

    /// Gives a user a seat in a plan as somebody else would, by no rule and in no request: drift, for tests. `seat` is
    /// one of the API's names. Does nothing for a user who isn't there or isn't in the plan.
    pub fn reseat(&mut self, user: u64, plan: u64, seat: &str) {
        if let Some(user) = self.user_mut(user) {
            user.sit(plan, Seat::named(seat), Timestamp::now());
        }
    }

    /// Accepts the token again that has expired, as if it were a new one.
    pub fn renew_token(&mut self) {
        self.token_has_expired = false;
    }

    pub(super) fn empty() -> Self {
        Self {
            account: Account::default(),
            own_user: OWN_USER,
            plans: BTreeMap::new(),
            users: Vec::new(),
            quirks: Quirks::default(),
            token_has_expired: false,
            places: HashMap::new(),
            addresses: HashMap::new(),
            row_faults: HashMap::new(),
        }
    }

    /// Takes a user in, or adds to one who is there; makes the plans that are missing.
    pub(super) fn settle(&mut self, user: User, now: Timestamp) {
        for membership in &user.memberships {
            let name = PLAN_NAMES.get(self.plans.len()).copied().unwrap_or("Acme Projects");
            self.plans.entry(membership.plan).or_insert_with(|| Plan::own(name));
        }
        if let Some(present) = self.user_mut(user.id) {
            for membership in user.memberships {
                join(present, membership.plan, membership.seat, membership.is_internal, now);
            }
            return;
        }
        let place = self.users.len();
        self.places.insert(user.id, place);
        self.addresses.entry(user.email.to_lowercase()).or_default().push(place);
        self.users.push(user);
    }

    pub(super) fn user(&self, id: u64) -> Option<&User> {
        self.places.get(&id).map(|place| &self.users[*place])
    }

    pub(super) fn user_mut(&mut self, id: u64) -> Option<&mut User> {
        self.places.get(&id).map(|place| &mut self.users[*place])
    }

    /// Everybody at these addresses, in whatever case, once each and in the order of the list. Two users can have one.
    pub(super) fn users_at(&self, addresses: &[String]) -> Vec<&User> {
        let places = addresses.iter().filter_map(|address| self.addresses.get(&address.to_lowercase()));
        let places: BTreeSet<usize> = places.flatten().copied().collect();
        places.into_iter().map(|place| &self.users[place]).collect()
    }

    pub(super) fn administers(&self, plan: u64) -> bool {
        self.plans.get(&plan).is_some_and(|plan| plan.is_administered)
    }

    /// How many more paid seats the plan has, if that is limited. Deactivated users hold none.
    pub(super) fn has_free_licence(&self, plan: u64) -> bool {
        let Some(licences) = self.plans.get(&plan).and_then(|plan| plan.licences) else { return true };
        let is_taken = |user: &&User| {
            !matches!(user.status, Status::Deactivated { .. })
                && user.membership(plan).is_some_and(|membership| membership.seat == Seat::Member)
        };
        self.users.iter().filter(is_taken).count() < licences
    }

    /// The name by which the free seat is shown.
    pub(super) const fn free_name(&self, shows_contributor: bool) -> FreeName {
        self.quirks.free_seat_names.shown(shows_contributor)
    }

    /// The next fault that waits for this request, taken out.
    pub(super) fn take_fault(&mut self, user: u64, operation: Operation) -> Option<Fault> {
        self.row_faults.get_mut(&(user, operation)).and_then(VecDeque::pop_front)
    }
}

impl Plan {
    pub(super) fn own(name: &str) -> Self {
        Self { name: name.to_owned(), is_administered: true, licences: None }
    }
}

/// The token's own user, without a plan yet.
pub(super) fn admin(id: u64, last_login: Timestamp) -> User {
    User {
        id,
        email: format!("sandbox.admin@{OWN_DOMAIN}"),
        first_name: "Sandbox".to_owned(),
        last_name: "Admin".to_owned(),
        status: Status::Active,
        roles: Roles::new(&[Role::Admin]),
        memberships: Vec::new(),
        sheets: 3,
        is_directory_managed: false,
        last_login: Some(last_login),
        is_unreadable: false,
        is_known: true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::HeldUser;
    use super::*;

    const USER: u64 = 48_569_348_493_401_200;
    const PLAN: u64 = 7_161_310_043_711_364;

    fn seats(world: &World, user: u64) -> Vec<(u64, String)> {
        HeldUser::new(world.user(user).unwrap()).seats
    }

    #[test]
    fn who_names_no_plan_is_in_the_first_that_is_named_and_so_is_the_token() {
        let table = [
            (vec![SandboxUser::new(USER)], HOME_PLAN),
            (vec![SandboxUser::new(USER), SandboxUser::new(USER + 1).seated(PLAN, "VIEWER")], PLAN),
        ];
        for (sandbox_users, plan) in table {
            let world = World::holding(sandbox_users);
            let expected = vec![(plan, "MEMBER".to_owned())];
            assert_eq!((seats(&world, USER), seats(&world, world.own_user())), (expected.clone(), expected));
        }
        assert_eq!(World::holding([]).plans.len(), 1);
    }

    #[test]
    fn a_user_described_twice_is_one_user_with_the_plans_and_faults_of_both() {
        let fault = |name: &str| name.parse::<Fault>().unwrap();
        let mut world = World::holding([
            SandboxUser::new(USER).seated(PLAN, "MEMBER").failing(Operation::Downgrade, fault("429")),
            SandboxUser::new(USER)
                .seated(PLAN, "GUEST")
                .seated(HOME_PLAN, "VIEWER")
                .failing(Operation::Downgrade, fault("502")),
        ]);
        assert_eq!(seats(&world, USER), [(PLAN, "MEMBER".to_owned()), (HOME_PLAN, "CONTRIBUTOR".to_owned())]);
        let mut next = || world.take_fault(USER, Operation::Downgrade);
        assert_eq!([next(), next(), next()], [Some(fault("429")), Some(fault("502")), None]);
    }

    #[test]
    fn the_token_never_is_a_given_user_by_accident() {
        let world = World::holding([SandboxUser::new(OWN_USER), SandboxUser::new(OWN_USER + 1)]);
        assert_eq!(world.own_user(), OWN_USER + 2);
    }

    #[test]
    fn a_seat_can_be_changed_behind_the_api() {
        let mut world = World::holding([SandboxUser::new(USER)]);
        world.reseat(USER, HOME_PLAN, "PROVISIONAL_MEMBER");
        world.reseat(USER, PLAN, "MEMBER");
        world.reseat(1, PLAN, "MEMBER");
        assert_eq!(seats(&world, USER), [(HOME_PLAN, "PROVISIONAL_MEMBER".to_owned())]);
    }
}
