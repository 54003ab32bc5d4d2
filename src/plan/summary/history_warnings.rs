//! History warnings: what earlier runs say of the users of a plan, for whoever decides about it.
//!
//! They name users who were changed before and are back, users whose seat somebody else has changed recently, and
//! deactivations that soon become final.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::model::{Action, ActionName, Job, PastChange, PlanId, UserId};
use crate::plan::directory::{Directory, Presence};
use crate::plan::run_plan::RunPlan;
use crate::plan::wording::{ago, counted, listed};

/// A change by somebody else is told for this long.
pub(super) const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A seat that changed within this time of a change of ours was changed by us: clocks differ, and answers come late.
const OURS: SignedDuration = SignedDuration::from_mins(15);
/// A deactivated user can be reactivated for this long (API notes, "reactivate").
pub const REACTIVATION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A deactivation that becomes final within this time is told.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What earlier runs say of the users of a plan, in sentences. `changes` are all of the account's, the oldest first.
pub fn history_warnings(plan: &RunPlan, directory: &Directory, changes: &[PastChange], now: Timestamp) -> Vec<String> {
    let last = LastChanges::new(changes);
    let mut sentences = last.returned(plan, directory, now);
    sentences.extend(last.changed_by_others(plan, directory, now));
    sentences.extend(last.ending_deactivations(directory, now));
    sentences
}

/// The last change of each user, by what it changes: a seat in a plan, or the user's status.
struct LastChanges<'a> {
    last: HashMap<(UserId, Option<PlanId>), &'a PastChange>,
}

impl<'a> LastChanges<'a> {
    fn new(changes: &'a [PastChange]) -> Self {
        let seats_and_statuses = changes.iter().filter(|change| change.job.action.changes_seats());
        Self { last: seats_and_statuses.map(|change| ((change.job.user, change.job.action.plan()), change)).collect() }
    }

    /// Users to whom the same was done before, and who now have again what they had then.
    fn returned(&self, plan: &RunPlan, directory: &Directory, now: Timestamp) -> Vec<String> {
        let mut by_run: BTreeMap<(&str, ActionName), (Timestamp, Vec<u64>)> = BTreeMap::new();
        for (row, job) in jobs(plan) {
            let Some(change) =
                self.last.get(&(job.user, job.action.plan())).filter(|change| is_undone(change, directory))
            else {
                continue;
            };
            if change.job.action.name() == job.action.name() {
                let of_run = by_run.entry((&change.run, job.action.name())).or_insert((change.at, Vec::new()));
                of_run.1.push(row);
            }
        }
        let sentence = |((run, action), (at, rows)): ((&str, ActionName), (Timestamp, Vec<u64>))| {
            let (these, were, are) = these(rows.len());
            format!(
                "{these} {were} {} {} (run {run}) and {are} back: {}",
                participle(action),
                ago(at, now),
                listed("row", &rows)
            )
        };
        by_run.into_iter().map(sentence).collect()
    }

    /// Users whose seat was changed recently, and not by a run of ours.
    fn changed_by_others(&self, plan: &RunPlan, directory: &Directory, now: Timestamp) -> Option<String> {
        let mut rows = Vec::new();
        let mut latest: Option<Timestamp> = None;
        for (row, job) in jobs(plan) {
            let Some(of_plan) = job.action.plan().or_else(|| directory.default_plan()) else { continue };
            let Presence::Holds(held) = directory.presence(of_plan, job.user) else { continue };
            let Some(changed) = held.changed.filter(|at| *at <= now && now.duration_since(*at) <= RECENT) else {
                continue;
            };
            if ![Some(of_plan), None].into_iter().any(|of| self.is_ours(job.user, of, changed)) {
                rows.push(row);
                latest = latest.max(Some(changed));
            }
        }
        let latest = latest?;
        let seats = match rows.len() {
            1 => "the seat of 1 of these users was".to_owned(),
            count => format!("the seats of {count} of these users were"),
        };
        let (ago, rows) = (ago(latest, now), listed("row", &rows));
        Some(format!("{seats} changed by somebody else, most recently {ago}: {rows}"))
    }

    fn is_ours(&self, user: UserId, plan: Option<PlanId>, changed: Timestamp) -> bool {
        self.last.get(&(user, plan)).is_some_and(|change| change.at.duration_since(changed).abs() <= OURS)
    }

    /// Deactivations of any earlier run that soon become final.
    fn ending_deactivations(&self, directory: &Directory, now: Timestamp) -> Option<String> {
        let mut ending: Vec<_> = self
            .last
            .values()
            .filter(|change| {
                change.job.action == Action::Deactivate && directory.status(change.job.user) != Some("ACTIVE")
            })
            .filter_map(|change| Some((change.at.checked_add(REACTIVATION).ok()?, change)))
            .filter(|(end, _)| *end > now && end.duration_since(now) <= SOON)
            .collect();
        ending.sort_by_key(|(end, change)| (*end, change.job.user.get()));
        let (first, _) = ending.first()?;
        let users: Vec<_> = ending.iter().map(|(_, change)| change.job.user.get()).collect();
        let (verb, them) = if users.len() == 1 { ("becomes", "it") } else { ("become", "them") };
        let mut runs: Vec<_> = ending.iter().map(|(_, change)| change.run.as_str()).collect();
        runs.dedup();
        Some(format!(
            "{} {verb} final within 3 days, the first on {}: {}; until then, `seatrun undo {}` can undo {them}",
            counted(users.len() as u64, "deactivation"),
            first.strftime("%Y-%m-%d at %H:%M UTC"),
            listed("user", &users),
            runs[0],
        ))
    }
}

/// Whether what was read shows that a change was undone since.
fn is_undone(change: &PastChange, directory: &Directory) -> bool {
    let user = change.job.user;
    match &change.job.action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let seat = directory.seat(*plan, user);
            seat.zip(change.job.action.seat()).is_some_and(|(found, asked)| !found.is(asked))
        }
        Action::Remove { plan } => directory.seat(*plan, user).is_some(),
        Action::Deactivate => directory.status(user) == Some("ACTIVE"),
        Action::Reactivate => directory.status(user) == Some("DEACTIVATED"),
        Action::Update(_) | Action::Plans => false,
    }
}

/// The rows that would change a user, with their jobs.
fn jobs(plan: &RunPlan) -> impl Iterator<Item = (u64, &Job)> {
    plan.rows.iter().filter_map(|planned| Some((planned.row, planned.step.job()?)))
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
    use crate::model::{DowngradeSeat, ReportedSeat, Seat};
    use crate::plan::{Person, PlannedRow, SeatRecord, Step};

    const DEFAULT_PLAN: u64 = 9;

    fn plan_id() -> PlanId {
        PlanId::new(DEFAULT_PLAN).unwrap()
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

    fn change(id: u64, action: Action, hours_ago: i64) -> PastChange {
        let at = now() - SignedDuration::from_hours(hours_ago);
        PastChange { job: Job { user: user(id), action }, at, run: "r1".to_owned() }
    }

    fn plan(jobs: &[(u64, Action)]) -> RunPlan {
        let rows = jobs.iter().zip(2..).map(|((id, action), row)| {
            PlannedRow::new(row, Step::Send(Job { user: user(*id), action: action.clone() }))
        });
        RunPlan::new(rows)
    }

    /// Everybody holds a MEMBER seat since `hours_ago`, and is active.
    fn directory(users: impl IntoIterator<Item = u64>, hours_ago: i64) -> Directory {
        let mut directory = Directory::default();
        directory.note_default_plan(plan_id());
        for id in users {
            let changed = Some(now() - SignedDuration::from_hours(hours_ago));
            let held = SeatRecord { changed, ..SeatRecord::seat(ReportedSeat::Known(Seat::Member)) };
            directory.note_seat(plan_id(), user(id), held);
            directory.note_person(user(id), Person { status: Some("ACTIVE".to_owned()), ..Person::default() });
        }
        directory
    }

    #[test]
    fn a_user_who_was_changed_before_and_is_back_is_told() {
        let weeks = 24 * 7 * 3 + 5;
        let table = [
            (vec![change(1, down(), weeks)], vec![(1, down())], "was downgraded 3 weeks ago, on 2026-10-31"),
            (vec![change(1, Action::Deactivate, 30)], vec![(1, Action::Deactivate)], "was deactivated yesterday"),
            (
                (1..=7).map(|id| change(id, down(), weeks)).collect(),
                (1..=7).map(|id| (id, down())).collect(),
                "7 of these users were downgraded 3 weeks ago, on 2026-10-31 (run r1) and are back: \
                 rows 2, 3, 4, 5, 6 and 2 more",
            ),
            (vec![change(1, Action::Deactivate, weeks)], vec![(1, down())], ""),
            (vec![change(2, down(), weeks)], vec![(1, down())], ""),
        ];
        for (changes, jobs, expected) in table {
            let told = history_warnings(&plan(&jobs), &directory(1..=7, 24 * 365), &changes, now()).join("\n");
            assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{changes:?}: {told}");
        }
    }

    #[test]
    fn a_seat_that_somebody_else_changed_recently_is_told() {
        // the seat's last change and our own last change, in hours; whether it is told
        let table = [
            (30, None, "the seat of 1 of these users was changed by somebody else, most recently yesterday"),
            (30, Some(30), ""),
            (30, Some(400), "changed by somebody else"),
            (24 * 8, None, ""),
            (-5, None, ""),
        ];
        for (changed, ours, expected) in table {
            let changes: Vec<_> = ours.into_iter().map(|hours| change(1, Action::Reactivate, hours)).collect();
            let told = history_warnings(&plan(&[(1, down())]), &directory([1], changed), &changes, now()).join("\n");
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
            let mut changes = vec![change(5, Action::Deactivate, hours)];
            changes.extend(taken_back.map(|hours| change(5, action, hours)));
            let told = history_warnings(&plan(&[(1, down())]), &directory([1], day * 99), &changes, now()).join("\n");
            assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{changes:?}: {told}");
        }
        let active = directory([5], day * 99);
        assert_eq!(history_warnings(&plan(&[]), &active, &[change(5, Action::Deactivate, 28 * day)], now()), [""; 0]);
    }
}
