//! The engine: what happens while a run is under way.
//!
//! The [dispatcher](Dispatcher) decides and records, the executor does, the [pace](Pace) says when, and an
//! [observer](Observer) is told. The order in which a request leaves is the whole safety argument: the state moves, the
//! ledger commits, and only then may the executor send.

mod clock;
mod dispatcher;
mod executor;
mod free_seat;
mod gate;
mod in_flight;
mod observer;
mod outcomes;
mod paced_reader;
mod rate_limit;
mod read_back;
mod run;
mod scheduler;
mod signals;
#[cfg(test)]
mod tests;
mod whoami;

pub use dispatcher::{Assignment, Dispatcher, RunEnd, RunSpec};
pub use observer::{NoopObserver, Observer, RunEvent};
pub use rate_limit::{Pace, Permit, WINDOW};
pub use run::{RunOptions, run};
pub use signals::{SignalCount, listen};
