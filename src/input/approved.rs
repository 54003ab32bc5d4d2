//! Approval: what a cell of the column `approved` says.
//!
//! It is read as it was typed. Nothing is folded away inside it but case, because a sign that somebody else put beside a
//! word, seen or unseen, is not the approval of whoever looked at the sheet.

use super::cell::{Unreadable, quote};
use crate::model::is_invisible;

const YES: [&str; 12] = ["yes", "y", "x", "1", "true", "ok", "✓", "ja", "oui", "si", "sì", "sim"];
const NO: [&str; 7] = ["no", "n", "0", "false", "nein", "non", "não"];

/// Reads a cell that is not blank.
///
/// # Errors
/// It is neither yes nor no.
pub(super) fn read(text: &str) -> Result<bool, Unreadable> {
    if text.contains(is_invisible) {
        return Err(Unreadable {
            message: format!("{} holds a character that nobody sees, so it is not taken for a yes", quote(text)),
            hint: Some("type yes or no into the cell again".to_owned()),
        });
    }
    let word = text.trim().to_lowercase();
    match word.as_str() {
        word if YES.contains(&word) => Ok(true),
        word if NO.contains(&word) => Ok(false),
        _ => Err(Unreadable {
            message: format!("{} is neither yes nor no", quote(text)),
            hint: Some("write yes or no".to_owned()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_approved_by_a_plain_yes_in_some_languages_and_by_nothing_else() {
        let table = [
            (
                Some(true),
                &["yes", "YES", " Yes ", "y", "x", "X", "1", "TRUE", "ok", "✓", "Ja", "OUI", "si", "sì", "sim"][..],
            ),
            (Some(false), &["no", "N", "0", "False", "nein", "non", "não"]),
            (
                None,
                &[
                    "-1",
                    "_1",
                    "- 1",
                    "y\u{200b}",
                    "\u{feff}yes",
                    "y\u{ad}es",
                    "\u{202e}sey",
                    "y e s",
                    "y-e-s",
                    "yes!",
                    "yes?",
                    "yes, please",
                    "Ja, bitte",
                    "2",
                    "11",
                    "1.0",
                    "perhaps",
                    "yes no",
                    "ye",
                    "у",
                    "ｙｅｓ",
                ],
            ),
        ];
        for (expected, texts) in table {
            for text in texts {
                assert_eq!(read(text).ok(), expected, "{text:?}");
            }
        }
    }
}
