//! Decoding: a file in any encoding says what the same text says in UTF-8, or is refused at its first wrong byte.

use seatrun::input::{InputError, Options, Warning};
use seatrun::tabular::read::FileError;

use super::{Table, options};

/// What Windows-1252 has in place of the control characters from 0x80 to 0x9F; the other bytes are Latin-1.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

/// Reads the file in every encoding, as it is and below a header.
pub(crate) fn decode(file: &[u8]) {
    for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1252] {
        check(file, encoding);
        check(&[&encoding.encode("user_id,action\n"), file].concat(), encoding);
    }
}

fn check(file: &[u8], named: Encoding) {
    let said = Table::read(file, &Options { encoding: Some(named.label().to_owned()), ..options() });
    // Some files are known by how they begin, and workbooks have no encoding.
    if let Err(InputError::File(FileError::NotText { .. } | FileError::OptionForText(_))) = said {
        return;
    }
    let (encoding, mark) = match file {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        _ => (named, 0),
    };
    let text = match encoding.decode(&file[mark..]) {
        Ok(text) => text,
        Err(wrong) => return assert_eq!(said.err().as_ref().map(place), Some(Some(mark + wrong)), "{encoding:?}"),
    };
    if let Some(before) = text.find('\0') {
        let nul = mark + encoding.encode(&text[..before]).len();
        return assert_eq!(said.err().as_ref().map(place), Some(Some(nul)), "{encoding:?}");
    }
    let in_utf8 = Table::read(format!("\u{feff}{text}").as_bytes(), &options());
    match (said, in_utf8) {
        (Ok((table, sheet)), Ok((same, _))) => {
            assert_eq!(table, same, "{encoding:?}");
            assert_eq!(sheet.dialect().encoding.name().to_lowercase(), encoding.label());
            let is_overruled =
                sheet.warnings().iter().any(|warning| matches!(warning, Warning::MarkOverEncoding { .. }));
            assert_eq!(is_overruled, encoding != named);
        }
        (said, in_utf8) => assert_eq!(said.err(), in_utf8.err(), "{encoding:?}"),
    }
}

/// The byte at which a file ceases to be text.
const fn place(error: &InputError) -> Option<usize> {
    if let InputError::File(FileError::NotDecodable { byte, .. } | FileError::Nul { byte, .. }) = error {
        Some(*byte)
    } else {
        None
    }
}

impl Encoding {
    const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.into(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            // Only what is decoded here is ever encoded again, and then each letter is one byte.
            Self::Windows1252 => text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect(),
        }
    }

    /// The text of the bytes, or the first byte that is wrong. A NUL counts as wrong in UTF-8, wherever it stands.
    fn decode(self, bytes: &[u8]) -> Result<String, usize> {
        match self {
            Self::Utf8 => match bytes.iter().position(|byte| *byte == 0) {
                Some(nul) => Err(nul),
                None => std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| error.valid_up_to()),
            },
            Self::Utf16Le => utf16(bytes, u16::from_le_bytes),
            Self::Utf16Be => utf16(bytes, u16::from_be_bytes),
            Self::Windows1252 => Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::new();
    let mut at = 0;
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(letter) = letter else { return Err(at) };
        text.push(letter);
        at += 2 * letter.len_utf16();
    }
    if rest.is_empty() { Ok(text) } else { Err(at) }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252.chars().nth(usize::from(byte - 0x80)).unwrap_or_default(),
        _ => char::from(byte),
    }
}
