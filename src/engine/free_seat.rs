//! The free seat's name: VIEWER and CONTRIBUTOR are one seat, and which of the two a tenant takes shows only live.
//!
//! Under `auto`, a row is sent with the name it gives. When the API refuses that as a value (400/1031, which has other
//! causes too), the other name is tried once; only when that is accepted is it remembered for the run. What counts is
//! the name that a request really carried: others may have taught the run better while it was under way.

use crate::model::{Action, DowngradeSeat, FreeSeatName};

/// Which names one job has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FreeSeat {
    /// The name of the last request.
    sent: Option<DowngradeSeat>,
    /// The name to use after the first one was refused.
    other: Option<DowngradeSeat>,
}

impl FreeSeat {
    /// The name that the next request carries, for a job that asks for the free seat.
    pub(super) fn name(
        &mut self,
        action: &Action,
        setting: FreeSeatName,
        learned: Option<DowngradeSeat>,
    ) -> Option<DowngradeSeat> {
        let row = free_seat(action)?;
        self.sent = Some(match setting {
            FreeSeatName::Viewer => DowngradeSeat::Viewer,
            FreeSeatName::Contributor => DowngradeSeat::Contributor,
            FreeSeatName::Auto => self.other.or(learned).unwrap_or(row),
        });
        self.sent
    }

    /// After a refusal of the value: turns to the other name, if that is still worth a try. Returns whether it did.
    pub(super) fn turn_to_other_name(&mut self, setting: FreeSeatName, learned: Option<DowngradeSeat>) -> bool {
        let is_untried = setting == FreeSeatName::Auto && self.other.is_none() && learned != self.sent;
        if is_untried {
            self.other = self.sent.and_then(DowngradeSeat::other_name);
        }
        is_untried && self.other.is_some()
    }

    /// After a success: learns the other name if that was the one.
    pub(super) fn accepted(self, learned: &mut Option<DowngradeSeat>) {
        if self.other.is_some() {
            *learned = self.sent;
        }
    }

    /// The name that the last request carried in place of the row's.
    pub(super) fn in_place_of_rows(self, action: &Action) -> Option<DowngradeSeat> {
        let row = free_seat(action)?;
        self.sent.filter(|sent| *sent != row)
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
