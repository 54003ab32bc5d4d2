//! Number paging: the list of users, page by page.
//!
//! It always ends. A page past the end may repeat the last one, so a page that shows nobody new ends it; and the totals that
//! a page counts may be missing, -1 or wrong, so they are believed only as far as they agree with what was seen.

use std::collections::HashSet;

use super::paging::Completeness;
use super::wire::UserPage;
use crate::model::UserId;

/// Pages of one list: a million users.
const MOST_PAGES: u64 = 10_000;

/// How far a list of users was read.
#[derive(Debug, Clone, Default)]
pub struct UserPages {
    total_pages: Option<u64>,
    total_users: Option<u64>,
    seen: HashSet<UserId>,
    unreadable: usize,
    pages: u64,
    end: Option<Completeness>,
}

impl UserPages {
    /// The page to ask for next, counted from 1; `None` at the end.
    pub fn next(&self) -> Option<u64> {
        (self.end.is_none()).then_some(self.pages + 1)
    }

    /// Takes a page; the users on it whom no earlier page showed are left on it.
    pub fn take(&mut self, page: &mut UserPage) {
        let before = self.seen.len();
        page.users.read.retain(|user| self.seen.insert(user.id));
        self.pages += 1;
        self.total_pages = page.total_pages.or(self.total_pages);
        self.total_users = page.total_count.or(self.total_users);
        let is_first = self.pages == 1;
        if is_first || self.seen.len() > before {
            self.unreadable += page.users.left_out;
        }
        let seen = (self.seen.len() + self.unreadable) as u64;
        if !is_first && self.seen.len() == before {
            let is_missing_some = self.total_pages.is_some_and(|pages| self.pages < pages);
            self.total_users = Some(seen);
            self.end = Some(if is_missing_some { Completeness::Incomplete } else { Completeness::Complete });
            return;
        }
        // Totals that are smaller than what was seen say nothing at all.
        if self.total_users.is_some_and(|users| users < seen) {
            (self.total_pages, self.total_users) = (None, None);
        }
        let is_last = self.total_pages.is_some_and(|pages| self.pages >= pages);
        if is_last && self.total_users.is_none_or(|users| seen >= users) {
            self.end = Some(Completeness::Complete);
        } else if self.pages == MOST_PAGES {
            self.total_users = None;
            self.end = Some(Completeness::Incomplete);
        }
    }

    /// Whether everything was read; `None` while pages are left.
    pub const fn completeness(&self) -> Option<Completeness> {
        self.end
    }

    /// How many users could not be read.
    pub const fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Whether the list went on past every bound.
    pub const fn is_endless(&self) -> bool {
        self.pages == MOST_PAGES && matches!(self.end, Some(Completeness::Incomplete))
    }

    /// How many pages there are, where the API counts them.
    pub const fn total_pages(&self) -> Option<u64> {
        self.total_pages
    }

    /// How many users there are on all pages, where the API counts them or all of them were read.
    pub const fn total_users(&self) -> Option<u64> {
        self.total_users
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Records;
    use crate::api::wire::ListedUser;

    fn page(ids: std::ops::Range<u64>, total_pages: Option<u64>, total_count: Option<u64>) -> UserPage {
        let read = ids.map(|id| ListedUser::new(UserId::new(id).unwrap())).collect();
        UserPage { users: Records { read, unreadable: Vec::new(), left_out: 0 }, total_pages, total_count }
    }

    #[test]
    fn a_list_ends_at_its_last_page_and_at_one_that_shows_nobody_new() {
        use Completeness::{Complete, Incomplete};
        let counted = |ids| page(ids, Some(2), Some(15));
        let uncounted = |ids| page(ids, None, None);
        // what is told, the pages, pages that are read, the end, how many users there are
        let table = [
            ("one page", vec![page(1..5, Some(1), Some(4))], 1, Complete, Some(4)),
            ("nobody", vec![page(1..1, Some(1), Some(0))], 1, Complete, Some(0)),
            ("counted pages", vec![counted(1..11), counted(11..16)], 2, Complete, Some(15)),
            ("no totals", vec![uncounted(1..11), uncounted(11..16), uncounted(11..16)], 3, Complete, Some(15)),
            (
                "too few pages counted",
                vec![page(1..11, Some(1), Some(12)), page(11..13, Some(1), Some(12))],
                2,
                Complete,
                Some(12),
            ),
            (
                "a total that is too small",
                vec![page(1..11, Some(1), Some(3)), uncounted(11..12), uncounted(1..1)],
                3,
                Complete,
                Some(11),
            ),
            (
                "a page without news before the last",
                vec![page(1..11, Some(9), Some(90)), page(1..11, Some(9), Some(90))],
                2,
                Incomplete,
                Some(10),
            ),
        ];
        for (case, pages, requests, completeness, users) in table {
            let mut paging = UserPages::default();
            let mut asked = 0;
            for mut page in pages {
                assert_eq!(paging.next(), Some(asked + 1), "{case}");
                paging.take(&mut page);
                asked += 1;
            }
            assert_eq!((paging.next(), asked), (None, requests), "{case}");
            assert_eq!((paging.completeness(), paging.total_users()), (Some(completeness), users), "{case}");
        }
    }

    #[test]
    fn a_list_that_never_ends_is_read_no_further() {
        let mut paging = UserPages::default();
        while let Some(number) = paging.next() {
            paging.take(&mut page(number..number + 1, Some(u64::from(u32::MAX)), None));
        }
        assert!(paging.is_endless() && paging.total_users().is_none());
    }
}
