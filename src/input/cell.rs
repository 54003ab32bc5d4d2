//! Cells: what the text of a single cell says, and how it is quoted back to its author.
//!
//! Nothing here knows of columns or rows. A value that is not clearly what it should be is an error that says why; none
//! is ever repaired, because a repaired id is somebody else's.

use crate::model::{Email, IdError, normalize_name};
pub(super) use crate::tabular::cell_text::{is_blank, is_space, quote, trim};
use crate::tabular::read::Flaw;

use super::number::Shape;

/// A value that could not be read: why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// The value behind the ways in which people keep a spreadsheet from touching it: `'123`, `"123"`, `="123"`.
pub(super) fn bare(text: &str) -> &str {
    let text = trim(text);
    let text = text.strip_prefix('=').filter(|rest| rest.starts_with('"')).unwrap_or(text);
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let text = trim(text);
    trim(text.strip_prefix(['\'', '’']).unwrap_or(text))
}

/// Reads an id, or says in which way it was damaged. `Id` is a user's or a plan's.
pub(super) fn id<Id: std::str::FromStr<Err = IdError>>(text: &str) -> Result<Id, Unreadable> {
    let bare = bare(text);
    bare.parse().map_err(|error: IdError| {
        let shown = quote(text);
        let Some((reason, hint)) = damage(bare) else {
            return Unreadable { message: with_value(&error, &shown), hint: None };
        };
        Unreadable { message: format!("{shown} {reason}"), hint: Some(hint.to_owned()) }
    })
}

/// What a workbook could not hold of a cell, and the way back.
pub(super) fn flawed(text: &str, flaw: Flaw) -> Unreadable {
    let shown = quote(text);
    let (message, hint) = match flaw {
        Flaw::LostDigits => (
            format!("{shown} is kept as a number, and a workbook keeps 15 digits of one: its last ones are lost"),
            "format the column as text before the ids are pasted in; or take the ids from the column `result_key` of a \
             report, or name users by email",
        ),
        Flaw::PerhapsLostDigit => (
            format!("{shown} is kept as a number, and a workbook keeps 15 digits of one: its last one may be lost"),
            "format the column as text and write the id anew, or empty it and say --plan-id; if it truly is so, say \
             --ids-are-exact",
        ),
        Flaw::Unshown => (
            "is a formula that shows nothing, or was never calculated: the workbook does not tell which".to_owned(),
            "replace it by its value, or empty the cell; or save the sheet as .xlsx from a spreadsheet program",
        ),
        Flaw::Uncalculated => (
            "is a formula that was never calculated".to_owned(),
            "open the workbook in a spreadsheet program and save it, or replace the formula by its value",
        ),
    };
    Unreadable { message, hint: Some(hint.to_owned()) }
}

/// Refuses what a spreadsheet shows where a formula has no value, because as a name it would be taken for one.
pub(super) fn refuse_error(text: &str) -> Result<(), Unreadable> {
    if !is_error(text) {
        return Ok(());
    }
    Err(Unreadable {
        message: format!("{} is the error of a formula", quote(text)),
        hint: Some("mend the formula, or replace it by its value".to_owned()),
    })
}

/// Every language has its own: `#N/A`, `#NV`, `#BEZUG!`, `#¿NOMBRE?`, `Err:502`; and lookups are often made to say `N/A`.
fn is_error(text: &str) -> bool {
    const LONGEST: usize = 16;
    let Some(name) = text.strip_prefix('#') else {
        let number = text.strip_prefix("Err:").unwrap_or_default();
        let is_numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        return is_numbered || text.eq_ignore_ascii_case("n/a");
    };
    let is_part = |letter: char| letter.is_alphabetic() || matches!(letter, '/' | '_' | '!' | '?' | '¿' | '¡' | '0');
    name.chars().next().is_some_and(|first| first != '0') && name.len() <= LONGEST && name.chars().all(is_part)
}

fn with_value(error: &IdError, shown: &str) -> String {
    match error {
        IdError::Empty => "is empty".to_owned(),
        IdError::NotDigits(_) => format!("{shown} is not a number of 1 to 19 digits"),
        IdError::TooLong(_) => format!("{shown} has more than 19 digits"),
        IdError::Zero(_) => format!("{shown} is zero, which is nobody's id"),
    }
}

/// What a spreadsheet did to an id, as far as its look tells, and the way back.
fn damage(bare: &str) -> Option<(&'static str, &'static str)> {
    const EXPORT_AGAIN: &str = "its last digits are lost: export it again and have the column formatted as text before \
                                a spreadsheet opens the file";
    const AS_TEXT: &str = "format the column as text and export it again";
    if bare.contains('@') {
        return Some((
            "is an email address, not an id",
            "put it into a column `email`, or say --map email=COLUMN with the name of this column",
        ));
    }
    match Shape::of(bare)? {
        Shape::Whole => None,
        Shape::Scientific => Some(("is an id in scientific notation", EXPORT_AGAIN)),
        Shape::Decimal => Some(("is an id with a decimal point", AS_TEXT)),
        Shape::Grouped => Some(("is an id with thousands separators", AS_TEXT)),
    }
}

/// Reads an email address. What an address book puts around one (`Jane <jane@acme.example>`), or another dialect's quotes,
/// is not taken off.
pub(super) fn email(text: &str) -> Result<Email, Unreadable> {
    let is_plain = !text.contains(['<', '>', '(', ')', '[', ']', ';', ':', '"', '\\']) && !text.ends_with('\'');
    let is_plain = is_plain && !text.contains(is_space);
    Email::new(text).filter(|_| is_plain).ok_or_else(|| Unreadable {
        message: format!("{} is not an email address", quote(text)),
        hint: Some("write one address, such as jane@acme.example".to_owned()),
    })
}

/// Refuses a text around which another dialect's quotes or escapes were left: read as it is, it would become a name.
pub(super) fn refuse_foreign_quotes(text: &str) -> Result<(), Unreadable> {
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let (message, hint) = if inner.is_some() {
        ("stands in single quotes", "write the file with double quotes around cells, as spreadsheets do, or with none")
    } else if text.contains("\\\"") || text.ends_with('\\') {
        ("is escaped with backslashes", "write the file with quotes doubled in place of escaped, as spreadsheets do")
    } else {
        return Ok(());
    };
    Err(Unreadable { message: format!("{} {message}", quote(text)), hint: Some(hint.to_owned()) })
}

/// Reads true/false, yes/no, y/n, 1/0.
pub(super) fn flag(text: &str) -> Result<bool, Unreadable> {
    // The short spellings are most of what there is, and folding costs an allocation.
    match text {
        "true" | "TRUE" | "yes" | "Yes" | "1" => return Ok(true),
        "false" | "FALSE" | "no" | "No" | "0" => return Ok(false),
        _ => {}
    }
    match normalize_name(text).as_str() {
        // A minus belongs to its number, and `-1` is what some programs write for true and others for unknown.
        "true" | "yes" | "y" | "1" if !text.starts_with('-') => Ok(true),
        "false" | "no" | "n" | "0" if !text.starts_with('-') => Ok(false),
        _ => Err(Unreadable {
            message: format!("{} is neither yes nor no", quote(text)),
            hint: Some("write true or false (yes/no, y/n and 1/0 are understood too)".to_owned()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::UserId;

    #[test]
    fn ids_are_read_through_whatever_keeps_a_spreadsheet_from_touching_them() {
        for text in [
            "48569348493401201",
            " 48569348493401201\u{a0}",
            "\u{feff}48569348493401201\u{200b}",
            "'48569348493401201",
            "\"48569348493401201\"",
            "=\"48569348493401201\"",
            " \"'48569348493401201 \" ",
        ] {
            assert_eq!(id::<UserId>(text).map(UserId::get), Ok(48_569_348_493_401_201), "{text:?}");
        }
    }

    #[test]
    fn every_damage_to_an_id_has_a_message_of_its_own() {
        let table = [
            ("4.85E+16", "`4.85E+16` is an id in scientific notation"),
            ("4,85693e16", "`4,85693e16` is an id in scientific notation"),
            ("123.0", "`123.0` is an id with a decimal point"),
            ("48569348493401201,00", "`48569348493401201,00` is an id with a decimal point"),
            ("48,569,348,493,401,201", "`48,569,348,493,401,201` is an id with thousands separators"),
            ("48.569.348.493.401.201", "`48.569.348.493.401.201` is an id with thousands separators"),
            ("48 569 348", "`48 569 348` is an id with thousands separators"),
            ("48\u{202f}569\u{a0}348", "`48\u{202f}569\u{a0}348` is an id with thousands separators"),
            ("jane@acme.example", "`jane@acme.example` is an email address, not an id"),
            ("12345678901234567890", "`12345678901234567890` has more than 19 digits"),
            ("0", "`0` is zero, which is nobody's id"),
            ("-5", "`-5` is not a number of 1 to 19 digits"),
            ("Jane", "`Jane` is not a number of 1 to 19 digits"),
            ("12 34", "`12 34` is not a number of 1 to 19 digits"),
            ("", "is empty"),
        ];
        for (text, expected) in table {
            assert_eq!(id::<UserId>(text).unwrap_err().message, expected, "{text:?}");
        }
    }

    #[test]
    fn flags_are_read_as_people_write_them() {
        let table = [
            ("TRUE", Some(true)),
            ("Y", Some(true)),
            ("yes", Some(true)),
            ("1", Some(true)),
            ("False", Some(false)),
            ("n", Some(false)),
            ("NO", Some(false)),
            ("0", Some(false)),
            ("ja", None),
            ("x", None),
            ("2", None),
            ("-1", None),
            ("-0", None),
        ];
        for (text, expected) in table {
            assert_eq!(flag(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_another_dialect_left_around_a_text_is_no_name() {
        let table = [
            ("'O''Hara'", Some("`'O''Hara'` stands in single quotes")),
            ("''", Some("`''` stands in single quotes")),
            ("Jim \\\"JJ\\\"", Some("`Jim \\\"JJ\\\"` is escaped with backslashes")),
            ("two lines\\", Some("`two lines\\` is escaped with backslashes")),
            ("O'Hara", None),
            ("'t Hooft", None),
            ("Jim \"JJ\"", None),
            ("'", None),
            ("a\\b", None),
        ];
        for (text, expected) in table {
            let refused = refuse_foreign_quotes(text).err().map(|refusal| refusal.message);
            assert_eq!(refused.as_deref(), expected, "{text:?}");
        }
        assert!(email("'o''hara@acme.example'").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(cell in "\\PC{0,30}") {
            let _ = id::<UserId>(&cell);
            let _ = flag(&cell);
            prop_assert!(!quote(&cell).contains('\n'));
        }

        #[test]
        fn every_id_is_read_to_its_last_digit(number in 1..=9_999_999_999_999_999_999_u64) {
            prop_assert_eq!(id::<UserId>(&format!("'{number} ")).map(UserId::get), Ok(number));
        }
    }
}
