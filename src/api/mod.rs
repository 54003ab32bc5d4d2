//! The Smartsheet API as far as seats go: what is asked, what comes back, and the client between.
//!
//! Nothing here judges an answer or repeats a request: one call of [`Transport::send`] is one request on the wire.

mod client;
mod echo;
mod json;
mod paging;
mod request;
mod user_pages;
mod wire;

pub use client::{Client, ClientError, Connection, Raw, Transport};
pub use json::{Properties, Records, UnreadableProperty};
pub use paging::{Completeness, Paging, PlanPages, UserPlanList};
pub use request::{Method, PlanNames, Request, UserPlansQuery};
pub use user_pages::UserPages;
pub use wire::{Account, FromJson, LastLogin, ListedUser, UserPage, UserPlan, UserPlans, UserProfile, answer, read};
