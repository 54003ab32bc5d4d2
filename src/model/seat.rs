//! Seats: what a user can hold in a plan, what can be asked for, and what the API was seen to say.
//!
//! VIEWER and CONTRIBUTOR are one free seat under two names (VIEWER is deprecated since 2026-04-30). Which of them a
//! tenant takes and shows can only be seen live, so they compare as [the same seat](Seat::is_same), whatever the name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::action::folds_alike;

/// A seat type that the documents name (seed 002, `data.seatType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Seat {
    /// An external collaborator's seat, free.
    Guest,
    /// The free seat, by its older name.
    Viewer,
    /// The free seat, by its newer name.
    Contributor,
    /// A paid seat.
    Member,
    /// A trial seat that ends by itself; never asked for.
    ProvisionalMember,
}

impl Seat {
    /// The name the API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guest => "GUEST",
            Self::Viewer => "VIEWER",
            Self::Contributor => "CONTRIBUTOR",
            Self::Member => "MEMBER",
            Self::ProvisionalMember => "PROVISIONAL_MEMBER",
        }
    }

    /// Whether both names mean one seat.
    pub fn is_same(self, other: Self) -> bool {
        let one_name = |seat| match seat {
            Self::Viewer => Self::Contributor,
            Self::Guest | Self::Contributor | Self::Member | Self::ProvisionalMember => seat,
        };
        one_name(self) == one_name(other)
    }

    /// Every seat type, the free seat by both of its names.
    pub const ALL: [Self; 5] = [Self::Guest, Self::Viewer, Self::Contributor, Self::Member, Self::ProvisionalMember];
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a text is no seat type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a seat type: it is one of GUEST, VIEWER, CONTRIBUTOR, MEMBER")]
pub struct SeatError(pub String);

impl FromStr for Seat {
    type Err = SeatError;

    /// Reads a seat without regard to case, spaces, `_` and `-`.
    fn from_str(text: &str) -> Result<Self, SeatError> {
        let named = Self::ALL.into_iter().find(|seat| folds_alike(text, seat.name()));
        named.ok_or_else(|| SeatError(text.trim().to_owned()))
    }
}

/// A seat as the API showed it: new seat types appear without notice, and are carried rather than refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ReportedSeat {
    /// One of the documented seat types.
    Known(Seat),
    /// A seat type that no document names yet, as it was written.
    Other(String),
}

impl ReportedSeat {
    /// What the API's text means.
    pub fn from_api(text: &str) -> Self {
        Seat::ALL.into_iter().find(|seat| seat.name() == text).map_or_else(|| Self::Other(text.to_owned()), Self::Known)
    }

    /// The name, as the API writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(seat) => seat.name(),
            Self::Other(text) => text,
        }
    }

    /// Whether both are one seat, under whatever names.
    pub fn is_same(&self, other: &Self) -> bool {
        match other {
            Self::Known(seat) => self.is(*seat),
            Self::Other(_) => self == other,
        }
    }

    /// Whether this is `seat`, under either of its names.
    pub fn is(&self, seat: Seat) -> bool {
        match self {
            Self::Known(known) => known.is_same(seat),
            Self::Other(_) => false,
        }
    }
}

impl From<String> for ReportedSeat {
    fn from(text: String) -> Self {
        Self::from_api(&text)
    }
}

impl From<ReportedSeat> for String {
    fn from(seat: ReportedSeat) -> Self {
        seat.to_string()
    }
}

impl fmt::Display for ReportedSeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(seat) => seat.fmt(f),
            Self::Other(text) => f.pad(text),
        }
    }
}

/// The seats a downgrade can ask for (seed 000; CONTRIBUTOR by the API notes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DowngradeSeat {
    /// For external users only.
    Guest,
    /// The free seat, by its older name.
    Viewer,
    /// The free seat, by its newer name.
    Contributor,
}

impl DowngradeSeat {
    /// The seat itself.
    pub const fn seat(self) -> Seat {
        match self {
            Self::Guest => Seat::Guest,
            Self::Viewer => Seat::Viewer,
            Self::Contributor => Seat::Contributor,
        }
    }

    /// The same seat under its other name, where it has two.
    pub const fn other_name(self) -> Option<Self> {
        match self {
            Self::Guest => None,
            Self::Viewer => Some(Self::Contributor),
            Self::Contributor => Some(Self::Viewer),
        }
    }
}

/// The seats an upgrade can ask for (API notes, "upgrade").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpgradeSeat {
    /// For external users only.
    Guest,
    /// A paid seat; what an upgrade gives when nothing is said.
    Member,
}

impl UpgradeSeat {
    /// The seat itself.
    pub const fn seat(self) -> Seat {
        match self {
            Self::Guest => Seat::Guest,
            Self::Member => Seat::Member,
        }
    }
}

/// By which name the free seat is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FreeSeatName {
    /// What the row says, and the other name when the API refuses that one as a value.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// Always VIEWER.
    #[serde(rename = "VIEWER")]
    Viewer,
    /// Always CONTRIBUTOR.
    #[serde(rename = "CONTRIBUTOR")]
    Contributor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewer_and_contributor_are_one_seat_and_no_others_are() {
        for one in Seat::ALL {
            for other in Seat::ALL {
                let free = |seat| matches!(seat, Seat::Viewer | Seat::Contributor);
                assert_eq!(one.is_same(other), one == other || (free(one) && free(other)), "{one} {other}");
            }
        }
    }

    #[test]
    fn seats_are_read_as_people_write_them() {
        let table = [
            ("member", Ok(Seat::Member)),
            (" Provisional member", Ok(Seat::ProvisionalMember)),
            ("provisional-MEMBER", Ok(Seat::ProvisionalMember)),
            ("View_er", Ok(Seat::Viewer)),
            ("licensed", Err(SeatError("licensed".into()))),
            ("", Err(SeatError(String::new()))),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Seat>(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_seat_type_of_tomorrow_is_carried() {
        assert_eq!(ReportedSeat::from_api("GALACTIC").to_string(), "GALACTIC");
        assert!(!ReportedSeat::from_api("GALACTIC").is(Seat::Member));
        assert!(ReportedSeat::from_api("VIEWER").is(Seat::Contributor));
    }
}
