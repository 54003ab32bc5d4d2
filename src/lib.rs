//! seatrun changes Smartsheet seats in bulk: a CSV of users and actions becomes typed jobs, a rate-limited concurrent
//! engine sends them, and every row gets its result in a report.
//!
//! A pure core decides ([`model`], [`policy`], [`tabular`], [`input`], [`plan`], [`undo`], [`report`]), a thin shell does ([`api`],
//! [`ledger`], [`engine`], [`console`], [`commands`]), and the engine's dispatcher is the only place where the two meet
//! while a run is under way.
//!
//! # The way of a row
//!
//! ```text
//! bytes ─input→ Job | Invalid ─plan, with what users hold now→ Plan ─console→ "Change 212 users as …?"
//!                                                               │ yes
//!      signals, deadline ─▶ Dispatcher ⇄ Executor ─Pace─▶ api ─▶ Smartsheet
//!                              │ 1. JobState::next   (pure; refuses nonsense)
//!                              │ 2. ledger commit    (durable)
//!                              │ 3. only now may the executor send
//!                              └ 4. Observer         (progress, log)
//!                                       ▼
//!                       ledger ─report→ CSV, summary, history, resume, undo
//! ```
//!
//! The order 1-2-3 is the whole safety argument: **no request leaves before its attempt is on disk.** After a crash the
//! same [`JobState::next`](model::JobState::next) reads the ledger back; a job that was sent and has no answer on record
//! is *in doubt*, and its user's state is read from the API before anything is sent again. The ledger is the one source:
//! report, history, resume and undo are views of it.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | row | a record of the input, and where it stands |
//! | job | one wanted effect: a user, an action, its arguments |
//! | directory | what the API says of the users now |
//! | plan, step | what will happen to each row; what a dry run shows and a run does |
//! | certain refusal | the API would certainly refuse the row, so it is not sent |
//! | row warning | the API may refuse the row; the warning is shown, and the row is sent |
//! | guard | a limit that refuses a plan |
//! | review | a dry run that was written down, for somebody to approve rows of it |
//! | signature | what a row of a review is known by when it comes back |
//! | drift | a seat that is no longer what was reviewed, exported or found before |
//! | attempt | one HTTP try of a job |
//! | outcome | how a job ended; a failure is data, never an `Err` |
//! | in doubt | sent, and it is not known whether it was done |
//! | ledger | the durable record of runs, jobs and attempts |
//! | dispatcher, executor | decides and records; does |
//! | pace | the rate, and the pauses that the server asks for |
//! | drain, abort | finish what is in flight; drop it |
//! | observer | is told; can change nothing |
//! | fault | a scripted misbehaviour of the sandbox |
//!
//! # Sources
//!
//! What the API does is said with its source. `seed 000` to `seed 003` are pages of Smartsheet's public API
//! documentation: Downgrade user, Deactivate user, List user plans, Update user. The `API notes` sum up its other pages,
//! its changelog, its list of errors, and the official SDKs with their tests.
//!
//! # Rooms
//!
//! In reading order. A room uses only those above it; [`sandbox`] uses none and shares no type with [`api`], so that a
//! wrong field cannot agree with itself; only [`commands`] sees it. `tests/tidy.rs` holds this.

pub mod model;
pub mod policy;

pub mod tabular;

pub mod input;
pub mod plan;
pub mod report;
pub mod undo;

pub mod settings;

pub mod api;
pub mod ledger;

pub mod sandbox;

pub mod engine;

pub mod console;

pub mod cli;

pub mod app;
pub mod commands;
