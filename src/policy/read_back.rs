//! What reading a user's state says about a job in doubt, and what follows.

use crate::model::{Action, Attributes, Finding, IfNotApplied, ObservedState, PriorAttempts, ReportedSeat};

/// What follows from a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// It is done: `SUCCESS`.
    Succeed,
    /// It is not done, and the API documents that it is not to be repeated: `FAILED`.
    Fail,
    /// It is sent again.
    SendAgain,
    /// Nobody can tell, and repeating it could do harm: `UNKNOWN`.
    GiveUp,
}

/// Whether `reading` shows the effect that `action` wanted. `before` is the seat that was read before anything was sent:
/// a user whom the API does not know any more was removed, but one whom it never knew was not.
pub fn finding(action: &Action, reading: &ObservedState, before: Option<&ReportedSeat>) -> Finding {
    match (action, reading) {
        (Action::Remove { .. }, ObservedState::NoSuchUser) if before.is_some() => Finding::Done,
        (Action::Remove { .. }, ObservedState::Seat(None) | ObservedState::Gone) => Finding::Done,
        (Action::Remove { .. }, ObservedState::Seat(Some(_))) => Finding::NotDone,
        (Action::Downgrade { .. } | Action::Upgrade { .. }, ObservedState::Seat(found)) => {
            let wanted = action.seat();
            when(found.as_ref().zip(wanted).is_some_and(|(found, wanted)| found.is(wanted)))
        }
        (Action::Deactivate, ObservedState::UserStatus(Some(status))) => by_status(status, "DEACTIVATED", "ACTIVE"),
        (Action::Reactivate, ObservedState::UserStatus(Some(status))) => by_status(status, "ACTIVE", "DEACTIVATED"),
        (Action::Update(wanted), ObservedState::Attributes(found)) => by_attributes(wanted, found),
        (
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Update(_)
            | Action::Plans,
            ObservedState::Seat(_)
            | ObservedState::UserStatus(_)
            | ObservedState::Attributes(_)
            | ObservedState::Gone
            | ObservedState::NoSuchUser,
        ) => Finding::CannotTell,
    }
}

/// What follows from a finding (API notes, "in doubt"; a job that is harmless to repeat is repeated).
pub const fn settle_by(action: &Action, finding: Finding, otherwise: IfNotApplied) -> NextStep {
    match (finding, otherwise) {
        (Finding::Done, IfNotApplied::Retry | IfNotApplied::Fail) => NextStep::Succeed,
        (Finding::NotDone, IfNotApplied::Retry) => NextStep::SendAgain,
        (Finding::NotDone, IfNotApplied::Fail) => NextStep::Fail,
        (Finding::CannotTell, IfNotApplied::Retry) if action.is_harmless_to_repeat() => NextStep::SendAgain,
        (Finding::CannotTell, IfNotApplied::Retry | IfNotApplied::Fail) => NextStep::GiveUp,
    }
}

/// What a reading that did not settle a job leaves of its past. An account that is neither active nor deactivated
/// (PENDING, DECLINED) is reason enough for a later refusal, which then proves nothing about an earlier try.
pub fn past_after(action: &Action, reading: &ObservedState) -> PriorAttempts {
    match (action, reading) {
        (Action::Deactivate | Action::Reactivate, ObservedState::UserStatus(Some(status)))
            if status != "ACTIVE" && status != "DEACTIVATED" =>
        {
            PriorAttempts::NoEffect
        }
        (
            _,
            ObservedState::Seat(_)
            | ObservedState::UserStatus(_)
            | ObservedState::Attributes(_)
            | ObservedState::Gone
            | ObservedState::NoSuchUser,
        ) => PriorAttempts::Uncertain,
    }
}

fn when(done: bool) -> Finding {
    if done { Finding::Done } else { Finding::NotDone }
}

/// An account that waits or declined (API notes, "User status") is neither active nor deactivated, so nothing was done
/// to it; a status of tomorrow's says nothing about the job.
fn by_status(found: &str, wanted: &str, opposite: &str) -> Finding {
    if found == wanted {
        Finding::Done
    } else if found == opposite || matches!(found, "PENDING" | "DECLINED") {
        Finding::NotDone
    } else {
        Finding::CannotTell
    }
}

fn by_attributes(wanted: &Attributes, found: &Attributes) -> Finding {
    let flags = [
        (wanted.admin, found.admin),
        (wanted.licensed_sheet_creator, found.licensed_sheet_creator),
        (wanted.group_admin, found.group_admin),
        (wanted.resource_viewer, found.resource_viewer),
    ];
    let names = [(&wanted.first_name, &found.first_name), (&wanted.last_name, &found.last_name)];
    let findings = flags
        .into_iter()
        .filter_map(|(wanted, found)| Some(found.map(|found| Some(found) == wanted)).filter(|_| wanted.is_some()))
        .chain(names.into_iter().filter_map(|(wanted, found)| {
            let wanted = wanted.as_deref()?.trim();
            Some(found.as_deref().map(|found| found.trim() == wanted))
        }));
    findings.fold(Finding::Done, |so_far, matches| match (so_far, matches) {
        (Finding::NotDone, _) | (_, Some(false)) => Finding::NotDone,
        (Finding::CannotTell, _) | (_, None) => Finding::CannotTell,
        (Finding::Done, Some(true)) => Finding::Done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DowngradeSeat, PlanId, Seat, UpgradeSeat};

    fn seat(seat: Seat) -> ObservedState {
        ObservedState::Seat(Some(ReportedSeat::Known(seat)))
    }

    fn status(text: &str) -> ObservedState {
        ObservedState::UserStatus(Some(text.into()))
    }

    #[test]
    fn a_reading_settles_a_doubt_only_when_it_shows_the_effect() {
        let plan = PlanId::new(9).unwrap();
        let down = Action::Downgrade { plan, to: DowngradeSeat::Viewer };
        let up = Action::Upgrade { plan, to: UpgradeSeat::Member };
        let remove = Action::Remove { plan };
        let tomorrow = ObservedState::Seat(Some(ReportedSeat::Other("GALACTIC".into())));
        let table = [
            (&down, seat(Seat::Contributor), Finding::Done),
            (&down, seat(Seat::Member), Finding::NotDone),
            (&down, tomorrow.clone(), Finding::NotDone),
            (&down, ObservedState::Gone, Finding::CannotTell),
            (&up, seat(Seat::Member), Finding::Done),
            (&up, seat(Seat::Guest), Finding::NotDone),
            (&remove, ObservedState::Seat(None), Finding::Done),
            (&remove, ObservedState::Gone, Finding::Done),
            (&remove, tomorrow, Finding::NotDone),
            (&Action::Deactivate, status("DEACTIVATED"), Finding::Done),
            (&Action::Deactivate, status("ACTIVE"), Finding::NotDone),
            (&Action::Deactivate, status("PENDING"), Finding::NotDone),
            (&Action::Reactivate, status("DECLINED"), Finding::NotDone),
            (&Action::Deactivate, status("HIBERNATING"), Finding::CannotTell),
            (&Action::Deactivate, ObservedState::UserStatus(None), Finding::CannotTell),
            (&Action::Reactivate, status("ACTIVE"), Finding::Done),
            (&Action::Reactivate, status("DEACTIVATED"), Finding::NotDone),
        ];
        for (action, reading, expected) in table {
            assert_eq!(finding(action, &reading, None), expected, "{action}, {reading:?}");
        }
    }

    #[test]
    fn a_user_whom_the_api_does_not_know_was_removed_only_if_it_knew_them_before() {
        let remove = Action::Remove { plan: PlanId::new(9).unwrap() };
        let before = ReportedSeat::Known(Seat::Member);
        assert_eq!(finding(&remove, &ObservedState::NoSuchUser, Some(&before)), Finding::Done);
        assert_eq!(finding(&remove, &ObservedState::NoSuchUser, None), Finding::CannotTell);
    }

    #[test]
    fn an_update_is_done_when_every_wanted_attribute_shows() {
        let wanted = Attributes { admin: Some(true), last_name: Some(" Doe ".into()), ..Attributes::default() };
        let name = |name: &str| Some(name.to_owned());
        let table = [
            (Some(true), name("Doe"), Finding::Done),
            (Some(false), name("Doe"), Finding::NotDone),
            (Some(true), name("Roe"), Finding::NotDone),
            (None, name("Doe"), Finding::CannotTell),
            (None, name("Roe"), Finding::NotDone),
        ];
        for (admin, last_name, expected) in table {
            let found = Attributes { admin, last_name, group_admin: Some(true), ..Attributes::default() };
            let update = Action::Update(Box::new(wanted.clone()));
            assert_eq!(
                finding(&update, &ObservedState::Attributes(Box::new(found.clone())), None),
                expected,
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_told_is_repeated_only_where_that_is_harmless() {
        let table = [
            (Action::Deactivate, Finding::CannotTell, IfNotApplied::Retry, NextStep::SendAgain),
            (Action::Deactivate, Finding::CannotTell, IfNotApplied::Fail, NextStep::GiveUp),
            (Action::Reactivate, Finding::CannotTell, IfNotApplied::Retry, NextStep::GiveUp),
            (Action::Reactivate, Finding::NotDone, IfNotApplied::Retry, NextStep::SendAgain),
            (Action::Reactivate, Finding::NotDone, IfNotApplied::Fail, NextStep::Fail),
            (Action::Reactivate, Finding::Done, IfNotApplied::Fail, NextStep::Succeed),
        ];
        for (action, found, otherwise, expected) in table {
            assert_eq!(settle_by(&action, found, otherwise), expected, "{action} {found:?} {otherwise:?}");
        }
    }
}
