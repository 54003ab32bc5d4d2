//! The words of the program as types: users, seats, actions, jobs, answers, outcomes and the states of a job.
//!
//! Nothing here reads a file, a socket or a clock, and what is illegal does not parse: an [`Action`] carries exactly
//! the arguments its endpoint takes, a seat that cannot be asked for is not a target, an id is never a bare number.

mod action;
mod answer;
mod echo;
mod email;
pub mod error_code;
mod expected_account;
mod id;
mod job;
mod limit;
mod missing_user;
mod observed_state;
mod outcome;
mod past_change;
mod pattern;
mod prior_state;
mod report_columns;
mod review;
mod run_traffic;
mod seat;
mod signature;
mod state;
mod stop_reason;

pub use action::{Action, ActionError, ActionName, Attributes, SeatEffect, is_invisible, normalize_name};
pub use answer::{Answer, ApiResult, LostResponse, RetryAfter};
pub use echo::{UpdateEcho, UserEcho};
pub use email::{Domain, DomainError, Email};
pub use expected_account::{ExpectedAccount, ExpectedAccountError};
pub use id::{IdError, PlanId, UserId};
pub use job::{Job, JobKey, KeyError};
pub use limit::{Limit, LimitError};
pub use missing_user::{MissingUserPolicy, MissingUserPolicyError};
pub use observed_state::ObservedState;
pub use outcome::{Outcome, Reason, Status, StatusError};
pub use past_change::PastChange;
pub use pattern::{Pattern, PatternError};
pub use prior_state::PriorState;
pub use report_columns::{REPORT_COLUMNS, SIGNATURE_COLUMN, USER_LIST_COLUMNS};
pub use review::{Age, Review};
pub use run_traffic::RunTraffic;
pub use seat::{DowngradeSeat, FreeSeatName, ReportedSeat, Seat, SeatError, UpgradeSeat};
pub use signature::{Secret, Signature, SignatureError, Signer};
pub use state::{Event, Finding, IfNotApplied, IllegalTransition, JobState, PriorAttempts, RetryRefused};
pub use stop_reason::{Signal, StopReason};
