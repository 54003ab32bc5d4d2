//! Cell text: which part of a cell's text is there to see, and how it is quoted in a message.

use crate::model::is_invisible;

/// Longest quotation of a cell in a message, in characters.
pub(crate) const LONGEST_QUOTATION: usize = 60;

/// White space, and the marks without width that spreadsheets and web pages leave around a value.
pub(crate) fn is_space(letter: char) -> bool {
    letter.is_whitespace() || is_invisible(letter)
}

/// The text without the space around it, no-break and zero-width spaces included.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether there is nothing in it to see.
pub(crate) fn is_blank(text: &str) -> bool {
    trim(text).is_empty()
}

/// The text in backticks, on one line, cut to a length that a message can hold.
pub(crate) fn quote(text: &str) -> String {
    format!("`{}`", on_one_line(text, LONGEST_QUOTATION))
}

/// The texts in backticks, as a sentence lists them.
pub(crate) fn list<Text: AsRef<str>>(texts: &[Text]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| quote(text.as_ref())).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some(_) | None => quoted.join(""),
    }
}

/// The text on one line, cut to so many characters.
pub(crate) fn on_one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == longest {
            line.push('…');
            break;
        }
        // What nobody sees is often what is wrong.
        if letter.is_control() || is_invisible(letter) {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_stay_on_one_line_and_short() {
        assert_eq!(quote("a\nb"), "`a\\nb`");
        let long = quote(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), LONGEST_QUOTATION + 3);
    }
}
