//! The history of a state folder: what was run, and how it is forgotten.

pub(crate) mod prune;
