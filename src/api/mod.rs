//! The Smartsheet API as far as seats go: what is asked, what comes back, and the client between.
//!
//! Nothing here judges an answer or repeats a request: one call of [`Transport::send`] is one request on the wire.

mod client;
mod echo;
mod paging;
mod request;
mod wire;

pub use client::{Client, ClientError, Connection, Raw, Transport};
pub use paging::{Paging, PlanPages};
pub use request::{Method, Request, UserPlansQuery};
pub use wire::{Account, ListedUser, UserPage, UserPlan, UserPlans, UserProfile, answer, read};
