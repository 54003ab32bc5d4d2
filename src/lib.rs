//! Seat changes in bulk for Smartsheet.

pub mod console;
pub mod engine;
pub mod model;
pub mod settings;
