//! What tests of the whole program share: a folder with a served API, child processes, and a server that answers as a test
//! wants. A test binary names it with `#[path = "../support/mod.rs"] mod support;`.

pub(crate) mod fixture;
pub(crate) mod loopback;
pub(crate) mod process;
