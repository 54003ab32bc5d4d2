//! Shares: how many of a plan's users would be changed, plan by plan.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Action, ActionName, Email, Limit, PlanId, UserId};
use crate::plan::directory::Directory;
use crate::plan::run_plan::{Plan, Step};

/// A share above this is worth a warning, in per cent.
const LARGE: f64 = 25.0;

/// The users of one plan who would be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The plan; `None` for rows about no plan where the directory has no home.
    pub plan: Option<PlanId>,
    /// How many users would be changed.
    pub users: u64,
    /// How many the plan has, where that was read.
    pub of: Option<u64>,
}

impl Share {
    /// The share in per cent; `None` where it is not known how many users the plan has.
    #[expect(clippy::cast_precision_loss, reason = "counts of users are far below 2^53")]
    pub fn per_cent(self) -> Option<f64> {
        let of = self.of.filter(|of| *of > 0)?;
        Some(self.users as f64 * 100.0 / of as f64)
    }

    /// The least limit in whole per cent that allows it, or else as a number.
    pub fn limit(self) -> Limit {
        let per_cent = self.per_cent().map(f64::ceil).filter(|per_cent| *per_cent <= 100.0);
        per_cent.map_or(Limit::Count(self.users), Limit::Percent)
    }

    /// Whether it is worth a warning, whatever the limit.
    pub fn is_large(self) -> bool {
        self.of.is_some_and(|of| Limit::Percent(LARGE).is_exceeded_by(self.users, of))
    }
}

/// Whom a row is about.
#[derive(Debug, Clone, Copy)]
enum Who<'p> {
    /// A user who has other rows too, perhaps.
    User(UserId),
    /// Likewise, where the id is not known.
    Address(&'p Email),
    /// Somebody who has no other row, or of whose rows nobody can tell which are of the same user.
    Another,
}

/// Counts people, each of them once.
#[derive(Debug, Default)]
struct Heads<'p> {
    others: u64,
    users: HashSet<UserId>,
    addresses: HashSet<&'p Email>,
}

impl<'p> Heads<'p> {
    fn add(&mut self, who: Who<'p>) {
        match who {
            Who::Another => self.others += 1,
            Who::User(user) => _ = self.users.insert(user),
            Who::Address(email) => _ = self.addresses.insert(email),
        }
    }

    fn count(&self) -> u64 {
        self.others + self.users.len() as u64 + self.addresses.len() as u64
    }
}

impl Plan {
    /// The users who would be changed, plan by plan; rows about no plan count for the directory's home.
    pub(super) fn shares(&self, directory: Option<&Directory>) -> Vec<Share> {
        let home = directory.and_then(Directory::home);
        let mut users: BTreeMap<Option<PlanId>, Heads<'_>> = BTreeMap::new();
        for (who, plan) in self.changed() {
            users.entry(plan.or(home)).or_default().add(who);
        }
        let share = |(plan, users): (Option<PlanId>, Heads<'_>)| Share {
            plan,
            users: users.count(),
            of: plan.and_then(|plan| directory?.extent(plan).users),
        };
        users.into_iter().map(share).collect()
    }

    /// How many users would be changed, each counted once whatever the plans.
    pub(super) fn changed_users(&self) -> u64 {
        let mut users = Heads::default();
        self.changed().for_each(|(who, _)| users.add(who));
        users.count()
    }

    fn changed(&self) -> impl Iterator<Item = (Who<'_>, Option<PlanId>)> {
        self.rows.iter().filter_map(|planned| match &planned.step {
            Step::Send(job) if self.repeated.users.contains(&job.user) => changed(Who::User(job.user), &job.action),
            Step::Send(job) => changed(Who::Another, &job.action),
            Step::SendTo(email, action) if self.repeated.addresses.contains(email) => {
                changed(Who::Address(email), action)
            }
            Step::SendTo(_, action) => changed(Who::Another, action),
            Step::SendSomewhere(action) => Some((Who::Another, None)).filter(|_| action.changes()),
            Step::Blocked(..) | Step::Ended(..) => None,
        })
    }

    /// The rows that remove somebody from a plan.
    pub fn removals(&self) -> Vec<u64> {
        let rows = self.rows.iter().filter(|planned| planned.step.sends() == Some(ActionName::Remove));
        rows.map(|planned| planned.row).collect()
    }
}

fn changed<'p>(who: Who<'p>, action: &Action) -> Option<(Who<'p>, Option<PlanId>)> {
    action.name().changes().then(|| (who, action.plan()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, Job};
    use crate::plan::{Extent, Planned, Reach};

    #[test]
    fn each_plan_is_judged_by_its_own_users_and_rows_about_none_by_the_home() {
        let id = |id| PlanId::new(id).unwrap();
        let down = |user, plan| {
            let action = Action::Downgrade { plan: id(plan), to: DowngradeSeat::Viewer };
            Step::Send(Job { user: UserId::new(user).unwrap(), action })
        };
        let other = |user, action| Step::Send(Job { user: UserId::new(user).unwrap(), action });
        let steps = [
            down(1, 7),
            down(1, 8),
            down(2, 8),
            down(2, 8),
            other(3, Action::Deactivate),
            other(4, Action::Plans),
            Step::SendTo(Email::new("jane@acme.example").unwrap(), Action::Deactivate),
        ];
        let plan = Plan::of((2..).zip(steps).map(|(row, step)| Planned::new(row, step)));
        let mut directory = Directory::default();
        directory.note_home(id(7));
        directory.note_extent(id(7), Extent { users: Some(11), reach: Reach::Partial });
        let share = |plan, users, of| Share { plan, users, of };
        let shares = [share(Some(id(7)), 3, Some(11)), share(Some(id(8)), 2, None)];
        assert_eq!(plan.shares(Some(&directory)), shares);
        let homeless = [share(None, 2, None), share(Some(id(7)), 1, None), share(Some(id(8)), 2, None)];
        assert_eq!(plan.shares(None), homeless);
        assert_eq!(plan.changed_users(), 4);
    }

    #[test]
    fn a_share_is_large_above_a_quarter_and_names_the_limit_that_allows_it() {
        // users, of, the limit, is large
        let table = [
            (212, Some(812), "27%", true),
            (25, Some(100), "25%", false),
            (26, Some(100), "26%", true),
            (1, Some(10_000), "1%", false),
            (3, Some(3), "100%", true),
            (4, Some(3), "4", true),
            (4, Some(0), "4", false),
            (4, None, "4", false),
        ];
        for (users, of, limit, is_large) in table {
            let share = Share { plan: None, users, of };
            assert_eq!((share.limit().to_string().as_str(), share.is_large()), (limit, is_large), "{share:?}");
        }
    }
}
