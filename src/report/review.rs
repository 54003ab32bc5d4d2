//! The review: what a plan would do, as a small table that a person reads before agreeing.

use std::fmt::Write as _;
use std::time::Duration;

use super::summary::seconds;
use crate::plan::{Guard, Tally};

/// Requests a second inside the limit (the engine's smoothing).
const SMOOTHING: u64 = 20;

/// How long a number of requests takes.
#[derive(Debug, Clone, Copy)]
pub struct Estimate {
    /// Requests.
    pub requests: u64,
    /// Requests allowed in any 60 seconds; `None` without a limit.
    pub limit: Option<u32>,
}

impl Estimate {
    /// At the set rate, if nothing is repeated; `None` without a limit, when the server alone sets the pace.
    pub fn duration(self) -> Option<Duration> {
        let limit = u64::from(self.limit?.max(1));
        // All full windows but the last, which goes out as fast as the smoothing lets it.
        let windows = self.requests.saturating_sub(1) / limit;
        let rest = self.requests - windows * limit;
        Some(Duration::from_secs(windows * 60 + rest.div_ceil(SMOOTHING)))
    }

    fn words(self) -> String {
        let requests = self.requests;
        let plural = if requests == 1 { "" } else { "s" };
        match (self.limit, self.duration()) {
            (Some(limit), Some(duration)) => {
                format!("{requests} request{plural}, about {} at {limit} a minute", seconds(duration))
            }
            (Some(_) | None, _) => format!("{requests} request{plural}, without a limit"),
        }
    }
}

/// What would happen, by action and seat, what it costs, and which guards it meets.
pub fn review(tally: &Tally, estimate: Estimate, guards: &[Guard]) -> String {
    let mut text = String::new();
    if tally.effects.is_empty() {
        text.push_str("nothing would be sent\n");
    } else {
        text.push_str("would be sent:\n");
    }
    for (effect, rows) in &tally.effects {
        let seat = effect.seat.map(|seat| format!("to {seat}")).unwrap_or_default();
        let _ = writeln!(text, "  {:<11} {seat:<15} {rows:>7}", effect.action.name());
    }
    if tally.frees > 0 || tally.takes > 0 {
        let _ = writeln!(text, "paid seats: up to {} freed, up to {} taken", tally.frees, tally.takes);
    }
    if tally.for_good > 0 {
        let plural = if tally.for_good == 1 { "" } else { "s" };
        let _ = writeln!(text, "cannot be reversed: {} removal{plural}", tally.for_good);
    }
    if estimate.requests > 0 {
        let _ = writeln!(text, "{}", estimate.words());
    }
    for guard in guards {
        let _ = writeln!(text, "a run would be refused: {}\n  hint: {}", guard.message, guard.hint);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_what_the_pace_takes() {
        let table = [(0, 0), (1, 1), (200, 10), (270, 14), (271, 61), (5_000, 18 * 60 + 7)];
        for (requests, expected) in table {
            let estimate = Estimate { requests, limit: Some(270) };
            assert_eq!(estimate.duration(), Some(Duration::from_secs(expected)), "{requests}");
        }
    }
}
