//! The gate: shut while nobody knows whether it is the API that answers, or whether the token is still accepted.
//!
//! What asks that question passes all the same. Everything else waits, so that a captive portal does not see a request
//! for every row.

use tokio::sync::watch;

/// Holds requests back while it is shut.
#[derive(Debug)]
pub(super) struct Gate(watch::Sender<bool>);

/// Which requests the gate holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// It waits while the gate is shut.
    Gated,
    /// It asks whether the gate can be opened again.
    Free,
}

/// Keeps the gate shut until it is dropped.
#[derive(Debug)]
pub(super) struct Shut<'a> {
    gate: &'a Gate,
    for_good: bool,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Shuts the gate. One at a time may hold it shut.
    pub(super) fn shut(&self) -> Shut<'_> {
        self.0.send_replace(true);
        Shut { gate: self, for_good: false }
    }

    /// Whether a request may pass now.
    pub(super) fn lets_pass(&self, passage: Passage) -> bool {
        passage == Passage::Free || !*self.0.borrow()
    }

    /// Waits until a request may pass.
    pub(super) async fn pass(&self, passage: Passage) {
        if !self.lets_pass(passage) {
            // The sender lives as long as the gate, so there is no other way out than an open gate.
            let _ = self.0.subscribe().wait_for(|shut| !*shut).await;
        }
    }
}

impl Shut<'_> {
    /// Leaves the gate shut, because the run ends.
    pub(super) fn for_good(mut self) {
        self.for_good = true;
    }
}

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        self.gate.0.send_replace(self.for_good);
    }
}
