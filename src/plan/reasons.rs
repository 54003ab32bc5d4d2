//! Reasons: why rows do not end well, grouped by what is wrong, the most frequent first.
//!
//! Two rows have the same reason where their messages differ only in values: in what stands between backticks, in long
//! numbers, and in the numbers of rows.

use std::collections::HashMap;

use super::guards::Guard;
use super::run_plan::{RunPlan, Step};
use super::wording::listed_first;
use crate::model::{Outcome, Reason, Status};
use crate::tabular::cell_text::on_one_line;

/// Reasons that are said of one status, at the most.
const SHOWN: usize = 5;
/// The rows of a reason that are named.
const NAMED: usize = 5;
/// Longest reason that is shown, in characters.
const LONGEST: usize = 200;
/// The same where there is little room.
const LONGEST_BRIEFLY: usize = 120;
/// Reasons that are told apart, at the most: a file can give each row a reason of its own.
const MOST: usize = 10_000;
/// Digits from which a number is a value of its row rather than a part of the reason.
const LONG_NUMBER: usize = 5;
/// What stands in a reason for the values that differ.
const ANY: &str = "…";

/// Why rows do not end well.
#[derive(Debug, Clone, Default)]
pub struct Reasons {
    groups: HashMap<(Status, String), Group>,
    /// Rows whose reasons are no longer told apart.
    others: HashMap<Status, u64>,
}

#[derive(Debug, Clone)]
struct Group {
    rows: u64,
    first: Vec<u64>,
    /// What is said of every row so far; none where values differ.
    message: Option<String>,
    hint: Option<String>,
}

impl Reasons {
    /// Takes note of a row. A row that ended well needs no reason.
    pub fn add(&mut self, row: u64, status: Status, outcome: &Outcome) {
        if status.is_fine() {
            return;
        }
        let message = without_row(&outcome.message, row);
        let key = (status, pattern(&message));
        if self.groups.len() >= MOST && !self.groups.contains_key(&key) {
            *self.others.entry(status).or_default() += 1;
            return;
        }
        let group = self.groups.entry(key).or_insert_with(|| Group {
            rows: 0,
            first: Vec::new(),
            message: Some(message.clone()),
            hint: outcome.hint.clone(),
        });
        group.rows += 1;
        group.message.take_if(|known| *known != message);
        if group.first.len() < NAMED {
            group.first.push(row);
        }
    }

    /// The reasons of all rows in lines, each with its rows: five at the most, and how many more there are.
    pub fn most_frequent(&self) -> Vec<String> {
        self.lines_of(|_| true, self.others.values().sum(), LONGEST_BRIEFLY)
    }

    /// The reasons of one status in lines, each with its rows: five at the most, and how many more there are.
    pub fn lines(&self, status: Status) -> Vec<String> {
        self.lines_of(|of| of == status, self.others.get(&status).copied().unwrap_or_default(), LONGEST)
    }

    fn lines_of(&self, is_meant: impl Fn(Status) -> bool, others: u64, longest: usize) -> Vec<String> {
        let mut groups: Vec<_> = self.groups.iter().filter(|((of, _), _)| is_meant(*of)).collect();
        groups.sort_unstable_by_key(|(_, group)| (std::cmp::Reverse(group.rows), group.first.first().copied()));
        let more = groups.len().saturating_sub(SHOWN);
        let shown = groups.iter().take(SHOWN).map(|((_, pattern), group)| {
            let reason = group.message.as_ref().unwrap_or(pattern);
            format!("{}: {}", group.named_rows(), on_one_line(reason, longest))
        });
        let mut lines: Vec<_> = shown.collect();
        match (more, others) {
            (0, _) => {}
            (more, 0) => lines.push(format!("and {more} more")),
            (more, rows) => lines.push(format!("and {more} more, and those of {rows} further rows")),
        }
        lines
    }
}

impl Group {
    fn named_rows(&self) -> String {
        let more = usize::try_from(self.rows).unwrap_or(usize::MAX).saturating_sub(self.first.len());
        listed_first("row", &self.first, more)
    }
}

impl RunPlan {
    /// Why rows would not be sent. A row that is certain to fail is `BLOCKED` here, as in a dry run.
    pub fn reasons(&self) -> Reasons {
        let mut reasons = Reasons::default();
        for planned in &self.rows {
            match &planned.step {
                Step::Final(_, outcome) if outcome.status == Status::Failed => {
                    reasons.add(planned.row, Status::Blocked, outcome);
                }
                Step::Final(_, outcome) => reasons.add(planned.row, outcome.status, outcome),
                Step::Blocked(_, refusal) => reasons.add(planned.row, Status::Blocked, &refusal.blocked()),
                Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => {}
            }
        }
        reasons
    }

    /// The reason of every row, where each row is invalid and for the same reason.
    pub(super) fn only_reason(&self) -> Option<Guard> {
        let outcome_of = |step: &'_ Step| match step {
            Step::Final(_, outcome) if outcome.status == Status::Invalid && outcome.reason == Reason::Row => {
                Some((**outcome).clone())
            }
            Step::Final(..)
            | Step::Send(_)
            | Step::UnresolvedUser(..)
            | Step::UnresolvedPlan(_)
            | Step::Blocked(..) => None,
        };
        let mut reasons = Reasons::default();
        for planned in &self.rows {
            let outcome = outcome_of(&planned.step)?;
            reasons.add(planned.row, Status::Invalid, &outcome);
            if reasons.groups.len() > 1 {
                return None;
            }
        }
        let ((_, pattern), group) = reasons.groups.into_iter().next()?;
        let message = on_one_line(group.message.as_ref().unwrap_or(&pattern), LONGEST);
        let hint = group.hint.unwrap_or_else(|| "correct the rows".to_owned());
        Some(Guard { message, hint })
    }
}

/// A message without the row that it is about, which stands beside it.
fn without_row(message: &str, row: u64) -> String {
    message.replace(&format!("row {row}, column"), "column").replace(&format!("row {row}: "), "")
}

/// What messages have in common that differ only in values.
fn pattern(message: &str) -> String {
    let mut pattern = String::with_capacity(message.len());
    for (at, part) in message.split('`').enumerate() {
        let is_value = at % 2 == 1;
        if is_value {
            // A column is a part of what is wrong.
            let value = if pattern.ends_with("column ") { part } else { ANY };
            pattern.push('`');
            pattern.push_str(value);
            pattern.push('`');
        } else {
            without_numbers(part, &mut pattern);
        }
    }
    pattern
}

/// Appends a text in which long numbers, and those of rows, are left out.
fn without_numbers(text: &str, pattern: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, behind) = rest.split_at(start);
        let length = behind.bytes().take_while(u8::is_ascii_digit).count();
        pattern.push_str(before);
        let is_value = length >= LONG_NUMBER || pattern.ends_with("row ") || pattern.ends_with("user ");
        pattern.push_str(if is_value { ANY } else { &behind[..length] });
        rest = &behind[length..];
    }
    pattern.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(rows: &[(u64, Status, &str)]) -> Reasons {
        let mut reasons = Reasons::default();
        for (row, status, message) in rows {
            reasons.add(*row, *status, &Outcome::of_row(*status, *message));
        }
        reasons
    }

    #[test]
    fn rows_that_differ_only_in_values_have_one_reason() {
        use Status::{Failed, Invalid, Success};
        let found = reasons(&[
            (2, Invalid, "row 2, column `user_id`: `4.85E+16` is an id in scientific notation"),
            (3, Invalid, "row 3, column `user_id`: `4.86E+16` is an id in scientific notation"),
            (4, Invalid, "row 4, column `email`: `4.86E+16` is an id in scientific notation"),
            (5, Success, "done"),
            (6, Failed, "user 48569348493401201 is not in the plan [HTTP 404, error 1006]"),
            (7, Failed, "user 48569348493401218 is not in the plan [HTTP 404, error 1006]"),
            (8, Failed, "user 48569348493401218 is not in the plan [HTTP 403, error 1006]"),
            (9, Invalid, "row 9: an upgrade of row 3 contradicts it"),
            (10, Invalid, "row 10: an upgrade of row 4 contradicts it"),
        ]);
        let invalid = [
            "rows 2 and 3: column `user_id`: `…` is an id in scientific notation",
            "rows 9 and 10: an upgrade of row … contradicts it",
            "row 4: column `email`: `4.86E+16` is an id in scientific notation",
        ];
        let failed = [
            "rows 6 and 7: user … is not in the plan [HTTP 404, error 1006]",
            "row 8: user 48569348493401218 is not in the plan [HTTP 403, error 1006]",
        ];
        assert_eq!(
            (found.lines(Invalid), found.lines(Failed)),
            (invalid.map(str::to_owned).into(), failed.map(str::to_owned).into())
        );
        assert_eq!(found.lines(Success), [""; 0]);
    }

    #[test]
    fn five_reasons_are_named_and_the_rest_is_counted() {
        let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        let rows: Vec<_> = (2..).zip(words).map(|(row, word)| (row, Status::Failed, word)).collect();
        let repeated: Vec<_> = (20..30).map(|row| (row, Status::Failed, "nine")).collect();
        let lines = reasons(&[rows, repeated].concat()).lines(Status::Failed);
        let expected = [
            "rows 10, 20, 21, 22, 23 and 6 more: nine",
            "row 2: one",
            "row 3: two",
            "row 4: three",
            "row 5: four",
            "and 4 more",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_reason_is_one_line_that_steers_no_terminal() {
        let lines = reasons(&[(2, Status::Failed, "a\nb\u{1b}[2J\u{9b}1m\u{202e}c")]).lines(Status::Failed);
        assert_eq!(lines, ["row 2: a\\nb\\u{1b}[2J\\u{9b}1m\\u{202e}c"]);
    }
}
