//! Formula escape: text that a spreadsheet would execute, and the apostrophe that keeps it from doing so.
//!
//! A report is opened in a spreadsheet, and its cells hold what anybody may have written. A spreadsheet that takes another
//! delimiter than the file has splits a cell in two, and heeds no quotes that begin in the middle of what it takes for a
//! cell; so an apostrophe is added wherever what follows would begin a cell and look like a formula. Both halves stand
//! here, because each must undo the other: [`escape`] is what a report writes, [`unescape`] what is read from one. Where
//! there are apostrophes already, one more is added, so that every cell comes back as it was. They come off in reports
//! alone: in any other file an apostrophe is what its author wrote.

use std::borrow::Cow;

use super::cell_text::is_space;

/// The text as a report's CSV holds it: with an apostrophe wherever a spreadsheet would begin a formula.
pub fn escape(text: &str) -> Cow<'_, str> {
    rewritten(text, begins_formula, |piece| ("'", piece))
}

/// What a cell of a report's CSV was before [`escape`].
pub fn unescape(text: &str) -> Cow<'_, str> {
    let is_escaped = |at, piece: &str| piece.strip_prefix('\'').is_some_and(|rest| begins_formula(at, rest));
    rewritten(text, is_escaped, |piece| ("", &piece[1..]))
}

/// The text with each piece replaced that has to be: by what goes in front, and what follows.
fn rewritten(
    text: &str,
    is_concerned: impl Fn(usize, &str) -> bool,
    replaced: impl Fn(&str) -> (&'static str, &str),
) -> Cow<'_, str> {
    // Most cells are a single piece that concerns nobody, and there are millions.
    if !is_splittable(text) && !is_concerned(0, text) {
        return Cow::Borrowed(text);
    }
    let mut rewritten = String::new();
    let mut taken = 0;
    for (start, piece) in pieces(text) {
        if is_concerned(start, piece) {
            let (front, rest) = replaced(piece);
            rewritten.push_str(&text[taken..start]);
            rewritten.push_str(front);
            taken = start + piece.len() - rest.len();
        }
    }
    if rewritten.is_empty() && taken == 0 {
        return Cow::Borrowed(text);
    }
    rewritten.push_str(&text[taken..]);
    Cow::Owned(rewritten)
}

/// Where a spreadsheet may begin a cell, and the longest text that it may take for that cell: the whole, and what stands
/// between a separator and the next one of the same kind.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let separators = text.bytes().enumerate().filter(|(_, byte)| separates(*byte));
    // A line end of two bytes is one.
    let separators = separators.filter(|(at, _)| !text[*at..].starts_with("\r\n"));
    let behind = separators.map(|(at, separator)| {
        let rest = &text[at + 1..];
        (at + 1, &rest[..memchr::memchr(separator, rest.as_bytes()).unwrap_or(rest.len())])
    });
    std::iter::once((0, text)).chain(behind)
}

/// Whether a spreadsheet that takes another delimiter, or no quotes, makes more than one cell of it.
pub(super) fn is_splittable(text: &str) -> bool {
    // Looked at to the end rather than to the first, so that many bytes are seen in one step.
    text.bytes().fold(false, |found, byte| found | separates(byte))
}

/// Whether spreadsheets split cells at it in some kind of file, or rows.
const fn separates(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b'\t' | b'|' | b'\r' | b'\n')
}

/// Whether a spreadsheet might execute a piece that stands at a byte of its cell. What is first in a cell and belongs into
/// none is passed over by some, and executed behind.
fn begins_formula(at: usize, piece: &str) -> bool {
    // Most cells are settled by their first byte.
    if piece.bytes().next().is_none_or(|first| first.is_ascii_alphanumeric()) {
        return false;
    }
    (is_formula(piece) && !(at > 0 && is_list_item(piece)))
        || (at == 0 && piece.trim_start_matches('\'').starts_with(['\t', '\r', '\n']))
}

/// Whether it begins like a formula: spreadsheets pass over space and quotes in front, and full-width signs are the plain
/// ones to some of them. A plain number is no formula. Apostrophes in front are not counted.
fn is_formula(text: &str) -> bool {
    let bare = text.trim_start_matches(|letter| is_space(letter) || matches!(letter, '\'' | '"'));
    bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !is_number(bare)
}

/// Whether a line within a cell is an item of a list, such as `- call back on Monday`: a dash, a space and words. A spreadsheet
/// that takes it for a formula can execute nothing of it, because functions, other programs and other sheets all need a sign
/// that no such item has. Apostrophes in front are not counted.
fn is_list_item(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '?');
    text.trim_start_matches('\'').strip_prefix("- ").is_some_and(|words| words.chars().all(is_plain))
}

/// A sign and digits, perhaps with a decimal point or comma among them.
fn is_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix(['+', '-']) else { return false };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once(['.', ',']) {
        Some((whole, fraction)) => are_digits(whole) && are_digits(fraction),
        None => are_digits(digits),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_execute_has_an_apostrophe_and_nothing_else_has() {
        let table = [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\rx", "'\rx"),
            ("\n=1", "'\n'=1"),
            (" =1", "' =1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("-", "'-"),
            ("--5", "'--5"),
            ("+49 170 1", "'+49 170 1"),
            ("-1e5", "'-1e5"),
            ("-5.", "'-5."),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("-5", "-5"),
            ("+3.25", "+3.25"),
            ("-3,25", "-3,25"),
            ("'-5", "'-5"),
            ("'", "'"),
            ("'Jane", "'Jane"),
            ("", ""),
            (" ", " "),
            ("a=1", "a=1"),
            ("a;=1", "a;'=1"),
            ("a,-1;b\t@x|+y", "a,'-1;b\t'@x|'+y"),
            ("x; \"=1\"", "x;' \"=1\""),
            ("two\n- lines", "two\n- lines"),
            ("to do:\n- call Zoë.\n- done?\n", "to do:\n- call Zoë.\n- done?\n"),
            ("two\n'- lines", "two\n'- lines"),
            ("- first\n- second", "'- first\n- second"),
            ("a\n- cmd|' /C calc'!A0", "a\n'- cmd|' /C calc'!A0"),
            ("a\n- SUM(A1)", "a\n'- SUM(A1)"),
            ("a\n- =1", "a\n'- =1"),
            ("a\n-1 a", "a\n'-1 a"),
            ("a\n - b", "a\n' - b"),
            ("a\n- b!c", "a\n'- b!c"),
            ("one, -2, 3", "one, -2, 3"),
            ("a|'-5", "a|'-5"),
            ("jane@acme.example", "jane@acme.example"),
            ("Ünal", "Ünal"),
        ];
        for (text, expected) in table {
            assert_eq!(escape(text), expected, "{text:?}");
            assert_eq!(unescape(expected), text, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_escape_comes_off_as_it_went_on(text in "['=+@＝ \t\r\n5.,;|\"a-]{0,10}|\\PC{0,8}") {
            let written = escape(&text);
            let back = unescape(&written).into_owned();
            prop_assert_eq!(&back, &text);
        }

        #[test]
        fn nothing_that_a_spreadsheet_may_split_off_is_a_formula(
            text in "['=+@＝ \t\r\n5.,;|\"a-]{0,10}",
            separators in proptest::sample::subsequence(vec![',', ';', '\t', '|', '\r', '\n'], 0..=6),
        ) {
            let written = escape(&text);
            prop_assert!(!written.starts_with(['\t', '\r', '\n']), "{:?}", written);
            for part in written.split(|letter| separators.contains(&letter)) {
                let seen = part.trim_start_matches(|letter| is_space(letter) || letter == '"');
                let begins = seen.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
                prop_assert!(!begins || is_number(seen) || is_list_item(part), "{:?} of {:?}", part, written);
            }
        }
    }
}
