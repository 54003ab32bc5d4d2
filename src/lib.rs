//! Seat changes in bulk for Smartsheet.

pub mod engine;
pub mod model;
pub mod settings;
