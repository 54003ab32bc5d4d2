//! Transcoder: UTF-8 goes in, the encoding of the input comes out.

use std::io::{self, Write};

use encoding_rs::{
    BIG5, EUC_JP, Encoder, EncoderResult, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
};

use crate::tabular::{Bom, Dialect};

/// The dialect in which the report on a file is written: the file's own, unless its encoding cannot hold everything that
/// can be read in it. What is carried has to come back as it was.
pub(super) fn faithful(dialect: Dialect) -> Dialect {
    let encoding = dialect.encoding;
    if encoding == GBK {
        // Whoever reads GBK reads all of GB 18030, and writes less.
        Dialect { encoding: GB18030, ..dialect }
    } else if [BIG5, EUC_JP, ISO_2022_JP, SHIFT_JIS].contains(&encoding) {
        Dialect { encoding: UTF_8, mark: Bom::Present, ..dialect }
    } else {
        dialect
    }
}

/// Writes text in an encoding. A character that the encoding does not have becomes `?`.
pub(super) struct Transcoder<W: Write> {
    output: W,
    code: Code,
    encoded: Vec<u8>,
}

enum Code {
    Utf8,
    Utf16(fn(u16) -> [u8; 2]),
    Other(Encoder),
}

impl<W: Write> Transcoder<W> {
    /// Begins a text in an encoding, with its byte order mark if there is to be one.
    pub(super) fn new(output: W, encoding: &'static Encoding, mark: Bom) -> io::Result<Self> {
        let code = if encoding == UTF_8 {
            Code::Utf8
        } else if encoding == UTF_16LE {
            Code::Utf16(u16::to_le_bytes)
        } else if encoding == UTF_16BE {
            Code::Utf16(u16::to_be_bytes)
        } else {
            Code::Other(encoding.new_encoder())
        };
        let mut transcoder = Self { output, code, encoded: Vec::new() };
        match mark {
            Bom::Present => transcoder.write("\u{feff}".as_bytes())?,
            Bom::Absent => {}
        }
        Ok(transcoder)
    }

    /// Writes the next piece of the text, given in UTF-8.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.encoded.clear();
        let text = match &self.code {
            Code::Utf8 => return self.output.write_all(bytes),
            Code::Utf16(_) | Code::Other(_) => String::from_utf8_lossy(bytes),
        };
        match &mut self.code {
            Code::Utf8 => {}
            Code::Utf16(bytes) => self.encoded.extend(text.encode_utf16().flat_map(*bytes)),
            Code::Other(encoder) => encode_with(encoder, &text, &mut self.encoded),
        }
        self.output.write_all(&self.encoded)
    }

    /// What was written to.
    pub(super) fn into_output(self) -> W {
        self.output
    }
}

fn encode_with(encoder: &mut Encoder, mut text: &str, bytes: &mut Vec<u8>) {
    loop {
        bytes.reserve(text.len() + 16);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(text, bytes, false);
        text = &text[read..];
        match result {
            EncoderResult::InputEmpty => return,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => bytes.push(b'?'),
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GB18030, IBM866, KOI8_R, MACINTOSH, WINDOWS_1250, WINDOWS_1252, WINDOWS_1258};

    use super::*;

    fn written(text: &str, dialect: Dialect) -> Vec<u8> {
        let mut transcoder = Transcoder::new(Vec::new(), dialect.encoding, dialect.mark).unwrap();
        for letter in text.chars() {
            transcoder.write(letter.encode_utf8(&mut [0; 4]).as_bytes()).unwrap();
        }
        transcoder.into_output()
    }

    #[test]
    fn text_comes_out_in_the_encoding_and_what_it_cannot_hold_is_a_question_mark() {
        let table: [(&str, &'static Encoding, Bom, &[u8]); 6] = [
            ("aé€", UTF_8, Bom::Absent, "aé€".as_bytes()),
            ("aé", UTF_8, Bom::Present, b"\xef\xbb\xbfa\xc3\xa9"),
            ("aé😀", UTF_16LE, Bom::Present, b"\xff\xfea\0\xe9\0\x3d\xd8\x00\xde"),
            ("aé", UTF_16BE, Bom::Absent, b"\0a\0\xe9"),
            ("aé€ěx", WINDOWS_1252, Bom::Absent, b"a\xe9\x80?x"),
            ("aěé", WINDOWS_1250, Bom::Absent, b"a\xec\xe9"),
        ];
        for (text, encoding, mark, expected) in table {
            let dialect = Dialect { encoding, mark, ..Dialect::default() };
            assert_eq!(written(text, dialect), expected, "{text} {}", encoding.name());
        }
    }

    #[test]
    fn whatever_can_be_read_in_an_encoding_comes_back_from_the_report() {
        let all = [BIG5, EUC_JP, GBK, GB18030, IBM866, KOI8_R, MACINTOSH, SHIFT_JIS, WINDOWS_1252, WINDOWS_1258];
        for encoding in all {
            let dialect = Dialect { encoding, ..Dialect::default() };
            let mut text = String::new();
            for bytes in (0..=u16::MAX).step_by(7).map(u16::to_be_bytes) {
                text.extend(encoding.decode_without_bom_handling_and_without_replacement(&bytes));
            }
            let dialect = faithful(dialect);
            let bytes = written(&text, dialect);
            let (back, _) = dialect.encoding.decode_with_bom_removal(&bytes);
            assert!(back == text, "{}", encoding.name());
        }
    }
}
