//! The affected users: whom a run is about, plan by plan, as far as its rows say before anybody was looked up.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::parallel::each_entry;
use crate::input::{ParsedRow, Row, Sheet, Subject};
use crate::model::{Action, ActionName, Email, Job, PlanId, UserId};
use crate::plan::{AddressOwner, Directory};

/// Users by id and by address.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserSet {
    users: BTreeSet<UserId>,
    /// With the id that stands beside it, where one does.
    addresses: BTreeSet<(Email, Option<UserId>)>,
}

impl UserSet {
    fn add(&mut self, subject: Subject) {
        match subject {
            Subject::Id(user) => _ = self.users.insert(user),
            Subject::Email(email) => _ = self.addresses.insert((email, None)),
            Subject::Both(user, email) => {
                self.users.insert(user);
                self.addresses.insert((email, Some(user)));
            }
        }
    }

    fn append(&mut self, mut other: Self) {
        self.users.append(&mut other.users);
        self.addresses.append(&mut other.addresses);
    }

    /// Whether there is nobody.
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.addresses.is_empty()
    }

    /// The users whose ids are known.
    pub(crate) fn users(&self, directory: &Directory) -> BTreeSet<UserId> {
        let by_address = self.addresses.iter().filter_map(|(email, _)| directory.user(email));
        self.users.iter().copied().chain(by_address).collect()
    }

    /// The addresses that stand alone, without an id that decides.
    pub(crate) fn addresses_alone(&self) -> impl Iterator<Item = Email> {
        self.addresses.iter().filter(|(_, user)| user.is_none()).map(|(email, _)| email.clone())
    }

    /// The addresses of whom nothing is known yet.
    pub(crate) fn unresolved_addresses(&self, directory: &Directory) -> Vec<Email> {
        self.unresolved(directory).into_iter().map(|(email, _)| email.clone()).collect()
    }

    /// The addresses of whom nothing is known yet, with the ids beside them. An address beside the id of somebody whose
    /// true address was read needs no asking: it is that one or a wrong one.
    pub(crate) fn unresolved(&self, directory: &Directory) -> Vec<(&Email, Option<UserId>)> {
        let is_read = |user: UserId| directory.person(user).is_some_and(|person| person.email.is_some());
        let addresses = self.addresses.iter().map(|(email, user)| (email, *user));
        let is_new = |email: &Email| directory.owner(email) == AddressOwner::Nobody;
        addresses.filter(|(email, user)| is_new(email) && !user.is_some_and(is_read)).collect()
    }
}

/// Whom a run is about.
#[derive(Debug, Default)]
pub(crate) struct AffectedUsers {
    /// Those of rows that change something in a plan.
    pub(crate) plans: BTreeMap<PlanId, UserSet>,
    /// Those of rows that change something about no plan.
    pub(crate) anywhere: UserSet,
    /// Those of them whose attributes are changed: what they were has to be known.
    pub(crate) updated: BTreeSet<UserId>,
    /// Those of rows that change nothing.
    unchanged: UserSet,
    /// Those of rows that change something in a plan that nobody names.
    unplaced: UserSet,
    /// Whether a row names no plan, and nobody else does.
    pub(crate) needs_plan: bool,
}

impl AffectedUsers {
    /// Those of a file. Rows that are left out or make no sense are about nobody.
    pub(crate) fn of_sheet(sheet: &Sheet) -> Self {
        let mut affected = Self::default();
        let read = |row: &Row| sheet.parse(row);
        each_entry(sheet, read, |_, entry| match entry {
            ParsedRow::Job { subject, action, .. } => affected.add(subject, &action),
            ParsedRow::MissingPlan { subject, .. } => {
                affected.needs_plan = true;
                affected.unplaced.add(subject);
            }
            ParsedRow::Skipped { .. } | ParsedRow::Invalid { .. } => {}
        });
        affected
    }

    /// Those whose seats jobs are about.
    pub(crate) fn of_seats<'j>(jobs: impl Iterator<Item = &'j Job>) -> Self {
        let mut affected = Self::default();
        for job in jobs.filter(|job| job.action.plan().is_some()) {
            affected.add(Subject::Id(job.user), &job.action);
        }
        affected
    }

    fn add(&mut self, subject: Subject, action: &Action) {
        if let (Action::Update(_), Subject::Id(user) | Subject::Both(user, _)) = (action, &subject) {
            self.updated.insert(*user);
        }
        match (action.plan(), action.name()) {
            (Some(plan), _) => self.plans.entry(plan).or_default().add(subject),
            (None, ActionName::Plans) => self.unchanged.add(subject),
            (None, _) => self.anywhere.add(subject),
        }
    }

    /// Says which plan the rows are about that name none.
    pub(crate) fn place(&mut self, plan: PlanId) {
        let unplaced = std::mem::take(&mut self.unplaced);
        self.plans.entry(plan).or_default().append(unplaced);
        self.needs_plan = false;
    }

    /// Whether a row changes anybody.
    pub(crate) fn changes(&self) -> bool {
        !(self.plans.is_empty() && self.anywhere.is_empty() && self.unplaced.is_empty())
    }

    /// The plan by which rows about no plan are judged, as far as that can be said without asking: the rows' only one,
    /// else the one that is `set`, else the one of most users.
    pub(crate) fn home(&self, set: Option<PlanId>) -> Option<PlanId> {
        let size = |people: &UserSet| people.users.len() + people.addresses.len();
        let largest = self.plans.iter().max_by_key(|(_, people)| size(people)).map(|(plan, _)| *plan);
        if self.plans.len() == 1 { largest } else { set.or(largest) }
    }

    /// Those that are looked for in each plan, if rows about no plan are judged by `home`.
    pub(crate) fn by_plan(&self, home: Option<PlanId>) -> BTreeMap<PlanId, UserSet> {
        let mut plans = self.plans.clone();
        if let Some(home) = home.filter(|_| !self.anywhere.is_empty()) {
            plans.entry(home).or_default().append(self.anywhere.clone());
        }
        plans
    }

    /// Every address of whom nothing is known yet, in order.
    pub(crate) fn unresolved(&self, directory: &Directory) -> BTreeSet<Email> {
        let everybody = self.plans.values().chain([&self.anywhere, &self.unchanged, &self.unplaced]);
        everybody.flat_map(|people| people.unresolved(directory)).map(|(email, _)| email.clone()).collect()
    }
}
