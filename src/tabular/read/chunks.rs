//! Chunks: the rows of a text, some at a time, so that several threads can go through them side by side.
//!
//! Every thread goes through all chunks and reads the rows of its own, so what costs little here is to find where rows
//! end, without cutting them into cells.

use std::iter::Take;

use memchr::memchr3;

use super::quotes;
use super::rows::Rows;

/// So many rows of a text, or fewer at its end.
pub type RowChunk<'a> = Take<Rows<'a>>;

/// A text's rows, a chunk at a time.
#[derive(Debug, Clone)]
pub struct RowChunks<'a> {
    rows: Rows<'a>,
    length: usize,
}

impl<'a> RowChunks<'a> {
    /// The rows, so many at a time.
    pub const fn new(rows: Rows<'a>, length: usize) -> Self {
        Self { rows, length }
    }
}

impl<'a> Iterator for RowChunks<'a> {
    type Item = RowChunk<'a>;

    fn next(&mut self) -> Option<RowChunk<'a>> {
        let begin = self.rows.clone();
        let passed = (0..self.length).take_while(|_| pass(&mut self.rows)).count();
        (passed > 0).then(|| begin.take(passed))
    }
}

/// Passes over the next row that holds anything, as [`Iterator::next`] does. Says whether there was one.
fn pass(rows: &mut Rows<'_>) -> bool {
    while rows.at < rows.text.len() {
        let rest = &rows.text[rows.at..];
        let line = memchr3(b'"', b'\r', b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let is_quoted = rest.as_bytes().get(line) == Some(&b'"');
        let length = if is_quoted { quotes::scan(rest, rows.delimiter).length } else { line };
        let record = &rest[..length];
        rows.number += 1;
        rows.at += length;
        rows.take_line_end();
        let says_something = |byte: u8| byte.is_ascii_alphanumeric() && byte != rows.delimiter;
        if record.bytes().any(says_something) || Rows::new(record, rows.delimiter).next().is_some() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_are_the_rows_piece_by_piece(
            text in "([a-b][a-b,é]{0,3}\r?\n|[a-b,\"\r\n é]{0,9}){0,9}",
            delimiter in proptest::sample::select(vec![b',', b'a']),
            length in 1_usize..4,
        ) {
            let rows = || Rows::new(&text, delimiter);
            let chunks: Vec<Vec<_>> = RowChunks::new(rows(), length).map(Iterator::collect).collect();
            let whole: Vec<_> = rows().collect();
            prop_assert_eq!(chunks, whole.chunks(length).map(<[_]>::to_vec).collect::<Vec<_>>());
        }
    }
}
