//! The program as its users meet it: the real executable as a child process, against a served sandbox.
//!
//! Each file is a table of claims about one side of the outside. Nothing here looks inside the program; what must hold
//! of its parts, the modules test themselves.

// Clippy lets code unwrap where it is marked as test code, and an integration test is not by itself.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod approval_workbooks;
mod approvals;
mod bad_input;
mod config;
mod directory;
mod doctor;
mod exit_codes;
mod faults;
mod guards;
mod history;
mod json;
mod missing_users;
mod nights;
mod odd_answers;
mod operator_mistakes;
mod output_paths;
mod page;
mod plans;
mod readme;
mod report;
mod report_formats;
mod rerun_report;
mod resaved;
mod resume;
mod review_edits;
mod rude_server;
mod samples;
mod screen;
mod seeds_alone;
mod seeds_server;
mod setup_mistakes;
mod signals;
mod signals_out;
mod silence;
mod state_folder;
mod summary;
mod template;
mod terminal;
mod throttling;
mod tls;
mod tonight;
mod undo;
mod users;
mod verify;
mod wire;
mod workbooks;

use support::{fixture, loopback, process};
