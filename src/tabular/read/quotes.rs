//! Quotes: whether those of a record that has any are as RFC 4180 means them.
//!
//! Forgiven is as little as is safe: a quote that is never closed, that swallows half the file, or that has text behind
//! it is a fault of its row. Space behind a closing quote is passed over.

use csv::StringRecord;
use memchr::{memchr, memchr3};

use crate::tabular::cell_text;

/// More line breaks than this in one cell are not a person's note but rows behind a stray quote.
pub(super) const MOST_LINE_BREAKS: usize = 1000;

/// What is wrong with the quotes of a row, and in which of its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteFault {
    /// The quote that opens the cell is never closed.
    NeverClosed {
        /// Index of the cell.
        cell: usize,
        /// Line breaks between the quote and the end of the text.
        breaks: usize,
    },
    /// The quoted cell holds more line breaks than a person writes.
    Swallows {
        /// Index of the cell.
        cell: usize,
        /// How many.
        breaks: usize,
    },
    /// Something other than space stands between the closing quote and the delimiter.
    TextBehind {
        /// Index of the cell.
        cell: usize,
    },
}

/// The quotes of a record.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// How many bytes the record has, without its line end.
    pub(super) length: usize,
    /// What is wrong with them, first of all.
    pub(super) fault: Option<QuoteFault>,
    /// The cells behind whose closing quote there is space, and how many bytes of it.
    pub(super) padded: Vec<(usize, usize)>,
}

/// Looks at the quotes of the record with which a text begins.
pub(super) fn scan(text: &str, delimiter: u8) -> Quotes {
    let bytes = text.as_bytes();
    let plain = |at: usize| at + memchr3(delimiter, b'\r', b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
    let mut quotes = Quotes::default();
    let (mut at, mut cell) = (0, 0);
    loop {
        if bytes.get(at) == Some(&b'"') {
            let Some(closed) = closing_quote(bytes, at + 1) else {
                let breaks = line_breaks(&bytes[at..]);
                quotes.fault = quotes.fault.or(Some(QuoteFault::NeverClosed { cell, breaks }));
                at = bytes.len();
                break;
            };
            let breaks = line_breaks(&bytes[at..closed]);
            let end = plain(closed + 1);
            let behind = &text[closed + 1..end];
            if breaks > MOST_LINE_BREAKS {
                quotes.fault = quotes.fault.or(Some(QuoteFault::Swallows { cell, breaks }));
            } else if !cell_text::is_blank(behind) {
                quotes.fault = quotes.fault.or(Some(QuoteFault::TextBehind { cell }));
            } else if !behind.is_empty() {
                quotes.padded.push((cell, behind.len()));
            }
            at = end;
        } else {
            at = plain(at);
        }
        if bytes.get(at) != Some(&delimiter) {
            break;
        }
        (at, cell) = (at + 1, cell + 1);
    }
    Quotes { length: at, ..quotes }
}

/// The quote that closes a cell whose content begins at a byte: the first that is not doubled.
fn closing_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr(b'"', &bytes[at..])?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn line_breaks(bytes: &[u8]) -> usize {
    let count = |end| memchr::memchr_iter(end, bytes).count();
    Some(count(b'\n')).filter(|count| *count > 0).unwrap_or_else(|| count(b'\r'))
}

impl Quotes {
    /// The cells without the space behind their closing quotes.
    pub(super) fn without_padding(&self, cells: &StringRecord) -> StringRecord {
        let padding =
            |cell: usize| self.padded.iter().find(|(padded, _)| *padded == cell).map_or(0, |(_, bytes)| *bytes);
        cells.iter().enumerate().map(|(cell, text)| &text[..text.len() - padding(cell)]).collect()
    }
}
