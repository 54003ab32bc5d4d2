//! Drift: a row is skipped if its user's seat has changed since the row was reviewed or exported.

use crate::model::{Outcome, ReportedSeat, Status};
use crate::plan::run_plan::{PlannedRow, Step};

/// The seat that a user had when the row was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// When the row was reviewed.
    InReview(ReportedSeat),
    /// When the sheet was exported.
    InExport(ReportedSeat),
}

impl PlannedRow {
    /// Skips the row if it would be sent and its user no longer holds the seat that was seen. A no-op stays a no-op. A
    /// certain refusal stays, unless the reviewed seat has changed: that explains more than the refusal of another seat.
    /// A reviewed seat that can no longer be read counts as changed. An export may be of another plan, so only a seat
    /// that is known to differ counts.
    pub fn skip_if_drifted(&mut self, seen: &Seen) {
        let now = self.before().seat.as_ref();
        let job = match (&self.step, seen, now) {
            (Step::Send(job), ..) | (Step::Blocked(job, _), Seen::InReview(_), Some(_)) => job,
            (Step::Blocked(..) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) | Step::Final(..), ..) => return,
        };
        let (message, hint) = match (seen, now) {
            (Seen::InReview(then) | Seen::InExport(then), Some(now)) if then.is_same(now) => return,
            (Seen::InReview(then), Some(now)) => {
                (format!("the seat was {then} when this was reviewed, and is {now} now"), REVIEW_AGAIN)
            }
            (Seen::InReview(then), None) if job.action.plan().is_some() => (
                format!("the seat was {then} when this was reviewed, and the current seat could not be read"),
                REVIEW_AGAIN,
            ),
            (Seen::InExport(then), Some(now)) => (
                format!("the export says {then}, and the seat is {now} now"),
                "check the user, or export again; --accept-drift sends the row anyway",
            ),
            (Seen::InReview(_) | Seen::InExport(_), None) => return,
        };
        let mut outcome = Outcome::of_row(Status::Skipped, message);
        outcome.hint = Some(hint.to_owned());
        self.step = Step::Final(Some(job.clone()), Box::new(outcome));
    }

    /// Whether the row would be sent although its review can no longer be checked.
    pub fn is_beyond(&self, seen: &Seen) -> bool {
        matches!((&self.step, seen), (Step::Send(_), Seen::InReview(_)))
    }
}

const REVIEW_AGAIN: &str = "review it again with --dry-run; --accept-drift sends the row anyway";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, DowngradeSeat, Job, PlanId, PriorState, Seat, UserId};
    use crate::plan::CertainRefusal;

    #[test]
    fn a_row_whose_seat_is_not_what_was_seen_is_left_out_with_both_seats_named() {
        use Seat::{Contributor, Guest, Member, Viewer};
        let seat = ReportedSeat::Known;
        let other = || ReportedSeat::Other("GALACTIC".into());
        let down = Action::Downgrade { plan: PlanId::new(1).unwrap(), to: DowngradeSeat::Viewer };
        let (review, export) = (Seen::InReview as fn(_) -> _, Seen::InExport as fn(_) -> _);
        // What was seen, what is, and what is said of the row if it is left out.
        let table = [
            (review(seat(Member)), Some(seat(Member)), &down, None),
            (review(seat(Viewer)), Some(seat(Contributor)), &down, None),
            (review(other()), Some(other()), &down, None),
            (
                review(seat(Member)),
                Some(seat(Guest)),
                &down,
                Some("was MEMBER when this was reviewed, and is GUEST now"),
            ),
            (review(seat(Member)), Some(other()), &down, Some("is GALACTIC now")),
            (review(seat(Member)), None, &down, Some("could not be read")),
            // Which seat a deactivated user holds is not read in every case.
            (review(seat(Member)), None, &Action::Deactivate, None),
            (review(seat(Member)), Some(seat(Guest)), &Action::Deactivate, Some("is GUEST now")),
            (export(seat(Member)), Some(seat(Member)), &down, None),
            (export(seat(Member)), Some(seat(Guest)), &down, Some("the export says MEMBER, and the seat is GUEST now")),
            (export(seat(Member)), None, &down, None),
        ];
        for (seen, now, action, expected) in table {
            let job = Job { user: UserId::new(5).unwrap(), action: action.clone() };
            let before = PriorState { seat: now.clone(), ..PriorState::default() };
            let mut planned =
                PlannedRow { before: Some(Box::new(before)), ..PlannedRow::new(2, Step::Send(job.clone())) };
            planned.skip_if_drifted(&seen);
            match (&planned.step, expected) {
                (Step::Send(_), None) => {}
                (Step::Final(Some(left_out), outcome), Some(words)) => {
                    assert_eq!((left_out, outcome.status), (&job, Status::Skipped));
                    assert!(outcome.message.contains(words), "{}", outcome.message);
                }
                (step, _) => panic!("{seen:?}, now {now:?}, {action}: {step:?}"),
            }
        }
        let done = Step::Final(None, Box::new(Outcome::of_row(Status::Unchanged, "the seat is VIEWER already")));
        let before = PriorState { seat: Some(seat(Viewer)), ..PriorState::default() };
        let mut planned = PlannedRow { before: Some(Box::new(before)), ..PlannedRow::new(2, done.clone()) };
        planned.skip_if_drifted(&review(seat(Member)));
        assert_eq!(planned.step, done, "what is wanted is so already");
        let refused = || {
            let refusal = CertainRefusal { message: "no upgrade from there".to_owned(), hint: "downgrade".to_owned() };
            let job = Job { user: UserId::new(5).unwrap(), action: down.clone() };
            let before = PriorState { seat: Some(seat(Member)), ..PriorState::default() };
            PlannedRow { before: Some(Box::new(before)), ..PlannedRow::new(2, Step::Blocked(job, Box::new(refusal))) }
        };
        for (seen, is_left_out) in
            [(review(seat(Guest)), true), (review(seat(Member)), false), (export(seat(Guest)), false)]
        {
            let mut planned = refused();
            planned.skip_if_drifted(&seen);
            assert_eq!(matches!(planned.step, Step::Final(..)), is_left_out, "{seen:?}");
        }
    }
}
