//! No-ops: rows whose wanted state is confirmed already, so that nothing is sent.

use super::projected_user::{ProjectedUser, SeatState};
use crate::model::Action;

/// Why nothing has to be sent, if the wanted state is confirmed already.
pub(super) fn no_op_reason(action: &Action, user: ProjectedUser<'_>) -> Option<String> {
    match action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let (SeatState::Seat(found), wanted) = (user.seat_state(*plan).confirmed()?, action.seat()?) else {
                return None;
            };
            found.is_same(wanted).then(|| format!("the seat is already {found}"))
        }
        Action::Deactivate => {
            (user.status().confirmed()?? == "DEACTIVATED").then(|| "the user is already deactivated".to_owned())
        }
        Action::Reactivate => {
            (user.status().confirmed()?? == "ACTIVE").then(|| "the user is already active".to_owned())
        }
        // A user whom the API does not know at all may never have been there: a person should look at that row.
        Action::Remove { plan } => {
            let is_gone = user.seat_state(*plan).confirmed()? == SeatState::Absent && user.is_known();
            is_gone.then(|| format!("the user is no longer in plan {plan}"))
        }
        Action::Update(wanted) => user.has(wanted).confirmed()?.then(|| {
            let set: Vec<_> =
                wanted.set().into_iter().map(|(name, value)| format!("{name} is already {value}")).collect();
            set.join(", ")
        }),
        Action::Plans => None,
    }
}
