//! Seat changes in bulk for Smartsheet.

pub mod model;
pub mod policy;
pub mod input;
pub mod plan;
pub mod report;
pub mod settings;
pub mod api;
pub mod ledger;
pub mod sandbox;
pub mod engine;
pub mod console;
pub mod cli;
pub mod commands;
