//! The free seat's name: VIEWER and CONTRIBUTOR are one seat, and which of the two a tenant takes shows only live.
//!
//! Under `auto`, a row is sent with the name it gives. When the API refuses that as a value (400/1031, which has other
//! causes too), the other name is tried once; only when that is accepted is it remembered for the run.

use crate::model::{Action, DowngradeSeat, FreeSeatName};

/// Which name one job uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum FreeSeat {
    /// The row's, or the one that was learned.
    #[default]
    First,
    /// The other one.
    Other,
}

impl FreeSeat {
    /// The name to use in place of the row's, if another one is to be used.
    pub(super) fn name(
        self,
        action: &Action,
        setting: FreeSeatName,
        learned: Option<DowngradeSeat>,
    ) -> Option<DowngradeSeat> {
        let row = free_seat(action)?;
        let name = match (setting, self) {
            (FreeSeatName::Viewer, _) => DowngradeSeat::Viewer,
            (FreeSeatName::Contributor, _) => DowngradeSeat::Contributor,
            (FreeSeatName::Auto, Self::Other) => row.other_name()?,
            (FreeSeatName::Auto, Self::First) => learned.unwrap_or(row),
        };
        (name != row).then_some(name)
    }

    /// After a refusal of the value: turns to the other name, if it is not tried yet. Returns whether it did.
    pub(super) fn turn_to_other_name(
        &mut self,
        action: &Action,
        setting: FreeSeatName,
        learned: Option<DowngradeSeat>,
    ) -> bool {
        let untried =
            *self == Self::First && setting == FreeSeatName::Auto && learned.is_none() && free_seat(action).is_some();
        if untried {
            *self = Self::Other;
        }
        untried
    }

    /// After a success: learns the other name if that was the one, and returns the name that replaced the row's.
    pub(super) fn accepted(self, action: &Action, learned: &mut Option<DowngradeSeat>) -> Option<DowngradeSeat> {
        let row = free_seat(action)?;
        if self == Self::Other {
            *learned = row.other_name();
        }
        let used = match self {
            Self::Other => row.other_name()?,
            Self::First => learned.unwrap_or(row),
        };
        (used != row).then_some(used)
    }
}

fn free_seat(action: &Action) -> Option<DowngradeSeat> {
    match action {
        Action::Downgrade { to, .. } => to.other_name().map(|_| *to),
        Action::Upgrade { .. }
        | Action::Deactivate
        | Action::Reactivate
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => None,
    }
}
