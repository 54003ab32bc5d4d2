//! Formulas: cells that a spreadsheet would execute, and the apostrophe that keeps it from doing so.
//!
//! A report is opened in a spreadsheet, and its cells hold what anybody may have written. Both halves stand here, because
//! each must undo the other: [`guarded`] is what a report writes, [`unguarded`] what is read from one. An apostrophe is
//! added in front of what begins like a formula, and one more where there are apostrophes already, so that every cell
//! comes back as it was. It comes off in reports alone: in any other file an apostrophe is what its author wrote.

use std::borrow::Cow;

use super::cell_text::is_space;

/// The text as a report's CSV holds it: with an apostrophe in front where a spreadsheet would take it for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if needs_guard(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Whether [`guarded`] puts an apostrophe in front.
pub fn needs_guard(text: &str) -> bool {
    is_formula(text.trim_start_matches('\''))
}

/// What a cell of a report's CSV was before it was [`guarded`].
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| needs_guard(rest)).unwrap_or(text)
}

/// Whether a spreadsheet might execute it: spreadsheets pass over space in front, and full-width signs are the plain ones
/// to some of them. A plain number is no formula.
fn is_formula(text: &str) -> bool {
    // Most cells are settled by their first byte, and there are millions.
    let Some(first) = text.bytes().next().filter(|byte| !byte.is_ascii_alphanumeric()) else { return false };
    if matches!(first, b'\t' | b'\r' | b'\n') {
        return true;
    }
    let bare = text.trim_start_matches(is_space);
    bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !is_number(bare)
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
            ("\t=1", "'\t=1"),
            ("\rx", "'\rx"),
            ("\n=1", "'\n=1"),
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
            ("jane@acme.example", "jane@acme.example"),
            ("Ünal", "Ünal"),
        ];
        for (text, expected) in table {
            assert_eq!(guarded(text), expected, "{text:?}");
            assert_eq!(unguarded(expected), text, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_guard_comes_off_as_it_went_on(text in "['=+@＝ \t\r\n5.,a-]{0,8}|\\PC{0,8}") {
            let written = guarded(&text);
            prop_assert_eq!(unguarded(&written), &text);
            prop_assert!(!is_formula(&written), "{:?}", written);
        }
    }
}
