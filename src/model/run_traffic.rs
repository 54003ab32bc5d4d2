//! What a run sent, how much of it at once, and what held it up.

use std::time::Duration;

/// What a run sent in one session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunTraffic {
    /// Requests.
    pub requests: u64,
    /// The most of them in flight at once.
    pub most_in_flight: usize,
    /// Pauses that began because the server throttled.
    pub throttles: u32,
    /// Whether the API throttled although less was sent than the rate allows, as it does where another client shares the token.
    pub is_token_shared: bool,
    /// How long nothing could be sent because of pauses.
    pub waited: Duration,
}

impl RunTraffic {
    /// Requests below which a line about them says nothing that a person wants to know.
    const WORTH_A_LINE: u64 = 100;

    /// Whether a person wants to hear of it.
    pub const fn is_worth_a_line(&self) -> bool {
        self.requests >= Self::WORTH_A_LINE || self.throttles > 1
    }
}
