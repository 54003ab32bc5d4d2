//! Undo: from what a run has done, an input whose run puts it back.
//!
//! The net effect on a user counts: from the state after the run back to the state before it. So the rows of a user
//! never contradict each other, however many rows of the run they undo. What cannot be put back, or is unknown, is
//! never omitted: it is listed with the reason.

mod change;
mod run;
#[cfg(test)]
mod tests;
mod undo_rows;
mod user;

pub use change::{Certainty, Change, certainty};
pub use run::undo;
pub use undo_rows::{NotUndoable, Undo, UndoRow};
