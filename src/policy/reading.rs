//! What reading a user's state says about a job in doubt, and what follows.

use crate::model::{Action, Attributes, Finding, Otherwise, Past, Reading, SeenSeat};

/// What follows from a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
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
pub fn finding(action: &Action, reading: &Reading, before: Option<&SeenSeat>) -> Finding {
    match (action, reading) {
        (Action::Remove { .. }, Reading::NoSuchUser) if before.is_some() => Finding::Done,
        (Action::Remove { .. }, Reading::Seat(None) | Reading::Gone) => Finding::Done,
        (Action::Remove { .. }, Reading::Seat(Some(_))) => Finding::NotDone,
        (Action::Downgrade { .. } | Action::Upgrade { .. }, Reading::Seat(found)) => {
            let wanted = action.seat();
            when(found.as_ref().zip(wanted).is_some_and(|(found, wanted)| found.is(wanted)))
        }
        (Action::Deactivate, Reading::UserStatus(Some(status))) => by_status(status, "DEACTIVATED", "ACTIVE"),
        (Action::Reactivate, Reading::UserStatus(Some(status))) => by_status(status, "ACTIVE", "DEACTIVATED"),
        (Action::Update(wanted), Reading::Attributes(found)) => by_attributes(wanted, found),
        (
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Deactivate
            | Action::Reactivate
            | Action::Remove { .. }
            | Action::Update(_)
            | Action::Plans,
            Reading::Seat(_) | Reading::UserStatus(_) | Reading::Attributes(_) | Reading::Gone | Reading::NoSuchUser,
        ) => Finding::CannotTell,
    }
}

/// What follows from a finding (API notes, "in doubt"; a job that is harmless to repeat is repeated).
pub const fn settle_by(action: &Action, finding: Finding, otherwise: Otherwise) -> After {
    match (finding, otherwise) {
        (Finding::Done, Otherwise::Again | Otherwise::Fail) => After::Succeed,
        (Finding::NotDone, Otherwise::Again) => After::SendAgain,
        (Finding::NotDone, Otherwise::Fail) => After::Fail,
        (Finding::CannotTell, Otherwise::Again) if action.is_harmless_to_repeat() => After::SendAgain,
        (Finding::CannotTell, Otherwise::Again | Otherwise::Fail) => After::GiveUp,
    }
}

/// What a reading that did not settle a job leaves of its past. An account that is neither active nor deactivated
/// (PENDING, DECLINED) is reason enough for a later refusal, which then proves nothing about an earlier try.
pub fn past_after(action: &Action, reading: &Reading) -> Past {
    match (action, reading) {
        (Action::Deactivate | Action::Reactivate, Reading::UserStatus(Some(status)))
            if status != "ACTIVE" && status != "DEACTIVATED" =>
        {
            Past::Clean
        }
        (
            _,
            Reading::Seat(_) | Reading::UserStatus(_) | Reading::Attributes(_) | Reading::Gone | Reading::NoSuchUser,
        ) => Past::Doubted,
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

    fn seat(seat: Seat) -> Reading {
        Reading::Seat(Some(SeenSeat::Known(seat)))
    }

    fn status(text: &str) -> Reading {
        Reading::UserStatus(Some(text.into()))
    }

    #[test]
    fn a_reading_settles_a_doubt_only_when_it_shows_the_effect() {
        let plan = PlanId::new(9).unwrap();
        let down = Action::Downgrade { plan, to: DowngradeSeat::Viewer };
        let up = Action::Upgrade { plan, to: UpgradeSeat::Member };
        let remove = Action::Remove { plan };
        let tomorrow = Reading::Seat(Some(SeenSeat::Other("GALACTIC".into())));
        let table = [
            (&down, seat(Seat::Contributor), Finding::Done),
            (&down, seat(Seat::Member), Finding::NotDone),
            (&down, tomorrow.clone(), Finding::NotDone),
            (&down, Reading::Gone, Finding::CannotTell),
            (&up, seat(Seat::Member), Finding::Done),
            (&up, seat(Seat::Guest), Finding::NotDone),
            (&remove, Reading::Seat(None), Finding::Done),
            (&remove, Reading::Gone, Finding::Done),
            (&remove, tomorrow, Finding::NotDone),
            (&Action::Deactivate, status("DEACTIVATED"), Finding::Done),
            (&Action::Deactivate, status("ACTIVE"), Finding::NotDone),
            (&Action::Deactivate, status("PENDING"), Finding::NotDone),
            (&Action::Reactivate, status("DECLINED"), Finding::NotDone),
            (&Action::Deactivate, status("HIBERNATING"), Finding::CannotTell),
            (&Action::Deactivate, Reading::UserStatus(None), Finding::CannotTell),
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
        let before = SeenSeat::Known(Seat::Member);
        assert_eq!(finding(&remove, &Reading::NoSuchUser, Some(&before)), Finding::Done);
        assert_eq!(finding(&remove, &Reading::NoSuchUser, None), Finding::CannotTell);
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
            assert_eq!(finding(&update, &Reading::Attributes(Box::new(found.clone())), None), expected, "{found:?}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_repeated_only_where_that_is_harmless() {
        let table = [
            (Action::Deactivate, Finding::CannotTell, Otherwise::Again, After::SendAgain),
            (Action::Deactivate, Finding::CannotTell, Otherwise::Fail, After::GiveUp),
            (Action::Reactivate, Finding::CannotTell, Otherwise::Again, After::GiveUp),
            (Action::Reactivate, Finding::NotDone, Otherwise::Again, After::SendAgain),
            (Action::Reactivate, Finding::NotDone, Otherwise::Fail, After::Fail),
            (Action::Reactivate, Finding::Done, Otherwise::Fail, After::Succeed),
        ];
        for (action, found, otherwise, expected) in table {
            assert_eq!(settle_by(&action, found, otherwise), expected, "{action} {found:?} {otherwise:?}");
        }
    }
}
