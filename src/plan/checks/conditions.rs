//! Conditions of a row: it waits for its day, and it is not for users who hold another seat.

use jiff::civil::Date;

use crate::model::{Outcome, Reason, ReportedSeat, Seat, Status};
use crate::plan::run_plan::{PlannedRow, Step};

impl PlannedRow {
    /// Skips the row for now if it would be sent, because its day is yet to come.
    pub fn wait_until(&mut self, day: Date) {
        let job = match &self.step {
            Step::Send(job) | Step::Blocked(job, _) => Some(job.clone()),
            Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => None,
            Step::Final(..) => return,
        };
        let message = format!("waits for its day: not before {day}");
        let mut outcome = Outcome::new(Status::Skipped, Reason::Waiting, message);
        outcome.hint = Some(format!("run the same file again on {day} or later"));
        self.step = Step::Final(job, Box::new(outcome));
    }

    /// Skips the row if it would be sent and its user holds none of these seats. A seat that could not be read is a
    /// failure, because nobody can tell whether the row is meant.
    pub fn require_seat(&mut self, seats: &[Seat]) {
        let (Step::Send(job) | Step::Blocked(job, _)) = &self.step else { return };
        let names: Vec<_> = seats.iter().map(|seat| seat.name()).collect();
        let wanted = names.join(" or ");
        let outcome = match &self.before().seat {
            Some(now) if seats.iter().any(|seat| ReportedSeat::Known(*seat).is_same(now)) => return,
            Some(now) => {
                Outcome::of_row(Status::Skipped, format!("the seat is {now}, and the row is only for {wanted}"))
            }
            None => {
                let message = format!("the current seat could not be read, and the row is only for {wanted}");
                let hint = "check the user and the plan, or take the condition out".to_owned();
                Outcome { hint: Some(hint), ..Outcome::of_row(Status::Failed, message) }
            }
        };
        self.step = Step::Final(Some(job.clone()), Box::new(outcome));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Job, PriorState, UserId};

    fn row(seat: Option<ReportedSeat>) -> PlannedRow {
        let job = Job { user: UserId::new(5).unwrap(), action: Action::Deactivate };
        let before = PriorState { seat, ..PriorState::default() };
        PlannedRow { before: Some(Box::new(before)), ..PlannedRow::new(2, Step::Send(job)) }
    }

    #[test]
    fn a_row_is_for_users_of_its_seats_and_an_unread_seat_is_a_failure() {
        let known = ReportedSeat::Known;
        let table = [
            (Some(known(Seat::Member)), None),
            (
                Some(known(Seat::Guest)),
                Some((Status::Skipped, "the seat is GUEST, and the row is only for MEMBER or VIEWER")),
            ),
            (Some(ReportedSeat::Other("GALACTIC".into())), Some((Status::Skipped, "the seat is GALACTIC"))),
            (Some(known(Seat::Contributor)), None),
            (None, Some((Status::Failed, "could not be read"))),
        ];
        for (seat, expected) in table {
            let mut planned = row(seat.clone());
            planned.require_seat(&[Seat::Member, Seat::Viewer]);
            match (&planned.step, expected) {
                (Step::Send(_), None) => {}
                (Step::Final(Some(_), outcome), Some((status, words))) => {
                    assert_eq!(outcome.status, status, "{seat:?}");
                    assert!(outcome.message.contains(words), "{}", outcome.message);
                }
                (step, _) => panic!("{seat:?}: {step:?}"),
            }
        }
    }

    #[test]
    fn a_row_that_waits_keeps_its_job_and_names_its_day() {
        let mut planned = row(None);
        planned.wait_until(jiff::civil::date(2026, 11, 30));
        let Step::Final(Some(_), outcome) = planned.step else { panic!("{:?}", planned.step) };
        assert_eq!((outcome.status, outcome.reason), (Status::Skipped, Reason::Waiting));
        assert!(outcome.message.contains("2026-11-30"), "{}", outcome.message);
    }
}
