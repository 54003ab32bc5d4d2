//! Which guards a plan trips, and which warnings it has as a whole.
//!
//! A guard that depends on the account is judged by what was read. If that is missing, the guard is tripped; only
//! without a network is it left to the run.

use super::changes::{changes, would_change};
use super::expected_plans::unknown_plan;
use super::guard::Guard;
use super::limits::{Limits, Removal, Shares};
use super::{admins, unclear_protection, wrong_account, wrong_plan};
use crate::model::{Limit, Reason, Status};
use crate::plan::account_state::AccountState;
use crate::plan::directory::Directory;
use crate::plan::run_plan::{RunPlan, Step};
use crate::plan::summary::Totals;
use crate::plan::wording::counted;

/// The guards that a plan trips, given its totals.
pub fn tripped(plan: &RunPlan, totals: &Totals, account_state: &AccountState, limits: &Limits) -> Vec<Guard> {
    let default_plan = account_state.directory.as_ref().and_then(Directory::default_plan);
    let expected = limits.expected.as_ref();
    let mut guards: Vec<_> =
        expected.and_then(|expected| expected.guard(plan.changes(), default_plan)).into_iter().collect();
    guards
        .extend(expected.filter(|_| account_state.directory.is_some()).and_then(|_| unknown_plan(plan, default_plan)));
    guards.extend(invalid(plan, limits.invalid));
    guards.extend(removals(plan, limits.removal));
    guards.extend(changes(totals, limits, account_state.directory.is_some()));
    guards.extend(unclear_protection::unclear(plan, account_state));
    guards.extend(admins::last(plan, account_state));
    guards.extend(wrong_account::wrong_account(plan));
    guards.extend(account_state.directory.iter().flat_map(|directory| wrong_plan::wrong_plans(plan, directory)));
    guards
}

/// The warnings of a plan as a whole, in sentences, the most important first.
pub fn warnings(plan: &RunPlan, totals: &Totals, account_state: &AccountState, shares: Shares) -> Vec<String> {
    let large = totals.shares.iter().filter(|share| shares == Shares::Count && share.is_large());
    admins::only_own(plan, account_state).into_iter().chain(large.map(|share| would_change(*share))).collect()
}

fn invalid(plan: &RunPlan, limit: Limit) -> Option<Guard> {
    let rows = plan.rows.len() as u64;
    let invalid = plan.rows.iter().filter(|planned| is_invalid(&planned.step)).count() as u64;
    let too_many = || Guard {
        message: format!("{invalid} of {rows} rows are invalid, and --max-invalid is {limit}"),
        hint: "correct the rows, or allow more with --max-invalid".to_owned(),
    };
    limit.is_exceeded_by(invalid, rows).then(|| plan.only_reason().unwrap_or_else(too_many))
}

fn removals(plan: &RunPlan, removal: Removal) -> Option<Guard> {
    let rows = plan.removals();
    let first = rows.first().filter(|_| removal == Removal::Forbidden)?;
    let users = counted(rows.len() as u64, "user");
    Some(Guard {
        message: format!("the file would permanently remove {users} from a plan (first: row {first})"),
        hint: "--allow-remove allows it, and these users lose all shares in the plan; `deactivate` can be undone"
            .to_owned(),
    })
}

/// Whether a row is a mistake of this file. What a review has settled already is not.
fn is_invalid(step: &Step) -> bool {
    match step {
        Step::Final(_, outcome) => outcome.status == Status::Invalid && outcome.reason == Reason::Row,
        Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) | Step::Blocked(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, DowngradeSeat, Job, Outcome, PlanId, UserId};
    use crate::plan::{Coverage, ExpectedPlans, PlanCoverage, PlannedRow};

    const PLAN: PlanId = PlanId::new(9).unwrap();

    fn plan_id(id: u64) -> PlanId {
        PlanId::new(id).unwrap()
    }

    fn limits(changes: Limit, invalid: Limit) -> Limits {
        Limits { changes, invalid, removal: Removal::Forbidden, shares: Shares::Count, expected: None }
    }

    fn plan(steps: impl IntoIterator<Item = Step>) -> RunPlan {
        RunPlan::new((2..).zip(steps).map(|(row, step)| PlannedRow::new(row, step)))
    }

    fn send(user: u64, action: Action) -> Step {
        Step::Send(Job { user: UserId::new(user).unwrap(), action })
    }

    fn down(user: u64, plan: u64) -> Step {
        send(user, Action::Downgrade { plan: plan_id(plan), to: DowngradeSeat::Viewer })
    }

    fn guards(plan: &RunPlan, account_state: &AccountState, limits: &Limits) -> Vec<Guard> {
        tripped(plan, &plan.totals(account_state), account_state, limits)
    }

    fn leavers(sent: u64, invalid: u64) -> RunPlan {
        let bad = || Step::Final(None, Box::new(Outcome::of_row(Status::Invalid, "bad")));
        plan((1..=sent).map(|user| send(user, Action::Deactivate)).chain((0..invalid).map(|_| bad())))
    }

    /// What is known of an account whose plans have so many users.
    fn online(plan_coverages: &[(u64, Option<u64>)], default_plan: Option<u64>) -> AccountState {
        let mut directory = Directory::default();
        for (plan, users) in plan_coverages {
            directory.note_plan_coverage(plan_id(*plan), PlanCoverage { users: *users, coverage: Coverage::Partial });
        }
        if let Some(default_plan) = default_plan {
            directory.note_default_plan(plan_id(default_plan));
        }
        AccountState { directory: Some(directory), ..AccountState::default() }
    }

    #[test]
    fn guards_trip_above_their_limit_and_name_the_flag() {
        use Limit::{Count, Percent};
        // sent, invalid, max changes, max invalid, tripped flags
        let table = [
            (500, 0, Count(500), Percent(10.0), vec![]),
            (501, 0, Count(500), Percent(10.0), vec!["--max-changes 501 allows it"]),
            (9, 1, Count(500), Percent(10.0), vec![]),
            (9, 2, Count(500), Percent(10.0), vec!["--max-invalid"]),
            (9, 2, Count(5), Count(1), vec!["--max-invalid", "--max-changes 9 allows it"]),
            (0, 3, Percent(50.0), Count(3), vec![]),
        ];
        for (sent, bad, changes, invalid, flags) in table {
            let found = guards(&leavers(sent, bad), &AccountState::default(), &limits(changes, invalid));
            assert_eq!(found.len(), flags.len(), "{sent} sent, {bad} invalid: {found:?}");
            for (guard, flag) in found.iter().zip(flags) {
                assert!(guard.hint.contains(flag), "{guard:?}");
            }
        }
    }

    #[test]
    fn per_cent_are_of_each_plans_own_users() {
        let of_two = || plan([down(1, 7), down(2, 7), down(1, 8), send(3, Action::Deactivate)]);
        // what is known, shares, the message, the hint
        let table = [
            (online(&[(7, Some(20)), (8, Some(20))], Some(8)), Shares::Count, None),
            (
                online(&[(7, Some(19)), (8, Some(20))], Some(8)),
                Shares::Count,
                Some(("2 of the 19 users of plan 7 (10.5%), and --max-changes is 10%", "--max-changes 11% allows it")),
            ),
            (
                online(&[(7, Some(29)), (8, Some(29))], Some(7)),
                Shares::Count,
                Some(("3 of the 29 users of plan 7 (10.3%)", "--max-changes 11% allows it")),
            ),
            (
                online(&[(7, Some(20)), (8, None)], Some(8)),
                Shares::Count,
                Some(("the number of users in plan 8 is unknown", "--no-preflight")),
            ),
            (
                online(&[(7, Some(20)), (8, Some(20))], None),
                Shares::Count,
                Some(("the number of users in the plan is unknown", "--plan-id")),
            ),
            (
                online(&[(7, Some(1)), (8, Some(20))], Some(8)),
                Shares::Count,
                Some(("2 of the 2 users of plan 7 (100.0%), and", "--max-changes 100% allows it")),
            ),
            (online(&[(7, Some(2)), (8, Some(2))], Some(8)), Shares::MeanNothing, None),
            // Without a network nothing is judged that has to be read.
            (AccountState::default(), Shares::Count, None),
        ];
        for (account_state, shares, expected) in table {
            let limits = Limits { shares, ..limits(Limit::Percent(10.0), Limit::Count(0)) };
            let found = guards(&of_two(), &account_state, &limits);
            assert_eq!(found.is_empty(), expected.is_none(), "{found:?}");
            if let Some((message, hint)) = expected {
                assert!(found[0].message.contains(message) && found[0].hint.contains(hint), "{found:?}");
            }
        }
    }

    #[test]
    fn more_than_a_quarter_of_a_plan_is_worth_a_warning_whatever_the_limit() {
        let few = online(&[(9, Some(12))], Some(9));
        let warned = |count, account_state: &AccountState, shares| {
            let plan = leavers(count, 0);
            warnings(&plan, &plan.totals(account_state), account_state, shares).join("; ")
        };
        assert_eq!(warned(3, &few, Shares::Count), "");
        assert_eq!(warned(4, &few, Shares::Count), "the file would change 4 of the 12 users of plan 9 (33.3%)");
        assert_eq!(warned(4, &few, Shares::MeanNothing), "");
        assert_eq!(warned(4, &AccountState::default(), Shares::Count), "");
    }

    #[test]
    fn a_removal_needs_the_flag_that_allows_it() {
        let plan = plan([down(4, 9), send(5, Action::Remove { plan: PLAN })]);
        let limits = |removal| Limits { removal, ..limits(Limit::Count(9), Limit::Count(0)) };
        let found = guards(&plan, &AccountState::default(), &limits(Removal::Forbidden));
        assert!(found[0].message.contains("row 3") && found[0].hint.contains("--allow-remove"), "{found:?}");
        assert_eq!(guards(&plan, &AccountState::default(), &limits(Removal::Allowed)), []);
    }

    #[test]
    fn only_expected_plans_are_changed() {
        let reading = || send(5, Action::Plans);
        let expected = Some(ExpectedPlans { plans: vec![plan_id(7), plan_id(8)], place: "etc.toml:3".into() });
        let table = [
            (vec![down(1, 7), down(1, 8), reading()], online(&[], None), None),
            (
                vec![down(1, 7), down(1, 9)],
                online(&[], None),
                Some("row 3 would change users of plan 9, and expect_plan"),
            ),
            (vec![send(1, Action::Deactivate)], online(&[], Some(8)), None),
            (vec![send(1, Action::Deactivate)], online(&[], Some(9)), Some("row 2 would change users of plan 9")),
            (vec![send(1, Action::Deactivate)], online(&[], None), Some("the plan of the users in row 2 is unknown")),
            (vec![send(1, Action::Deactivate)], AccountState::default(), None),
            (vec![down(1, 9)], AccountState::default(), Some("row 2 would change users of plan 9")),
        ];
        for (steps, account_state, message) in table {
            let limits = Limits { expected: expected.clone(), ..limits(Limit::Count(9), Limit::Count(0)) };
            let found = guards(&plan(steps), &account_state, &limits);
            assert_eq!(found.is_empty(), message.is_none(), "{found:?}");
            assert!(message.is_none_or(|message| found[0].message.contains(message)), "{found:?}");
        }
    }
}
