//! Runs: how one is started, what earlier ones left, and how it is carried out to its report.

pub(crate) mod execute;
pub(crate) mod previous;
pub(crate) mod recorded_rows;
pub(crate) mod resumption;
pub(crate) mod start;
pub(crate) mod unfinished;
