//! Markup and text, kept apart: what comes from a spreadsheet or the API is only ever written as text.

use std::fmt::Write as _;

/// Markup that grows. Markup is part of the program, so that no value can be taken for it; values are text.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Writes markup, or text that is part of the program.
    pub(super) fn mark(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Writes a value as text, between tags or between the quotes of an attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for letter in visible(text).chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                letter => self.0.push(letter),
            }
        }
        self
    }

    /// Writes a value as text that what stands around it cannot turn around, nor it them.
    pub(super) fn value(&mut self, text: &str) -> &mut Self {
        self.mark("<bdi>").text(text).mark("</bdi>")
    }

    /// Writes a sentence of the program, in which values stand between backticks.
    pub(super) fn sentence(&mut self, text: &str) -> &mut Self {
        let pieces: Vec<_> = text.split('`').collect();
        if pieces.len() % 2 == 0 {
            // A value holds a backtick of its own.
            return self.value(text);
        }
        for (at, piece) in pieces.into_iter().enumerate() {
            if at % 2 == 0 {
                self.text(piece);
            } else {
                self.mark("<code>").value(piece).mark("</code>");
            }
        }
        self
    }

    /// Writes a number of things.
    pub(super) fn count(&mut self, count: u64) -> &mut Self {
        self.0.push_str(&grouped(count));
        self
    }

    /// Writes a number that a drawing or a script reads.
    pub(super) fn number(&mut self, number: f64) -> &mut Self {
        let _ = write!(self.0, "{number:.6}");
        let length = self.0.trim_end_matches('0').trim_end_matches('.').len();
        self.0.truncate(length);
        self
    }

    /// What was written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
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
            ("' onclick='x", "&#39; onclick=&#39;x"),
            ("\" onclick=\"x", "&quot; onclick=&quot;x"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("=HYPERLINK(\"http://x\")", "=HYPERLINK(&quot;http://x&quot;)"),
            ("{{7*7}} ${x} javascript:x", "{{7*7}} ${x} javascript:x"),
            ("a\u{202e}gpj.exe", "a⟨U+202E⟩gpj.exe"),
            ("zero\u{200b}width\0", "zero⟨U+200B⟩width⟨U+0000⟩"),
            ("two\r\nlines", "two\r\nlines"),
        ];
        for (value, expected) in table {
            let mut html = Html::default();
            html.text(value);
            assert_eq!(html.0, expected, "{value:?}");
            let mut html = Html::default();
            html.value(value);
            assert_eq!(html.0, format!("<bdi>{expected}</bdi>"), "{value:?}");
        }
    }

    #[test]
    fn a_sentence_sets_off_what_stands_between_backticks_and_nothing_breaks_out_of_it() {
        let table = [
            ("`seatrun resume` carries on", "<code><bdi>seatrun resume</bdi></code> carries on"),
            ("`<b>` is no id", "<code><bdi>&lt;b&gt;</bdi></code> is no id"),
            ("`</code><script>`", "<code><bdi>&lt;/code&gt;&lt;script&gt;</bdi></code>"),
            ("`a`b` is odd", "<bdi>`a`b` is odd</bdi>"),
        ];
        for (sentence, expected) in table {
            let mut html = Html::default();
            html.sentence(sentence);
            assert_eq!(html.0, expected);
        }
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        for (count, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), expected);
        }
        for (number, expected) in [(0.0, "0"), (100.0, "100"), (33.333_333_3, "33.333333"), (1e-9, "0")] {
            let mut html = Html::default();
            html.number(number);
            assert_eq!(html.0, expected);
        }
    }
}
