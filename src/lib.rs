//! Seat changes in bulk for Smartsheet.

pub mod cli;
pub mod console;
pub mod engine;
pub mod model;
pub mod settings;
