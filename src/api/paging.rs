//! Token paging: a user's plans, page by page (seed 002, `lastKey`).
//!
//! A page may be shorter than asked and more may follow; the last has no key, or an empty one. A key that comes back ends
//! it too, because at least one server repeats it for ever, and its page for as long; so a plan counts once.

use std::collections::HashSet;

use super::request::{Request, UserPlansQuery};
use super::wire::{UserPlan, UserPlans};
use crate::model::UserId;

/// The plans of a user, as far as they were read.
#[derive(Debug)]
pub struct PlanPages {
    user: UserId,
    query: UserPlansQuery,
    keys: HashSet<String>,
    plans: Vec<UserPlan>,
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
        Self { user, query: query.clone(), keys: HashSet::new(), plans: Vec::new() }
    }

    /// The request for the next page.
    pub fn request(&self) -> Request {
        Request::user_plans(self.user, &self.query)
    }

    /// Takes a page.
    pub fn take(&mut self, page: UserPlans) -> Paging {
        for plan in page.data {
            if self.plans.iter().all(|known| known.plan_id != plan.plan_id) {
                self.plans.push(plan);
            }
        }
        match page.last_key {
            Some(key) if !key.is_empty() && self.keys.insert(key.clone()) => {
                self.query.last_key = Some(key);
                Paging::More
            }
            Some(_) | None => Paging::End,
        }
    }

    /// Everything that was read, in the API's order.
    pub fn into_plans(self) -> Vec<UserPlan> {
        self.plans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(last_key: Option<&str>, ids: &[u64]) -> UserPlans {
        let plans: Vec<_> = ids.iter().map(|id| serde_json::json!({"planId": id})).collect();
        serde_json::from_value(serde_json::json!({"lastKey": last_key, "data": plans})).unwrap()
    }

    #[test]
    fn paging_ends_at_the_last_page_and_at_a_key_that_repeats() {
        let table = [
            (vec![page(None, &[1, 2])], 1, 2),
            (vec![page(Some(""), &[1, 2])], 1, 2),
            (vec![page(Some("a"), &[1]), page(Some("b"), &[]), page(None, &[2])], 3, 2),
            (vec![page(Some("a"), &[1, 2]), page(Some("a"), &[1, 2]), page(Some("a"), &[1, 2])], 2, 2),
        ];
        for (pages, read, plans) in table {
            let mut paging = PlanPages::new(UserId::new(5).unwrap(), &UserPlansQuery::default());
            let mut count = 0;
            for page in pages {
                count += 1;
                if paging.take(page) == Paging::End {
                    break;
                }
            }
            assert_eq!((count, paging.into_plans().len()), (read, plans));
        }
    }
}
