//! Durability: whatever moment the machine chooses to die, no row is lost, settled wrongly, or done twice to no
//! purpose.
//!
//! `cuts` cuts execution after every single ledger commit, in virtual time; `kills` kills real processes that work
//! against a sandbox of this process; `histories` mixes everything, one seed a history; `trouble` fills the disk and damages the ledger.

// Clippy lets code unwrap where it is marked as test code, and an integration test is not by itself.
#![cfg(test)]
#![cfg(unix)]

mod cuts;
mod histories;
mod kills;
mod simulation;
mod stage;
mod trouble;
