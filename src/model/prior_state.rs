//! What a user held before a run changed anything: what drift is measured against, and what an undo puts back.

use serde::{Deserialize, Serialize};

use super::{Attributes, PlanId, ReportedSeat};

/// What was read of a row's user before the run; nothing that was not read.
///
/// It is the moment before the whole run: what earlier rows of the same user do is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PriorState {
    /// The plan in which the user held `seat`; none stands for the plan that the row's action names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// The seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<ReportedSeat>,
    /// ACTIVE, DEACTIVATED and so on, in the API's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The attributes of a user whom the row updates, each that the API shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Box<Attributes>>,
    /// The primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// First and last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PriorState {
    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
