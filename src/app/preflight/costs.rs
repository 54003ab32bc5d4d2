//! What it costs to read the users of a plan: all of its pages, or one user at a time.

use super::subjects::UserSet;
use crate::app::account::reader::ADDRESSES;
use crate::model::PlanId;
use crate::plan::Directory;

/// What is left to read of a plan after its first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Costs {
    /// Pages, the first among them.
    pages: u64,
    /// Users whom the rows are about.
    users: u64,
    /// Those of them of whom only the id is known yet.
    ids: u64,
    /// Those of them of whom only the address is known yet, or who need only be looked up by it.
    addresses: u64,
    /// Addresses whose user the first page shows, which may not be the only one.
    resolved: u64,
}

/// How to go on after the first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// All the other pages.
    Pages,
    /// The users of the run, one by one.
    OneByOne,
}

impl Costs {
    pub(super) fn of(people: &UserSet, plan: PlanId, directory: &Directory, pages: u64) -> Self {
        let unresolved = people.unresolved(directory);
        let mut unseen = people.users(directory);
        let users = unseen.len() + unresolved.iter().filter(|(_, user)| user.is_none()).count();
        unseen.retain(|user| directory.seat(plan, *user).is_none());
        for (_, user) in &unresolved {
            user.map(|user| unseen.remove(&user));
        }
        let resolved = people.addresses_alone().filter(|email| directory.user(email).is_some()).count();
        Self {
            pages,
            users: users as u64,
            ids: unseen.len() as u64,
            addresses: unresolved.len() as u64,
            resolved: resolved as u64,
        }
    }

    /// Requests for the users one by one: their plans; the profiles of those whose address is not known; and, by
    /// address, the statuses.
    pub(super) const fn singles(self) -> u64 {
        let batch = ADDRESSES as u64;
        let lookups = (self.addresses + self.resolved).div_ceil(batch);
        self.ids * 2 + self.ids.div_ceil(batch) + self.addresses + lookups
    }

    pub(super) const fn way(self) -> Reads {
        if self.pages - 1 <= self.singles() { Reads::Pages } else { Reads::OneByOne }
    }

    pub(super) fn words(self, plan: PlanId) -> String {
        let users = format!("{} user{}", self.users, if self.users == 1 { "" } else { "s" });
        match (self.pages, self.way()) {
            (1, _) => format!("reading the users of plan {plan}: one page"),
            (pages, Reads::Pages) => format!("reading {pages} pages of plan {plan}, rather than {users} one by one"),
            (pages, Reads::OneByOne) if self.singles() == 0 => {
                format!("reading 1 of {pages} pages of plan {plan}, which shows all users of the file")
            }
            (pages, Reads::OneByOne) => format!("reading {users} one by one, rather than {pages} pages of plan {plan}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheaper_way_is_taken_and_said() {
        let plan = PlanId::new(9).unwrap();
        // pages, users left by id and by address, requests one by one, way, words
        let table = [
            (1, 0, 0, 0, Reads::Pages, "reading the users of plan 9: one page"),
            (100, 5_000, 0, 10_200, Reads::Pages, "reading 100 pages of plan 9, rather than 5000 users one by one"),
            (100, 0, 5_000, 5_200, Reads::Pages, "reading 100 pages of plan 9, rather than 5000 users one by one"),
            (100, 3, 0, 7, Reads::OneByOne, "reading 3 users one by one, rather than 100 pages of plan 9"),
            (100, 0, 3, 4, Reads::OneByOne, "reading 3 users one by one, rather than 100 pages of plan 9"),
            (100, 48, 0, 98, Reads::OneByOne, "reading 48 users one by one, rather than 100 pages of plan 9"),
            (100, 49, 0, 100, Reads::Pages, "reading 100 pages of plan 9, rather than 49 users one by one"),
            (2, 1, 0, 3, Reads::Pages, "reading 2 pages of plan 9, rather than 1 user one by one"),
            (7, 0, 0, 0, Reads::OneByOne, "reading 1 of 7 pages of plan 9, which shows all users of the file"),
        ];
        for (pages, ids, addresses, singles, way, words) in table {
            let costs = Costs { pages, users: ids + addresses, ids, addresses, resolved: 0 };
            assert_eq!(
                (costs.singles(), costs.way(), costs.words(plan)),
                (singles, way, words.to_owned()),
                "{costs:?}"
            );
        }
    }
}
