//! Seats and the steps between them, as the tables of `smartsheet-api.md` give them.
//!
//! It decides which step from one seat to another is legal. It must never look at a user's status, roles or plan: that
//! is for `rules`.

/// What a user holds in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seat {
    /// The free seat. VIEWER and CONTRIBUTOR are two names for it.
    Free,
    /// An external user's free seat.
    Guest,
    /// The paid seat.
    Member,
    /// The trial seat; nobody asks for it.
    Provisional,
    /// A seat that the documents do not name, so that a client can be shown one: new enum values come without notice.
    Other(String),
}

/// Which of its two names the free seat is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FreeName {
    Viewer,
    Contributor,
}

/// Which names for the free seat a tenant takes, and shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreeSeatNames {
    /// VIEWER and CONTRIBUTOR: between the change of names and the sunset of the old one.
    Both,
    /// VIEWER, as before the change of names: CONTRIBUTOR is refused as a value, and never shown.
    OnlyViewer,
    /// CONTRIBUTOR, as since the sunset: VIEWER is refused as a value, never shown, and finds nobody in a filter.
    OnlyContributor,
}

impl FreeSeatNames {
    /// Whether a request may use that name.
    pub(super) fn take(self, name: &str) -> bool {
        match self {
            Self::Both => true,
            Self::OnlyViewer => name != "CONTRIBUTOR",
            Self::OnlyContributor => name != "VIEWER",
        }
    }

    /// The name in answers: what `displayContributorSeatType` asked for, while both exist.
    pub(super) const fn shown(self, shows_contributor: bool) -> FreeName {
        match self {
            Self::Both if shows_contributor => FreeName::Contributor,
            Self::Both | Self::OnlyViewer => FreeName::Viewer,
            Self::OnlyContributor => FreeName::Contributor,
        }
    }
}

/// What a wanted change of seat comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The user holds that seat already.
    Same,
    Legal,
    Illegal,
}

impl Seat {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "VIEWER" | "CONTRIBUTOR" => Self::Free,
            "GUEST" => Self::Guest,
            "MEMBER" => Self::Member,
            "PROVISIONAL_MEMBER" => Self::Provisional,
            other => Self::Other(other.to_owned()),
        }
    }

    pub(super) fn name(&self, free: FreeName) -> &str {
        match self {
            Self::Free => match free {
                FreeName::Viewer => "VIEWER",
                FreeName::Contributor => "CONTRIBUTOR",
            },
            Self::Guest => "GUEST",
            Self::Member => "MEMBER",
            Self::Provisional => "PROVISIONAL_MEMBER",
            Self::Other(name) => name,
        }
    }

    /// Whether a filter for that name finds the seat. Since the sunset, "the VIEWER filter fails or is empty": here it is
    /// empty.
    pub(super) fn is_found_by(&self, name: &str, names: FreeSeatNames) -> bool {
        names.take(name) && *self == Self::named(name)
    }

    /// Whether the holder may create sheets. A trial is a full seat while it lasts.
    pub(super) fn is_licensed(&self) -> bool {
        match self {
            Self::Member | Self::Provisional => true,
            Self::Free | Self::Guest | Self::Other(_) => false,
        }
    }

    /// The step of a downgrade to `target`, which is the free seat or a guest's. The same seat again is answered as
    /// done: the documents say so of the upgrade only.
    pub(super) fn down_to(&self, target: &Self, is_internal: bool) -> Step {
        match (self, target) {
            (from, to) if from == to => Step::Same,
            (Self::Guest | Self::Member | Self::Provisional | Self::Other(_), Self::Free) => Step::Legal,
            (Self::Member | Self::Provisional | Self::Other(_), Self::Guest) if !is_internal => Step::Legal,
            _ => Step::Illegal,
        }
    }

    /// The step of an upgrade to `target`, which is a member's seat or a guest's.
    pub(super) fn up_to(&self, target: &Self, is_internal: bool) -> Step {
        match (self, target) {
            (from, to) if from == to => Step::Same,
            (Self::Free | Self::Guest | Self::Provisional | Self::Other(_), Self::Member) => Step::Legal,
            (Self::Free, Self::Guest) if !is_internal => Step::Legal,
            _ => Step::Illegal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEATS: [&str; 4] = ["VIEWER", "GUEST", "PROVISIONAL_MEMBER", "MEMBER"];

    fn steps(step: fn(&Seat, &Seat, bool) -> Step, target: &str, is_internal: bool) -> [Step; 4] {
        SEATS.map(|from| step(&Seat::named(from), &Seat::named(target), is_internal))
    }

    #[test]
    fn steps_are_those_of_the_table() {
        use Step::{Illegal, Legal, Same};
        let table = [
            // target, internal, from: VIEWER, GUEST, PROVISIONAL_MEMBER, MEMBER
            (Seat::down_to as fn(&Seat, &Seat, bool) -> Step, "CONTRIBUTOR", true, [Same, Legal, Legal, Legal]),
            (Seat::down_to, "VIEWER", false, [Same, Legal, Legal, Legal]),
            (Seat::down_to, "GUEST", true, [Illegal, Same, Illegal, Illegal]),
            (Seat::down_to, "GUEST", false, [Illegal, Same, Legal, Legal]),
            (Seat::up_to, "MEMBER", true, [Legal, Legal, Legal, Same]),
            (Seat::up_to, "GUEST", true, [Illegal, Same, Illegal, Illegal]),
            (Seat::up_to, "GUEST", false, [Legal, Same, Illegal, Illegal]),
        ];
        for (step, target, is_internal, expected) in table {
            assert_eq!(steps(step, target, is_internal), expected, "to {target}, internal: {is_internal}");
        }
    }

    #[test]
    fn both_names_of_the_free_seat_are_one_seat() {
        assert_eq!(Seat::named("VIEWER"), Seat::named("CONTRIBUTOR"));
        assert_eq!(Seat::Free.name(FreeName::Viewer), "VIEWER");
        assert_eq!(Seat::Free.name(FreeName::Contributor), "CONTRIBUTOR");
    }
}
