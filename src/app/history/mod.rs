//! The history of a state folder: which runs there were, what became of their rows and of one user, and how it is forgotten.

pub(crate) mod listing;
pub(crate) mod people;
pub(crate) mod prune;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod totals;
