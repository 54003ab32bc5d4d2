//! Wording that the sentences of a plan share: counts, lists of rows, spans of time.

use std::fmt::Write as _;

use jiff::Timestamp;

/// The most rows or users that a sentence names.
const NAMED: usize = 5;

/// A number of things, such as `1 user` and `3 users`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The first few of many numbers, such as `rows 2, 3 and 4`.
pub(super) fn listed(what: &str, numbers: &[u64]) -> String {
    let named = numbers.len().min(NAMED);
    listed_first(what, &numbers[..named], numbers.len() - named)
}

/// The first numbers, and how many more there are.
pub(super) fn listed_first(what: &str, numbers: &[u64], more: usize) -> String {
    let mut text = format!("{what}{} ", if numbers.len() + more == 1 { "" } else { "s" });
    for (at, number) in numbers.iter().enumerate() {
        let separator = match at {
            0 => "",
            at if at + 1 == numbers.len() && more == 0 => " and ",
            _ => ", ",
        };
        let _ = write!(text, "{separator}{number}");
    }
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// How long ago something was, and on which day.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_a_few_and_counts_the_rest() {
        let table =
            [(1, "row 2"), (2, "rows 2 and 3"), (5, "rows 2, 3, 4, 5 and 6"), (7, "rows 2, 3, 4, 5, 6 and 2 more")];
        for (count, expected) in table {
            assert_eq!(listed("row", &(2..).take(count).collect::<Vec<_>>()), expected);
        }
        assert_eq!((counted(1, "user"), counted(2, "user")), ("1 user".to_owned(), "2 users".to_owned()));
    }
}
