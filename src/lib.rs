//! Seat changes in bulk for Smartsheet.

pub mod engine;
pub mod input;
pub mod model;
