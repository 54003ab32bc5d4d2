//! The affected share: how many of a plan's users would be changed, plan by plan.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Action, ActionName, Email, Limit, PlanId, UserId};
use crate::plan::directory::Directory;
use crate::plan::run_plan::RunPlan;

/// A share above this is worth a warning, in per cent.
const LARGE: f64 = 25.0;

/// The users of one plan user would be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffectedShare {
    /// The plan; `None` for rows about no plan where the default plan is unknown.
    pub plan: Option<PlanId>,
    /// How many users would be changed.
    pub users: u64,
    /// How many the plan has, where that was read.
    pub of: Option<u64>,
}

impl AffectedShare {
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

/// The user of a row.
#[derive(Debug, Clone, Copy)]
enum RowUser<'p> {
    /// A user who may have other rows, by id.
    User(UserId),
    /// The same, by address, where the id is unknown.
    Address(&'p Email),
    /// A user who has no other row, or who cannot be told from others.
    Another,
}

/// Counts users, each of them once.
#[derive(Debug, Default)]
struct UniqueUsers<'p> {
    others: u64,
    users: HashSet<UserId>,
    addresses: HashSet<&'p Email>,
}

impl<'p> UniqueUsers<'p> {
    fn add(&mut self, user: RowUser<'p>) {
        match user {
            RowUser::Another => self.others += 1,
            RowUser::User(user) => _ = self.users.insert(user),
            RowUser::Address(email) => _ = self.addresses.insert(email),
        }
    }

    fn count(&self) -> u64 {
        self.others + self.users.len() as u64 + self.addresses.len() as u64
    }
}

impl RunPlan {
    /// The users who would be changed, plan by plan; rows about no plan count for the default plan.
    pub(super) fn shares(&self, directory: Option<&Directory>) -> Vec<AffectedShare> {
        let default_plan = directory.and_then(Directory::default_plan);
        let mut users: BTreeMap<Option<PlanId>, UniqueUsers<'_>> = BTreeMap::new();
        for (user, plan) in self.changed() {
            users.entry(plan.or(default_plan)).or_default().add(user);
        }
        let share = |(plan, users): (Option<PlanId>, UniqueUsers<'_>)| {
            let users = users.count();
            // A plan never has fewer users than are changed, whatever the API counts.
            let of = plan.and_then(|plan| directory?.plan_coverage(plan).users).map(|of| of.max(users));
            AffectedShare { plan, users, of }
        };
        users.into_iter().map(share).collect()
    }

    /// How many users would be changed, each counted once whatever the plans.
    pub(super) fn changed_users(&self) -> u64 {
        let mut users = UniqueUsers::default();
        self.changed().for_each(|(user, _)| users.add(user));
        users.count()
    }

    fn changed(&self) -> impl Iterator<Item = (RowUser<'_>, Option<PlanId>)> {
        self.rows.iter().map(|planned| &planned.step).filter_map(|step| {
            step.sends().filter(|action| action.changes())?;
            let user = match (step.job(), step.address()) {
                (Some(job), _) if self.repeated.users.contains(&job.user) => RowUser::User(job.user),
                (None, Some(email)) if self.repeated.addresses.contains(email) => RowUser::Address(email),
                (Some(_) | None, _) => RowUser::Another,
            };
            Some((user, step.action().and_then(Action::plan)))
        })
    }

    /// The rows that remove a user from a plan.
    pub fn removals(&self) -> Vec<u64> {
        let rows = self.rows.iter().filter(|planned| planned.step.sends() == Some(ActionName::Remove));
        rows.map(|planned| planned.row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, Job};
    use crate::plan::{Coverage, PlanCoverage, PlannedRow, Step};

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
            Step::UnresolvedUser(Email::new("jane@acme.example").unwrap(), Action::Deactivate),
        ];
        let plan = RunPlan::new((2..).zip(steps).map(|(row, step)| PlannedRow::new(row, step)));
        let mut directory = Directory::default();
        directory.note_default_plan(id(7));
        directory.note_plan_coverage(id(7), PlanCoverage { users: Some(11), coverage: Coverage::Partial });
        let share = |plan, users, of| AffectedShare { plan, users, of };
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
            let share = AffectedShare { plan: None, users, of };
            assert_eq!((share.limit().to_string().as_str(), share.is_large()), (limit, is_large), "{share:?}");
        }
    }
}
