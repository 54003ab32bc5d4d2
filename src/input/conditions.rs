//! Conditions: which seat a row asks its user to hold, and the day before which it does not run.
//!
//! They say when a row runs, and nothing of what it does.

use jiff::civil::{Date, DateTime};

use super::action::read_seat;
use super::cell::{self, Unreadable};
use super::row_parser::RowParser;
use super::{Field, Sheet};
use crate::model::Seat;
use crate::tabular::read::Row;

/// When a row runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The seats of which its user has to hold one; empty where any will do.
    pub if_seat: Vec<Seat>,
    /// The first day on which it runs.
    pub not_before: Option<Date>,
}

impl Conditions {
    /// What a signature holds together with the key of a row. Without conditions it is the key alone.
    pub fn signed_text(&self, key: &str) -> String {
        let seats: Vec<_> = self.if_seat.iter().map(|seat| seat.name()).collect();
        let mut text = key.to_owned();
        if !seats.is_empty() {
            text = format!("{text} if {}", seats.join(","));
        }
        self.not_before.map(|date| format!("{text} not before {date}")).unwrap_or(text)
    }
}

impl Sheet {
    /// When a row runs, as far as its cells say so.
    pub fn conditions(&self, row: &Row) -> Conditions {
        read(&mut RowParser::new(self, row))
    }

    /// Whether a column says before which day rows do not run.
    pub const fn has_days(&self) -> bool {
        self.columns().at(Field::NotBefore).is_some()
    }

    /// Whether a column says which seats users have to hold.
    pub const fn asks_for_seats(&self) -> bool {
        self.columns().at(Field::IfSeat).is_some()
    }
}

/// Reads the conditions of a row, and complains of those that cannot be read.
pub(super) fn read(parser: &mut RowParser<'_>) -> Conditions {
    Conditions {
        if_seat: parser.value(Field::IfSeat, seats).unwrap_or_default(),
        not_before: parser.value(Field::NotBefore, date),
    }
}

fn seats(text: &str) -> Result<Vec<Seat>, Unreadable> {
    text.split([',', ';', '/', '|']).map(cell::trim).filter(|name| !name.is_empty()).map(read_seat).collect()
}

/// Reads a day as ISO 8601 writes it, which is how a date cell of a workbook is read, too.
fn date(text: &str) -> Result<Date, Unreadable> {
    let midnight = || text.parse::<DateTime>().ok().filter(|at| at.time() == jiff::civil::Time::midnight());
    let is_plain = text.len() == "2026-11-30".len();
    let has_time = text.len() >= "2026-11-30T00:00".len();
    let day = if is_plain { text.parse().ok() } else { midnight().filter(|_| has_time).map(DateTime::date) };
    day.ok_or_else(|| Unreadable {
        message: format!("{} is not a date", cell::quote(text)),
        hint: Some("write year, month and day, such as 2026-11-30, or format the cell as a date".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_iso_8601_writes_it_and_in_no_other_way() {
        let day = Some(jiff::civil::date(2026, 11, 30));
        let table = [
            ("2026-11-30", day),
            ("2026-11-30T00:00:00", day),
            ("2026-11-30 00:00:00", day),
            ("2026-11-30T12:00:00", None),
            ("30.11.2026", None),
            ("11/30/2026", None),
            ("20261130", None),
            ("2026-11-31", None),
            ("2026-11", None),
            ("tomorrow", None),
            ("46356", None),
        ];
        for (text, expected) in table {
            assert_eq!(date(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn seats_are_listed_with_the_usual_separators() {
        assert_eq!(seats("member; Guest").unwrap(), [Seat::Member, Seat::Guest]);
        assert_eq!(seats("PROVISIONAL_MEMBER").unwrap(), [Seat::ProvisionalMember]);
        assert!(seats("MEMBER, ADMIN").is_err());
    }
}
