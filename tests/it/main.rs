//! The program as its users meet it: the real executable as a child process, against a served sandbox.
//!
//! Each file is a table of claims about one side of the outside. Nothing here looks inside the program; what must hold
//! of its parts, the modules test themselves.

// Clippy lets code unwrap where it is marked as test code, and an integration test is not by itself.
#![cfg(test)]

mod approvals;
mod bad_input;
mod carrying_on;
mod child;
mod config;
mod directory;
mod endings;
mod faults;
mod feeding_back;
mod forms;
mod guards;
mod loopback;
mod missing_users;
mod mistakes;
mod odd_answers;
mod page;
mod places;
mod plans;
mod readme;
mod report;
mod resaved;
mod rude_server;
mod samples;
mod screen;
mod seeds_alone;
mod seeds_server;
mod signals;
mod site;
mod summary;
mod template;
mod terminal;
mod undo;
mod verify;
mod wire;
mod workbooks;
