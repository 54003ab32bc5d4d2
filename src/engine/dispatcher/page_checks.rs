//! Which users are looked at by pages of their plan: where that takes fewer requests than reading them one by one.
//!
//! It keeps count of pages and of the users who are looked for on them. A page can show that a job is done; who is on no
//! page, or is shown otherwise, is read alone before anything is said.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::time::Instant;

use crate::engine::scheduler::JobIndex;
use crate::model::{Action, PlanId, UserId};

/// Users of a plan below which nobody looks at its first page: they are read alone.
pub(super) const WORTH_A_PAGE: usize = 3;

/// Looks at users by pages.
#[derive(Debug, Default)]
pub(super) struct PageChecks {
    plans: BTreeMap<PlanId, PlanCheck>,
}

/// The users of one plan.
#[derive(Debug, Default)]
struct PlanCheck {
    /// Who is looked for.
    users: HashMap<UserId, JobIndex>,
    /// Pages that are to be read.
    pages: VecDeque<u64>,
    /// Pages under way.
    in_flight: usize,
    /// Whether somebody is in doubt, so that it is not put off until all changes are made.
    is_urgent: bool,
    /// Before then, nothing is read.
    not_before: Option<Instant>,
}

/// When a check is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// At once.
    Now,
    /// Once all changes are made.
    AfterChanges,
}

/// The plan whose pages may show that a job is done. A page cannot show that somebody is gone: a list may leave out whom it
/// should show.
pub(super) const fn plan_to_look_in(action: &Action) -> Option<PlanId> {
    match action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => Some(*plan),
        Action::Remove { .. } | Action::Deactivate | Action::Reactivate | Action::Update(_) | Action::Plans => None,
    }
}

impl PageChecks {
    /// Looks for a user on the pages of a plan.
    pub(super) fn add(&mut self, plan: PlanId, user: UserId, index: JobIndex, urgency: Urgency) {
        let check = self.plans.entry(plan).or_default();
        check.users.insert(user, index);
        check.is_urgent |= urgency == Urgency::Now;
    }

    /// Whether somebody in doubt is looked for.
    pub(super) fn has_urgent(&self) -> bool {
        self.plans.values().any(|check| check.is_urgent)
    }

    /// How many users are looked for.
    pub(super) fn users(&self) -> usize {
        self.plans.values().map(|check| check.users.len()).sum()
    }

    /// The next page to read at `now`, and a job that it is read for. Those that are not urgent are due when
    /// `changes_are_made`. Who is not worth a page comes back to be read alone.
    pub(super) fn next(
        &mut self,
        now: Instant,
        changes_are_made: bool,
        alone: &mut Vec<JobIndex>,
    ) -> Option<(PlanId, u64, JobIndex)> {
        for (plan, check) in &mut self.plans {
            if !(check.is_urgent || changes_are_made) || check.not_before.is_some_and(|not_before| not_before > now) {
                continue;
            }
            if check.pages.is_empty() && check.in_flight == 0 && !check.users.is_empty() {
                if check.users.len() < WORTH_A_PAGE {
                    alone.extend(check.give_up());
                    continue;
                }
                check.pages.push_back(1);
            }
            if let Some(page) = check.pages.pop_front()
                && let Some(index) = check.users.values().next()
            {
                check.in_flight += 1;
                check.not_before = None;
                return Some((*plan, page, *index));
            }
        }
        None
    }

    /// When a page may be read again that was turned away.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.plans.values().filter(|check| !check.users.is_empty()).filter_map(|check| check.not_before).min()
    }

    /// A job that a page of a plan is read for, while anybody is looked for.
    pub(super) fn any_of(&self, plan: PlanId) -> Option<JobIndex> {
        self.plans.get(&plan)?.users.values().next().copied()
    }

    /// A user was found on a page: nobody looks for them any more.
    pub(super) fn found(&mut self, plan: PlanId, user: UserId) -> Option<JobIndex> {
        self.plans.get_mut(&plan)?.users.remove(&user)
    }

    /// Another page was read, of so many as the API says. Returns who is to be read alone.
    pub(super) fn page_read(&mut self, plan: PlanId, page: u64, pages: Option<u64>) -> Vec<JobIndex> {
        let Some(check) = self.plans.get_mut(&plan) else { return Vec::new() };
        check.in_flight -= 1;
        if page == 1 {
            // The first page says whether the others cost less than the users whom it does not show.
            let others = pages.unwrap_or(u64::MAX).saturating_sub(1);
            if others <= check.users.len() as u64 {
                check.pages.extend((0..others).map(|at| at + 2));
            }
        }
        if check.users.is_empty() {
            check.pages.clear();
        }
        if check.pages.is_empty() && check.in_flight == 0 { check.give_up() } else { Vec::new() }
    }

    /// A page was turned away: it is read again at `not_before`.
    pub(super) fn put_off(&mut self, plan: PlanId, page: u64, not_before: Instant) {
        if let Some(check) = self.plans.get_mut(&plan) {
            check.in_flight -= 1;
            check.pages.push_front(page);
            check.not_before = Some(not_before);
        }
    }

    /// A page could not be read: everybody is read alone.
    pub(super) fn failed(&mut self, plan: PlanId) -> Vec<JobIndex> {
        let Some(check) = self.plans.get_mut(&plan) else { return Vec::new() };
        check.in_flight -= 1;
        check.give_up()
    }
}

impl PlanCheck {
    /// Nobody is looked for any more; who was is read alone, in the order of the file.
    fn give_up(&mut self) -> Vec<JobIndex> {
        self.pages.clear();
        self.is_urgent = false;
        let mut alone: Vec<_> = self.users.drain().map(|(_, index)| index).collect();
        // The last to be made ready goes first.
        alone.sort_unstable_by(|one, other| other.cmp(one));
        alone
    }
}
