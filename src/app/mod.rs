//! The application layer: what commands have in common. It is the only layer that joins the rooms; `commands` reads as
//! what is typed, and this as what is done.

pub(crate) mod account;
pub(crate) mod command_error;
pub(crate) mod context;
pub(crate) mod doctor;
pub(crate) mod exit;
pub(crate) mod history;
pub(crate) mod input_choice;
pub(crate) mod interrupt;
pub(crate) mod listing;
pub(crate) mod notify;
pub(crate) mod output;
pub(crate) mod parallel;
pub(crate) mod preflight;
pub(crate) mod prepare;
pub(crate) mod review;
pub(crate) mod runs;
pub(crate) mod sandbox_run;
pub(crate) mod source;
pub(crate) mod user_filter;

pub use command_error::CommandError;
pub use exit::Exit;
