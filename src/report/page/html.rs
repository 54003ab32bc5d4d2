//! Markup and text, kept apart: `maud` escapes every value, and this makes visible what nobody would see in one.

use std::fmt::Write as _;

use maud::{Markup, html};

/// A value as text that what is around it cannot turn around, nor it them.
pub(super) fn value(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

/// A sentence of the program, in which values are between backticks.
pub(super) fn sentence(text: &str) -> Markup {
    let pieces: Vec<_> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        // A value holds a backtick of its own.
        return value(text);
    }
    html! {
        @for (at, piece) in pieces.into_iter().enumerate() {
            @if at % 2 == 0 { (visible(piece)) } @else { code { (value(piece)) } }
        }
    }
}

/// A number that a drawing or a script reads.
pub(super) fn number(number: f64) -> String {
    let mut text = format!("{number:.6}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// A number of things as people write it, in groups of three digits.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things and their name.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A text with what nobody would see in it made visible: a letter that turns the direction of writing around can make
/// one address look like another.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_invisible(letter) {
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(letter));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Controls other than white space, marks of direction, and spaces without width.
const fn is_invisible(letter: char) -> bool {
    let is_white_space = matches!(letter, '\n' | '\r' | '\t');
    let is_control = matches!(letter, '\0'..='\x1f' | '\x7f'..='\u{9f}');
    let turns_direction = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let has_no_width = matches!(letter, '\u{200b}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    is_control && !is_white_space || turns_direction || has_no_width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_markup() {
        let table = [
            ("plain, ü, 日本", "plain, ü, 日本"),
            ("</script><img src=x onerror=alert(1)>", "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"),
            ("<!--", "&lt;!--"),
            ("\" onclick=\"x", "&quot; onclick=&quot;x"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("=HYPERLINK(\"http://x\")", "=HYPERLINK(&quot;http://x&quot;)"),
            ("{{7*7}} ${x} javascript:x", "{{7*7}} ${x} javascript:x"),
            ("a\u{202e}gpj.exe", "a⟨U+202E⟩gpj.exe"),
            ("zero\u{200b}width\0", "zero⟨U+200B⟩width⟨U+0000⟩"),
            ("two\r\nlines", "two\r\nlines"),
        ];
        for (text, expected) in table {
            assert_eq!(value(text).into_string(), format!("<bdi>{expected}</bdi>"), "{text:?}");
            let attribute = html! { i title=(visible(text)) {} };
            assert_eq!(attribute.into_string(), format!("<i title=\"{expected}\"></i>"), "{text:?}");
        }
    }

    #[test]
    fn a_sentence_sets_off_what_is_between_backticks_and_nothing_breaks_out_of_it() {
        let table = [
            ("`seatrun resume` carries on", "<code><bdi>seatrun resume</bdi></code> carries on"),
            ("`<b>` is not an id", "<code><bdi>&lt;b&gt;</bdi></code> is not an id"),
            ("`</code><script>`", "<code><bdi>&lt;/code&gt;&lt;script&gt;</bdi></code>"),
            ("`a`b` is odd", "<bdi>`a`b` is odd</bdi>"),
        ];
        for (text, expected) in table {
            assert_eq!(sentence(text).into_string(), expected);
        }
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        for (count, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), expected);
        }
        for (given, expected) in [(0.0, "0"), (100.0, "100"), (33.333_333_3, "33.333333"), (1e-9, "0")] {
            assert_eq!(number(given), expected);
        }
    }
}
