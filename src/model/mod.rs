//! The words of the program as types: users, seats, actions, jobs, answers, outcomes and the states of a job.
//!
//! Nothing here reads a file, a socket or a clock, and what is illegal does not parse: an [`Action`] carries exactly
//! the arguments its endpoint takes, a seat that cannot be asked for is not a target, an id is never a bare number.

mod action;
mod answer;
mod before;
mod echo;
mod ending;
pub mod error_code;
mod id;
mod job;
mod limit;
mod missing_user;
mod outcome;
mod past_change;
mod pattern;
mod reading;
mod review;
mod seat;
mod signature;
mod state;

pub use action::{Action, ActionError, ActionName, Attributes, SeatEffect, fold, is_unseen};
pub use answer::{Answer, ApiWord, Lost, Pause};
pub use before::Before;
pub use echo::{UpdateEcho, UserEcho};
pub use ending::{Ending, Signal};
pub use id::{IdError, PlanId, UserId};
pub use job::{Email, Job, JobKey, KeyError};
pub use limit::{Limit, LimitError};
pub use missing_user::{MissingUserPolicy, MissingUserPolicyError};
pub use outcome::{Outcome, Reason, Status, StatusError};
pub use past_change::PastChange;
pub use pattern::{Pattern, PatternError};
pub use reading::Reading;
pub use review::{Age, Review};
pub use seat::{DowngradeSeat, FreeSeatName, Seat, SeatError, SeenSeat, UpgradeSeat};
pub use signature::{Seal, Secret, Signature, SignatureError};
pub use state::{Event, Finding, JobState, Nonsense, Otherwise, Past, Refused};
