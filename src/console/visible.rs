//! Visible text: what a server, a sheet, a setting or a file name says reaches a terminal as text, never as a command.
//!
//! Control characters (C0, DEL, C1), the characters that change the direction of text, and the line breaks of Unicode
//! are written as escapes: `\x1b`, `\r`, `\u{9b}`, `\u{202e}`. Everything that is printed goes through here.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The text with everything visible that could steer a terminal. Tabs and line ends stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |c| steers(c) && c != '\n', push_escape)
}

/// The text as one line: line ends are visible, too.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    replaced(text, steers, push_escape)
}

/// JSON as it means the same and steers no terminal: the characters that JSON allows in a string as they are, and a
/// terminal obeys, are written `\uXXXX`.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    // Outside of strings JSON has no control characters but line ends, and those inside are escaped already.
    replaced(
        json,
        |c| steers(c) && !matches!(c, '\n' | '\r'),
        |text, c| {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        },
    )
}

/// Whether a terminal could take a character as a command, or a reader could take a line for another.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn replaced(text: &str, is_replaced: impl Fn(char) -> bool, replace: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if !text.contains(&is_replaced) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_replaced(c) {
            replace(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn push_escape(text: &mut String, c: char) {
    let _ = match c {
        '\n' => text.write_str("\\n"),
        '\r' => text.write_str("\\r"),
        c if c.is_ascii() => write!(text, "\\x{:02x}", u32::from(c)),
        c => write!(text, "\\u{{{:x}}}", u32::from(c)),
    };
}

/// Writes to a terminal what may be any bytes. A CR before a line end is left out, and bytes that are not UTF-8 are
/// written `\xNN`.
#[derive(Debug)]
pub(super) struct VisibleWriter<W: Write> {
    terminal: W,
    /// The beginning of a character, or a CR, of which the rest is still to come.
    begun: Vec<u8>,
}

impl<W: Write> VisibleWriter<W> {
    pub(super) fn new(terminal: W) -> Self {
        Self { terminal, begun: Vec::new() }
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.terminal.write_all(visible(&text.replace("\r\n", "\n")).as_bytes())
    }
}

impl<W: Write> Write for VisibleWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        if all.last() == Some(&b'\r') {
            all.pop();
            self.begun.push(b'\r');
        }
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.put(chunk.valid())?;
            let may_go_on = chunks.peek().is_none() && self.begun.is_empty();
            if may_go_on && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none()) {
                self.begun.extend_from_slice(chunk.invalid());
            } else {
                chunk.invalid().iter().try_for_each(|byte| write!(self.terminal, "\\x{byte:02x}"))?;
            }
        }
        Ok(bytes.len())
    }

    /// What has begun may still go on.
    fn flush(&mut self) -> io::Result<()> {
        self.terminal.flush()
    }
}

impl<W: Write> Drop for VisibleWriter<W> {
    fn drop(&mut self) {
        let begun = std::mem::take(&mut self.begun);
        // Whoever wrote it has been told already what became of the rest.
        let _ = begun.iter().try_for_each(|byte| write!(self.terminal, "\\x{byte:02x}"));
        let _ = self.terminal.flush();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What no output for a terminal may hold.
    pub(in super::super) fn is_command(c: char) -> bool {
        (c < ' ' && !matches!(c, '\t' | '\n'))
            || matches!(c, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }

    /// Texts in which commands are frequent.
    pub(in super::super) fn any_text() -> impl Strategy<Value = String> {
        let commands = "[\u{0}-\u{20}\u{7f}-\u{9f}\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}a-c]{0,12}";
        prop_oneof![commands.prop_map(String::from), any::<String>()]
    }

    /// What a terminal gets of bytes that come so many at a time, each flushed.
    fn shown(bytes: &[u8], piece: usize) -> String {
        let mut terminal = Vec::new();
        let mut writer = VisibleWriter::new(&mut terminal);
        bytes.chunks(piece).for_each(|bytes| writer.write_all(bytes).and_then(|()| writer.flush()).unwrap());
        drop(writer);
        String::from_utf8(terminal).unwrap()
    }

    #[test]
    fn each_command_has_a_form_that_a_reader_understands() {
        let table = [
            ("plain text, ümlauts → and\ttabs", "plain text, ümlauts → and\ttabs", "plain text, ümlauts → and\ttabs"),
            ("\u{1b}[31mred\u{7}", "\\x1b[31mred\\x07", "\\x1b[31mred\\x07"),
            ("over\rwritten", "over\\rwritten", "over\\rwritten"),
            ("two\nlines", "two\nlines", "two\\nlines"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\x7f", "\\u{9b}2J\\x7f"),
            ("exe.\u{202e}vsc", "exe.\\u{202e}vsc", "exe.\\u{202e}vsc"),
        ];
        for (text, expected, line) in table {
            assert_eq!(visible(text), expected);
            assert_eq!(visible_line(text), line);
        }
    }

    #[test]
    fn what_comes_to_a_terminal_in_pieces_is_as_visible_as_the_whole() {
        let bytes = b"\xc2\x9bgr\xc3\xbcn\r\nlone\rcr\x9b\xffx\xe2\x80\xae\n\xc3";
        let expected = "\\u{9b}grün\nlone\\rcr\\x9b\\xffx\\u{202e}\n\\xc3";
        for piece in 1..=bytes.len() {
            assert_eq!(shown(bytes, piece), expected, "{piece} at a time");
        }
    }

    proptest! {
        #[test]
        fn no_text_holds_a_command_any_more(text in any_text()) {
            prop_assert!(!visible(&text).contains(is_command));
            prop_assert!(!visible_line(&text).contains(|c| is_command(c) || c == '\n'));
        }

        #[test]
        fn json_means_the_same_without_a_command(text in any_text()) {
            let json = format!("{:#}\n", serde_json::json!({ "text": text.clone() }));
            let shown = visible_json(&json);
            prop_assert!(!shown.contains(is_command));
            let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
            prop_assert_eq!(&read["text"], &text);
        }

        #[test]
        fn no_bytes_reach_a_terminal_as_commands(bytes in proptest::collection::vec(any::<u8>(), 0..40), piece in 1_usize..9) {
            prop_assert!(!shown(&bytes, piece).contains(is_command));
        }
    }
}
