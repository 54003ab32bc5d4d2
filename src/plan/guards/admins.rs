//! Admins: whether somebody remains who can change users once a plan was carried out.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Guard;
use crate::model::{Action, UserId};
use crate::plan::account_state::Circumstances;
use crate::plan::directory::Person;
use crate::plan::run_plan::{Plan, Step};
use crate::plan::wording::named;

/// What a plan leaves of the System Admins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remaining {
    /// It takes nobody's right, or somebody beside the token's own user keeps it.
    Enough,
    /// The token's own user is the only one who is known to keep it; these rows take it from the others.
    OnlyOwn(Vec<u64>),
    /// Nobody is known to keep it; these rows take it.
    Nobody(Vec<u64>),
}

/// What `plan` leaves of the System Admins that are known. The token's own user keeps the right, because no row can take
/// it from them; who is given it by a row does not count, because that row may fail.
pub(super) fn remaining(plan: &Plan, circumstances: &Circumstances) -> Remaining {
    let Some(directory) = &circumstances.directory else { return Remaining::Enough };
    let mut losing = BTreeMap::new();
    for planned in &plan.rows {
        let Step::Send(job) = &planned.step else { continue };
        let person = directory.person(job.user);
        match effect(&job.action, person) {
            Effect::Taken => _ = losing.insert(job.user, planned.row),
            Effect::Given => _ = losing.remove(&job.user),
            Effect::None => {}
        }
    }
    if losing.is_empty() {
        return Remaining::Enough;
    }
    let rows = losing.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let own = circumstances.own.filter(|_| circumstances.own_is_admin == Some(true));
    let keeps = |user: UserId, person: &Person| is_active_admin(person) && !losing.contains_key(&user);
    if directory.people().any(|(user, person)| Some(user) != own && keeps(user, person)) {
        return Remaining::Enough;
    }
    if own.is_some() { Remaining::OnlyOwn(rows) } else { Remaining::Nobody(rows) }
}

/// What an action does to a System Admin's right, or to the access without which it is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Taken,
    Given,
    None,
}

fn effect(action: &Action, person: Option<&Person>) -> Effect {
    let is_taken_from = |is_admin: bool| if is_admin { Effect::Taken } else { Effect::None };
    match action {
        Action::Update(attributes) => match attributes.admin {
            // Who is not known to be no admin may be one.
            Some(false) => is_taken_from(person.and_then(|person| person.attributes.admin) != Some(false)),
            Some(true) => Effect::Given,
            None => Effect::None,
        },
        Action::Deactivate | Action::Remove { .. } => is_taken_from(person.is_some_and(is_active_admin)),
        Action::Reactivate => Effect::Given,
        // A System Admin's seat cannot be taken: the API refuses the downgrade (API notes, "downgrade").
        Action::Downgrade { .. } | Action::Upgrade { .. } | Action::Plans => Effect::None,
    }
}

fn is_active_admin(person: &Person) -> bool {
    person.attributes.admin == Some(true) && person.status.as_deref().is_none_or(|status| status == "ACTIVE")
}

/// The guard that is tripped when nobody would remain.
pub(super) fn last(plan: &Plan, circumstances: &Circumstances) -> Option<Guard> {
    match remaining(plan, circumstances) {
        Remaining::Enough | Remaining::OnlyOwn(_) => None,
        Remaining::Nobody(rows) => Some(Guard {
            message: format!(
                "{} would take the right of {} System Admin{}, and no other is known to remain",
                named("row", &rows),
                rows.len(),
                if rows.len() == 1 { "" } else { "s" },
            ),
            hint: "leave one of these rows out, or use the token of a System Admin who stays".to_owned(),
        }),
    }
}

/// The warning that is due when only the token's own user would remain.
pub(super) fn only_own(plan: &Plan, circumstances: &Circumstances) -> Option<String> {
    match remaining(plan, circumstances) {
        Remaining::Enough | Remaining::Nobody(_) => None,
        Remaining::OnlyOwn(rows) => Some(format!(
            "YOU WOULD BE THE ONLY SYSTEM ADMIN who is known to remain: {} take{} the right of every other one",
            named("row", &rows),
            if rows.len() == 1 { "s" } else { "" },
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Job, PlanId};
    use crate::plan::{Directory, Planned};

    fn admin(is_admin: bool) -> Action {
        Action::Update(Box::new(Attributes { admin: Some(is_admin), ..Attributes::default() }))
    }

    #[test]
    fn a_system_admin_must_remain_and_the_own_user_alone_is_said_strikingly() {
        use Remaining::{Enough, Nobody, OnlyOwn};
        let remove = || Action::Remove { plan: PlanId::new(9).unwrap() };
        // Users 1 and 2 are active admins, 3 is a deactivated one, 4 is none; of 5 nothing is known. 9 is the own user.
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
            let circumstances =
                Circumstances { own, own_is_admin, directory: Some(directory.clone()), ..Circumstances::default() };
            let send = |user, action| Step::Send(Job { user: UserId::new(user).unwrap(), action });
            let rows = (2..).zip(rows).map(|(row, (user, action))| Planned::new(row, send(user, action)));
            let plan = Plan::of(rows);
            assert_eq!(remaining(&plan, &circumstances), expected, "{:?}", plan.rows);
        }
    }
}
