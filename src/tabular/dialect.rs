//! The dialect of a file: how its text is encoded, what separates its cells, how its lines end.
//!
//! The delimiter is found from the header alone: what stands in the rows below may be anybody's commas.

use encoding_rs::{Encoding, UTF_8};
use serde::{Deserialize, Serialize};

use super::read::RowsOfText;

/// How a file is written, so that its report can be written alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// The encoding of its text.
    pub encoding: &'static Encoding,
    /// Whether it begins with a byte order mark.
    pub mark: Bom,
    /// What separates cells.
    pub delimiter: u8,
    /// How the header's row ends.
    pub line_ending: LineEnding,
    /// Whether it begins with Excel's `sep=` line.
    pub separator_line: SeparatorLine,
}

impl Default for Dialect {
    /// What most programs mean by CSV: UTF-8 without a mark, commas, `\n`.
    fn default() -> Self {
        Self {
            encoding: UTF_8,
            mark: Bom::Absent,
            delimiter: b',',
            line_ending: LineEnding::Lf,
            separator_line: SeparatorLine::Absent,
        }
    }
}

/// Whether a file begins with a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bom {
    /// It does.
    Present,
    /// It does not.
    Absent,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnding {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
}

/// Whether a file begins with a line such as `sep=;`, which Excel reads and does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeparatorLine {
    /// It does.
    Present,
    /// It does not.
    Absent,
}

/// What can separate cells, likeliest first.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A delimiter's name for a person.
pub const fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b',' => "comma",
        b';' => "semicolon",
        b'\t' => "tab",
        b'|' => "pipe",
        _ => "delimiter",
    }
}

/// The delimiter that a `sep=` line at the head of the text names, and the byte behind that line.
pub(super) fn separator_line(text: &str) -> Option<(u8, usize)> {
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let line = text[..end].trim_matches('"');
    let &[b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] = line.as_bytes() else { return None };
    let rest = &text[end..];
    let length = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
    delimiter.is_ascii().then_some((delimiter, end + length))
}

/// The delimiter of a header: by which more of its cells are known names, else by which there are more cells.
pub(crate) fn delimiter_of_header(header: &str, is_known: impl Fn(&str) -> bool) -> u8 {
    let merit = |delimiter: &u8| {
        let row = RowsOfText::new(header, *delimiter).next();
        row.map_or((0, 0), |row| (row.cells().filter(|cell| is_known(cell)).count(), row.width()))
    };
    // Of equals the last wins, and the comma is the one to fall back on.
    DELIMITERS.into_iter().rev().max_by_key(merit).unwrap_or(b',')
}

/// How a row ends, given as it stands in the text.
pub(super) fn line_ending(row: &str) -> LineEnding {
    if row.ends_with("\r\n") {
        LineEnding::CrLf
    } else if row.ends_with('\r') {
        LineEnding::Cr
    } else {
        LineEnding::Lf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_fields_of_the_header() {
        let table = [
            ("user_id,action\n1;2;3;4,x", b','),
            ("user_id;action", b';'),
            ("user_id\taction", b'\t'),
            ("user_id|action", b'|'),
            ("user_id", b','),
            ("user_id;\"a,b,c,d\"", b';'),
            ("ID;Aktion", b';'),
            ("user_id,notes;a;b;c;d", b','),
            ("", b','),
        ];
        for (header, expected) in table {
            let is_known = |cell: &str| matches!(cell, "user_id" | "action");
            assert_eq!(delimiter_of_header(header, is_known), expected, "{header:?}");
        }
    }

    #[test]
    fn excels_separator_line_is_seen_and_nothing_else_is_taken_for_one() {
        let table = [
            ("sep=;\r\nuser_id", Some((b';', 7))),
            ("\"sep=,\"\nuser_id", Some((b',', 8))),
            ("SEP=\t\rx", Some((b'\t', 6))),
            ("sep=;", Some((b';', 5))),
            ("sep=", None),
            ("sep=;;\nx", None),
            ("separate\n", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(separator_line(text), expected, "{text:?}");
        }
    }
}
