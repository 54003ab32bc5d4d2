//! Guards: limits that refuse a plan before anything is changed, because the file looks like an accident.

use std::collections::HashSet;

use super::build::{Circumstances, Plan, Step};
use super::tenant;
use crate::model::{ActionName, Limit, Status};

/// A guard that was tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The numbers.
    pub message: String,
    /// The flag that lifts it.
    pub hint: String,
}

/// What the guards allow.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Users that may be changed (`--max-changes`).
    pub changes: Limit,
    /// Rows that may be invalid (`--max-invalid`).
    pub invalid: Limit,
    /// Users in the plan, where that is known; a per cent of changes means nothing without it.
    pub users: Option<u64>,
    /// Whether users may be removed from a plan (`--allow-remove`).
    pub removal: Removal,
}

/// Whether users may be removed from a plan, which nothing can reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// It refuses the file.
    #[default]
    Forbidden,
    /// It is done.
    Allowed,
}

/// The guards that a plan trips.
pub fn tripped(plan: &Plan, circumstances: &Circumstances, limits: &Limits) -> Vec<Guard> {
    let guards = [invalid(plan, limits.invalid), removals(plan, limits.removal), changes(plan, limits)];
    let mut guards: Vec<_> = guards.into_iter().flatten().collect();
    guards.extend(circumstances.directory.iter().flat_map(|directory| tenant::mistaken(plan, directory)));
    guards
}

fn invalid(plan: &Plan, limit: Limit) -> Option<Guard> {
    let rows = plan.rows.len() as u64;
    let invalid = plan.rows.iter().filter(|planned| is_invalid(&planned.step)).count() as u64;
    limit.is_exceeded_by(invalid, rows).then(|| Guard {
        message: format!("{invalid} of {rows} rows are invalid, and --max-invalid is {limit}"),
        hint: "correct the rows, or allow more with --max-invalid".to_owned(),
    })
}

fn removals(plan: &Plan, removal: Removal) -> Option<Guard> {
    let rows: Vec<_> = plan.rows.iter().filter(|planned| removes(&planned.step)).map(|planned| planned.row).collect();
    let first = rows.first().filter(|_| removal == Removal::Forbidden)?;
    let count = rows.len();
    let plural = if count == 1 { "" } else { "s" };
    Some(Guard {
        message: format!("the file would remove {count} user{plural} from a plan for good (the first in row {first})"),
        hint: "--allow-remove allows it, if every share of these users in the plan may go; `deactivate` can be undone"
            .to_owned(),
    })
}

fn changes(plan: &Plan, limits: &Limits) -> Option<Guard> {
    let users = plan.changed_users();
    match (limits.changes, limits.users) {
        (limit @ Limit::Percent(_), None) => (users > 0).then(|| Guard {
            message: format!("--max-changes is {limit} of the plan's users, and how many those are was not read"),
            hint: "give --max-changes as a number".to_owned(),
        }),
        (limit, of) => limit.is_exceeded_by(users, of.unwrap_or(0)).then(|| Guard {
            message: format!(
                "the file would change {users} user{}, and --max-changes is {limit}",
                if users == 1 { "" } else { "s" }
            ),
            hint: format!("check that it is the right file; --max-changes {users} allows it"),
        }),
    }
}

impl Plan {
    /// How many users would be changed.
    pub fn changed_users(&self) -> u64 {
        let mut ids = HashSet::new();
        let mut addresses = HashSet::new();
        let mut unplaced = 0;
        for planned in &self.rows {
            match &planned.step {
                Step::Send(job) if job.action.name().changes() => _ = ids.insert(job.user),
                Step::SendTo(email, action) if action.name().changes() => _ = addresses.insert(email),
                Step::SendSomewhere(action) if action.changes() => unplaced += 1,
                Step::Send(_) | Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => {}
            }
        }
        (ids.len() + addresses.len()) as u64 + unplaced
    }
}

fn removes(step: &Step) -> bool {
    let action = match step {
        Step::Send(job) => job.action.name(),
        Step::SendTo(_, action) => action.name(),
        Step::SendSomewhere(action) => *action,
        Step::Blocked(..) | Step::Ended(..) => return false,
    };
    action == ActionName::Remove
}

fn is_invalid(step: &Step) -> bool {
    match step {
        Step::Ended(_, outcome) => outcome.status == Status::Invalid,
        Step::Send(_) | Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Job, Outcome, UserId};
    use crate::plan::Planned;

    fn plan(sent: u64, invalid: u64) -> Plan {
        let good = |id| Step::Send(Job { user: UserId::new(id).unwrap(), action: Action::Deactivate });
        let bad = || Step::Ended(None, Box::new(Outcome::of_row(Status::Invalid, "bad")));
        let steps = (1..=sent).map(good).chain((0..invalid).map(|_| bad()));
        let rows = steps.enumerate().map(|(at, step)| Planned::new(at as u64 + 2, step));
        Plan { rows: rows.collect() }
    }

    #[test]
    fn guards_trip_above_their_limit_and_name_the_flag() {
        use Limit::{Count, Percent};
        // sent, invalid, max changes, max invalid, tripped flags
        let table = [
            (500, 0, Count(500), Percent(10.0), vec![]),
            (501, 0, Count(500), Percent(10.0), vec!["--max-changes"]),
            (9, 1, Count(500), Percent(10.0), vec![]),
            (9, 2, Count(500), Percent(10.0), vec!["--max-invalid"]),
            (9, 2, Count(5), Count(1), vec!["--max-invalid", "--max-changes"]),
            (1, 0, Percent(50.0), Count(1), vec!["--max-changes"]),
            (0, 3, Percent(50.0), Count(3), vec![]),
        ];
        for (sent, bad, changes, invalid, flags) in table {
            let found = tripped(
                &plan(sent, bad),
                &Circumstances::default(),
                &Limits { changes, invalid, users: None, removal: Removal::Forbidden },
            );
            assert_eq!(found.len(), flags.len(), "{sent} sent, {bad} invalid: {found:?}");
            for (guard, flag) in found.iter().zip(flags) {
                assert!(guard.hint.contains(flag), "{guard:?}");
            }
        }
    }

    #[test]
    fn a_removal_needs_the_flag_that_allows_it() {
        let plan_id = crate::model::PlanId::new(9).unwrap();
        let job = Job { user: UserId::new(5).unwrap(), action: Action::Remove { plan: plan_id } };
        let row = Planned::new(7, Step::Send(job));
        let plan = Plan { rows: vec![row] };
        let limits = |removal| Limits { changes: Limit::Count(9), invalid: Limit::Count(0), users: None, removal };
        let found = tripped(&plan, &Circumstances::default(), &limits(Removal::Forbidden));
        assert!(found[0].message.contains("row 7") && found[0].hint.contains("--allow-remove"), "{found:?}");
        assert_eq!(tripped(&plan, &Circumstances::default(), &limits(Removal::Allowed)), []);
    }
}
