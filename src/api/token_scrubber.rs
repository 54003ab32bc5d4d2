//! The token in what a server says: found in every spelling that a server may echo it in, and taken out before anybody
//! can read, keep or quote it.
//!
//! A server may echo the token as it is, or as JSON, a URL or HTML escape it, letter by letter and more than once; or as a
//! whole in base64, with other text before it, or in hexadecimal. What is searched is the body as it came, so that no
//! reader of it has to think of this; what replaces the token keeps JSON readable.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// What stands in place of the token.
const REPLACEMENT: &[u8] = b"[token]";

/// So many letters in a row are the token, although it is cut off there.
const TELLING: usize = 16;

/// The fewest letters of an encoded form that are looked for: fewer may be anything.
const FEWEST: usize = 8;

/// Takes a token out of texts.
#[derive(Clone)]
pub(super) struct TokenScrubber {
    forms: Vec<Form>,
}

/// A spelling of the token.
#[derive(Clone)]
struct Form {
    letters: SecretSlice<u8>,
    kind: Kind,
}

/// How the letters of a form are compared and what may stand between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The token, each letter as it is or escaped.
    Letters,
    /// The part of its base64 that does not depend on what stands before and behind it.
    Base64,
    /// Two digits for each letter, perhaps set apart.
    Hexadecimal,
}

impl TokenScrubber {
    pub(super) fn new(token: &SecretString) -> Self {
        let token = token.expose_secret().as_bytes();
        let form = |letters: Vec<u8>, kind| Form { letters: letters.into(), kind };
        let mut forms = vec![form(token.to_vec(), Kind::Letters)];
        forms.extend((0..3).map(|before| form(inner_base64(token, before), Kind::Base64)));
        let hexadecimal =
            token.iter().flat_map(|byte| [byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
        forms.push(form(hexadecimal.collect(), Kind::Hexadecimal));
        forms.retain(|form| form.len() >= if form.kind == Kind::Letters { 1 } else { FEWEST });
        Self { forms }
    }

    /// The body without the token.
    pub(super) fn body(&self, body: Bytes) -> Bytes {
        self.scrubbed(&body).map_or(body, Bytes::from)
    }

    /// The text without the token.
    pub(super) fn text(&self, text: String) -> String {
        self.scrubbed(text.as_bytes()).map_or(text, |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn scrubbed(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut clean: Option<Vec<u8>> = None;
        let (mut at, mut copied) = (0, 0);
        while at < text.len() {
            let Some((end, kind)) = self.forms.iter().find_map(|form| Some((form.end(text, at)?, form.kind))) else {
                at += 1;
                continue;
            };
            let clean = clean.get_or_insert_default();
            clean.extend_from_slice(&text[copied..at]);
            at = end;
            if kind == Kind::Base64 {
                // The letters at both ends hold a part of the token, too.
                at += text[end..].iter().take_while(|byte| is_base64(**byte)).count();
                trim_end(clean, is_base64);
            }
            // What escaped the first letter would escape what stands there now, which JSON does not know.
            trim_end(clean, |byte| byte == b'\\');
            clean.extend_from_slice(REPLACEMENT);
            copied = at;
        }
        let mut clean = clean?;
        clean.extend_from_slice(&text[copied..]);
        Some(clean)
    }
}

impl fmt::Debug for TokenScrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenScrubber")
    }
}

impl Form {
    fn len(&self) -> usize {
        self.letters.expose_secret().len()
    }

    /// Where this form ends if it begins at a place.
    fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let letters = self.letters.expose_secret();
        let is_escape = matches!(text[at], b'\\' | b'%' | b'&');
        if !is_escape && !self.kind.is_same(text[at], letters[0]) {
            return None;
        }
        let mut end = at;
        for (place, wanted) in letters.iter().enumerate() {
            let begin = if place == 0 { end } else { self.kind.skip(text, end) };
            match letter(text, begin, |found| self.kind.is_same(found, *wanted)) {
                Some(next) => end = next,
                None if place >= TELLING && self.kind == Kind::Letters => return Some(end),
                None => return None,
            }
        }
        Some(end)
    }
}

impl Kind {
    fn is_same(self, found: u8, wanted: u8) -> bool {
        match self {
            Self::Letters | Self::Hexadecimal => found.eq_ignore_ascii_case(&wanted),
            // Both alphabets of base64 are in use.
            Self::Base64 => found == wanted || matches!((found, wanted), (b'-', b'+') | (b'_', b'/')),
        }
    }

    /// The next place that is not between two letters.
    fn skip(self, text: &[u8], mut at: usize) -> usize {
        loop {
            at += match (self, &text[at..]) {
                // Every second byte of UTF-16.
                (_, [0, ..])
                | (Self::Base64 | Self::Hexadecimal, [b'\r' | b'\n', ..])
                | (Self::Hexadecimal, [b' ' | b':' | b'-', ..]) => 1,
                (Self::Base64 | Self::Hexadecimal, [b'\\', b'r' | b'n', ..]) => 2,
                (_, [b'\\', b'u', b'0', b'0', b'0', b'0', ..]) => 6,
                _ => return at,
            }
        }
    }
}

/// Where the letter at a place ends, if it is the wanted one, as it is or escaped.
fn letter(text: &[u8], at: usize, is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let escaped = match text.get(at)? {
        b'%' => percent(text, at),
        b'\\' => backslashed(text, at),
        b'&' => entity(text, at),
        _ => None,
    };
    match escaped {
        Some((found, end)) if is_wanted(found) => Some(end),
        Some(_) | None => is_wanted(text[at]).then_some(at + 1),
    }
}

/// `%61`, and what is encoded again: `%2561`.
fn percent(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut digits = at + 1;
    while text.get(digits..digits + 2) == Some(b"25") && text.len() > digits + 3 {
        digits += 2;
    }
    number(text, digits, 2, 16)
}

/// `\u0061`, `\x61`, `\/`, behind as many backslashes as encoding again makes of one.
fn backslashed(text: &[u8], at: usize) -> Option<(u8, usize)> {
    // A body of backslashes alone must not be counted anew from each of them.
    let sign = at + text[at..].iter().take(64).take_while(|byte| **byte == b'\\').count();
    let escaped = match text.get(sign)? {
        b'u' => number(text, sign + 1, 4, 16),
        b'x' => number(text, sign + 1, 2, 16),
        _ => None,
    };
    escaped.or_else(|| Some((*text.get(sign)?, sign + 1)))
}

/// `&#97;`, `&#x61;`, and what is encoded again: `&amp;#97;`.
fn entity(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut sign = at + 1;
    while text[sign..].starts_with(b"amp;") {
        sign += 4;
    }
    text[sign..].starts_with(b"#").then_some(())?;
    let is_hexadecimal = matches!(text.get(sign + 1), Some(b'x' | b'X'));
    let (start, radix) = if is_hexadecimal { (sign + 2, 16) } else { (sign + 1, 10) };
    let digits = text[start..].iter().take(8).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (found, end) = number(text, start, digits, radix)?;
    Some((found, end + usize::from(text.get(end) == Some(&b';'))))
}

/// The letter whose number is written with so many digits.
fn number(text: &[u8], at: usize, digits: usize, radix: u32) -> Option<(u8, usize)> {
    let digits = text.get(at..at + digits)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    let found = u32::from_str_radix(str::from_utf8(digits).ok()?, radix).ok()?;
    Some((u8::try_from(found).ok()?, at + digits.len()))
}

/// The letters of the base64 of a text that holds the token behind `before` other bytes (modulo 3), as far as they hold
/// bits of the token alone.
fn inner_base64(token: &[u8], before: usize) -> Vec<u8> {
    let text = [&[0; 2][..before], token].concat();
    let encoded = BASE64_STANDARD_NO_PAD.encode(&text).into_bytes();
    let (first, behind_last) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
    encoded.get(first..behind_last).unwrap_or_default().to_vec()
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

fn trim_end(text: &mut Vec<u8>, is_trimmed: impl Fn(u8) -> bool) {
    while text.pop_if(|byte| is_trimmed(*byte)).is_some() {}
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const TOKEN: &str = "ll352u9jujauoqz4gstvsae05lf1XYZ76kmno";

    fn scrub(token: &str, text: &str) -> String {
        TokenScrubber::new(&token.to_owned().into()).text(text.to_owned())
    }

    /// Each letter of a text, written in its own way.
    fn each(text: &str, write: impl Fn(u8) -> String) -> String {
        text.bytes().map(write).collect()
    }

    fn hexadecimal(text: &str) -> String {
        each(text, |byte| format!("{byte:02x}"))
    }

    /// Every spelling of a text that a server may echo it in.
    fn spellings(text: &str) -> Vec<String> {
        let base64 = |before: &str| BASE64_STANDARD.encode(format!("{before}{text} and more"));
        let wrapped = |line: usize| {
            let encoded = base64("Authorization: Bearer ").into_bytes();
            encoded.chunks(line).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join("\r\n")
        };
        vec![
            text.to_owned(),
            text.to_uppercase(),
            each(text, |byte| format!("\\u{byte:04x}")),
            each(text, |byte| format!("\\u{byte:04X}")),
            each(text, |byte| format!("\\\\u{byte:04x}")),
            each(text, |byte| format!("\\\\\\\\u{byte:04x}")),
            each(text, |byte| format!("\\x{byte:02x}")),
            each(text, |byte| format!("%{byte:02x}")),
            each(text, |byte| format!("%{byte:02X}")),
            each(text, |byte| format!("%25{byte:02X}")),
            each(text, |byte| format!("%2525{byte:02X}")),
            each(text, |byte| format!("&#{byte};")),
            each(text, |byte| format!("&#x{byte:x};")),
            each(text, |byte| format!("&#X{byte:X};")),
            each(text, |byte| format!("&amp;#{byte};")),
            each(text, |byte| if byte % 2 == 0 { format!("\\u{byte:04x}") } else { char::from(byte).to_string() }),
            each(text, |byte| if byte % 3 == 0 { format!("%{byte:02x}") } else { char::from(byte).to_string() }),
            each(text, |byte| format!("{}\0", char::from(byte))),
            base64(""),
            base64("B"),
            base64("Be"),
            base64("Bearer "),
            BASE64_STANDARD.encode(text),
            BASE64_URL_SAFE.encode(format!("~~~{text}")),
            wrapped(20),
            hexadecimal(text),
            hexadecimal(text).to_uppercase(),
            each(text, |byte| format!("{byte:02x}:")),
            each(text, |byte| format!("{byte:02x} ")),
            format!("0x{}", hexadecimal(text)),
        ]
    }

    #[test]
    fn a_token_is_found_in_every_spelling() {
        for spelled in spellings(TOKEN) {
            for around in
                [["", ""], ["<p>Bearer ", "</p>"], ["\\", "!"], ["token=", "&x=1"], ["%", "%"], ["\u{e9}", "\u{e9}"]]
            {
                let clean = scrub(TOKEN, &format!("{}{spelled}{}", around[0], around[1]));
                assert!(clean.contains("[token]") && clean.len() < 80, "{spelled}: {clean}");
            }
        }
    }

    #[test]
    fn json_stays_json() {
        for spelled in spellings(TOKEN) {
            let values = [json!(spelled), json!(format!("\n{spelled}\t\\")), json!({"a": [spelled, 5]})];
            let escaped = format!("\"\\n{}\"", each(TOKEN, |byte| format!("\\u{byte:04x}")));
            for text in values.iter().map(Value::to_string).chain([escaped, format!("\"\\/{TOKEN}\"")]) {
                let clean = scrub(TOKEN, &text);
                assert!(clean.contains("[token]"), "{text}: {clean}");
                assert!(serde_json::from_str::<Value>(&clean).is_ok(), "{text}: {clean}");
            }
        }
    }

    #[test]
    fn a_part_of_the_token_that_tells_is_taken_out_and_other_text_is_left() {
        assert_eq!(scrub(TOKEN, "invalid: ll352u9jujauoqz4gstv..."), "invalid: [token]...");
        for text in
            ["", "nothing of it", "ll352u9jujauoqz", "%", "\\", "\\u", "&#", "&amp;", "%25", "bGwzNTJ1", "6c6c33353275"]
        {
            assert_eq!(scrub(TOKEN, text), text);
        }
        assert_eq!(scrub("a token that is longer than the text", "short"), "short");
        assert_eq!(scrub("s3cret", "<p>Bearer s3cret!</p>"), "<p>Bearer [token]!</p>");
        assert_eq!(scrub("", "any"), "any");
    }

    proptest! {
        #[test]
        fn whatever_the_token_and_its_surroundings_none_of_it_is_left(
            token in "[A-Za-z0-9._~+/=-]{20,64}", before in "\\PC{0,12}", behind in "\\PC{0,12}", spelling in 0_usize..30,
        ) {
            let clean = scrub(&token, &format!("{before}{}{behind}", spellings(&token)[spelling]));
            let lower = token.to_lowercase();
            for part in [lower.clone(), hexadecimal(&lower), hexadecimal(&token)] {
                prop_assert!(!clean.to_lowercase().contains(&part), "{clean}");
            }
            prop_assert!(clean.contains("[token]"), "{clean}");
        }

        #[test]
        fn no_text_is_too_odd(text in "[\\\\%&#ux0-9;a-z]{0,60}", token in "[a-z0-9]{1,20}") {
            let _ = scrub(&token, &text);
        }
    }
}
