//! The wrong plan: if most users of a file are not in its plan, the file is meant for another plan.

use std::collections::{BTreeMap, HashSet};

use super::guard::Guard;
use crate::model::{Job, PlanId, Status};
use crate::plan::directory::{Coverage, Directory, Presence};
use crate::plan::run_plan::{RunPlan, Step};

/// From this number of users on, most of them missing means that the plan is the wrong one.
const ENOUGH_USERS: u64 = 20;

/// Whether a plan is the wrong one for a file, because most of its users are missing from it.
pub const fn is_wrong_plan(users: u64, missing: u64) -> bool {
    users >= ENOUGH_USERS && missing * 2 > users
}

/// How many users of a file are missing from a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MissingUsers {
    /// Users of rows that change something in the plan, or of rows about no plan that are judged by it.
    pub of: u64,
    /// The users whom no page of the plan's users shows.
    pub missing: u64,
    /// The missing users whose absence a lookup of this one user confirmed.
    pub confirmed: u64,
}

impl RunPlan {
    /// How many users are missing from each plan that was read.
    pub fn missing_users(&self, directory: &Directory) -> BTreeMap<PlanId, MissingUsers> {
        let mut seen = HashSet::new();
        let mut missing_users: BTreeMap<PlanId, MissingUsers> = BTreeMap::new();
        for job in self.rows.iter().filter_map(|planned| judged(&planned.step)) {
            let Some(plan) = job.action.plan().or(directory.default_plan()) else { continue };
            if !directory.was_surveyed(plan) || !seen.insert((plan, job.user)) {
                continue;
            }
            let of_plan = missing_users.entry(plan).or_default();
            of_plan.of += 1;
            match directory.presence(plan, job.user) {
                Presence::Absent => {
                    of_plan.missing += 1;
                    of_plan.confirmed += 1;
                }
                Presence::Unlisted => of_plan.missing += 1,
                Presence::Unread | Presence::Holds(_) => {}
            }
        }
        missing_users
    }
}

/// The job of a row that changes a user, or is a no-op.
fn judged(step: &Step) -> Option<&Job> {
    let job = match step {
        Step::Send(job) | Step::Blocked(job, _) => job,
        Step::Final(Some(job), outcome) if outcome.status == Status::Unchanged => job,
        Step::Final(..) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => return None,
    };
    job.action.name().changes().then_some(job)
}

/// The guards that are tripped by plans that the file's users are not in, or that the token cannot read.
pub(super) fn wrong_plans(plan: &RunPlan, directory: &Directory) -> Vec<Guard> {
    let missing_users = plan.missing_users(directory);
    let (refused, missing_users): (Vec<_>, Vec<_>) =
        missing_users.into_iter().partition(|(plan, _)| directory.plan_coverage(*plan).coverage == Coverage::Refused);
    let (unreadable, read): (Vec<_>, Vec<_>) =
        missing_users.into_iter().partition(|(plan, _)| directory.plan_coverage(*plan).coverage == Coverage::Barred);
    let messages = unreadable_plans(&unreadable).into_iter().chain(read.into_iter().filter_map(plan_without_users));
    let hint = "check the plan (--plan-id, or the plan_id column) and the token; --no-preflight skips this check";
    let unread = refused.into_iter().map(|(plan, found)| unread_plan(plan, found));
    messages.map(|message| Guard { message, hint: hint.to_owned() }).chain(unread).collect()
}

/// Nobody is changed blind: without the seats before, nothing can be put back.
fn unread_plan(plan: PlanId, found: MissingUsers) -> Guard {
    Guard {
        message: format!(
            "the API refuses the list of the users of plan {plan}, and the {} users of the file are more than the 500 \
             that are read one by one",
            found.of
        ),
        hint: "split the file, or insist with --no-preflight: then rows are not checked in advance, and undo knows no \
               seat to put back"
            .to_owned(),
    }
}

fn unreadable_plans(unreadable: &[(PlanId, MissingUsers)]) -> Option<String> {
    let users: u64 = unreadable.iter().map(|(_, found)| found.of).sum();
    let what = match unreadable {
        _ if users < ENOUGH_USERS => return None,
        [(plan, _)] => format!("plan {plan}, the plan of {users} users in the file"),
        // User ids in the column of plans would name many plans.
        several => format!(
            "{} plans of {users} users in the file (first: {}): are the columns of users and plans swapped?",
            several.len(),
            several[0].0
        ),
    };
    Some(format!("this token cannot read {what}"))
}

fn plan_without_users((plan, found): (PlanId, MissingUsers)) -> Option<String> {
    let MissingUsers { of, missing, confirmed } = found;
    (is_wrong_plan(of, missing) && confirmed > 0).then(|| {
        format!(
            "{missing} of {of} users are not in plan {plan} (a lookup confirmed {confirmed} of them): is this the right \
             plan, and the right token?"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, DowngradeSeat, ReportedSeat, Seat, UserId};
    use crate::plan::{AccountState, PlanCoverage, SeatRecord};

    fn plan(of: u64, action: &Action, directory: &Directory) -> RunPlan {
        let account_state = AccountState { directory: Some(directory.clone()), ..AccountState::default() };
        let mut builder = crate::plan::RunPlanBuilder::new(&account_state);
        for id in 1..=of {
            let subject = crate::input::Subject::Id(UserId::new(id).unwrap());
            let entry = crate::input::ParsedRow::Job { subject, action: action.clone(), notes: Vec::new() };
            builder.add(id + 1, entry, || unreachable!("every row names its plan"));
        }
        builder.finish()
    }

    #[test]
    fn most_of_many_users_missing_from_the_plan_refuses_the_file() {
        let id = PlanId::new(9).unwrap();
        let down = Action::Downgrade { plan: id, to: DowngradeSeat::Viewer };
        // users, missing, confirmed to be, coverage, refused
        let table = [
            (20, 11, 5, Coverage::Whole, true),
            (20, 10, 5, Coverage::Whole, false),
            (19, 19, 5, Coverage::Whole, false),
            (20, 20, 0, Coverage::Whole, false),
            (20, 20, 20, Coverage::Partial, true),
            (20, 20, 0, Coverage::Partial, false),
            (20, 0, 0, Coverage::Barred, true),
            (19, 0, 0, Coverage::Barred, false),
        ];
        for (users, missing, confirmed, coverage, refused) in table {
            let mut directory = Directory::default();
            directory.note_plan_coverage(id, PlanCoverage { users: Some(100), coverage });
            directory.note_default_plan(id);
            for user in 1..=users {
                let user_id = UserId::new(user).unwrap();
                if user > missing && coverage != Coverage::Barred {
                    directory.note_seat(id, user_id, SeatRecord::seat(ReportedSeat::Known(Seat::Member)));
                } else if user <= confirmed {
                    directory.note_absence(id, user_id);
                }
            }
            for action in [&down, &Action::Deactivate] {
                let plan = plan(users, action, &directory);
                let guards = wrong_plans(&plan, &directory);
                assert_eq!(!guards.is_empty(), refused, "{missing} of {users} missing, {coverage:?}: {guards:?}");
                if coverage == Coverage::Whole {
                    let found = plan.missing_users(&directory)[&id];
                    assert_eq!(found, MissingUsers { of: users, missing, confirmed });
                }
            }
        }
    }

    #[test]
    fn many_plans_that_may_not_be_read_are_users_in_the_wrong_column() {
        let (first, user) = (1_000, |id| UserId::new(id).unwrap());
        // plans of one user each, refused
        for (plans, refused) in [(25, true), (19, false)] {
            let account_state = AccountState { directory: Some(Directory::default()), ..AccountState::default() };
            let mut builder = crate::plan::RunPlanBuilder::new(&account_state);
            let mut directory = Directory::default();
            for id in (first..).take(plans) {
                let plan = PlanId::new(id).unwrap();
                directory.note_plan_coverage(plan, PlanCoverage { users: None, coverage: Coverage::Barred });
                let action = Action::Downgrade { plan, to: DowngradeSeat::Viewer };
                let subject = crate::input::Subject::Id(user(7));
                let entry = crate::input::ParsedRow::Job { subject, action, notes: Vec::new() };
                builder.add(id, entry, || unreachable!("every row names its plan"));
            }
            let guards = wrong_plans(&builder.finish(), &directory);
            assert_eq!(guards.iter().any(|guard| guard.message.contains("swapped")), refused, "{guards:?}");
        }
    }
}
