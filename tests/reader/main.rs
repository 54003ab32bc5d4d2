//! The reader: what files of all kinds are read to, held against known files, files of other programs and files that are
//! made up at random.

// Clippy lets code unwrap where it is marked as test code, and an integration test is not by itself.
#![cfg(test)]

mod claims;
mod other_programs;
mod properties;
mod zoo;
