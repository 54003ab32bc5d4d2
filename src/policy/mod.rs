//! The rules: what an answer means, whether and when to try again, when to stop the run.
//!
//! Everything here is a pure function of its arguments; time and randomness are among them.

mod adaptive_rate;
mod breaker;
mod classify;
mod concurrency;
mod echo;
mod free_seat;
mod hint;
mod late_landing;
mod oddity;
mod patience;
mod read_back;
mod retry;

pub use adaptive_rate::{AdaptiveRate, RateChange};
pub use breaker::{Breaker, Sent};
pub use classify::{
    LONGEST_PAUSE, ResultCode, StopRun, Verdict, Wait, classify, says_already_so, says_no_seat_is_left,
    says_user_is_not_there,
};
pub use concurrency::{
    AT_FIRST, AdaptiveConcurrency, ChangeReason, ConcurrencyChange, MOST_IN_FLIGHT, SentIn, ServerLoad, server_load,
};
pub use echo::{Echo, compare_echo};
pub use free_seat::may_refuse_seat_name;
pub use hint::hint;
pub use late_landing::{LANDING_TIME, LaterRows, late_landing_harms, may_land_late};
pub use oddity::{IdentityCheck, Oddity, classify_change, oddity, question};
pub use patience::{FIRST_CONTACT, LONGEST_SILENCE, Patience, Silence, TurnedAway};
pub use read_back::{NextStep, finding, past_after, settle_by};
pub use retry::{Jitter, MAX_LOOKS, MAX_READS, MAX_TRIES, backoff, most_reads};
