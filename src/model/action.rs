//! Actions: the seven things that can be done for a user, each with exactly the arguments its endpoint takes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{DowngradeSeat, PlanId, Seat, UpgradeSeat};

/// Whether a letter takes no room where it is shown: the soft hyphen, joiners, marks of direction and of byte order.
pub const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Text with case, spaces, `_`, `-` and what nobody sees taken away: how header names and the values of closed lists are
/// compared.
pub fn normalize_name(text: &str) -> String {
    folded(text).collect()
}

/// Whether two texts are the same once folded. A million rows ask this several times each, so nothing is copied for it.
pub(super) fn folds_alike(text: &str, name: &str) -> bool {
    text == name || folded(text).eq(folded(name))
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    let says_nothing = |letter: char| letter.is_whitespace() || matches!(letter, '_' | '-') || is_invisible(letter);
    let letters = text.chars().filter(move |letter| !says_nothing(*letter));
    letters.flat_map(char::to_lowercase)
}

/// The name of an action, as the `action` column and `--action` write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionName {
    /// To a lower seat (seed 000).
    Downgrade,
    /// To a higher seat.
    Upgrade,
    /// Block from using Smartsheet (seed 001).
    Deactivate,
    /// Undo a deactivation, within 30 days.
    Reactivate,
    /// Take out of a plan, for good.
    Remove,
    /// Change attributes (seed 003).
    Update,
    /// Read which plans and seats the user has (seed 002).
    Plans,
}

impl ActionName {
    /// Every action, in the order in which listings show them.
    pub const ALL: [Self; 7] =
        [Self::Downgrade, Self::Upgrade, Self::Deactivate, Self::Reactivate, Self::Remove, Self::Update, Self::Plans];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Downgrade => "downgrade",
            Self::Upgrade => "upgrade",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::Remove => "remove",
            Self::Update => "update",
            Self::Plans => "plans",
        }
    }

    /// Whether it changes anything. What does not needs no guard, no question and no admin right.
    pub const fn changes(self) -> bool {
        match self {
            Self::Downgrade | Self::Upgrade | Self::Deactivate | Self::Reactivate | Self::Remove | Self::Update => true,
            Self::Plans => false,
        }
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an action: it is one of downgrade, upgrade, deactivate, reactivate, remove, update, plans")]
pub struct ActionError(pub String);

impl FromStr for ActionName {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        let named = Self::ALL.into_iter().find(|action| folds_alike(text, action.name()));
        named.ok_or_else(|| ActionError(text.trim().to_owned()))
    }
}

/// The attributes an update can set (seed 003, request fields). `None` leaves one as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// System admin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// Can create and own sheets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licensed_sheet_creator: Option<bool>,
    /// Can create and edit groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_admin: Option<bool>,
    /// Can access resource views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_viewer: Option<bool>,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
}

impl Attributes {
    /// Whether every attribute is left as it is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These attributes, and for those that are not set, `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            admin: self.admin.or(others.admin),
            licensed_sheet_creator: self.licensed_sheet_creator.or(others.licensed_sheet_creator),
            group_admin: self.group_admin.or(others.group_admin),
            resource_viewer: self.resource_viewer.or(others.resource_viewer),
            first_name: self.first_name.or(others.first_name),
            last_name: self.last_name.or(others.last_name),
        }
    }

    /// The attributes that are set, by the API's names, as text.
    pub fn set(&self) -> Vec<(&'static str, String)> {
        let flags = [
            ("admin", self.admin),
            ("licensedSheetCreator", self.licensed_sheet_creator),
            ("groupAdmin", self.group_admin),
            ("resourceViewer", self.resource_viewer),
        ];
        let names = [("firstName", &self.first_name), ("lastName", &self.last_name)];
        flags
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.to_string())))
            .chain(names.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))))
            .collect()
    }
}

/// What is to be done for a user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// `POST /users/{userId}/plans/{planId}/downgrade` (seed 000).
    Downgrade {
        /// In this plan.
        plan: PlanId,
        /// To this seat.
        to: DowngradeSeat,
    },
    /// `POST /users/{userId}/plans/{planId}/upgrade`.
    Upgrade {
        /// In this plan.
        plan: PlanId,
        /// To this seat.
        to: UpgradeSeat,
    },
    /// `POST /users/{userId}/deactivate` (seed 001).
    Deactivate,
    /// `POST /users/{userId}/reactivate`.
    Reactivate,
    /// `DELETE /users/{userId}/plans/{planId}`; cannot be reversed.
    Remove {
        /// From this plan.
        plan: PlanId,
    },
    /// `PUT /users/{userId}` (seed 003). Boxed, because the other actions are small and there can be a million.
    Update(Box<Attributes>),
    /// `GET /users/{userId}/plans` (seed 002).
    Plans,
}

/// What an action does to the number of paid seats in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatEffect {
    /// Can give a paid seat back.
    Frees,
    /// Leaves paid seats alone.
    Neutral,
    /// Can need a paid seat.
    Takes,
}

impl Action {
    /// Its name.
    pub const fn name(&self) -> ActionName {
        match self {
            Self::Downgrade { .. } => ActionName::Downgrade,
            Self::Upgrade { .. } => ActionName::Upgrade,
            Self::Deactivate => ActionName::Deactivate,
            Self::Reactivate => ActionName::Reactivate,
            Self::Remove { .. } => ActionName::Remove,
            Self::Update(_) => ActionName::Update,
            Self::Plans => ActionName::Plans,
        }
    }

    /// The plan it is about, where it is about one.
    pub const fn plan(&self) -> Option<PlanId> {
        match self {
            Self::Downgrade { plan, .. } | Self::Upgrade { plan, .. } | Self::Remove { plan } => Some(*plan),
            Self::Deactivate | Self::Reactivate | Self::Update(_) | Self::Plans => None,
        }
    }

    /// The seat it asks for, where it asks for one.
    pub const fn seat(&self) -> Option<Seat> {
        match self {
            Self::Downgrade { to, .. } => Some(to.seat()),
            Self::Upgrade { to, .. } => Some(to.seat()),
            Self::Deactivate | Self::Reactivate | Self::Remove { .. } | Self::Update(_) | Self::Plans => None,
        }
    }

    /// The attributes that it sets, if it is an update.
    pub fn attributes(&self) -> Option<&Attributes> {
        match self {
            Self::Update(attributes) => Some(attributes),
            Self::Downgrade { .. }
            | Self::Upgrade { .. }
            | Self::Deactivate
            | Self::Reactivate
            | Self::Remove { .. }
            | Self::Plans => None,
        }
    }

    /// Whether it can change which seat the user holds, in whatever plan.
    pub const fn changes_seats(&self) -> bool {
        match self {
            Self::Downgrade { .. }
            | Self::Upgrade { .. }
            | Self::Deactivate
            | Self::Reactivate
            | Self::Remove { .. } => true,
            Self::Update(_) | Self::Plans => false,
        }
    }

    /// Whether it frees or takes a paid seat. A reactivation gives a paid Member seat (API notes, "reactivate").
    pub const fn seat_effect(&self) -> SeatEffect {
        match self {
            Self::Downgrade { .. } | Self::Deactivate | Self::Remove { .. } => SeatEffect::Frees,
            Self::Update(_) | Self::Plans | Self::Upgrade { to: UpgradeSeat::Guest, .. } => SeatEffect::Neutral,
            Self::Upgrade { to: UpgradeSeat::Member, .. } | Self::Reactivate => SeatEffect::Takes,
        }
    }

    /// Whether sending it once more cannot change anything that the first time did not: setting a seat or an
    /// attribute, deactivating, reading.
    pub const fn is_harmless_to_repeat(&self) -> bool {
        match self {
            Self::Downgrade { .. } | Self::Upgrade { .. } | Self::Deactivate | Self::Update(_) | Self::Plans => true,
            Self::Reactivate | Self::Remove { .. } => false,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)?;
        if let Some(seat) = self.seat() {
            write!(f, " to {seat}")?;
        }
        if let Some(plan) = self.plan() {
            write!(f, " in plan {plan}")?;
        }
        if let Self::Update(attributes) = self {
            let set: Vec<_> = attributes.set().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(f, " {}", set.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_without_regard_to_case_and_spacing() {
        for action in ActionName::ALL {
            let written = action.name().to_uppercase();
            assert_eq!(format!(" {written} ").parse::<ActionName>(), Ok(action));
        }
        assert_eq!("de-activate".parse::<ActionName>(), Ok(ActionName::Deactivate));
        let error = "delete".parse::<ActionName>().unwrap_err().to_string();
        assert!(error.contains("`delete`") && error.contains("remove"), "{error}");
    }

    #[test]
    fn an_action_stays_small_enough_for_a_million_of_them() {
        assert!(size_of::<Action>() <= 16, "{}", size_of::<Action>());
    }
}
