//! The right tenant: a file most of whose users are not in the plan is meant for another one.

use std::collections::{BTreeMap, HashSet};

use super::build::{Plan, Step};
use super::directory::{Directory, Presence, Reach};
use super::guard::Guard;
use crate::model::{Job, PlanId, Status};

/// From so many users on, most of them missing is no chance.
const ENOUGH: u64 = 20;

/// How many of a file's users are missing from a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strangers {
    /// Users of rows that change something in the plan, or of rows about no plan that are judged by it.
    pub of: u64,
    /// Those whom no page of the plan's users shows.
    pub missing: u64,
    /// Those of them of whom a reading of this one user confirmed it.
    pub confirmed: u64,
}

impl Plan {
    /// How many users are missing from each plan that was read.
    pub fn strangers(&self, directory: &Directory) -> BTreeMap<PlanId, Strangers> {
        let mut seen = HashSet::new();
        let mut strangers: BTreeMap<PlanId, Strangers> = BTreeMap::new();
        for job in self.rows.iter().filter_map(|planned| judged(&planned.step)) {
            let Some(plan) = job.action.plan().or(directory.home()) else { continue };
            if !directory.was_surveyed(plan) || !seen.insert((plan, job.user)) {
                continue;
            }
            let of_plan = strangers.entry(plan).or_default();
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
        strangers
    }
}

/// The job of a row that changes somebody, or finds it to be so already.
fn judged(step: &Step) -> Option<&Job> {
    let job = match step {
        Step::Send(job) | Step::Blocked(job, _) => job,
        Step::Ended(Some(job), outcome) if outcome.status == Status::Unchanged => job,
        Step::Ended(..) | Step::SendTo(..) | Step::SendSomewhere(_) => return None,
    };
    job.action.name().changes().then_some(job)
}

/// The guards that are tripped by plans which are not those of the file's users, or not the token's.
pub(super) fn mistaken(plan: &Plan, directory: &Directory) -> Vec<Guard> {
    let strangers = plan.strangers(directory);
    let (barred, read): (Vec<_>, Vec<_>) =
        strangers.into_iter().partition(|(plan, _)| directory.extent(*plan).reach == Reach::Barred);
    let messages = barred_plans(&barred).into_iter().chain(read.into_iter().filter_map(mistaken_plan));
    let hint = "check the plan (--plan-id, or the plan_id column) and the token; --no-preflight runs without looking";
    messages.map(|message| Guard { message, hint: hint.to_owned() }).collect()
}

fn barred_plans(barred: &[(PlanId, Strangers)]) -> Option<String> {
    let users: u64 = barred.iter().map(|(_, found)| found.of).sum();
    let what = match barred {
        _ if users < ENOUGH => return None,
        [(plan, _)] => format!("plan {plan}, which {users} users of the file are about, may"),
        // Ids of users that are taken for plans' are many.
        several => format!(
            "{} plans, the first of them {}, which {users} users of the file are about (or are the columns of users and \
             plans swapped?), may",
            several.len(),
            several[0].0
        ),
    };
    Some(format!("{what} not be read with this token"))
}

fn mistaken_plan((plan, found): (PlanId, Strangers)) -> Option<String> {
    let Strangers { of, missing, confirmed } = found;
    (of >= ENOUGH && missing * 2 > of && confirmed > 0).then(|| {
        format!(
            "{missing} of {of} users are not in plan {plan} ({confirmed} of them were looked up one by one): is it the \
             right plan, and the right token?"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, DowngradeSeat, Seat, SeenSeat, UserId};
    use crate::plan::{Circumstances, Extent, Held};

    fn plan(of: u64, action: &Action, directory: &Directory) -> Plan {
        let circumstances = Circumstances { directory: Some(directory.clone()), ..Circumstances::default() };
        let mut builder = crate::plan::Builder::new(&circumstances);
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
        // users, missing, confirmed to be, reach, refused
        let table = [
            (20, 11, 5, Reach::Whole, true),
            (20, 10, 5, Reach::Whole, false),
            (19, 19, 5, Reach::Whole, false),
            (20, 20, 0, Reach::Whole, false),
            (20, 20, 20, Reach::Partial, true),
            (20, 20, 0, Reach::Partial, false),
            (20, 0, 0, Reach::Barred, true),
            (19, 0, 0, Reach::Barred, false),
        ];
        for (users, missing, confirmed, reach, refused) in table {
            let mut directory = Directory::default();
            directory.note_extent(id, Extent { users: Some(100), reach });
            directory.note_home(id);
            for user in 1..=users {
                let user_id = UserId::new(user).unwrap();
                if user > missing && reach != Reach::Barred {
                    directory.note_held(id, user_id, Held::seat(SeenSeat::Known(Seat::Member)));
                } else if user <= confirmed {
                    directory.note_absence(id, user_id);
                }
            }
            for action in [&down, &Action::Deactivate] {
                let plan = plan(users, action, &directory);
                let guards = mistaken(&plan, &directory);
                assert_eq!(!guards.is_empty(), refused, "{missing} of {users} missing, {reach:?}: {guards:?}");
                if reach == Reach::Whole {
                    let found = plan.strangers(&directory)[&id];
                    assert_eq!(found, Strangers { of: users, missing, confirmed });
                }
            }
        }
    }

    #[test]
    fn many_plans_that_may_not_be_read_are_users_in_the_wrong_column() {
        let (first, user) = (1_000, |id| UserId::new(id).unwrap());
        // plans of one user each, refused
        for (plans, refused) in [(25, true), (19, false)] {
            let circumstances = Circumstances { directory: Some(Directory::default()), ..Circumstances::default() };
            let mut builder = crate::plan::Builder::new(&circumstances);
            let mut directory = Directory::default();
            for id in (first..).take(plans) {
                let plan = PlanId::new(id).unwrap();
                directory.note_extent(plan, Extent { users: None, reach: Reach::Barred });
                let action = Action::Downgrade { plan, to: DowngradeSeat::Viewer };
                let subject = crate::input::Subject::Id(user(7));
                let entry = crate::input::ParsedRow::Job { subject, action, notes: Vec::new() };
                builder.add(id, entry, || unreachable!("every row names its plan"));
            }
            let guards = mistaken(&builder.finish(), &directory);
            assert_eq!(guards.iter().any(|guard| guard.message.contains("swapped")), refused, "{guards:?}");
        }
    }
}
