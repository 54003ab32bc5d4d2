//! Own files: reports and reviews are read again without being told how they are written.
//!
//! The settings about inputs say nothing of a file that seatrun wrote itself: its header is its first row, and it shows its
//! delimiter. Its encoding is the one thing that a text does not show. The ledger remembers it for the run or the review
//! that rows of the file name, whatever the file is called by now.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::app::context::Context;
use crate::ledger::Ledger;

/// The bytes in which the header of a report is looked for.
const HEAD: usize = 1 << 16;
/// Runs and reviews that are looked up, at the most.
const MOST_NAMES: usize = 20;
/// The parts of a name of a run or review: a day, a time and letters.
const NAME: [usize; 3] = [8, 6, 4];

/// Whether seatrun wrote a text: its header has the columns of a report.
pub(crate) fn is_own(bytes: &[u8]) -> bool {
    let head = without_nul(&bytes[..bytes.len().min(HEAD)]);
    ["result_row", "result_status"].iter().all(|column| memmem::find(&head, column.as_bytes()).is_some())
}

/// The encoding in which seatrun wrote a text, where its bytes do not tell and the ledger remembers.
pub(crate) fn remembered_encoding(context: &Context, bytes: &[u8]) -> Option<String> {
    let has_mark = encoding_rs::Encoding::for_bom(bytes).is_some();
    let is_utf8 = !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
    if has_mark || is_utf8 {
        return None;
    }
    let names = names(&without_nul(bytes));
    let ledgers = [Ledger::open(&context.state_folder()).ok(), context.written_files()];
    ledgers.iter().flatten().find_map(|ledger| names.iter().find_map(|name| encoding_of(ledger, name)))
}

fn encoding_of(ledger: &Ledger, name: &str) -> Option<String> {
    let views = ledger.views();
    let of_run = || views.run(name).ok().map(|record| record.run.settings.dialect.encoding.name().to_owned());
    views.review(name).ok().flatten().and_then(|record| record.review.encoding).or_else(of_run)
}

/// What a text in UTF-16 or in a kin of ASCII has in common.
fn without_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != 0).collect()
}

/// The names of runs and reviews in a text.
pub(crate) fn names(text: &[u8]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for at in memchr::memchr_iter(b'-', text) {
        if names.len() == MOST_NAMES {
            break;
        }
        names.extend(name_around(text, at));
    }
    names
}

/// The name whose first hyphen stands at `at`.
fn name_around(text: &[u8], at: usize) -> Option<String> {
    let [day, time, letters] = NAME;
    let name = text.get(at.checked_sub(day)?..at + 1 + time + 1 + letters)?;
    let mut parts = name.split(|byte| *byte == b'-');
    let is_part = |part: Option<&[u8]>, length: usize, is_of: fn(&u8) -> bool| {
        part.is_some_and(|part| part.len() == length && part.iter().all(is_of))
    };
    let is_name = is_part(parts.next(), day, u8::is_ascii_digit)
        && is_part(parts.next(), time, u8::is_ascii_digit)
        && is_part(parts.next(), letters, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    String::from_utf8(name.to_owned()).ok().filter(|_| is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_and_reviews_are_found_wherever_they_stand() {
        let table = [
            ("", &[][..]),
            ("a,20261128-121343-ab2d,b", &["20261128-121343-ab2d"]),
            ("s1.20261128-121343-ab2d.00ff;20261128-121344-ab2e", &["20261128-121343-ab2d", "20261128-121344-ab2e"]),
            (
                "2026-11-28 12:13, 0261128-121343-ab2d, 20261128-12134x-ab2d, 20261128-121343-AB2D, 20261128-121343-ab",
                &[],
            ),
        ];
        for (text, expected) in table {
            assert_eq!(names(text.as_bytes()).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
