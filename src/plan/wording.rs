//! Wording that the sentences of a plan share.

use std::fmt::Write as _;

use jiff::Timestamp;

/// Rows or users that a sentence names, at the most.
const NAMED: usize = 5;

/// The first few of many numbers.
pub(super) fn named(what: &str, numbers: &[u64]) -> String {
    let plural = if numbers.len() == 1 { "" } else { "s" };
    let mut text = format!("{what}{plural} ");
    for (at, number) in numbers.iter().take(NAMED).enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        let _ = write!(text, "{separator}{number}");
    }
    if let Some(more) = numbers.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// How long ago something was, as people say it, and the day.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let day = at.strftime("%Y-%m-%d");
    let hours = now.duration_since(at).as_hours();
    let words = match hours {
        ..1 => "within the last hour".to_owned(),
        1 => "an hour ago".to_owned(),
        2..24 => format!("{hours} hours ago"),
        24..48 => "yesterday".to_owned(),
        48..336 => format!("{} days ago", hours / 24),
        _ => format!("{} weeks ago", hours / (7 * 24)),
    };
    format!("{words}, on {day}")
}

/// The ending of a noun of which there are so many.
pub(super) const fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
