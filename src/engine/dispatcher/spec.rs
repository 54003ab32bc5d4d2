//! What a dispatcher is made of, and what it comes to.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::slot::Assignment;
use crate::engine::observer::Observer;
use crate::engine::rate_limit::Pace;
use crate::ledger::Verification;
use crate::model::{DowngradeSeat, FreeSeatName, Limit, RunTraffic, StopReason};
use crate::policy::Silence;

/// What a dispatcher is made of.
pub struct RunSpec<'a, J> {
    /// The jobs, in the order in which they should begin; those of one user in file order.
    pub assignments: Vec<Assignment>,
    /// By which name the free seat is asked for.
    pub free_seat_name: FreeSeatName,
    /// The name of the free seat that an earlier run of this account found accepted.
    pub remembered_seat_name: Option<DowngradeSeat>,
    /// When to stop for failures.
    pub max_errors: Limit,
    /// The time of day as the engine starts.
    pub started: Timestamp,
    /// How long after it was written a request may still be carried out whose answer is lost.
    pub landing_time: Duration,
    /// How long nothing may be let through before the run stops.
    pub silence: Silence,
    /// Whether each changed user is read back.
    pub verification: Verification,
    /// Where everything is put on record.
    pub journal: J,
    /// When requests may leave.
    pub pace: Arc<Pace>,
    /// Who is told.
    pub observer: &'a dyn Observer,
}

/// What a run came to.
#[derive(Debug)]
pub struct RunEnd<J> {
    /// Why it ended.
    pub ending: StopReason,
    /// The name of the free seat that the tenant takes, where it refused the other one: the next run of this account tries
    /// it first.
    pub accepted_seat_name: Option<DowngradeSeat>,
    /// What was sent, and what held it up.
    pub traffic: RunTraffic,
    /// Where everything was put on record.
    pub journal: J,
}
