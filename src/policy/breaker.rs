//! The breaker: stops a run in which too many of the sent rows fail (`--max-errors`).

use crate::model::Limit;

/// Rows that have to be settled before a per cent limit means anything.
const ENOUGH: u64 = 20;

/// Counts what was sent and what failed of it.
#[derive(Debug, Clone, Copy)]
pub struct Breaker {
    limit: Limit,
    settled: u64,
    failed: u64,
}

/// How a sent row ended, as far as the breaker cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It failed.
    Failed,
    /// Anything else.
    Otherwise,
}

impl Breaker {
    /// A breaker for a limit.
    pub const fn new(limit: Limit) -> Self {
        Self { limit, settled: 0, failed: 0 }
    }

    /// Counts one sent row.
    pub const fn count(&mut self, sent: Sent) {
        self.settled += 1;
        match sent {
            Sent::Failed => self.failed += 1,
            Sent::Otherwise => {}
        }
    }

    /// Why the run has to stop, if it has to.
    pub fn tripped(&self) -> Option<String> {
        let Self { limit, settled, failed } = *self;
        let counts = match limit {
            Limit::Count(_) => true,
            Limit::Percent(_) => settled >= ENOUGH,
        };
        let over = counts && limit.is_reached_by(failed, settled);
        over.then(|| format!("{failed} of {settled} sent rows have failed, and --max-errors is {limit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breaker_trips_at_its_limit_and_not_before() {
        // limit, failures, other rows, trips
        let table = [
            (Limit::Count(3), 2, 100, false),
            (Limit::Count(3), 3, 0, true),
            (Limit::Count(0), 0, 5, false),
            (Limit::Count(0), 1, 0, true),
            (Limit::Percent(50.0), 19, 0, false),
            (Limit::Percent(50.0), 20, 0, true),
            (Limit::Percent(50.0), 10, 10, true),
            (Limit::Percent(50.0), 10, 11, false),
            (Limit::Percent(100.0), 20, 1, false),
            (Limit::Percent(0.0), 0, 30, false),
        ];
        for (limit, failures, others, trips) in table {
            let mut breaker = Breaker::new(limit);
            (0..failures).for_each(|_| breaker.count(Sent::Failed));
            (0..others).for_each(|_| breaker.count(Sent::Otherwise));
            assert_eq!(breaker.tripped().is_some(), trips, "{limit} with {failures} of {}", failures + others);
        }
    }
}
