//! A stateful simulation of the users-and-seats part of the Smartsheet API 2.0, for rehearsals and tests.
//!
//! It decides what the real API is taken to do, from the documents alone: the seeds first, then the notes. It must
//! never use anything of this crate outside `sandbox`: a field that is wrong in both `api` and here would agree with
//! itself.
//!
//! A request passes `connection` (how bytes flow), `server` (in and out), `exchange` (token, limit, faults, in that
//! order), `route` and `parameters` (what it asks for), then `rules` (changes) or `listing` (reads) on the `world`, and
//! leaves as a `reply` made of `view`s or of a `refusal`, unless a `fault` says otherwise.

mod background;
mod connection;
mod exchange;
mod fault;
mod journal;
mod limit;
mod listing;
mod operation;
mod options;
mod parameters;
mod population;
mod refusal;
mod reply;
mod route;
mod rules;
mod sandbox_user;
mod seat;
mod server;
mod snapshot;
mod user;
mod view;
mod world;

pub use background::FaultRates;
pub use fault::Fault;
pub use journal::LoggedRequest;
pub use operation::Operation;
pub use options::{Latency, Options};
pub use route::Endpoint;
pub use sandbox_user::SandboxUser;
pub use seat::FreeSeatNames;
pub use server::{Sandbox, serve};
pub use snapshot::HeldUser;
pub use user::{Role, Status};
pub use world::{HOME_PLAN, Quirks, World};
