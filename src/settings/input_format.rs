//! What an input may need to be told about its form: its encoding, and what separates its cells.
//!
//! It judges the words alone; whether they fit an input, those decide who read it.

use std::fmt;
use std::str::FromStr;

/// The name of an encoding, such as `windows-1252`: a label of the WHATWG encoding standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding(String);

impl Encoding {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that names no encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an encoding: write a name such as utf-8, windows-1252 or iso-8859-2")]
pub struct EncodingError(String);

impl FromStr for Encoding {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        let label = text.trim();
        match encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(_) => Ok(Self(label.to_owned())),
            None => Err(EncodingError(label.to_owned())),
        }
    }
}

/// The ASCII character that separates the cells of a CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter(u8);

impl Delimiter {
    /// The character.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\t' => f.pad("tab"),
            byte => f.pad(char::from(byte).encode_utf8(&mut [0; 4])),
        }
    }
}

/// A text that is no delimiter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a delimiter: write one ASCII character, or `tab`")]
pub struct DelimiterError(String);

impl FromStr for Delimiter {
    type Err = DelimiterError;

    fn from_str(text: &str) -> Result<Self, DelimiterError> {
        match text.as_bytes() {
            [byte] if byte.is_ascii() => Ok(Self(*byte)),
            _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Ok(Self(b'\t')),
            _ => Err(DelimiterError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_known_by_every_label_of_the_standard() {
        for label in ["utf-8", "UTF8", " windows-1252 ", "latin1", "iso-8859-2", "utf-16le"] {
            assert_eq!(label.parse::<Encoding>().map(|encoding| encoding.0), Ok(label.trim().to_owned()));
        }
        for label in ["", "klingon", "replacement"] {
            assert!(label.parse::<Encoding>().is_err(), "{label}");
        }
    }

    #[test]
    fn a_delimiter_is_one_ascii_character_and_reads_back() {
        for (text, byte, shown) in
            [(";", b';', ";"), ("tab", b'\t', "tab"), ("\\t", b'\t', "tab"), ("\t", b'\t', "tab")]
        {
            let delimiter = text.parse::<Delimiter>().unwrap();
            assert_eq!((delimiter.get(), delimiter.to_string()), (byte, shown.to_owned()));
            assert_eq!(delimiter.to_string().parse(), Ok(delimiter));
        }
        for text in ["", ";;", "§", "tabs"] {
            assert!(text.parse::<Delimiter>().is_err(), "{text}");
        }
    }
}
