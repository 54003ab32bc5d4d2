//! Standing: how a user stands at a row, by what was read and what the rows above will have done.
//!
//! What was read is a fact. What an earlier row of the file is to bring about is hoped for, because that row may yet
//! fail: it says what to expect, and nothing certain may follow from it. So whatever an earlier row can touch stops to
//! be a fact for the user's later rows, and nothing else does.

use std::collections::HashMap;

use crate::model::{Action, Attributes, Email, PlanId, Seat, SeenSeat, UpgradeSeat, UserId};
use crate::plan::directory::{Directory, Held, Person, Presence};

/// Something known of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known<T> {
    /// It was read, and no earlier row changes it.
    Fact(T),
    /// Earlier rows are to bring it about.
    Hoped(T),
}

impl<T> Known<T> {
    /// The fact, if it is one.
    pub(super) fn fact(self) -> Option<T> {
        match self {
            Self::Fact(value) => Some(value),
            Self::Hoped(_) => None,
        }
    }

    /// What to expect.
    pub(super) fn expected(self) -> T {
        match self {
            Self::Fact(value) | Self::Hoped(value) => value,
        }
    }
}

/// What a user holds in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
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

/// What the rows of a user so far are to bring about.
#[derive(Debug, Clone, Default)]
pub(super) struct Hopes {
    status: Option<&'static str>,
    attributes: Attributes,
    seats: HashMap<PlanId, Holding>,
    other_seats: Option<Holding>,
}

impl Hopes {
    /// Takes a row that is sent.
    pub(super) fn take(&mut self, action: &Action) {
        match action {
            Action::Downgrade { plan, to } => self.sit(*plan, to.seat(), false),
            Action::Upgrade { plan, to } => self.sit(*plan, to.seat(), *to == UpgradeSeat::Member),
            Action::Deactivate => self.stand("DEACTIVATED", Holding::Unread),
            // It gives a Member seat (API notes, "reactivate"), and in which plan is not said.
            Action::Reactivate => self.stand("ACTIVE", Holding::Seat(Seat::Member)),
            Action::Remove { plan } => self.hold(*plan, Holding::Absent),
            Action::Update(wanted) => {
                self.attributes = (**wanted).clone().or(std::mem::take(&mut self.attributes));
            }
            Action::Plans => {}
        }
    }

    fn sit(&mut self, plan: PlanId, seat: Seat, is_licensed: bool) {
        self.hold(plan, Holding::Seat(seat));
        self.attributes.licensed_sheet_creator = Some(is_licensed);
    }

    fn hold(&mut self, plan: PlanId, holding: Holding) {
        self.seats.insert(plan, holding);
    }

    fn stand(&mut self, status: &'static str, holding: Holding) {
        self.status = Some(status);
        self.seats.clear();
        self.other_seats = Some(holding);
    }

    fn holding(&self, plan: PlanId) -> Option<Holding> {
        self.seats.get(&plan).copied().or(self.other_seats)
    }
}

/// How a user stands at a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    user: UserId,
    directory: Option<&'a Directory>,
    person: Option<&'a Person>,
    hopes: Option<&'a Hopes>,
}

impl<'a> Standing<'a> {
    /// How `user` stands after rows that are to bring about `hopes`.
    pub(super) fn of(user: UserId, directory: Option<&'a Directory>, hopes: Option<&'a Hopes>) -> Self {
        Self { user, directory, person: directory.and_then(|directory| directory.person(user)), hopes }
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
    pub(super) fn held(&self, plan: PlanId) -> Option<&'a Held> {
        match self.directory?.presence(plan, self.user) {
            Presence::Holds(held) => Some(held),
            Presence::Unread | Presence::Unlisted | Presence::Absent => None,
        }
    }

    /// The status, in the API's word.
    pub(super) fn status(&self) -> Known<Option<&'a str>> {
        match self.hopes.and_then(|hopes| hopes.status) {
            Some(status) => Known::Hoped(Some(status)),
            None => Known::Fact(self.person.and_then(|person| person.status.as_deref())),
        }
    }

    /// What the user holds in a plan.
    pub(super) fn holding(&self, plan: PlanId) -> Known<Holding> {
        if let Some(holding) = self.hopes.and_then(|hopes| hopes.holding(plan)) {
            return Known::Hoped(holding);
        }
        let presence = self.directory.map_or(Presence::Unread, |directory| directory.presence(plan, self.user));
        Known::Fact(match presence {
            Presence::Unread => Holding::Unread,
            Presence::Unlisted => Holding::Unlisted,
            Presence::Absent => Holding::Absent,
            Presence::Holds(held) => match held.seat {
                SeenSeat::Known(seat) => Holding::Seat(seat),
                SeenSeat::Other(_) => Holding::UnknownSeat,
            },
        })
    }

    /// The attributes to expect.
    pub(super) fn attributes(&self) -> Attributes {
        let hoped = self.hopes.map(|hopes| hopes.attributes.clone()).unwrap_or_default();
        let read = self.person.map(|person| person.attributes.clone()).unwrap_or_default();
        hoped.or(read)
    }

    /// Whether each wanted attribute is what it is wanted to be; a fact if no earlier row touches one of them.
    pub(super) fn has(&self, wanted: &Attributes) -> Known<bool> {
        let expected = self.attributes();
        let is_so = wanted.clone().or(expected.clone()) == expected;
        let names = |attributes: &Attributes| attributes.set().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let touched = self.hopes.map(|hopes| names(&hopes.attributes)).unwrap_or_default();
        if names(wanted).iter().any(|name| touched.contains(name)) { Known::Hoped(is_so) } else { Known::Fact(is_so) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DowngradeSeat;

    #[test]
    fn what_an_earlier_row_touches_is_no_fact_any_more_and_nothing_else_is_doubted() {
        let (plan, other, user) = (PlanId::new(1).unwrap(), PlanId::new(2).unwrap(), UserId::new(5).unwrap());
        let mut directory = Directory::default();
        let attributes = Attributes { admin: Some(true), group_admin: Some(false), ..Attributes::default() };
        directory.note_person(user, Person { status: Some("ACTIVE".into()), attributes, ..Person::default() });
        for plan in [plan, other] {
            directory.note_held(plan, user, Held::seat(SeenSeat::Known(Seat::Viewer)));
        }
        let free = Holding::Seat(Seat::Viewer);
        let admin = |admin| Attributes { admin: Some(admin), ..Attributes::default() };
        let update = |wanted: Attributes| Action::Update(Box::new(wanted));
        let down = Action::Downgrade { plan, to: DowngradeSeat::Guest };
        // earlier rows, status, seats in both plans, whether admin is still a fact
        let table = [
            (vec![], Known::Fact("ACTIVE"), Known::Fact(free), Known::Fact(free), true),
            (
                vec![down.clone()],
                Known::Fact("ACTIVE"),
                Known::Hoped(Holding::Seat(Seat::Guest)),
                Known::Fact(free),
                true,
            ),
            (
                vec![down.clone(), Action::Deactivate],
                Known::Hoped("DEACTIVATED"),
                Known::Hoped(Holding::Unread),
                Known::Hoped(Holding::Unread),
                true,
            ),
            (
                vec![Action::Reactivate, down],
                Known::Hoped("ACTIVE"),
                Known::Hoped(Holding::Seat(Seat::Guest)),
                Known::Hoped(Holding::Seat(Seat::Member)),
                true,
            ),
            (vec![update(admin(false))], Known::Fact("ACTIVE"), Known::Fact(free), Known::Fact(free), false),
            (vec![Action::Plans], Known::Fact("ACTIVE"), Known::Fact(free), Known::Fact(free), true),
        ];
        for (earlier, status, here, there, is_fact) in table {
            let mut hopes = Hopes::default();
            for action in &earlier {
                hopes.take(action);
            }
            let standing = Standing::of(user, Some(&directory), Some(&hopes));
            assert_eq!(standing.holding(plan), here, "{earlier:?}");
            assert_eq!(standing.holding(other), there, "{earlier:?}");
            let (found, expected) = (standing.status(), status);
            assert_eq!(found.fact().flatten(), expected.fact(), "{earlier:?}");
            assert_eq!(found.expected(), Some(expected.expected()), "{earlier:?}");
            let expected = if is_fact { Known::Fact(true) } else { Known::Hoped(false) };
            assert_eq!(standing.has(&admin(true)), expected, "{earlier:?}");
            let group = Attributes { group_admin: Some(false), ..Attributes::default() };
            assert_eq!(standing.has(&group), Known::Fact(true), "{earlier:?}");
        }
    }
}
