//! Drift: what was reviewed or exported is not done to a user whose seat has changed since, unless somebody insists.

use crate::model::{Outcome, SeenSeat, Status};
use crate::plan::run_plan::{Planned, Step};

/// The seat that a user had when somebody last looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// When the row was reviewed.
    InReview(SeenSeat),
    /// When the sheet was exported.
    InExport(SeenSeat),
}

impl Planned {
    /// Leaves the row out if it would be sent and its user no longer holds the seat that was seen. What is so already
    /// stays as it is, and so does what is refused anyway, unless the seat that was reviewed has changed: that says more
    /// than why another seat cannot become what is asked for. A seat that was reviewed and cannot be read any more counts
    /// as changed; of an export, which may be of another plan, only what is known to differ does.
    pub fn heed(&mut self, seen: &Seen) {
        let now = self.before().seat.as_ref();
        let job = match (&self.step, seen, now) {
            (Step::Send(job), ..) | (Step::Blocked(job, _), Seen::InReview(_), Some(_)) => job,
            (Step::Blocked(..) | Step::SendTo(..) | Step::SendSomewhere(_) | Step::Ended(..), ..) => return,
        };
        let (message, hint) = match (seen, now) {
            (Seen::InReview(then) | Seen::InExport(then), Some(now)) if then.is_same(now) => return,
            (Seen::InReview(then), Some(now)) => {
                (format!("the seat was {then} when this was reviewed, and is {now} now"), REVIEW_AGAIN)
            }
            (Seen::InReview(then), None) if job.action.plan().is_some() => (
                format!("the seat was {then} when this was reviewed, and what it is now could not be read"),
                REVIEW_AGAIN,
            ),
            (Seen::InExport(then), Some(now)) => (
                format!("the export says {then}, and the seat is {now} now"),
                "look at the user, or export again; --accept-drift changes it all the same",
            ),
            (Seen::InReview(_) | Seen::InExport(_), None) => return,
        };
        let mut outcome = Outcome::of_row(Status::Skipped, message);
        outcome.hint = Some(hint.to_owned());
        self.step = Step::Ended(Some(job.clone()), Box::new(outcome));
    }

    /// Whether the row would be sent although nobody can tell any more what was reviewed.
    pub fn is_beyond(&self, seen: &Seen) -> bool {
        matches!((&self.step, seen), (Step::Send(_), Seen::InReview(_)))
    }
}

const REVIEW_AGAIN: &str = "review it again with --dry-run; --accept-drift changes it all the same";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Before, DowngradeSeat, Job, PlanId, Seat, UserId};
    use crate::plan::Prediction;

    #[test]
    fn a_row_whose_seat_is_not_what_was_seen_is_left_out_with_both_seats_named() {
        use Seat::{Contributor, Guest, Member, Viewer};
        let seat = SeenSeat::Known;
        let other = || SeenSeat::Other("GALACTIC".into());
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
            let before = Before { seat: now.clone(), ..Before::default() };
            let mut planned = Planned { before: Some(Box::new(before)), ..Planned::new(2, Step::Send(job.clone())) };
            planned.heed(&seen);
            match (&planned.step, expected) {
                (Step::Send(_), None) => {}
                (Step::Ended(Some(left_out), outcome), Some(words)) => {
                    assert_eq!((left_out, outcome.status), (&job, Status::Skipped));
                    assert!(outcome.message.contains(words), "{}", outcome.message);
                }
                (step, _) => panic!("{seen:?}, now {now:?}, {action}: {step:?}"),
            }
        }
        let done = Step::Ended(None, Box::new(Outcome::of_row(Status::Unchanged, "the seat is VIEWER already")));
        let before = Before { seat: Some(seat(Viewer)), ..Before::default() };
        let mut planned = Planned { before: Some(Box::new(before)), ..Planned::new(2, done.clone()) };
        planned.heed(&review(seat(Member)));
        assert_eq!(planned.step, done, "what is wanted is so already");
        let refused = || {
            let prediction = Prediction { message: "no upgrade from there".to_owned(), hint: "downgrade".to_owned() };
            let job = Job { user: UserId::new(5).unwrap(), action: down.clone() };
            let before = Before { seat: Some(seat(Member)), ..Before::default() };
            Planned { before: Some(Box::new(before)), ..Planned::new(2, Step::Blocked(job, Box::new(prediction))) }
        };
        for (seen, is_left_out) in
            [(review(seat(Guest)), true), (review(seat(Member)), false), (export(seat(Guest)), false)]
        {
            let mut planned = refused();
            planned.heed(&seen);
            assert_eq!(matches!(planned.step, Step::Ended(..)), is_left_out, "{seen:?}");
        }
    }
}
