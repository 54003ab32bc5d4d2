//! Token paging: a user's plans, page by page (seed 002, `lastKey`).
//!
//! A page may be shorter than asked and more may follow; the last has no key, or an empty one. It always ends: a key that
//! comes back ends it, because at least one server repeats it for ever, and its page for as long; so do pages that show no
//! new plan, and more pages than anybody can have plans.

use std::collections::HashSet;

use super::json::UnreadableProperty;
use super::request::{PlanNames, Request, UserPlansQuery};
use super::wire::{UserPlan, UserPlans};
use crate::model::{PlanId, UserId};

/// Pages that may follow each other without a plan that is new.
const PAGES_WITHOUT_NEWS: u32 = 3;
/// Pages of one user: ten thousand plans.
const MOST_PAGES: u32 = 100;

/// The plans of a user, as far as they were read.
#[derive(Debug)]
pub struct PlanPages {
    user: UserId,
    query: UserPlansQuery,
    keys: HashSet<String>,
    known: HashSet<PlanId>,
    pages: u32,
    without_news: u32,
    list: UserPlanList,
}

/// The plans of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPlanList {
    /// Those that could be read, in the API's order.
    pub plans: Vec<UserPlan>,
    /// Whether these are all; else a plan that is not among them may be the user's all the same.
    pub completeness: Completeness,
    /// What could not be read.
    pub unreadable: Vec<UnreadableProperty>,
}

/// Whether a list shows everything that it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It does.
    Complete,
    /// A part could not be read, or it has no end.
    Incomplete,
}

/// Whether another page is to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// It is.
    More,
    /// That was all.
    End,
}

impl PlanPages {
    /// Nothing read yet.
    pub fn new(user: UserId, query: &UserPlansQuery) -> Self {
        Self {
            user,
            query: query.clone(),
            keys: HashSet::new(),
            known: HashSet::new(),
            pages: 0,
            without_news: 0,
            list: UserPlanList { plans: Vec::new(), completeness: Completeness::Complete, unreadable: Vec::new() },
        }
    }

    /// The request for the next page.
    pub fn request(&self) -> Request {
        Request::user_plans(self.user, &self.query)
    }

    /// Whether the next page is asked for with the names of the plans.
    pub fn asks_for_names(&self) -> bool {
        self.query.names == PlanNames::Asked
    }

    /// Asks for no names from here on.
    pub const fn without_names(&mut self) {
        self.query.names = PlanNames::Unasked;
    }

    /// Takes a page.
    pub fn take(&mut self, page: UserPlans) -> Paging {
        let before = self.list.plans.len();
        self.list.plans.extend(page.plans.read.into_iter().filter(|plan| self.known.insert(plan.plan_id)));
        if page.plans.left_out > 0 || !page.unreadable.is_empty() {
            self.list.completeness = Completeness::Incomplete;
        }
        self.list.unreadable.extend(page.plans.unreadable.into_iter().chain(page.unreadable));
        self.pages += 1;
        self.without_news = if self.list.plans.len() > before { 0 } else { self.without_news + 1 };
        let Some(key) = page.last_key.filter(|key| self.keys.insert(key.clone())) else { return Paging::End };
        if self.pages >= MOST_PAGES || self.without_news >= PAGES_WITHOUT_NEWS {
            self.list.completeness = Completeness::Incomplete;
            let found = format!("still there after {} pages", self.pages);
            self.list.unreadable.push(UnreadableProperty { place: "lastKey".to_owned(), found });
            return Paging::End;
        }
        self.query.last_key = Some(key);
        Paging::More
    }

    /// Everything that was read.
    pub fn into_list(self) -> UserPlanList {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Records;

    fn page(last_key: Option<&str>, ids: &[u64]) -> UserPlans {
        let plan = |id: &u64| UserPlan {
            plan_id: PlanId::new(*id).unwrap(),
            plan_name: None,
            seat_type: None,
            seat_type_last_changed_at: None,
            is_internal: None,
            provisional_expiration_date: None,
        };
        let plans = Records { read: ids.iter().map(plan).collect(), unreadable: Vec::new(), left_out: 0 };
        UserPlans { last_key: last_key.map(str::to_owned), plans, unreadable: Vec::new() }
    }

    fn read(mut pages: impl Iterator<Item = UserPlans>) -> (u32, usize, Completeness) {
        let mut paging = PlanPages::new(UserId::new(5).unwrap(), &UserPlansQuery::default());
        let mut count = 0;
        loop {
            count += 1;
            if paging.take(pages.next().unwrap()) == Paging::End {
                let list = paging.into_list();
                return (count, list.plans.len(), list.completeness);
            }
        }
    }

    #[test]
    fn paging_ends_at_the_last_page_and_at_a_key_that_repeats() {
        let table = [
            (vec![page(None, &[1, 2])], 1, 2),
            (vec![page(Some("a"), &[1]), page(Some("b"), &[]), page(None, &[2])], 3, 2),
            (vec![page(Some("a"), &[1, 2]), page(Some("a"), &[1, 2]), page(Some("a"), &[1, 2])], 2, 2),
        ];
        for (pages, requests, plans) in table {
            assert_eq!(read(pages.into_iter()), (requests, plans, Completeness::Complete));
        }
    }

    #[test]
    fn paging_ends_where_keys_are_ever_new() {
        let repeated = (0..).map(|key: u64| page(Some(&key.to_string()), &[1]));
        assert_eq!(read(repeated), (4, 1, Completeness::Incomplete), "always the same plan");
        let ever_new = (1..).map(|key: u64| page(Some(&key.to_string()), &[key]));
        assert_eq!(read(ever_new), (100, 100, Completeness::Incomplete), "always another plan");
    }
}
