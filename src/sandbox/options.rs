//! What a sandbox can be told: how big, how fast, how slow, how unreliable.
//!
//! It decides defaults and the text forms that a command line takes. It must never act on them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::background::{FaultRates, dice};
use super::route::Endpoint;

/// How a sandbox is made and how it behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many users a [generated](super::World::generated) world has, the token's own among them.
    pub users: usize,
    /// What everything random follows: population, latency, faults, reference ids, the token.
    pub seed: u64,
    /// Requests in any 60 seconds; more are answered 429/4003. 0 is no limit.
    pub rate_per_minute: usize,
    /// How long an answer takes. The change, if any, is made at once; a client that gives up cannot stop it.
    pub latency: Latency,
    /// What goes wrong at random. Faults of [users](super::SandboxUser) come first.
    pub faults: FaultRates,
    /// The port on 127.0.0.1; 0 is any free one.
    pub port: u16,
    /// Whether a POST or PUT that does not say its length is answered 411, as some gateways do.
    pub is_strict: bool,
    /// What the server does not know, and the status that it answers instead: 404, 405 or 501.
    pub unsupported: Vec<(Endpoint, u16)>,
    /// Whether a query parameter that no seed names (`include`) is answered 400/1018 by the list of a user's plans
    /// rather than passed over.
    pub refuses_unknown_parameters: bool,
    /// Whether requests are kept for [`Sandbox::requests`](super::Sandbox::requests): for tests, because they are kept
    /// for ever.
    pub keeps_requests: bool,
}

impl Options {
    /// A server that is built from the four seeds alone: it answers everything else with that status, and refuses the
    /// query parameters that no seed names.
    pub fn seeds_only(status: u16) -> Self {
        let unsupported = Endpoint::BEYOND_SEEDS.map(|endpoint| (endpoint, status)).to_vec();
        Self { unsupported, refuses_unknown_parameters: true, ..Self::default() }
    }
}

impl Default for Options {
    /// 200 users, seed 1, the 300 requests a minute that Smartsheet once named, and nothing that goes wrong.
    fn default() -> Self {
        Self {
            users: 200,
            seed: 1,
            rate_per_minute: 300,
            latency: Latency::default(),
            faults: FaultRates::default(),
            port: 0,
            is_strict: false,
            unsupported: Vec::new(),
            refuses_unknown_parameters: false,
            keeps_requests: false,
        }
    }
}

/// A time that answers take, in whole milliseconds: fixed, or anything between two bounds. None by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    least: u64,
    most: u64,
}

impl Latency {
    /// The time that the answer to request `number` takes.
    pub(super) fn draw(self, seed: u64, number: u64) -> Duration {
        if self.least == self.most {
            return Duration::from_millis(self.least);
        }
        // Not the dice of the faults, or else the slow requests would be the faulty ones.
        Duration::from_millis(dice(!seed, number).u64(self.least..=self.most))
    }
}

impl FromStr for Latency {
    type Err = String;

    /// `40`, `40ms` or `20..80`: milliseconds.
    fn from_str(text: &str) -> Result<Self, String> {
        let bound = |text: &str| text.trim().trim_end_matches("ms").trim_end().parse::<u64>().ok();
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        match (bound(least), bound(most)) {
            (Some(least), Some(most)) if least <= most => Ok(Self { least, most }),
            _ => Err(format!("'{text}' is no latency: milliseconds, as 40, or from..to, as 20..80")),
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.least == self.most { write!(f, "{}", self.least) } else { write!(f, "{}..{}", self.least, self.most) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_a_number_or_a_range_of_milliseconds() {
        for (text, shown) in
            [("40", "40"), ("40ms", "40"), (" 20 .. 80 ", "20..80"), ("20ms..80ms", "20..80"), ("0", "0")]
        {
            assert_eq!(text.parse::<Latency>().unwrap().to_string(), shown, "{text}");
        }
        for wrong in ["", "fast", "80..20", "-1", "1.5", "1..", "1s"] {
            assert!(wrong.parse::<Latency>().unwrap_err().contains("20..80"), "{wrong}");
        }
    }

    #[test]
    fn latency_keeps_to_its_bounds_and_to_the_seed() {
        let latency: Latency = "20..80".parse().unwrap();
        let drawn = |seed| (0..1000).map(|number| latency.draw(seed, number).as_millis()).collect::<Vec<_>>();
        assert!(drawn(1).iter().all(|drawn| (20..=80).contains(drawn)));
        assert!(drawn(1).contains(&20) && drawn(1).contains(&80));
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }
}
