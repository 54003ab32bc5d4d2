//! Guards: limits that refuse a plan before anything is changed, because the file looks like an accident.
//!
//! What depends on the account is judged by what was read of it. Where that is missing, a guard that applies is tripped
//! rather than forgotten; only without a network is it left to the run.

use super::changes::{changes, would_change};
use super::expected_plans::homeless;
use super::guard::Guard;
use super::limits::{Limits, Removal, Shares};
use super::{admins, unclear_protection, wrong_plan};
use crate::model::{Limit, Status};
use crate::plan::account_state::Circumstances;
use crate::plan::directory::Directory;
use crate::plan::run_plan::{Plan, Step};
use crate::plan::summary::Tally;

/// The guards that a plan trips, given what it comes to.
pub fn tripped(plan: &Plan, tally: &Tally, circumstances: &Circumstances, limits: &Limits) -> Vec<Guard> {
    let home = circumstances.directory.as_ref().and_then(Directory::home);
    let expected = limits.expected.as_ref();
    let mut guards: Vec<_> = expected.and_then(|expected| expected.guard(plan.changes(), home)).into_iter().collect();
    guards.extend(expected.filter(|_| circumstances.directory.is_some()).and_then(|_| homeless(plan, home)));
    guards.extend(invalid(plan, limits.invalid));
    guards.extend(removals(plan, limits.removal));
    guards.extend(changes(tally, limits, circumstances.directory.is_some()));
    guards.extend(unclear_protection::unclear(plan, circumstances));
    guards.extend(admins::last(plan, circumstances));
    guards.extend(circumstances.directory.iter().flat_map(|directory| wrong_plan::mistaken(plan, directory)));
    guards
}

/// What should be known of a plan that trips no guard for it, in sentences, the weightiest first.
pub fn warnings(plan: &Plan, tally: &Tally, circumstances: &Circumstances, shares: Shares) -> Vec<String> {
    let large = tally.shares.iter().filter(|share| shares == Shares::Count && share.is_large());
    admins::only_own(plan, circumstances).into_iter().chain(large.map(|share| would_change(*share))).collect()
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
    let rows = plan.removals();
    let first = rows.first().filter(|_| removal == Removal::Forbidden)?;
    let count = rows.len();
    let plural = if count == 1 { "" } else { "s" };
    Some(Guard {
        message: format!("the file would remove {count} user{plural} from a plan for good (the first in row {first})"),
        hint: "--allow-remove allows it, if every share of these users in the plan may go; `deactivate` can be undone"
            .to_owned(),
    })
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
    use crate::model::{Action, DowngradeSeat, Job, Outcome, PlanId, UserId};
    use crate::plan::{Expected, Extent, Planned, Reach};

    const PLAN: PlanId = PlanId::new(9).unwrap();

    fn plan_id(id: u64) -> PlanId {
        PlanId::new(id).unwrap()
    }

    fn limits(changes: Limit, invalid: Limit) -> Limits {
        Limits { changes, invalid, removal: Removal::Forbidden, shares: Shares::Count, expected: None }
    }

    fn plan(steps: impl IntoIterator<Item = Step>) -> Plan {
        Plan::of((2..).zip(steps).map(|(row, step)| Planned::new(row, step)))
    }

    fn send(user: u64, action: Action) -> Step {
        Step::Send(Job { user: UserId::new(user).unwrap(), action })
    }

    fn down(user: u64, plan: u64) -> Step {
        send(user, Action::Downgrade { plan: plan_id(plan), to: DowngradeSeat::Viewer })
    }

    fn guards(plan: &Plan, circumstances: &Circumstances, limits: &Limits) -> Vec<Guard> {
        tripped(plan, &plan.tally(circumstances), circumstances, limits)
    }

    fn leavers(sent: u64, invalid: u64) -> Plan {
        let bad = || Step::Ended(None, Box::new(Outcome::of_row(Status::Invalid, "bad")));
        plan((1..=sent).map(|user| send(user, Action::Deactivate)).chain((0..invalid).map(|_| bad())))
    }

    /// What is known of an account whose plans have so many users.
    fn online(extents: &[(u64, Option<u64>)], home: Option<u64>) -> Circumstances {
        let mut directory = Directory::default();
        for (plan, users) in extents {
            directory.note_extent(plan_id(*plan), Extent { users: *users, reach: Reach::Partial });
        }
        if let Some(home) = home {
            directory.note_home(plan_id(home));
        }
        Circumstances { directory: Some(directory), ..Circumstances::default() }
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
            let found = guards(&leavers(sent, bad), &Circumstances::default(), &limits(changes, invalid));
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
                Some(("how many plan 8 has was not read", "--no-preflight")),
            ),
            (
                online(&[(7, Some(20)), (8, Some(20))], None),
                Shares::Count,
                Some(("how many the plan has was not read", "--plan-id")),
            ),
            (
                online(&[(7, Some(1)), (8, Some(20))], Some(8)),
                Shares::Count,
                Some(("2 of the 1 users of plan 7 (200.0%), and", "--max-changes 2 allows it")),
            ),
            (online(&[(7, Some(2)), (8, Some(2))], Some(8)), Shares::MeanNothing, None),
            // Without a network nothing is judged that has to be read.
            (Circumstances::default(), Shares::Count, None),
        ];
        for (circumstances, shares, expected) in table {
            let limits = Limits { shares, ..limits(Limit::Percent(10.0), Limit::Count(0)) };
            let found = guards(&of_two(), &circumstances, &limits);
            assert_eq!(found.is_empty(), expected.is_none(), "{found:?}");
            if let Some((message, hint)) = expected {
                assert!(found[0].message.contains(message) && found[0].hint.contains(hint), "{found:?}");
            }
        }
    }

    #[test]
    fn more_than_a_quarter_of_a_plan_is_worth_a_warning_whatever_the_limit() {
        let few = online(&[(9, Some(12))], Some(9));
        let warned = |count, circumstances: &Circumstances, shares| {
            let plan = leavers(count, 0);
            warnings(&plan, &plan.tally(circumstances), circumstances, shares).join("; ")
        };
        assert_eq!(warned(3, &few, Shares::Count), "");
        assert_eq!(warned(4, &few, Shares::Count), "the file would change 4 of the 12 users of plan 9 (33.3%)");
        assert_eq!(warned(4, &few, Shares::MeanNothing), "");
        assert_eq!(warned(4, &Circumstances::default(), Shares::Count), "");
    }

    #[test]
    fn a_removal_needs_the_flag_that_allows_it() {
        let plan = plan([down(4, 9), send(5, Action::Remove { plan: PLAN })]);
        let limits = |removal| Limits { removal, ..limits(Limit::Count(9), Limit::Count(0)) };
        let found = guards(&plan, &Circumstances::default(), &limits(Removal::Forbidden));
        assert!(found[0].message.contains("row 3") && found[0].hint.contains("--allow-remove"), "{found:?}");
        assert_eq!(guards(&plan, &Circumstances::default(), &limits(Removal::Allowed)), []);
    }

    #[test]
    fn only_expected_plans_are_changed() {
        let reading = || send(5, Action::Plans);
        let expected = Some(Expected { plans: vec![plan_id(7), plan_id(8)], place: "etc.toml:3".into() });
        let table = [
            (vec![down(1, 7), down(1, 8), reading()], online(&[], None), None),
            (
                vec![down(1, 7), down(1, 9)],
                online(&[], None),
                Some("row 3 would change users of plan 9, and expect_plan"),
            ),
            (vec![send(1, Action::Deactivate)], online(&[], Some(8)), None),
            (vec![send(1, Action::Deactivate)], online(&[], Some(9)), Some("row 2 would change users of plan 9")),
            (vec![send(1, Action::Deactivate)], online(&[], None), Some("which plan the users of row 2 are in")),
            (vec![send(1, Action::Deactivate)], Circumstances::default(), None),
            (vec![down(1, 9)], Circumstances::default(), Some("row 2 would change users of plan 9")),
        ];
        for (steps, circumstances, message) in table {
            let limits = Limits { expected: expected.clone(), ..limits(Limit::Count(9), Limit::Count(0)) };
            let found = guards(&plan(steps), &circumstances, &limits);
            assert_eq!(found.is_empty(), message.is_none(), "{found:?}");
            assert!(message.is_none_or(|message| found[0].message.contains(message)), "{found:?}");
        }
    }
}
