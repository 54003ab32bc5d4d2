//! Seat changes in bulk for Smartsheet.

pub mod api;
pub mod cli;
pub mod commands;
pub mod console;
pub mod engine;
pub mod input;
pub mod ledger;
pub mod model;
pub mod plan;
pub mod policy;
pub mod report;
pub mod sandbox;
pub mod settings;
