//! Drift: what somebody else has changed since a run began, a sheet was reviewed or an export was made is not changed
//! again behind their back.

use std::collections::{HashMap, HashSet};

use crate::app::context::Context;
use crate::cli;
use crate::engine::Assignment;
use crate::input::{Row, Sheet};
use crate::ledger::ResumeEvent;
use crate::model::{Event, JobState, Outcome, PlanId, PriorAttempts, Reason, Status, UserId};
use crate::plan::{Directory, Guard, RunPlan, Seen};

/// The seat that a row's user had when somebody last looked: in the review, where it is a review's, else in the export. A
/// review that has lost its signatures still says what its users held.
fn seen(sheet: &Sheet, row: &Row) -> Option<Seen> {
    let is_reviewed = sheet.is_signed() || sheet.was_planned(row);
    let in_review = is_reviewed.then(|| sheet.seat_before(row)).flatten().map(Seen::InReview);
    in_review.or_else(|| sheet.seat_was(row).map(Seen::InExport))
}

/// Leaves out the rows of a plan whose users no longer hold the seat that was seen.
pub(crate) fn skip_drifted(context: &Context, arguments: &cli::Run, sheet: &Sheet, plan: &mut RunPlan) {
    match DriftCheck::of(context, arguments) {
        DriftCheck::On => {
            for row in sheet.rows() {
                if let (Some(seen), Some(planned)) = (seen(sheet, &row), plan.row_mut(row.number)) {
                    planned.skip_if_drifted(&seen);
                }
            }
        }
        DriftCheck::Impossible if sheet.rows().any(|row| matches!(seen(sheet, &row), Some(Seen::InExport(_)))) => {
            context
                .console
                .warn("with --no-preflight, the seats of the export are not compared with what they are now");
        }
        DriftCheck::Impossible | DriftCheck::Off => {}
    }
}

/// Why a plan may not run for which nothing was read: what was reviewed may have changed since.
pub(crate) fn guard(context: &Context, arguments: &cli::Run, sheet: &Sheet, plan: &RunPlan) -> Option<Guard> {
    if DriftCheck::of(context, arguments) != DriftCheck::Impossible {
        return None;
    }
    let mut rows = plan.beside(sheet.rows());
    let (row, _) = rows.find(|(row, planned)| seen(sheet, row).is_some_and(|seen| planned.is_beyond(&seen)))?;
    Some(Guard {
        message: format!(
            "with --no-preflight nobody looks whether seats are still what was reviewed (the first such row is {})",
            row.number
        ),
        hint: "leave --no-preflight out, or insist with --accept-drift".to_owned(),
    })
}

/// What a run makes of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DriftCheck {
    /// Nothing: somebody insists, or it is a rehearsal, in whose world seats are what its rows need.
    Off,
    /// It cannot see any (`--no-preflight`).
    Impossible,
    /// It leaves such rows out.
    On,
}

impl DriftCheck {
    fn of(context: &Context, arguments: &cli::Run) -> Self {
        if arguments.guards.accept_drift || context.is_sandbox_run() {
            Self::Off
        } else if arguments.preflight.no_preflight {
            Self::Impossible
        } else {
            Self::On
        }
    }
}

/// A job that a resumed run has to settle.
#[derive(Debug)]
pub(crate) struct RemainingJob {
    /// The job.
    pub(crate) assignment: Assignment,
    /// What the resumed run does first with it.
    pub(crate) event: Option<Event>,
}

/// Whether a seat that somebody else has changed is changed all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drift {
    /// The row is skipped.
    Respected,
    /// The row is sent (`--accept-drift`).
    Accepted,
}

impl Drift {
    /// What the flag means.
    pub(crate) const fn of(flag: bool) -> Self {
        if flag { Self::Accepted } else { Self::Respected }
    }
}

/// Splits what is left into the jobs to send and what is recorded first. In each plan, only a user's first job is judged
/// by what the directory shows: later ones act on what the earlier ones make of it, and are left alone with them. So do
/// all jobs of the users in `changed`, whom the run itself has changed.
pub(crate) fn partition_remaining(
    left: Vec<RemainingJob>,
    mut changed: HashSet<UserId>,
    directory: &Directory,
    drift: Drift,
) -> (Vec<Assignment>, Vec<ResumeEvent>) {
    let mut judged: HashMap<(UserId, PlanId), Option<u64>> = HashMap::new();
    let (mut assignments, mut revivals) = (Vec::new(), Vec::new());
    for RemainingJob { assignment, event } in left {
        let place = assignment.place;
        revivals.extend(event.map(|event| ResumeEvent { place, event, outcome: None }));
        let key = assignment.job.action.plan().map(|plan| (assignment.job.user, plan));
        let outcome = match key.and_then(|key| judged.get(&key)) {
            Some(None) => None,
            Some(Some(row)) => Some(left_alone_with(*row)),
            None if changed.contains(&assignment.job.user) => None,
            None => judge(&assignment, directory, drift),
        };
        if let Some(key) = key {
            let is_drift = outcome.as_ref().is_some_and(|outcome| outcome.status == Status::Skipped);
            judged.entry(key).or_insert(is_drift.then_some(assignment.row));
        }
        if key.is_none() && assignment.job.action.changes_seats() {
            changed.insert(assignment.job.user);
        }
        match outcome {
            Some(outcome) => {
                let event = Event::Settled { status: outcome.status, reason: outcome.reason };
                revivals.push(ResumeEvent { place, event, outcome: Some(outcome) });
            }
            None => assignments.push(assignment),
        }
    }
    (assignments, revivals)
}

/// A later job of a user whose earlier one was left alone.
fn left_alone_with(row: u64) -> Outcome {
    let message = format!("left alone with row {row}, of the same user in the same plan");
    Outcome::of_row(Status::Skipped, message)
}

/// How a job ends before anything is sent, if its user's seat has changed since the run began.
fn judge(assignment: &Assignment, directory: &Directory, drift: Drift) -> Option<Outcome> {
    let job = &assignment.job;
    let found = directory.seat(job.action.plan()?, job.user)?;
    if job.action.seat().is_some_and(|affected| found.is(affected)) {
        return match assignment.state {
            JobState::Ready { past: PriorAttempts::NoEffect, .. } => {
                Some(Outcome::of_row(Status::Unchanged, format!("the seat is {found} already")))
            }
            JobState::Ready { past: PriorAttempts::Uncertain, .. } => {
                let message = format!("the answer was lost when it was sent, and reading back shows it: {found}");
                Some(Outcome::new(Status::Success, Reason::ReadBack, message))
            }
            // Reading back will say so, with everything that is known.
            JobState::Sent { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Done { .. }
            | JobState::Settled { .. } => None,
        };
    }
    let before = assignment.seat_before.as_ref()?;
    // What the API has answered is only read back, whoever has changed it since.
    let is_answered = matches!(assignment.state, JobState::Partly { .. } | JobState::Done { .. });
    if found == before || drift == Drift::Accepted || is_answered {
        return None;
    }
    let message = format!("somebody else has changed this user since: the seat was {before} and is {found}");
    let mut outcome = Outcome::of_row(Status::Skipped, message);
    outcome.hint = Some("`seatrun run` on this row, or --accept-drift, changes it all the same".to_owned());
    outcome.seat_after = Some(found.clone());
    Some(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, DowngradeSeat, IfNotApplied, Job, ReportedSeat, Seat};
    use crate::plan::SeatRecord;

    #[test]
    fn a_seat_that_somebody_else_changed_is_left_alone_unless_told_otherwise() {
        let seat = |seat| Some(ReportedSeat::Known(seat));
        let plan = PlanId::new(1).unwrap();
        let other = Some(ReportedSeat::Other("GALACTIC".into()));
        // before, now, drift, what becomes of it
        let table = [
            (seat(Seat::Member), seat(Seat::Member), Drift::Respected, None),
            (seat(Seat::Member), seat(Seat::Contributor), Drift::Respected, Some(Status::Unchanged)),
            (seat(Seat::Member), seat(Seat::Guest), Drift::Respected, Some(Status::Skipped)),
            (seat(Seat::Member), seat(Seat::Guest), Drift::Accepted, None),
            (seat(Seat::Member), other, Drift::Respected, Some(Status::Skipped)),
            (None, seat(Seat::Guest), Drift::Respected, None),
            (seat(Seat::Member), None, Drift::Respected, None),
        ];
        for (before, now, drift, expected) in table {
            let job =
                Job { user: UserId::new(5).unwrap(), action: Action::Downgrade { plan, to: DowngradeSeat::Viewer } };
            let mut directory = Directory::default();
            if let Some(now) = &now {
                directory.note_seat(plan, job.user, SeatRecord::seat(now.clone()));
            }
            let in_doubt = JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Retry };
            for state in [JobState::default(), in_doubt] {
                let assignment = Assignment {
                    place: 0,
                    row: 2,
                    job: job.clone(),
                    state,
                    answer: None,
                    seat_before: before.clone(),
                    sent: None,
                };
                let status = judge(&assignment, &directory, drift).map(|outcome| outcome.status);
                // What is in doubt and looks done is read back, which says more.
                let expected = expected.filter(|expected| state != in_doubt || *expected != Status::Unchanged);
                assert_eq!(status, expected, "{before:?} then {now:?}, {drift:?}, {state:?}");
            }
        }
    }

    #[test]
    fn a_seat_that_the_run_itself_changes_is_no_drift() {
        let (plan, user) = (PlanId::new(1).unwrap(), UserId::new(5).unwrap());
        let mut directory = Directory::default();
        directory.note_seat(plan, user, SeatRecord::seat(ReportedSeat::Known(Seat::Viewer)));
        let left = |action| {
            let (state, seat_before) = (JobState::default(), Some(ReportedSeat::Known(Seat::Member)));
            let job = Job { user, action };
            RemainingJob {
                assignment: Assignment { place: 0, row: 2, job, state, answer: None, seat_before, sent: None },
                event: None,
            }
        };
        let down = || left(Action::Downgrade { plan, to: DowngradeSeat::Viewer });
        let sent = |left, changed: &[UserId]| {
            partition_remaining(left, changed.iter().copied().collect(), &directory, Drift::Respected).0.len()
        };
        assert_eq!(sent(vec![down()], &[]), 0, "it is so already");
        assert_eq!(sent(vec![down()], &[user]), 1, "the run has changed it before");
        assert_eq!(sent(vec![left(Action::Reactivate), down()], &[]), 2, "the run is about to change it");
    }
}
