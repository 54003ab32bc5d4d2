//! Conflicts between the rows of one user: a repeated row runs once, and rows that contradict each other do not run,
//! because it is unknown which of them is meant.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::run_plan::{PlannedRow, RepeatedUsers};
use crate::model::{Action, DowngradeSeat, Email, Outcome, PlanId, Status, UserId};

/// Ends repeated and contradictory rows. Returns the users who have several rows.
pub(super) fn settle(rows: &mut [PlannedRow]) -> RepeatedUsers {
    let repeated = RepeatedUsers::new(rows);
    let mut of_users: HashMap<UserId, Vec<usize>> = HashMap::new();
    let mut of_addresses: HashMap<Email, Vec<usize>> = HashMap::new();
    for (at, PlannedRow { step, .. }) in rows.iter().enumerate() {
        if let Some(job) = step.job().filter(|job| repeated.users.contains(&job.user)) {
            of_users.entry(job.user).or_default().push(at);
        }
        if let Some(email) = step.address().filter(|email| repeated.addresses.contains(*email)) {
            of_addresses.entry(email.clone()).or_default().push(at);
        }
    }
    for indices in of_users.values().chain(of_addresses.values()) {
        settle_user(rows, indices);
    }
    repeated
}

/// Settles the rows of one user, whose indices are given in the order of the file.
fn settle_user(rows: &mut [PlannedRow], indices: &[usize]) {
    let mut first_of: HashMap<Action, usize> = HashMap::new();
    let mut earlier = EarlierRows::default();
    let mut contradictions = Vec::new();
    for at in indices.iter().copied() {
        let Some(action) = rows[at].step.action() else { continue };
        match first_of.entry(one_name(action)) {
            Entry::Occupied(first) => {
                let message = format!("a duplicate of row {}", rows[*first.get()].row);
                rows[at].end(Outcome::of_row(Status::Skipped, message));
            }
            Entry::Vacant(slot) => {
                slot.insert(at);
                for other in earlier.contradicted_by(action) {
                    contradictions.extend([(other, at), (at, other)]);
                }
                earlier.add(action, at);
            }
        }
    }
    // Each row names the first row that it contradicts, so the actions are kept until all are known.
    let actions: HashMap<_, _> =
        contradictions.iter().filter_map(|(at, _)| Some((*at, rows[*at].step.action()?.clone()))).collect();
    for (at, other) in contradictions {
        if rows[at].step.action().is_none() {
            continue;
        }
        let row = rows[at].row;
        let message = format!("row {row}: contradicts row {} ({})", rows[other].row, actions[&other]);
        let mut outcome = Outcome::of_row(Status::Invalid, message);
        outcome.hint = Some("keep only the row that is meant".to_owned());
        rows[at].end(outcome);
    }
}

/// The indices of a user's earlier rows, by what a later row can contradict in them.
#[derive(Debug, Default)]
struct EarlierRows {
    downgrades: HashMap<PlanId, Vec<usize>>,
    upgrades: HashMap<PlanId, Vec<usize>>,
    deactivations: Vec<usize>,
    reactivations: Vec<usize>,
    removals: HashMap<PlanId, usize>,
    /// The first removal, and those that no later row has contradicted yet. A row about no plan contradicts them all.
    first_removal: Option<usize>,
    open_removals: Vec<usize>,
}

impl EarlierRows {
    /// The earlier rows that `later` reverses, or that it cannot follow.
    fn contradicted_by(&mut self, later: &Action) -> Vec<usize> {
        let of_plan = |indices: &HashMap<PlanId, Vec<usize>>, plan| indices.get(plan).cloned().unwrap_or_default();
        match later {
            Action::Downgrade { plan, .. } => self.removed_or(*plan, of_plan(&self.upgrades, plan)),
            Action::Upgrade { plan, .. } => self.removed_or(*plan, of_plan(&self.downgrades, plan)),
            Action::Remove { plan } => self.removed_or(*plan, Vec::new()),
            Action::Deactivate => self.any_removed_or(self.reactivations.clone()),
            Action::Reactivate => self.any_removed_or(self.deactivations.clone()),
            Action::Update(_) => self.any_removed_or(Vec::new()),
            Action::Plans => Vec::new(),
        }
    }

    fn removed_or(&self, plan: PlanId, mut others: Vec<usize>) -> Vec<usize> {
        others.extend(self.removals.get(&plan));
        others.sort_unstable();
        others
    }

    fn any_removed_or(&mut self, mut others: Vec<usize>) -> Vec<usize> {
        let open = std::mem::take(&mut self.open_removals);
        others.extend(if open.is_empty() { self.first_removal.into_iter().collect() } else { open });
        others.sort_unstable();
        others
    }

    fn add(&mut self, action: &Action, at: usize) {
        match action {
            Action::Downgrade { plan, .. } => self.downgrades.entry(*plan).or_default().push(at),
            Action::Upgrade { plan, .. } => self.upgrades.entry(*plan).or_default().push(at),
            Action::Deactivate => self.deactivations.push(at),
            Action::Reactivate => self.reactivations.push(at),
            Action::Remove { plan } => {
                self.removals.insert(*plan, at);
                self.first_removal.get_or_insert(at);
                self.open_removals.push(at);
            }
            Action::Update(_) | Action::Plans => {}
        }
    }
}

/// The action with its free seat under one name, so that VIEWER and CONTRIBUTOR are found to be the same.
fn one_name(action: &Action) -> Action {
    if let Action::Downgrade { plan, to: DowngradeSeat::Viewer } = action {
        Action::Downgrade { plan: *plan, to: DowngradeSeat::Contributor }
    } else {
        action.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::{ActionName, Attributes, Job, UpgradeSeat};
    use crate::plan::Step;

    /// The rule, pair by pair.
    fn contradict(earlier: &Action, later: &Action) -> bool {
        match (earlier.name(), later.name()) {
            (ActionName::Downgrade, ActionName::Upgrade) | (ActionName::Upgrade, ActionName::Downgrade) => {
                earlier.plan() == later.plan()
            }
            (ActionName::Deactivate, ActionName::Reactivate) | (ActionName::Reactivate, ActionName::Deactivate) => true,
            (ActionName::Remove, later_name) => {
                later_name != ActionName::Plans && later.plan().is_none_or(|plan| earlier.plan() == Some(plan))
            }
            (
                ActionName::Downgrade
                | ActionName::Upgrade
                | ActionName::Deactivate
                | ActionName::Reactivate
                | ActionName::Update
                | ActionName::Plans,
                _,
            ) => false,
        }
    }

    fn action() -> impl Strategy<Value = Action> {
        let plan = || (1..3_u64).prop_map(|id| PlanId::new(id).unwrap());
        let name =
            (0..2_u8).prop_map(|name| Attributes { first_name: Some(name.to_string()), ..Attributes::default() });
        prop_oneof![
            plan().prop_map(|plan| Action::Downgrade { plan, to: DowngradeSeat::Viewer }),
            plan().prop_map(|plan| Action::Downgrade { plan, to: DowngradeSeat::Guest }),
            plan().prop_map(|plan| Action::Upgrade { plan, to: UpgradeSeat::Member }),
            plan().prop_map(|plan| Action::Remove { plan }),
            name.prop_map(|attributes| Action::Update(Box::new(attributes))),
            Just(Action::Deactivate),
            Just(Action::Reactivate),
            Just(Action::Plans),
        ]
    }

    proptest! {
        #[test]
        fn one_pass_finds_the_contradictions_that_comparing_all_pairs_finds(
            jobs in proptest::collection::vec((1..4_u64, action()), 0..16)
        ) {
            let jobs: Vec<_> = jobs.into_iter().map(|(id, action)| Job { user: UserId::new(id).unwrap(), action }).collect();
            // The last user is known by address alone.
            let step = |Job { user, action }: Job| match user.get() {
                3 => Step::UnresolvedUser(Email::new("jane@acme.example").unwrap(), action),
                _ => Step::Send(Job { user, action }),
            };
            let mut rows: Vec<_> = jobs.iter().zip(2..).map(|(job, row)| PlannedRow::new(row, step(job.clone()))).collect();
            settle(&mut rows);
            let is_repeat = |at: usize| jobs[..at].contains(&jobs[at]);
            let mut expected = BTreeSet::new();
            for (at, one) in jobs.iter().enumerate().filter(|(at, _)| !is_repeat(*at)) {
                for (other_at, other) in jobs.iter().enumerate().skip(at + 1).filter(|(at, _)| !is_repeat(*at)) {
                    if one.user == other.user && contradict(&one.action, &other.action) {
                        expected.extend([at, other_at]);
                    }
                }
            }
            for (at, planned) in rows.iter().enumerate() {
                let status = match &planned.step {
                    Step::Final(_, outcome) => Some(outcome.status),
                    Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) | Step::Blocked(..) => None,
                };
                let wanted = if is_repeat(at) {
                    Some(Status::Skipped)
                } else {
                    expected.contains(&at).then_some(Status::Invalid)
                };
                prop_assert_eq!(status, wanted, "row {} of {:?}", at, jobs);
            }
        }
    }
}
