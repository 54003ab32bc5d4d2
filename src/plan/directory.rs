//! The directory: what the API says of the users now, as far as a plan depends on it.
//!
//! Everything in it was read. What is missing was not read, or is not shown, and never counts as a "no": only an
//! [absence](Presence::Absent) that was confirmed does.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::model::{Attributes, Email, PlanId, ReportedSeat, Seat, UserId};

/// What the API says of a user, whatever the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The primary address.
    pub email: Option<Email>,
    /// ACTIVE, PENDING, DECLINED, DEACTIVATED, or one of tomorrow's.
    pub status: Option<String>,
    /// The attributes that an update can set, as they are now.
    pub attributes: Attributes,
    /// How many sheets the user owns; the list shows it of active users.
    pub sheets: Option<u64>,
}

/// A user's seat in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRecord {
    /// The seat.
    pub seat: ReportedSeat,
    /// When it last changed (seed 002, `seatTypeLastChangedAt`).
    pub changed: Option<Timestamp>,
    /// Whether the user's domain belongs to the plan (seed 002, `isInternal`).
    pub is_internal: Option<bool>,
}

impl SeatRecord {
    /// A seat of which nothing else is known.
    pub const fn seat(seat: ReportedSeat) -> Self {
        Self { seat, changed: None, is_internal: None }
    }
}

/// What is known of a user in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence<'a> {
    /// Nothing: it was not read, or not shown.
    Unread,
    /// Every page of the plan's users was read, and none shows the user. Pages may shift while they are read, so that
    /// proves nothing yet.
    Unlisted,
    /// The user is not in the plan, and a reading of this one user confirmed it.
    Absent,
    /// The user is in the plan.
    Holds(&'a SeatRecord),
}

/// What is known of a plan as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanCoverage {
    /// How many users it has (`totalCount` of the list of users).
    pub users: Option<u64>,
    /// Whether every page of its users was read.
    pub coverage: Coverage,
}

/// How much of a plan's list of users was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Coverage {
    /// Not all of it.
    #[default]
    Partial,
    /// Every page.
    Whole,
    /// None of it: the API refuses to show the plan.
    Barred,
    /// None of it: the API refuses the list, and the users of the file are too many to be read one by one.
    Refused,
}

/// What the API says of the users now.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    addresses: HashMap<Email, Bearers>,
    people: HashMap<UserId, Person>,
    seats: HashMap<(PlanId, UserId), SeatRecord>,
    absent: HashSet<(PlanId, UserId)>,
    plan_coverages: BTreeMap<PlanId, PlanCoverage>,
    /// Every plan in which somebody was seen.
    seen: BTreeSet<PlanId>,
    /// Those of them that call the free seat CONTRIBUTOR.
    contributor: BTreeSet<PlanId>,
    default_plan: Option<PlanId>,
    names: BTreeMap<PlanId, String>,
    lookups: Lookups,
    /// Addresses that were looked up, one by one and whole, and that nobody has.
    unmatched: HashSet<Email>,
    /// Plans of whose users some could not be read, or not their addresses.
    unreadable: BTreeSet<PlanId>,
}

/// Who has an address. Nearly always one user; the API has been seen to list two, so nobody may be chosen among several.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bearers {
    One(UserId),
    Several(BTreeSet<UserId>),
}

/// Whom an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressOwner {
    /// Nobody who was read.
    Nobody,
    /// One user.
    One(UserId),
    /// Several users, in the order of their ids.
    Several(Vec<UserId>),
}

/// Whether users can be looked up by their addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lookups {
    /// They can.
    #[default]
    Possible,
    /// The server has no list of users to look in.
    Impossible,
}

impl Directory {
    /// Notes whose a primary address is.
    pub fn note_address(&mut self, email: Email, user: UserId) {
        match self.addresses.entry(email) {
            Entry::Vacant(vacant) => _ = vacant.insert(Bearers::One(user)),
            Entry::Occupied(mut known) => match known.get_mut() {
                Bearers::One(same) if *same == user => {}
                Bearers::One(other) => {
                    let several = BTreeSet::from([*other, user]);
                    known.insert(Bearers::Several(several));
                }
                Bearers::Several(users) => _ = users.insert(user),
            },
        }
    }

    /// Notes the name of a plan.
    pub fn note_plan_name(&mut self, plan: PlanId, name: String) {
        self.names.insert(plan, name);
    }

    /// Notes that no address can be looked up.
    pub const fn note_lookups(&mut self, lookups: Lookups) {
        self.lookups = lookups;
    }

    /// Whether users can be looked up by their addresses.
    pub const fn lookups(&self) -> Lookups {
        self.lookups
    }

    /// Notes that a lookup by address found nobody, and that everything in its answer could be read.
    pub fn note_unmatched(&mut self, email: Email) {
        self.unmatched.insert(email);
    }

    /// Notes that the list of a plan's users shows somebody whose id or address cannot be read.
    pub fn note_unreadable_users(&mut self, plan: PlanId) {
        self.unreadable.insert(plan);
    }

    /// Whether it is proved that nobody has an address: every page of the plan's users was read, everybody on them could
    /// be read, and a lookup found nobody. Rows about no plan are judged by the default plan.
    pub fn proves_absence(&self, plan: Option<PlanId>, email: &Email) -> bool {
        let is_whole = |plan| self.plan_coverage(plan).coverage == Coverage::Whole && !self.unreadable.contains(&plan);
        self.unmatched.contains(email)
            && self.owner(email) == AddressOwner::Nobody
            && plan.or(self.default_plan).is_some_and(is_whole)
    }

    /// The names of plans, as far as they are known.
    pub const fn plan_names(&self) -> &BTreeMap<PlanId, String> {
        &self.names
    }

    /// Notes a user; what is new adds to what was known.
    pub fn note_person(&mut self, user: UserId, person: Person) {
        if let Some(email) = &person.email {
            self.note_address(email.clone(), user);
        }
        let known = self.people.entry(user).or_default();
        let Person { email, status, attributes, sheets } = person;
        known.email = email.or_else(|| known.email.take());
        known.status = status.or_else(|| known.status.take());
        known.attributes = attributes.or(std::mem::take(&mut known.attributes));
        known.sheets = sheets.or(known.sheets);
    }

    /// Notes a user's seat in a plan.
    pub fn note_seat(&mut self, plan: PlanId, user: UserId, held: SeatRecord) {
        self.absent.remove(&(plan, user));
        self.seen.insert(plan);
        if held.seat == ReportedSeat::Known(Seat::Contributor) {
            self.contributor.insert(plan);
        }
        self.seats.insert((plan, user), held);
    }

    /// Notes that a reading of this one user showed them not to be in a plan.
    pub fn note_absence(&mut self, plan: PlanId, user: UserId) {
        if !self.seats.contains_key(&(plan, user)) {
            self.absent.insert((plan, user));
        }
    }

    /// Notes what is known of a plan as a whole.
    pub fn note_plan_coverage(&mut self, plan: PlanId, plan_coverage: PlanCoverage) {
        self.plan_coverages.insert(plan, plan_coverage);
    }

    /// Notes the plan that rows about no plan, such as deactivations, are judged by.
    pub const fn note_default_plan(&mut self, plan: PlanId) {
        self.default_plan = Some(plan);
    }

    /// The one user whose an address is; `None` where nobody or several users have it.
    pub fn user(&self, email: &Email) -> Option<UserId> {
        match self.owner(email) {
            AddressOwner::One(user) => Some(user),
            AddressOwner::Nobody | AddressOwner::Several(_) => None,
        }
    }

    /// Whom an address belongs to.
    pub fn owner(&self, email: &Email) -> AddressOwner {
        match self.addresses.get(email) {
            None => AddressOwner::Nobody,
            Some(Bearers::One(user)) => AddressOwner::One(*user),
            Some(Bearers::Several(users)) => AddressOwner::Several(users.iter().copied().collect()),
        }
    }

    /// What is known of a user, whatever the plan.
    pub fn person(&self, user: UserId) -> Option<&Person> {
        self.people.get(&user)
    }

    /// Everybody of whom something is known, in no order.
    pub fn people(&self) -> impl Iterator<Item = (UserId, &Person)> {
        self.people.iter().map(|(user, person)| (*user, person))
    }

    /// The status of a user.
    pub fn status(&self, user: UserId) -> Option<&str> {
        self.person(user)?.status.as_deref()
    }

    /// What is known of a user in a plan.
    pub fn presence(&self, plan: PlanId, user: UserId) -> Presence<'_> {
        match self.seats.get(&(plan, user)) {
            Some(held) => Presence::Holds(held),
            None if self.absent.contains(&(plan, user)) => Presence::Absent,
            None => match self.plan_coverage(plan).coverage {
                Coverage::Whole => Presence::Unlisted,
                Coverage::Partial | Coverage::Barred | Coverage::Refused => Presence::Unread,
            },
        }
    }

    /// Every seat that is known, in no order.
    pub fn seats(&self) -> impl Iterator<Item = (PlanId, UserId, &SeatRecord)> {
        self.seats.iter().map(|((plan, user), held)| (*plan, *user, held))
    }

    /// A seat of the user, and its plan: in the plan that rows about no plan are judged by, else in any other.
    pub fn some_seat(&self, user: UserId) -> Option<(PlanId, &SeatRecord)> {
        let mut plans = self.default_plan.into_iter().chain(self.seen.iter().copied());
        plans.find_map(|plan| Some((plan, self.seats.get(&(plan, user))?)))
    }

    /// The seat of a user in a plan.
    pub fn seat(&self, plan: PlanId, user: UserId) -> Option<&ReportedSeat> {
        self.seats.get(&(plan, user)).map(|held| &held.seat)
    }

    /// What is known of a plan as a whole.
    pub fn plan_coverage(&self, plan: PlanId) -> PlanCoverage {
        self.plan_coverages.get(&plan).copied().unwrap_or_default()
    }

    /// Whether a plan was read, or tried to be.
    pub fn was_surveyed(&self, plan: PlanId) -> bool {
        self.plan_coverages.contains_key(&plan)
    }

    /// Whether a plan was seen to call the free seat CONTRIBUTOR. Nobody asks for that name, so VIEWER is gone there
    /// (API notes, "Seats").
    pub fn shows_contributor(&self, plan: PlanId) -> bool {
        self.contributor.contains(&plan)
    }

    /// Every plan of which something is known as a whole.
    pub fn plans(&self) -> impl Iterator<Item = (PlanId, PlanCoverage)> {
        self.plan_coverages.iter().map(|(plan, plan_coverage)| (*plan, *plan_coverage))
    }

    /// The plan that rows about no plan are judged by.
    pub const fn default_plan(&self) -> Option<PlanId> {
        self.default_plan
    }
}
