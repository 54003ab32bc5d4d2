//! System Admins: whether one remains after the run.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Guard;
use crate::model::{Action, UserId};
use crate::plan::account_state::AccountState;
use crate::plan::directory::Person;
use crate::plan::run_plan::{RunPlan, Step};
use crate::plan::wording::{counted, listed};

/// Which System Admins remain after a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remaining {
    /// The plan takes no user's right, or a user other than the token's own keeps it.
    Enough,
    /// Only the token's own user is known to keep it; these rows take it from all others.
    OnlyOwn(Vec<u64>),
    /// No user is known to keep it; these rows take it.
    Nobody(Vec<u64>),
}

/// Which of the known System Admins remain after `plan`. The token's own user keeps the right, because no row can take
/// it from them. A user who gets the right from a row does not count, because that row may fail.
pub(super) fn remaining(plan: &RunPlan, account_state: &AccountState) -> Remaining {
    let Some(directory) = &account_state.directory else { return Remaining::Enough };
    let mut losing = BTreeMap::new();
    for planned in &plan.rows {
        let Step::Send(job) = &planned.step else { continue };
        let person = directory.person(job.user);
        match effect(&job.action, person) {
            AdminEffect::Taken => _ = losing.insert(job.user, planned.row),
            AdminEffect::Given => _ = losing.remove(&job.user),
            AdminEffect::None => {}
        }
    }
    if losing.is_empty() {
        return Remaining::Enough;
    }
    let rows = losing.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let own = account_state.own.filter(|_| account_state.own_is_admin == Some(true));
    let keeps = |user: UserId, person: &Person| is_active_admin(person) && !losing.contains_key(&user);
    if directory.people().any(|(user, person)| Some(user) != own && keeps(user, person)) {
        return Remaining::Enough;
    }
    if own.is_some() { Remaining::OnlyOwn(rows) } else { Remaining::Nobody(rows) }
}

/// What an action does to a System Admin's right, or to the access that the right needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AdminEffect {
    Taken,
    Given,
    None,
}

fn effect(action: &Action, person: Option<&Person>) -> AdminEffect {
    let is_taken_from = |is_admin: bool| if is_admin { AdminEffect::Taken } else { AdminEffect::None };
    match action {
        Action::Update(attributes) => match attributes.admin {
            // A user who may be an admin counts as one.
            Some(false) => is_taken_from(person.and_then(|person| person.attributes.admin) != Some(false)),
            Some(true) => AdminEffect::Given,
            None => AdminEffect::None,
        },
        Action::Deactivate | Action::Remove { .. } => is_taken_from(person.is_some_and(is_active_admin)),
        Action::Reactivate => AdminEffect::Given,
        // A System Admin's seat cannot be taken: the API refuses the downgrade (API notes, "downgrade").
        Action::Downgrade { .. } | Action::Upgrade { .. } | Action::Plans => AdminEffect::None,
    }
}

fn is_active_admin(person: &Person) -> bool {
    person.attributes.admin == Some(true) && person.status.as_deref().is_none_or(|status| status == "ACTIVE")
}

/// The guard that is tripped when no System Admin would remain.
pub(super) fn last(plan: &RunPlan, account_state: &AccountState) -> Option<Guard> {
    match remaining(plan, account_state) {
        Remaining::Enough | Remaining::OnlyOwn(_) => None,
        Remaining::Nobody(rows) => Some(Guard {
            message: format!(
                "{} would remove {}, and no other is known to remain",
                listed("row", &rows),
                counted(rows.len() as u64, "System Admin"),
            ),
            hint: "remove one of these rows, or use the token of a System Admin who remains".to_owned(),
        }),
    }
}

/// The warning when only the token's own user would remain.
pub(super) fn only_own(plan: &RunPlan, account_state: &AccountState) -> Option<String> {
    match remaining(plan, account_state) {
        Remaining::Enough | Remaining::Nobody(_) => None,
        Remaining::OnlyOwn(rows) => Some(format!(
            "you would be the last known System Admin: {} remove{} all others",
            listed("row", &rows),
            if rows.len() == 1 { "s" } else { "" },
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Job, PlanId};
    use crate::plan::{Directory, PlannedRow};

    fn admin(is_admin: bool) -> Action {
        Action::Update(Box::new(Attributes { admin: Some(is_admin), ..Attributes::default() }))
    }

    #[test]
    fn a_system_admin_must_remain_and_the_own_user_alone_is_a_warning() {
        use Remaining::{Enough, Nobody, OnlyOwn};
        let remove = || Action::Remove { plan: PlanId::new(9).unwrap() };
        // Users 1 and 2 are active admins, 3 is a deactivated one, 4 is not one, 5 is unknown, 9 is the own user.
        let table = [
            (vec![(1, Action::Deactivate)], Some(true), Enough),
            (vec![(1, Action::Deactivate), (2, remove())], Some(true), OnlyOwn(vec![2, 3])),
            (vec![(1, admin(false)), (2, admin(false))], None, Nobody(vec![2, 3])),
            (vec![(1, admin(false)), (2, admin(false)), (2, admin(true))], None, Enough),
            (vec![(1, admin(false)), (2, admin(false)), (4, admin(true))], None, Nobody(vec![2, 3])),
            (vec![(1, Action::Deactivate), (2, Action::Deactivate), (5, admin(false))], None, Nobody(vec![2, 3, 4])),
            (vec![(3, Action::Deactivate), (4, admin(false)), (5, Action::Deactivate)], None, Enough),
            (vec![(5, admin(false))], None, Enough),
            (vec![(1, Action::Deactivate), (1, Action::Reactivate), (2, Action::Deactivate)], None, Enough),
        ];
        let mut directory = Directory::default();
        for (user, is_admin, status) in
            [(1, true, "ACTIVE"), (2, true, "ACTIVE"), (3, true, "DEACTIVATED"), (4, false, "ACTIVE")]
        {
            let attributes = Attributes { admin: Some(is_admin), ..Attributes::default() };
            let person = Person { status: Some(status.to_owned()), attributes, ..Person::default() };
            directory.note_person(UserId::new(user).unwrap(), person);
        }
        for (rows, own_is_admin, expected) in table {
            let own = own_is_admin.and(UserId::new(9));
            let account_state =
                AccountState { own, own_is_admin, directory: Some(directory.clone()), ..AccountState::default() };
            let send = |user, action| Step::Send(Job { user: UserId::new(user).unwrap(), action });
            let rows = (2..).zip(rows).map(|(row, (user, action))| PlannedRow::new(row, send(user, action)));
            let plan = RunPlan::new(rows);
            assert_eq!(remaining(&plan, &account_state), expected, "{:?}", plan.rows);
        }
    }
}
