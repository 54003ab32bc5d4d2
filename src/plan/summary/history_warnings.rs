//! Recall: what the past says of the users of a plan, as a person would want to know before agreeing.
//!
//! Who was changed before and is back, whose seat somebody else has changed lately, and which deactivations cannot be
//! taken back much longer. It decides nothing: a person does.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::model::{Action, ActionName, Deed, Job, PlanId, UserId};
use crate::plan::directory::{Directory, Presence};
use crate::plan::run_plan::{Plan, Step};
use crate::plan::wording::{ago, named};

/// How long ago a change by somebody else is still worth a word.
pub(super) const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Within this time of one of our own changes, the seat's time of change is that change's: clocks differ, and answers
/// come late.
const OURS: SignedDuration = SignedDuration::from_mins(15);
/// A deactivated user can be reactivated for so long (API notes, "reactivate").
pub const REACTIVATION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long before its end that time is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What the past says of the users of a plan, in sentences. `deeds` are all of the account's, the oldest first.
pub fn recall(plan: &Plan, directory: &Directory, deeds: &[Deed], now: Timestamp) -> Vec<String> {
    let past = Past::new(deeds);
    let mut sentences = past.returned(plan, directory, now);
    sentences.extend(past.changed_by_others(plan, directory, now));
    sentences.extend(past.ending_deactivations(directory, now));
    sentences
}

/// The last deed for each user, by what it changes: a seat in a plan, or the user's status.
struct Past<'a> {
    last: HashMap<(UserId, Option<PlanId>), &'a Deed>,
}

impl<'a> Past<'a> {
    fn new(deeds: &'a [Deed]) -> Self {
        let seats_and_statuses = deeds.iter().filter(|deed| deed.job.action.changes_seats());
        Self { last: seats_and_statuses.map(|deed| ((deed.job.user, deed.job.action.plan()), deed)).collect() }
    }

    /// Users to whom the same was done before, and who hold today what they held then.
    fn returned(&self, plan: &Plan, directory: &Directory, now: Timestamp) -> Vec<String> {
        let mut by_run: BTreeMap<(&str, ActionName), (Timestamp, Vec<u64>)> = BTreeMap::new();
        for (row, job) in changes(plan) {
            let Some(deed) = self.last.get(&(job.user, job.action.plan())).filter(|deed| is_undone(deed, directory))
            else {
                continue;
            };
            if deed.job.action.name() == job.action.name() {
                let of_run = by_run.entry((&deed.run, job.action.name())).or_insert((deed.at, Vec::new()));
                of_run.1.push(row);
            }
        }
        let sentence = |((run, action), (at, rows)): ((&str, ActionName), (Timestamp, Vec<u64>))| {
            let (these, were, are) = these(rows.len());
            format!(
                "{these} {were} {} {} (run {run}) and {are} back: {}",
                participle(action),
                ago(at, now),
                named("row", &rows)
            )
        };
        by_run.into_iter().map(sentence).collect()
    }

    /// Users whose seat was changed lately, and not by a run of ours.
    fn changed_by_others(&self, plan: &Plan, directory: &Directory, now: Timestamp) -> Option<String> {
        let mut rows = Vec::new();
        let mut latest: Option<Timestamp> = None;
        for (row, job) in changes(plan) {
            let Some(of_plan) = job.action.plan().or_else(|| directory.home()) else { continue };
            let Presence::Holds(held) = directory.presence(of_plan, job.user) else { continue };
            let Some(changed) = held.changed.filter(|at| *at <= now && now.duration_since(*at) <= LATELY) else {
                continue;
            };
            if ![Some(of_plan), None].into_iter().any(|of| self.is_ours(job.user, of, changed)) {
                rows.push(row);
                latest = latest.max(Some(changed));
            }
        }
        let latest = latest?;
        let seats = if rows.len() == 1 { "the seat of 1 of these users was" } else { "seats of these users were" };
        let count = if rows.len() == 1 { String::new() } else { format!("{} ", rows.len()) };
        Some(format!("{count}{seats} changed by somebody else, the last {}: {}", ago(latest, now), named("row", &rows)))
    }

    fn is_ours(&self, user: UserId, plan: Option<PlanId>, changed: Timestamp) -> bool {
        self.last.get(&(user, plan)).is_some_and(|deed| deed.at.duration_since(changed).abs() <= OURS)
    }

    /// Deactivations of any earlier run that cannot be taken back much longer.
    fn ending_deactivations(&self, directory: &Directory, now: Timestamp) -> Option<String> {
        let mut ending: Vec<_> = self
            .last
            .values()
            .filter(|deed| deed.job.action == Action::Deactivate && directory.status(deed.job.user) != Some("ACTIVE"))
            .filter_map(|deed| Some((deed.at.checked_add(REACTIVATION).ok()?, deed)))
            .filter(|(end, _)| *end > now && end.duration_since(now) <= SOON)
            .collect();
        ending.sort_by_key(|(end, deed)| (*end, deed.job.user.get()));
        let (first, _) = ending.first()?;
        let users: Vec<_> = ending.iter().map(|(_, deed)| deed.job.user.get()).collect();
        let (count, verb) = if users.len() == 1 {
            ("1 deactivation".to_owned(), "becomes")
        } else {
            (format!("{} deactivations", users.len()), "become")
        };
        let mut runs: Vec<_> = ending.iter().map(|(_, deed)| deed.run.as_str()).collect();
        runs.dedup();
        Some(format!(
            "{count} {verb} final within 3 days, the first on {}: {}; until then `seatrun undo {}` takes {} back",
            first.strftime("%Y-%m-%d at %H:%M UTC"),
            named("user", &users),
            runs[0],
            if users.len() == 1 { "it" } else { "them" },
        ))
    }
}

/// Whether what was read shows that somebody has taken a deed back.
fn is_undone(deed: &Deed, directory: &Directory) -> bool {
    let user = deed.job.user;
    match &deed.job.action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let seat = directory.seat(*plan, user);
            seat.zip(deed.job.action.seat()).is_some_and(|(found, asked)| !found.is(asked))
        }
        Action::Remove { plan } => directory.seat(*plan, user).is_some(),
        Action::Deactivate => directory.status(user) == Some("ACTIVE"),
        Action::Reactivate => directory.status(user) == Some("DEACTIVATED"),
        Action::Update(_) | Action::Plans => false,
    }
}

/// The rows that would change somebody, with their jobs.
fn changes(plan: &Plan) -> impl Iterator<Item = (u64, &Job)> {
    plan.rows.iter().filter_map(|planned| match &planned.step {
        Step::Send(job) => Some((planned.row, job)),
        Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => None,
    })
}

fn these(count: usize) -> (String, &'static str, &'static str) {
    if count == 1 {
        ("1 of these users".to_owned(), "was", "is")
    } else {
        (format!("{count} of these users"), "were", "are")
    }
}

const fn participle(action: ActionName) -> &'static str {
    match action {
        ActionName::Downgrade => "downgraded",
        ActionName::Upgrade => "upgraded",
        ActionName::Deactivate => "deactivated",
        ActionName::Reactivate => "reactivated",
        ActionName::Remove => "removed",
        ActionName::Update => "updated",
        ActionName::Plans => "read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, Seat, SeenSeat};
    use crate::plan::{Held, Person, Planned};

    const HOME: u64 = 9;

    fn plan_id() -> PlanId {
        PlanId::new(HOME).unwrap()
    }

    fn user(id: u64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn down() -> Action {
        Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Viewer }
    }

    fn deed(id: u64, action: Action, hours_ago: i64) -> Deed {
        let at = now() - SignedDuration::from_hours(hours_ago);
        Deed { job: Job { user: user(id), action }, at, run: "r1".to_owned() }
    }

    fn plan(jobs: &[(u64, Action)]) -> Plan {
        let rows = jobs
            .iter()
            .zip(2..)
            .map(|((id, action), row)| Planned::new(row, Step::Send(Job { user: user(*id), action: action.clone() })));
        Plan::of(rows)
    }

    /// Everybody holds a MEMBER seat since `hours_ago`, and is active.
    fn directory(users: impl IntoIterator<Item = u64>, hours_ago: i64) -> Directory {
        let mut directory = Directory::default();
        directory.note_home(plan_id());
        for id in users {
            let changed = Some(now() - SignedDuration::from_hours(hours_ago));
            let held = Held { changed, ..Held::seat(SeenSeat::Known(Seat::Member)) };
            directory.note_held(plan_id(), user(id), held);
            directory.note_person(user(id), Person { status: Some("ACTIVE".to_owned()), ..Person::default() });
        }
        directory
    }

    #[test]
    fn who_was_changed_before_and_is_back_is_told() {
        let weeks = 24 * 7 * 3 + 5;
        let table = [
            (vec![deed(1, down(), weeks)], vec![(1, down())], "was downgraded 3 weeks ago, on 2026-10-31"),
            (vec![deed(1, Action::Deactivate, 30)], vec![(1, Action::Deactivate)], "was deactivated yesterday"),
            (
                (1..=7).map(|id| deed(id, down(), weeks)).collect(),
                (1..=7).map(|id| (id, down())).collect(),
                "7 of these users were downgraded 3 weeks ago, on 2026-10-31 (run r1) and are back: \
                 rows 2, 3, 4, 5, 6 and 2 more",
            ),
            (vec![deed(1, Action::Deactivate, weeks)], vec![(1, down())], ""),
            (vec![deed(2, down(), weeks)], vec![(1, down())], ""),
        ];
        for (deeds, jobs, expected) in table {
            let told = recall(&plan(&jobs), &directory(1..=7, 24 * 365), &deeds, now()).join("\n");
            assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{deeds:?}: {told}");
        }
    }

    #[test]
    fn a_seat_that_somebody_else_changed_lately_is_told() {
        // the seat's last change and our own last deed, in hours; whether it is told
        let table = [
            (30, None, "the seat of 1 of these users was changed by somebody else, the last yesterday"),
            (30, Some(30), ""),
            (30, Some(400), "changed by somebody else"),
            (24 * 8, None, ""),
            (-5, None, ""),
        ];
        for (changed, ours, expected) in table {
            let deeds: Vec<_> = ours.into_iter().map(|hours| deed(1, Action::Reactivate, hours)).collect();
            let told = recall(&plan(&[(1, down())]), &directory([1], changed), &deeds, now()).join("\n");
            assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{changed}, {ours:?}: {told}");
        }
    }

    #[test]
    fn deactivations_that_become_final_soon_are_told_whoever_the_file_is_about() {
        let day = 24;
        let table = [
            (28 * day, Action::Reactivate, None, "1 deactivation becomes final within 3 days, the first on 2026-11-23"),
            (26 * day, Action::Reactivate, None, ""),
            (31 * day, Action::Reactivate, None, ""),
            (28 * day, Action::Reactivate, Some(2), ""),
        ];
        for (hours, action, taken_back, expected) in table {
            let mut deeds = vec![deed(5, Action::Deactivate, hours)];
            deeds.extend(taken_back.map(|hours| deed(5, action, hours)));
            let told = recall(&plan(&[(1, down())]), &directory([1], day * 99), &deeds, now()).join("\n");
            assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{deeds:?}: {told}");
        }
        let active = directory([5], day * 99);
        assert_eq!(recall(&plan(&[]), &active, &[deed(5, Action::Deactivate, 28 * day)], now()), [""; 0]);
    }
}
