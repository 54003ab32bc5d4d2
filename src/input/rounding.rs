//! Rounded ids: whether a file's user ids went through a spreadsheet that keeps fifteen digits and fills up with zeros.
//!
//! A rounded id is another valid-looking id, so no single one can be judged; only that *all* of them end in zeros where
//! chance would put other digits can, or that all are numbers to which programs that count in floating point round. This judges the file as a whole and repairs nothing. Plan ids are never judged (a
//! file has one or two of them), nor ids beside a key, which holds them exactly, nor ids beside an email address, which
//! the directory compares. But a key is a witness: where the id beside it was rounded, ids in rows without one were, too.

use std::collections::BTreeSet;

use crate::model::{JobKey, UserId};
use crate::tabular::read::{Flaw, Origin, Row};

use super::number::DIGITS_KEPT;
use super::{Field, Sheet, cell, number};

/// Chance makes a random digit zero once in ten times; so many zeros in places where any digit could stand happen less
/// than once in 100,000 times.
const ZEROS_BEYOND_CHANCE: u32 = 6;

/// Below this many bits of chance, ids that floating-point numbers can hold are no accident: once in 100,000 times.
const BITS_BEYOND_CHANCE: u32 = 17;
/// Where ids are mixed, so many rows tell.
const ROWS_LOOKED_AT: usize = 4096;

/// What the ids of a file look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RoundingVerdict {
    /// At least one id has a digit where a spreadsheet would have put a zero, or none is long enough to lose any.
    Exact,
    /// All end in zeros, or all that are numbers, or far too many; which may yet be chance.
    Suspicious(Zeros),
    /// All end in zeros, or all that are numbers, and chance is no explanation.
    Rounded(Zeros),
    /// All are such as a floating-point number can hold.
    FloatRounded(Zeros),
    /// Some end in zeros, and other rows, which have keys, show that the file was rounded.
    ProvenByKey {
        /// Those that end in zeros.
        zeros: Zeros,
        /// A row that shows it.
        witness: u64,
    },
}

/// The rows whose ids look rounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zeros {
    /// Of which ids.
    pub among: Among,
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub first_row: u64,
    /// The id that stands there.
    pub first_id: u64,
}

/// The ids among which rounded ones were looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Those of 16 or more digits: all of them look so.
    All,
    /// Those that a workbook keeps as numbers of 16 digits: all of them look so.
    Numbers,
    /// Those of 16 or more digits in so many rows, of which too many look so.
    Many(u64),
}

/// Ids that look rounded, one after the other.
#[derive(Debug, Default)]
struct Suspects {
    found: Option<Zeros>,
    /// Remembers ids only until there are enough, so a million rows take no memory.
    distinct: BTreeSet<u64>,
    /// What chance would have to bring about for them.
    weight: u32,
}

impl Suspects {
    fn add(&mut self, row: u64, id: u64, weight: u32, enough: u32) {
        let none = Zeros { among: Among::All, rows: 0, first_row: row, first_id: id };
        self.found.get_or_insert(none).rows += 1;
        if self.weight < enough && self.distinct.insert(id) {
            self.weight += weight;
        }
    }

    fn found(&self, among: Among) -> Option<Zeros> {
        self.found.clone().map(|zeros| Zeros { among, ..zeros })
    }
}

/// Judges the user ids of a sheet. One pass, which mostly ends after some thousand rows, unless there are keys to be heard.
pub(super) fn judge(sheet: &Sheet) -> RoundingVerdict {
    // In a review nothing runs but what its signatures know, and they know every digit.
    let Some(column) = sheet.columns().at(Field::UserId).filter(|_| !sheet.is_signed()) else {
        return RoundingVerdict::Exact;
    };
    let (mut zeros, mut numbers, mut floats) = (Suspects::default(), Suspects::default(), Suspects::default());
    let (mut sound, mut has_unfloated, mut long) = (0_u64, false, 0_usize);
    let is_workbook = matches!(sheet.origin(), Origin::Workbook(_));
    let is_heard_out = is_workbook || sheet.columns().at(Field::ResultKey).is_some();
    let rows = sheet.rows().filter(|row| is_judged(sheet, row));
    let ids = rows.filter_map(|row| Some((row.number, cell::id::<UserId>(row.cell(column)).ok()?.get())));
    for (row, id) in ids {
        let Some(beyond) = digits_beyond(id) else { continue };
        long += 1;
        if sheet.origin().flaw(row, column) == Some(Flaw::PerhapsLostDigit) {
            numbers.add(row, id, beyond, ZEROS_BEYOND_CHANCE);
        }
        match number::floating_bits(id) {
            Some(bits) => floats.add(row, id, bits, BITS_BEYOND_CHANCE),
            None => has_unfloated |= number::is_beyond_doubles(id),
        }
        if id % 10_u64.pow(beyond) == 0 {
            zeros.add(row, id, beyond, ZEROS_BEYOND_CHANCE);
        } else {
            sound += 1;
        }
        if sound > 0 && has_unfloated && !is_heard_out && long >= ROWS_LOOKED_AT {
            break;
        }
    }
    if let Some(found) = floats.found(Among::All)
        && sound > 0
        && !has_unfloated
        && floats.weight >= BITS_BEYOND_CHANCE
    {
        return RoundingVerdict::FloatRounded(found);
    }
    let Some(all) = zeros.found(Among::All) else { return RoundingVerdict::Exact };
    match witness(sheet) {
        Some(witness) => RoundingVerdict::ProvenByKey { zeros: all, witness },
        None if sound == 0 => weighed(all, zeros.weight),
        None => match numbers.found(Among::Numbers).filter(|_| !sheet.origin().keeps_sixteen_digits(column)) {
            Some(found) => weighed(found, numbers.weight),
            None if is_beyond_chance(all.rows, all.rows + sound) => {
                RoundingVerdict::Suspicious(Zeros { among: Among::Many(all.rows + sound), ..all })
            }
            None => RoundingVerdict::Exact,
        },
    }
}

fn weighed(zeros: Zeros, weight: u32) -> RoundingVerdict {
    if weight < ZEROS_BEYOND_CHANCE { RoundingVerdict::Suspicious(zeros) } else { RoundingVerdict::Rounded(zeros) }
}

/// Whether chance would make so many of `all` end in zero less than once in 100,000 times (by Chernoff's bound).
#[expect(clippy::cast_precision_loss, reason = "rows are far fewer than 2^53")]
fn is_beyond_chance(zeros: u64, all: u64) -> bool {
    const CHANCE: f64 = 0.1;
    let share = zeros as f64 / all as f64;
    if share <= CHANCE || zeros == all {
        return false;
    }
    let divergence = share * (share / CHANCE).ln() + (1.0 - share) * ((1.0 - share) / (1.0 - CHANCE)).ln();
    all as f64 * divergence > 100_000_f64.ln()
}

/// A row whose key knows that the id beside it has lost its last digits.
fn witness(sheet: &Sheet) -> Option<u64> {
    let (key, id) = (sheet.columns().at(Field::ResultKey)?, sheet.columns().at(Field::UserId)?);
    let has_lost = |row: &Row| {
        let text = cell::bare(row.cell(id));
        let job = cell::bare(row.cell(key)).parse::<JobKey>().ok()?.into_job();
        let is_another = text.parse::<UserId>().ok()? != job.user;
        Some(is_another && number::shows(text, job.user.get()))
    };
    sheet.rows().find(|row| has_lost(row) == Some(true)).map(|row| row.number)
}

fn is_judged(sheet: &Sheet, row: &Row) -> bool {
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
            Err(InputError::FloatedIds(_)) => "floated".into(),
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
    fn ids_that_floating_point_numbers_can_hold_are_refused_when_chance_is_no_explanation() {
        let exact: Vec<u64> = (0..12).map(|at| 40_000_000_000_000_003 + at * 1_234_567_890_123).collect();
        // What JavaScript and jq write, what Python's int(float(id)) does, ids as they are.
        #[expect(clippy::cast_precision_loss, reason = "that is what is looked for")]
        let shortest: Vec<_> = exact.iter().map(|id| (*id as f64).to_string()).collect();
        let nearest: Vec<_> = exact.iter().map(|id| ((id + 4) / 8 * 8).to_string()).collect();
        let plain: Vec<_> = exact.iter().map(u64::to_string).collect();
        let table = [
            ("floated", &shortest[..]),
            ("floated", &nearest),
            ("sound", &nearest[..5]),
            ("sound", &plain),
            ("sound", &[&nearest[..11], &plain[..1]].concat()),
        ];
        for (expected, rows) in table {
            let rows: Vec<_> = rows.iter().map(String::as_str).collect();
            assert_eq!(judged("user_id", &rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn many_zeros_beside_a_few_other_ids_are_worth_a_warning() {
        let zeros: Vec<_> = (0_u64..36).map(|at| (4_856_934_849_340_120 + at * 70).to_string()).collect();
        let mixed = |count: usize, others: &[&'static str]| {
            let zeros = zeros[..count].iter().map(String::as_str);
            zeros.chain(others.iter().copied()).map(str::to_owned).collect::<Vec<_>>()
        };
        let others = &["4856934849340127", "4856934849340135", "4856934849340133"];
        for (expected, rows) in
            [("warned", mixed(36, others)), ("warned", mixed(8, &others[..1])), ("sound", mixed(2, others))]
        {
            let rows: Vec<_> = rows.iter().map(String::as_str).collect();
            assert_eq!(judged("user_id", &rows), expected, "{rows:?}");
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
