//! The words of progress: how a run stands, for a bar that is redrawn and for a log that is read later.

use std::fmt::Write as _;
use std::time::Duration;

use super::tally::{Notice, ProgressSnapshot};

/// What stands beside the bar, most important first: what is too long for the terminal is cut off at its end.
pub(super) fn beside_bar(snapshot: &ProgressSnapshot) -> String {
    let ProgressSnapshot { jobs, done, .. } = snapshot;
    let mut text = format!("{done}/{jobs} {}%{}", per_cent(*done, *jobs), troubles(snapshot, "  "));
    if let Some(why) = &snapshot.draining {
        let _ = write!(text, "  stopping: {why}");
    } else if let Some((why, left)) = &snapshot.pause {
        let _ = write!(text, "  paused {}: {why}", rough(*left));
    } else {
        let limit = snapshot.limit.map(|limit| format!("/{limit}")).unwrap_or_default();
        let _ = write!(text, "  {}{limit} req/min", snapshot.requests);
        if let Some(left) = snapshot.left {
            let _ = write!(text, "  {} left", rough(left));
        }
    }
    text
}

/// A line for a log that is read later.
pub(super) fn line(snapshot: &ProgressSnapshot) -> String {
    let ProgressSnapshot { jobs, done, requests, .. } = snapshot;
    let mut text = format!("{done} of {jobs} done ({}%){}", per_cent(*done, *jobs), troubles(snapshot, ", "));
    let limit = snapshot.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let _ = write!(text, ", {requests}{limit} requests in the last minute");
    if let Some((why, left)) = &snapshot.pause {
        let _ = write!(text, ", paused for {}: {why}", rough(*left));
    }
    match (&snapshot.draining, snapshot.left) {
        (Some(why), _) => {
            let _ = write!(text, ", stopping: {why}");
        }
        (None, Some(left)) => {
            let _ = write!(text, ", about {} left", rough(left));
        }
        (None, None) => {}
    }
    text
}

/// A line for what has just happened.
pub(super) fn news(news: &Notice) -> String {
    match news {
        Notice::Paused { why, pause } => format!("paused for {}: {why}", rough(*pause)),
        Notice::Warned { text } => text.clone(),
        Notice::Draining { why } => format!("stopping: {why}; what is in flight is finished first"),
    }
}

fn troubles(snapshot: &ProgressSnapshot, separator: &str) -> String {
    let mut text = format!("{separator}{} failed", snapshot.failed);
    if snapshot.unclear > 0 {
        let _ = write!(text, "{separator}{} unclear", snapshot.unclear);
    }
    text
}

/// Rounded down, so that 100% means all of them.
fn per_cent(done: u64, jobs: u64) -> u64 {
    if jobs == 0 { 100 } else { u64::try_from(u128::from(done) * 100 / u128::from(jobs)).unwrap_or(100) }
}

/// A duration as a person says it: two units at most, rounded up to the second.
fn rough(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds}s"),
        (0, 0, minutes @ 10.., _) | (0, 0, minutes, 0) => format!("{minutes}m"),
        (0, 0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (0, hours, minutes, _) => format!("{hours}h{minutes:02}m"),
        (days, hours, _, _) => format!("{days}d{hours:02}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> ProgressSnapshot {
        ProgressSnapshot {
            jobs: 5_000,
            done: 1_204,
            failed: 3,
            unclear: 0,
            requests: 268,
            limit: Some(270),
            pause: None,
            draining: None,
            left: Some(Duration::from_secs(842)),
        }
    }

    #[test]
    fn each_moment_of_a_run_has_its_words() {
        let paused = Some(("rate limit (429)".to_owned(), Duration::from_millis(41_500)));
        let draining = Some("interrupted".to_owned());
        let table = [
            (
                snapshot(),
                "1204/5000 24%  3 failed  268/270 req/min  14m left",
                "1204 of 5000 done (24%), 3 failed, 268 of 270 requests in the last minute, about 14m left",
            ),
            (
                ProgressSnapshot { limit: None, left: None, unclear: 2, ..snapshot() },
                "1204/5000 24%  3 failed  2 unclear  268 req/min",
                "1204 of 5000 done (24%), 3 failed, 2 unclear, 268 requests in the last minute",
            ),
            (
                ProgressSnapshot { pause: paused, ..snapshot() },
                "1204/5000 24%  3 failed  paused 42s: rate limit (429)",
                "1204 of 5000 done (24%), 3 failed, 268 of 270 requests in the last minute, \
                 paused for 42s: rate limit (429), about 14m left",
            ),
            (
                ProgressSnapshot { draining, ..snapshot() },
                "1204/5000 24%  3 failed  stopping: interrupted",
                "1204 of 5000 done (24%), 3 failed, 268 of 270 requests in the last minute, stopping: interrupted",
            ),
        ];
        for (snapshot, beside, lined) in table {
            assert_eq!(beside_bar(&snapshot), beside);
            assert_eq!(line(&snapshot), lined);
        }
    }

    #[test]
    fn durations_are_said_in_two_units_at_most() {
        let table = [
            (0, "0s"),
            (500, "1s"),
            (59_000, "59s"),
            (60_000, "1m"),
            (61_000, "1m01s"),
            (842_000, "14m"),
            (3_600_000, "1h00m"),
            (5_460_000, "1h31m"),
            (90_000_000, "1d01h"),
        ];
        for (milliseconds, text) in table {
            assert_eq!(rough(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn all_is_said_only_when_all_is_done() {
        let table = [(0, 0, 100), (0, 10, 0), (999, 1_000, 99), (1_000, 1_000, 100), (u64::MAX, u64::MAX, 100)];
        for (done, jobs, expected) in table {
            assert_eq!(per_cent(done, jobs), expected, "{done} of {jobs}");
        }
    }
}
