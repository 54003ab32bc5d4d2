//! Rounded ids: whether a file's user ids went through a spreadsheet that keeps fifteen digits and fills up with zeros.
//!
//! A rounded id is another valid-looking id, so no single one can be judged; only that *all* of them end in zeros where
//! chance would put other digits can. This judges the file as a whole and repairs nothing. Plan ids are never judged (a
//! file has one or two of them), nor ids beside a key, which holds them exactly, nor ids beside an email address, which
//! the directory compares. But a key is a witness: where the id beside it was rounded, ids in rows without one were, too.

use std::collections::BTreeSet;

use crate::model::{JobKey, UserId};

use super::number::DIGITS_KEPT;
use super::{Field, Row, Sheet, cell, number};

/// Chance makes a random digit zero once in ten times; so many zeros in places where any digit could stand happen less
/// than once in 100,000 times.
const ZEROS_BEYOND_CHANCE: u32 = 6;

/// What the ids of a file look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// At least one id has a digit where a spreadsheet would have put a zero, or none is long enough to lose any.
    Sound,
    /// All end in zeros, which may yet be chance.
    Doubtful(Zeros),
    /// All end in zeros, and chance is no explanation.
    Rounded(Zeros),
    /// Some end in zeros, and other rows, which have keys, show that the file was rounded.
    Witnessed {
        /// Those that end in zeros.
        zeros: Zeros,
        /// A row that shows it.
        witness: u64,
    },
}

/// The rows in which ids of 16 or more digits end in zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zeros {
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub first_row: u64,
    /// The id that stands there.
    pub first_id: u64,
}

/// Judges the user ids of a sheet. One pass, which ends at the first id that no spreadsheet has rounded, unless there are
/// keys to be heard.
pub(super) fn judge(sheet: &Sheet) -> Judgement {
    // In a review nothing runs but what its signatures know, and they know every digit.
    let Some(column) = sheet.columns().at(Field::UserId).filter(|_| !sheet.is_signed()) else {
        return Judgement::Sound;
    };
    let mut zeros: Option<Zeros> = None;
    // Remembers ids only until there are enough, so a million rows take no memory.
    let (mut distinct, mut count) = (BTreeSet::new(), 0);
    let (has_keys, mut is_sound) = (sheet.columns().at(Field::ResultKey).is_some(), false);
    let rows = sheet.rows().filter(|row| is_judged(sheet, row));
    let ids = rows.filter_map(|row| Some((row.number, cell::id::<UserId>(row.cell(column)).ok()?.get())));
    for (row, id) in ids {
        let Some(beyond) = digits_beyond(id) else { continue };
        if id % 10_u64.pow(beyond) != 0 {
            is_sound = true;
            if has_keys {
                continue;
            }
            return Judgement::Sound;
        }
        zeros.get_or_insert(Zeros { rows: 0, first_row: row, first_id: id }).rows += 1;
        if count < ZEROS_BEYOND_CHANCE && distinct.insert(id) {
            count += beyond;
        }
    }
    let Some(zeros) = zeros else { return Judgement::Sound };
    match witness(sheet) {
        Some(witness) => Judgement::Witnessed { zeros, witness },
        None if is_sound => Judgement::Sound,
        None if count < ZEROS_BEYOND_CHANCE => Judgement::Doubtful(zeros),
        None => Judgement::Rounded(zeros),
    }
}

/// A row whose key knows that the id beside it has lost its last digits.
fn witness(sheet: &Sheet) -> Option<u64> {
    let (key, id) = (sheet.columns().at(Field::ResultKey)?, sheet.columns().at(Field::UserId)?);
    let has_lost = |row: &Row<'_>| {
        let text = cell::bare(row.cell(id));
        let job = cell::bare(row.cell(key)).parse::<JobKey>().ok()?.into_job();
        let is_another = text.parse::<UserId>().ok()? != job.user;
        Some(is_another && number::shows(text, job.user.get()))
    };
    sheet.rows().find(|row| has_lost(row) == Some(true)).map(|row| row.number)
}

fn is_judged(sheet: &Sheet, row: &Row<'_>) -> bool {
    let is_silent = |field| sheet.columns().at(field).is_none_or(|index| cell::is_blank(row.cell(index)));
    row.fault().is_none() && sheet.is_whole(row) && is_silent(Field::ResultKey) && is_silent(Field::Email)
}

/// How many digits an id has that a spreadsheet would not keep, where it has any.
fn digits_beyond(id: u64) -> Option<u32> {
    (id.ilog10() + 1).checked_sub(DIGITS_KEPT).filter(|beyond| *beyond > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{IdTrust, InputError, Options, Warning};
    use crate::model::{Action, ActionName, Job};

    fn read(header: &str, rows: &[&str], ids: IdTrust) -> Result<Sheet, InputError> {
        let options = Options { action: Some(ActionName::Plans), ids, ..Options::default() };
        Sheet::read(format!("{header}\n{}\n", rows.join("\n")).into(), &options)
    }

    fn judged(header: &str, rows: &[&str]) -> String {
        match read(header, rows, IdTrust::Judged) {
            Err(InputError::RoundedIds(_)) => "refused".into(),
            Err(InputError::RoundedBesideKeys { witness, .. }) => format!("witnessed by {witness}"),
            Err(error) => panic!("{error}"),
            Ok(sheet) if sheet.warnings().iter().any(|warning| matches!(warning, Warning::RoundedIds(_))) => {
                "warned".into()
            }
            Ok(_) => "sound".into(),
        }
    }

    #[test]
    fn ids_are_refused_when_chance_would_make_so_many_zeros_less_than_once_in_100_000() {
        let table: [(&str, &[&str]); 9] = [
            ("refused", &["48569348493401200", "48569348493401300", "48569348493401500"]),
            ("warned", &["48569348493401200", "48569348493401300"]),
            ("warned", &["48569348493401200", "48569348493401200", "48569348493401200", "48569348493401200"]),
            ("sound", &["48569348493401200", "48569348493401300", "48569348493401500", "48569348493401501"]),
            ("sound", &["123456789012345", "7", "100"]),
            (
                "refused",
                &[
                    "1000000000000010",
                    "1000000000000020",
                    "1000000000000030",
                    "1000000000000040",
                    "1000000000000050",
                    "1000000000000060",
                ],
            ),
            (
                "warned",
                &["1000000000000010", "1000000000000020", "1000000000000030", "1000000000000040", "1000000000000050"],
            ),
            ("refused", &["'48569348493401200", " 48569348493401300", "48569348493401500", "4.8E+16", "x"]),
            ("sound", &["4.8E+16", "x"]),
        ];
        for (expected, rows) in table {
            assert_eq!(judged("user_id", rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn only_user_ids_that_nothing_else_can_check_are_judged() {
        let plans = &["48569348493401267,48569348493401200", "48569348493401283,48569348493401300"];
        assert_eq!(judged("user_id,plan_id", plans), "sound");
        let rows = &["48569348493401200,a@b.example", "48569348493401300,b@b.example", "48569348493401500,c@b.example"];
        assert_eq!(judged("user_id,email", rows), "sound", "the directory compares");
        let rows = &["48569348493401200,x", "48569348493401300,x", "48569348493401500,x"];
        assert_eq!(judged("user_id,result_key", rows), "sound", "a key, broken or not, decides alone");
        let rows = &["48569348493401200,", "48569348493401300,", "48569348493401500,", "1,x"];
        assert_eq!(judged("user_id,result_key", rows), "refused");
    }

    #[test]
    fn keys_bear_witness_to_what_became_of_ids_without_one() {
        let key = |user: u64| Job { user: UserId::new(user).unwrap(), action: Action::Plans }.key().to_string();
        let (one, two) = (key(48_569_348_493_401_267), key(48_569_348_493_401_300));
        let rounded = format!("48569348493401200,{one}");
        let exact = format!("48569348493401267,{one}");
        let by_chance = format!("48569348493401300,{two}");
        for (expected, rows) in [
            ("witnessed by 2", [&rounded, "48569348493401200,"]),
            ("witnessed by 3", ["48569348493401200,", &rounded]),
            ("sound", [&rounded, "48569348493401267,"]),
            ("sound", [&rounded, "4711,"]),
            ("warned", [&exact, "48569348493401200,"]),
            ("warned", [&by_chance, "48569348493401200,"]),
        ] {
            assert_eq!(judged("user_id,result_key", &rows), expected, "{rows:?}");
        }
        let rows = [&rounded, "48569348493401200,", "48569348493401267,"];
        assert_eq!(judged("user_id,result_key", &rows), "witnessed by 2", "an id may have been mended since");
        assert!(read("user_id,result_key", &rows, IdTrust::Exact).is_ok());
    }

    #[test]
    fn a_user_who_knows_better_may_insist() {
        let rows = &["48569348493401200", "48569348493401300", "48569348493401500"];
        let sheet = read("user_id", rows, IdTrust::Exact).unwrap();
        assert_eq!((sheet.rows().count(), sheet.warnings().len()), (3, 0));
        let error = read("user_id", rows, IdTrust::Judged).unwrap_err();
        assert!(error.to_string().contains("`48569348493401200` in row 2"), "{error}");
        assert!(error.hint().contains("--ids-are-exact"), "{}", error.hint());
    }
}
