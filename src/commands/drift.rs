//! Drift: what somebody else has changed since a run began is not changed again behind their back.

use std::collections::HashSet;

use crate::engine::Assignment;
use crate::ledger::Revival;
use crate::model::{Event, Job, JobState, Outcome, Past, Reason, SeenSeat, Status, UserId};
use crate::plan::Directory;

/// A job that a resumed run has to settle.
#[derive(Debug)]
pub(super) struct Left {
    /// The job.
    pub(super) assignment: Assignment,
    /// What the resumed run does first with it.
    pub(super) event: Option<Event>,
}

/// Whether a seat that somebody else has changed is changed all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drift {
    /// The row is skipped.
    Respected,
    /// The row is sent (`--accept-drift`).
    Accepted,
}

impl Drift {
    /// What the flag means.
    pub(super) const fn of(flag: bool) -> Self {
        if flag { Self::Accepted } else { Self::Respected }
    }
}

/// Splits what is left into the jobs to send and what is recorded first. Only a user's first job is judged by what the
/// directory shows: later ones act on what the earlier ones will have made of it.
pub(super) fn sift(left: Vec<Left>, directory: &Directory, drift: Drift) -> (Vec<Assignment>, Vec<Revival>) {
    let mut judged: HashSet<UserId> = HashSet::new();
    let (mut assignments, mut revivals) = (Vec::new(), Vec::new());
    for Left { assignment, event } in left {
        let place = assignment.place;
        revivals.extend(event.map(|event| Revival { place, event, outcome: None }));
        let is_first = judged.insert(assignment.job.user);
        let outcome = match assignment.state {
            JobState::Ready { past, .. } if is_first => {
                judge(&assignment.job, past, assignment.seat_before.as_ref(), directory, drift)
            }
            JobState::Ready { .. }
            | JobState::Sent { .. }
            | JobState::InDoubt { .. }
            | JobState::Partly { .. }
            | JobState::Settled { .. } => None,
        };
        match outcome {
            Some(outcome) => {
                let event = Event::Settled { status: outcome.status, reason: outcome.reason };
                revivals.push(Revival { place, event, outcome: Some(outcome) });
            }
            None => assignments.push(assignment),
        }
    }
    (assignments, revivals)
}

/// How a job ends before it is sent, if its user's seat has changed since the run began.
fn judge(job: &Job, past: Past, before: Option<&SeenSeat>, directory: &Directory, drift: Drift) -> Option<Outcome> {
    let found = directory.seat(job.action.plan()?, job.user)?;
    if job.action.seat().is_some_and(|wanted| found.is(wanted)) {
        return Some(match past {
            Past::Clean => Outcome::of_row(Status::Unchanged, format!("the seat is {found} already")),
            Past::Doubted => {
                let message = format!("the answer was lost when it was sent, and reading back shows it: {found}");
                Outcome::new(Status::Success, Reason::ReadBack, message)
            }
        });
    }
    let before = before?;
    if found == before || drift == Drift::Accepted {
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
    use crate::model::{Action, DowngradeSeat, PlanId, Seat};

    #[test]
    fn a_seat_that_somebody_else_changed_is_left_alone_unless_told_otherwise() {
        let seat = |seat| Some(SeenSeat::Known(seat));
        let plan = PlanId::new(1).unwrap();
        let other = Some(SeenSeat::Other("GALACTIC".into()));
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
                directory.note_seat(plan, job.user, now.clone());
            }
            let outcome = judge(&job, Past::Clean, before.as_ref(), &directory, drift);
            assert_eq!(outcome.map(|outcome| outcome.status), expected, "{before:?} then {now:?}, {drift:?}");
        }
    }
}
