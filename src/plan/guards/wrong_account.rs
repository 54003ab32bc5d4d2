//! The wrong account: if most addresses of a file belong to nobody in the account, the file is meant for another one.

use std::collections::HashSet;

use super::guard::Guard;
use super::wrong_plan::is_wrong_plan;
use crate::model::{Reason, Status};
use crate::plan::run_plan::{RunPlan, Step};

/// The guard that is tripped where all users of a file are missing from the account, or most of many.
pub(super) fn wrong_account(plan: &RunPlan) -> Option<Guard> {
    let (first, missing) = missing_addresses(plan)?;
    let users = missing + other_users(plan);
    (missing == users || is_wrong_plan(users, missing)).then(|| Guard {
        message: format!(
            "nobody in the account has the addresses of {missing} of the {users} users in the file (first: row {first}), so \
             it looks meant for another account"
        ),
        hint: "check the file, and use a token of the account that it is meant for".to_owned(),
    })
}

/// The first row whose user is missing from the account, and how many are missing.
fn missing_addresses(plan: &RunPlan) -> Option<(u64, u64)> {
    let is_missing = |step: &Step| matches!(step, Step::Final(_, outcome) if outcome.reason == Reason::MissingUser);
    let mut missing = plan.rows.iter().filter(|planned| is_missing(&planned.step)).peekable();
    let first = missing.peek()?.row;
    let addresses: HashSet<_> = missing.map(|planned| planned.email.as_ref()).collect();
    Some((first, addresses.len() as u64))
}

/// The users of the file who are not missing, or of whom that is unknown: a row that was left out may be about anybody.
fn other_users(plan: &RunPlan) -> u64 {
    let (mut users, mut unknown) = (HashSet::new(), 0);
    for planned in &plan.rows {
        match &planned.step {
            Step::Send(job) | Step::Blocked(job, _) | Step::Final(Some(job), _) => _ = users.insert(job.user),
            Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => unknown += 1,
            Step::Final(None, outcome) => {
                let is_about_somebody = outcome.reason != Reason::MissingUser && outcome.status != Status::Invalid;
                unknown += u64::from(is_about_somebody);
            }
        }
    }
    users.len() as u64 + unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Email, Job, Outcome, UserId};
    use crate::plan::run_plan::PlannedRow;

    #[test]
    fn a_file_whose_users_are_all_or_mostly_missing_is_meant_for_another_account() {
        let ended = |reason, status| Step::Final(None, Box::new(Outcome::new(status, reason, "said")));
        // missing, in the account, left out, invalid, refused
        let table = [
            (0, 0, 0, 0, false),
            (1, 0, 0, 0, true),
            (3, 0, 0, 1, true),
            (3, 0, 1, 0, false),
            (3, 9, 0, 0, false),
            (10, 9, 0, 0, false),
            (11, 9, 0, 0, true),
            (11, 0, 9, 0, true),
            (10, 10, 0, 0, false),
        ];
        for (missing, there, left_out, invalid, is_refused) in table {
            // Twice the same address is one user.
            let missing_rows = (0..missing).flat_map(|number| [number, number]).map(|number| PlannedRow {
                email: Email::new(&format!("user.{number}@acme.example")),
                ..PlannedRow::new(2, ended(Reason::MissingUser, Status::Skipped))
            });
            let jobs = (1..=there).map(|id| Job { user: UserId::new(id).unwrap(), action: Action::Deactivate });
            let steps = jobs.map(Step::Send);
            let steps = steps.chain((0..left_out).map(|_| ended(Reason::Row, Status::Skipped)));
            let steps = steps.chain((0..invalid).map(|_| ended(Reason::Row, Status::Invalid)));
            let plan = RunPlan::new(missing_rows.chain(steps.map(|step| PlannedRow::new(9, step))));
            let guard = wrong_account(&plan);
            assert_eq!(guard.is_some(), is_refused, "{missing} missing, {there} there, {left_out} left out: {guard:?}");
        }
    }
}
