//! Decoding: the bytes of a file become text, or an error that names the first byte that is none.
//!
//! A byte order mark decides, else the encoding that the user names, else UTF-8. No encoding is ever guessed: a wrong
//! guess changes names and addresses without a trace.

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::FileError;
use super::rows::row_at_end;
use crate::tabular::dialect::{self, Bom};

/// The text of a file and what it was written in.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static Encoding,
    pub(super) mark: Bom,
    /// What the user named and a byte order mark overruled.
    pub(super) overruled: Option<String>,
}

/// Bytes by which other kinds of files begin.
const OTHER_FILES: [(&[u8], &str, &str); 7] = [
    // Some programs export these under the name of a workbook, and spreadsheet programs open them.
    (b"<!DOCTYPE", "a web page", SAVE_AS),
    (b"<html", "a web page", SAVE_AS),
    (b"<table", "a web page", SAVE_AS),
    (b"<?xml", "XML", SAVE_AS),
    (b"\x1f\x8b", "gzip", "unpack it first: gunzip < FILE | seatrun run - --yes"),
    (b"%PDF", "a PDF", "export the sheet as CSV from where the PDF was made"),
    (b"{\\rtf", "rich text", SAVE_AS),
];

const SAVE_AS: &str = "open it in a spreadsheet program, save it as .xlsx or `CSV UTF-8`, and run that";

/// Decodes a file. `named` is what `--encoding` says.
pub(super) fn decode(mut bytes: Vec<u8>, named: Option<&str>) -> Result<Decoded, FileError> {
    let named = match named {
        Some(label) => Some((label, label_encoding(label)?)),
        None => None,
    };
    if let Some((_, kind, hint)) = OTHER_FILES.into_iter().find(|(magic, _, _)| bytes.starts_with(magic)) {
        return Err(FileError::NotText { kind, hint });
    }
    let (encoding, mark_length) = match Encoding::for_bom(&bytes) {
        Some((encoding, length)) => (encoding, length),
        None => (named.map_or(UTF_8, |(_, encoding)| encoding), 0),
    };
    let is_overruled = |(_, named): &(&str, &Encoding)| mark_length > 0 && *named != encoding;
    let overruled = named.filter(is_overruled).map(|(label, _)| label.to_owned());
    let text = if encoding == UTF_8 {
        bytes.drain(..mark_length);
        refuse_nul_bytes(&bytes, mark_length)?;
        utf8(bytes, mark_length)?
    } else {
        let text = other(&bytes[mark_length..], encoding, mark_length)?;
        refuse_nul_letters(&text, encoding, mark_length)?;
        text
    };
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    let mark = if mark_length > 0 { Bom::Present } else { Bom::Absent };
    Ok(Decoded { text, encoding, mark, overruled })
}

fn label_encoding(label: &str) -> Result<&'static Encoding, FileError> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| FileError::UnknownEncoding(label.to_owned()))
}

fn utf8(bytes: Vec<u8>, offset: usize) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let text = String::from_utf8_lossy(&bytes[..valid]);
        let length = 1 + bytes[valid + 1..].iter().take(2).take_while(|byte| !byte.is_ascii()).count();
        not_decodable(&text, offset + valid, UTF_8, &bytes[valid..valid + length])
    })
}

fn other(bytes: &[u8], encoding: &'static Encoding, offset: usize) -> Result<String, FileError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16 + 16);
    let mut read = 0;
    loop {
        let (result, more) = decoder.decode_to_string_without_replacement(&bytes[read..], &mut text, true);
        read += more;
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => text.reserve((bytes.len() - read).max(64)),
            DecoderResult::Malformed(length, behind) => {
                let end = read.saturating_sub(usize::from(behind));
                let start = end.saturating_sub(usize::from(length));
                return Err(not_decodable(&text, offset + start, encoding, &bytes[start..end]));
            }
        }
    }
}

fn not_decodable(before: &str, byte: usize, encoding: &'static Encoding, wrong: &[u8]) -> FileError {
    let shown: Vec<_> = wrong.iter().map(|byte| format!("{byte:02X}")).collect();
    FileError::NotDecodable { byte, row: row_of(before), encoding: encoding.name(), shown: shown.join(" ") }
}

/// The row in which the text behind `before` stands.
fn row_of(before: &str) -> u64 {
    let (named, start) = dialect::separator_line(before).unzip();
    let before = &before[start.unwrap_or(0)..];
    row_at_end(before, named.unwrap_or_else(|| dialect::delimiter_of_header(before, |_| false)))
}

/// Looked for before anything is decoded: the accents of UTF-16 are no UTF-8 either, and that would be the lesser truth.
fn refuse_nul_bytes(bytes: &[u8], offset: usize) -> Result<(), FileError> {
    // `contains` looks at many bytes in one step, and hardly any file has one.
    if !bytes.contains(&0) {
        return Ok(());
    }
    let at = bytes.iter().take_while(|byte| **byte != 0).count();
    // Latin text in UTF-16 has a NUL in every pair of bytes: which half of the pair tells the order.
    let hint = match bytes.get(..4).unwrap_or_default() {
        [0, 1..=255, 0, 1..=255] => UTF_16_BIG,
        [1..=255, 0, 1..=255, 0] => UTF_16_LITTLE,
        _ => NO_TEXT,
    };
    Err(FileError::Nul { byte: offset + at, row: row_of(&String::from_utf8_lossy(&bytes[..at])), hint })
}

fn refuse_nul_letters(text: &str, encoding: &'static Encoding, offset: usize) -> Result<(), FileError> {
    let Some(at) = text.find('\0') else { return Ok(()) };
    let before = &text[..at];
    let is_utf16 = encoding == UTF_16LE || encoding == UTF_16BE;
    let length = if is_utf16 { before.encode_utf16().count() * 2 } else { encoding.encode(before).0.len() };
    Err(FileError::Nul { byte: offset + length, row: row_of(before), hint: NO_TEXT })
}

const NO_TEXT: &str = "is it an image, or a damaged file? Export the sheet as `CSV UTF-8`";
const UTF_16_LITTLE: &str = "it looks like UTF-16 without a byte order mark: say --encoding utf-16le";
const UTF_16_BIG: &str = "it looks like UTF-16 without a byte order mark: say --encoding utf-16be";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn a_byte_order_mark_decides_then_the_named_encoding_then_utf_8() {
        let table = [
            ("é".as_bytes().to_vec(), None, "é", UTF_8, Bom::Absent),
            (b"\xef\xbb\xbf\xc3\xa9".to_vec(), None, "é", UTF_8, Bom::Present),
            (b"\xef\xbb\xbf\xc3\xa9".to_vec(), Some("windows-1252"), "é", UTF_8, Bom::Present),
            (b"\xe9\x80".to_vec(), Some("cp1252"), "é€", encoding_rs::WINDOWS_1252, Bom::Absent),
            (utf16("\u{feff}é😀", u16::to_le_bytes), None, "é😀", UTF_16LE, Bom::Present),
            (utf16("\u{feff}é😀", u16::to_be_bytes), None, "é😀", UTF_16BE, Bom::Present),
            (utf16("é😀", u16::to_be_bytes), Some("UTF-16BE"), "é😀", UTF_16BE, Bom::Absent),
        ];
        for (bytes, named, text, encoding, mark) in table {
            let decoded = decode(bytes, named).unwrap();
            assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.mark), (text, encoding, mark), "{named:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_byte_row_and_remedy() {
        let table = [
            (vec![], None, "the input is empty", "user_id,action"),
            (b"\xef\xbb\xbf \r\n".to_vec(), None, "the input is empty", "user_id,action"),
            (b"a\nb,\xe9\n".to_vec(), None, "byte 4 (in row 2) is not UTF-8: E9", "--encoding windows-1252"),
            (b"\xef\xbb\xbfa\n\n\xff".to_vec(), None, "byte 6 (in row 3) is not UTF-8: FF", "windows-1252"),
            (b"a\n\"b\n\xe9".to_vec(), None, "byte 5 (in row 2) is not UTF-8: E9", "windows-1252"),
            (b"\xff\xfea\0\x00\xd8".to_vec(), None, "byte 4 (in row 1) is not UTF-16LE: 00 D8", "--encoding"),
            (b"\xff\xfea\0b".to_vec(), None, "byte 4 (in row 1) is not UTF-16LE: 62", "--encoding"),
            (b"%PDF-1.7".to_vec(), None, "a PDF", "export the sheet as CSV"),
            (b"<html><table>".to_vec(), None, "a web page", "save it as .xlsx"),
            (utf16("user_id", u16::to_le_bytes), None, "byte 1 (in row 1) is NUL", "--encoding utf-16le"),
            (utf16("user_id", u16::to_be_bytes), None, "byte 0 (in row 1) is NUL", "--encoding utf-16be"),
            (b"a".to_vec(), Some("klingon"), "`klingon` is not an encoding", "windows-1252"),
        ];
        for (bytes, named, message, hint) in table {
            let error = decode(bytes, named).unwrap_err();
            assert!(error.to_string().contains(message), "{error}: {message}");
            assert!(error.hint().contains(hint), "{}: {hint}", error.hint());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded_or_refused_without_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
            named in proptest::sample::select(vec![None, Some("utf-16le"), Some("windows-1252"), Some("shift_jis"), Some("gb18030")]),
        ) {
            let _ = decode(bytes, named);
        }
    }
}
