//! The projected user: what is known of a user when a row's turn comes, from what was read and from the rows above.
//!
//! A value that was read is confirmed. A value that an earlier row will set is projected, because that row may fail: it
//! says what to expect, and nothing certain may follow from it. So a value that an earlier row can change is not
//! confirmed for the user's later rows, and every other value stays confirmed.

use std::collections::HashMap;

use crate::model::{Action, Attributes, Email, PlanId, ReportedSeat, Seat, UpgradeSeat, UserId};
use crate::plan::directory::{Directory, Person, Presence, SeatRecord};

/// A value that is known of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProjectedValue<T> {
    /// It was read, and no earlier row changes it.
    Confirmed(T),
    /// Earlier rows will set it.
    Projected(T),
}

impl<T> ProjectedValue<T> {
    /// The value, if it is confirmed.
    pub(super) fn confirmed(self) -> Option<T> {
        match self {
            Self::Confirmed(value) => Some(value),
            Self::Projected(_) => None,
        }
    }

    /// The value to expect.
    pub(super) fn expected(self) -> T {
        match self {
            Self::Confirmed(value) | Self::Projected(value) => value,
        }
    }
}

/// The seat of a user in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeatState {
    /// Nothing is known.
    Unread,
    /// No page of the plan shows the user.
    Unlisted,
    /// Not in the plan, as a reading confirmed.
    Absent,
    /// A seat that the documents name.
    Seat(Seat),
    /// A seat that they do not.
    UnknownSeat,
}

/// The changes that the earlier rows of a user will make.
#[derive(Debug, Clone, Default)]
pub(super) struct PendingChanges {
    status: Option<&'static str>,
    attributes: Attributes,
    seats: HashMap<PlanId, SeatState>,
    other_seats: Option<SeatState>,
}

impl PendingChanges {
    /// Adds the action of a row that is sent.
    pub(super) fn add(&mut self, action: &Action) {
        match action {
            Action::Downgrade { plan, to } => self.set_seat(*plan, to.seat(), false),
            Action::Upgrade { plan, to } => self.set_seat(*plan, to.seat(), *to == UpgradeSeat::Member),
            Action::Deactivate => self.set_status("DEACTIVATED", SeatState::Unread),
            // It gives a MEMBER seat (API notes, "reactivate"), and the notes do not say in which plan.
            Action::Reactivate => self.set_status("ACTIVE", SeatState::Seat(Seat::Member)),
            Action::Remove { plan } => self.set_seat_state(*plan, SeatState::Absent),
            Action::Update(wanted) => {
                self.attributes = (**wanted).clone().or(std::mem::take(&mut self.attributes));
            }
            Action::Plans => {}
        }
    }

    fn set_seat(&mut self, plan: PlanId, seat: Seat, is_licensed: bool) {
        self.set_seat_state(plan, SeatState::Seat(seat));
        self.attributes.licensed_sheet_creator = Some(is_licensed);
    }

    fn set_seat_state(&mut self, plan: PlanId, state: SeatState) {
        self.seats.insert(plan, state);
    }

    fn set_status(&mut self, status: &'static str, state: SeatState) {
        self.status = Some(status);
        self.seats.clear();
        self.other_seats = Some(state);
    }

    fn seat_state(&self, plan: PlanId) -> Option<SeatState> {
        self.seats.get(&plan).copied().or(self.other_seats)
    }
}

/// What is known of a user at a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProjectedUser<'a> {
    user: UserId,
    directory: Option<&'a Directory>,
    person: Option<&'a Person>,
    pending: Option<&'a PendingChanges>,
}

impl<'a> ProjectedUser<'a> {
    /// What is known of `user` after rows that will make the `pending` changes.
    pub(super) fn new(user: UserId, directory: Option<&'a Directory>, pending: Option<&'a PendingChanges>) -> Self {
        Self { user, directory, person: directory.and_then(|directory| directory.person(user)), pending }
    }

    /// Whether the API has shown anything of the user at all.
    pub(super) const fn is_known(&self) -> bool {
        self.person.is_some()
    }

    /// The primary address. No action changes it.
    pub(super) fn address(&self) -> Option<&'a Email> {
        self.person?.email.as_ref()
    }

    /// How many sheets the user owns.
    pub(super) fn sheets(&self) -> Option<u64> {
        self.person?.sheets
    }

    /// The seat as it was shown, with all that came with it. No action changes whether a user is internal.
    pub(super) fn held(&self, plan: PlanId) -> Option<&'a SeatRecord> {
        match self.directory?.presence(plan, self.user) {
            Presence::Holds(held) => Some(held),
            Presence::Unread | Presence::Unlisted | Presence::Absent => None,
        }
    }

    /// The status, in the API's word.
    pub(super) fn status(&self) -> ProjectedValue<Option<&'a str>> {
        match self.pending.and_then(|pending| pending.status) {
            Some(status) => ProjectedValue::Projected(Some(status)),
            None => ProjectedValue::Confirmed(self.person.and_then(|person| person.status.as_deref())),
        }
    }

    /// The seat of the user in a plan.
    pub(super) fn seat_state(&self, plan: PlanId) -> ProjectedValue<SeatState> {
        if let Some(state) = self.pending.and_then(|pending| pending.seat_state(plan)) {
            return ProjectedValue::Projected(state);
        }
        let presence = self.directory.map_or(Presence::Unread, |directory| directory.presence(plan, self.user));
        ProjectedValue::Confirmed(match presence {
            Presence::Unread => SeatState::Unread,
            Presence::Unlisted => SeatState::Unlisted,
            Presence::Absent => SeatState::Absent,
            Presence::Holds(held) => match held.seat {
                ReportedSeat::Known(seat) => SeatState::Seat(seat),
                ReportedSeat::Other(_) => SeatState::UnknownSeat,
            },
        })
    }

    /// The attributes to expect.
    pub(super) fn attributes(&self) -> Attributes {
        let projected = self.pending.map(|pending| pending.attributes.clone()).unwrap_or_default();
        let read = self.person.map(|person| person.attributes.clone()).unwrap_or_default();
        projected.or(read)
    }

    /// Whether each wanted attribute has its wanted value; confirmed if no earlier row changes any of them.
    pub(super) fn has(&self, wanted: &Attributes) -> ProjectedValue<bool> {
        let expected = self.attributes();
        let is_so = wanted.clone().or(expected.clone()) == expected;
        let names = |attributes: &Attributes| attributes.set().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let touched = self.pending.map(|pending| names(&pending.attributes)).unwrap_or_default();
        if names(wanted).iter().any(|name| touched.contains(name)) {
            ProjectedValue::Projected(is_so)
        } else {
            ProjectedValue::Confirmed(is_so)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProjectedValue::{Confirmed, Projected};
    use super::*;
    use crate::model::DowngradeSeat;

    #[test]
    fn a_value_that_an_earlier_row_changes_is_projected_and_every_other_value_is_confirmed() {
        let (plan, other, user) = (PlanId::new(1).unwrap(), PlanId::new(2).unwrap(), UserId::new(5).unwrap());
        let mut directory = Directory::default();
        let attributes = Attributes { admin: Some(true), group_admin: Some(false), ..Attributes::default() };
        directory.note_person(user, Person { status: Some("ACTIVE".into()), attributes, ..Person::default() });
        for plan in [plan, other] {
            directory.note_seat(plan, user, SeatRecord::seat(ReportedSeat::Known(Seat::Viewer)));
        }
        let free = SeatState::Seat(Seat::Viewer);
        let admin = |admin| Attributes { admin: Some(admin), ..Attributes::default() };
        let update = |wanted: Attributes| Action::Update(Box::new(wanted));
        let down = Action::Downgrade { plan, to: DowngradeSeat::Guest };
        // earlier rows, status, seats in both plans, whether admin is still confirmed
        let table = [
            (vec![], Confirmed("ACTIVE"), Confirmed(free), Confirmed(free), true),
            (vec![down.clone()], Confirmed("ACTIVE"), Projected(SeatState::Seat(Seat::Guest)), Confirmed(free), true),
            (
                vec![down.clone(), Action::Deactivate],
                Projected("DEACTIVATED"),
                Projected(SeatState::Unread),
                Projected(SeatState::Unread),
                true,
            ),
            (
                vec![Action::Reactivate, down],
                Projected("ACTIVE"),
                Projected(SeatState::Seat(Seat::Guest)),
                Projected(SeatState::Seat(Seat::Member)),
                true,
            ),
            (vec![update(admin(false))], Confirmed("ACTIVE"), Confirmed(free), Confirmed(free), false),
            (vec![Action::Plans], Confirmed("ACTIVE"), Confirmed(free), Confirmed(free), true),
        ];
        for (earlier, status, here, there, is_confirmed) in table {
            let mut pending = PendingChanges::default();
            for action in &earlier {
                pending.add(action);
            }
            let user = ProjectedUser::new(user, Some(&directory), Some(&pending));
            assert_eq!(user.seat_state(plan), here, "{earlier:?}");
            assert_eq!(user.seat_state(other), there, "{earlier:?}");
            let (found, expected) = (user.status(), status);
            assert_eq!(found.confirmed().flatten(), expected.confirmed(), "{earlier:?}");
            assert_eq!(found.expected(), Some(expected.expected()), "{earlier:?}");
            let expected = if is_confirmed { Confirmed(true) } else { Projected(false) };
            assert_eq!(user.has(&admin(true)), expected, "{earlier:?}");
            let group = Attributes { group_admin: Some(false), ..Attributes::default() };
            assert_eq!(user.has(&group), Confirmed(true), "{earlier:?}");
        }
    }
}
