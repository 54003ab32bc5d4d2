//! No-ops: what is wanted is so already, so nothing is sent.

use super::projected_user::{Holding, Standing};
use crate::model::Action;

/// Why nothing has to be sent, if what is wanted is so already.
pub(super) fn already_so(action: &Action, standing: Standing<'_>) -> Option<String> {
    match action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
            let (Holding::Seat(found), wanted) = (standing.holding(*plan).fact()?, action.seat()?) else { return None };
            found.is_same(wanted).then(|| format!("the seat is {found} already"))
        }
        Action::Deactivate => {
            (standing.status().fact()?? == "DEACTIVATED").then(|| "the user is deactivated already".to_owned())
        }
        Action::Reactivate => (standing.status().fact()?? == "ACTIVE").then(|| "the user is active already".to_owned()),
        // Somebody whom the API does not know at all was perhaps never there: that row is worth a look.
        Action::Remove { plan } => {
            let is_gone = standing.holding(*plan).fact()? == Holding::Absent && standing.is_known();
            is_gone.then(|| format!("the user is not in plan {plan} any more"))
        }
        Action::Update(wanted) => standing.has(wanted).fact()?.then(|| {
            let set: Vec<_> = wanted.set().into_iter().map(|(name, value)| format!("{name} is {value}")).collect();
            format!("{} already", set.join(", "))
        }),
        Action::Plans => None,
    }
}
