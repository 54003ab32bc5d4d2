//! Signatures: how a row that comes back from a review is known to be what was reviewed.
//!
//! A review goes through spreadsheets and mails before it runs. The signature of a row holds together what it does (its
//! key), the seat that its user held, and the review; the review holds its input, account and time. It can only be made
//! with the review's secret, which never leaves the state folder. Where a row stands is left open, because people sort:
//! a row that is copied is a repetition like any other, and runs once.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use super::{ReportedSeat, Review};

/// What a signature begins with: its kind and version. A letter first, or a spreadsheet would look for a number.
const KIND: &str = "s1";
/// Bytes of a signature's proof: half of a SHA-256, which nobody guesses either.
const PROOF: usize = 16;
/// Bytes that HMAC-SHA256 takes as its key at a time.
const BLOCK: usize = 64;

/// What it takes to sign the rows of a review: 32 random bytes of its own.
pub type Secret = SecretBox<[u8; 32]>;

/// The text of the `result_signature` column: `s1.<review>.<proof>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The review that the row was signed in, by name.
    pub review: &'a str,
    proof: [u8; PROOF],
}

/// A text that is not the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the signature of a review")]
pub struct SignatureError;

impl<'a> Signature<'a> {
    /// What no other row's signature has, but that of a copy.
    pub const fn proof(&self) -> [u8; PROOF] {
        self.proof
    }

    /// Reads a signature.
    ///
    /// # Errors
    /// [`SignatureError`] when the text is none.
    pub fn read(text: &'a str) -> Result<Self, SignatureError> {
        let (head, digits) = text.rsplit_once('.').ok_or(SignatureError)?;
        let (kind, review) = head.split_once('.').ok_or(SignatureError)?;
        if kind != KIND || review.is_empty() || digits.len() != 2 * PROOF {
            return Err(SignatureError);
        }
        let mut proof = [0; PROOF];
        for (byte, pair) in proof.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self { review, proof })
    }
}

const fn digit(letter: u8) -> Result<u8, SignatureError> {
    match letter {
        b'0'..=b'9' => Ok(letter - b'0'),
        b'a'..=b'f' => Ok(letter - b'a' + 10),
        _ => Err(SignatureError),
    }
}

impl fmt::Display for Signature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND}.{}.{:032x}", self.review, u128::from_be_bytes(self.proof))
    }
}

/// What signs the rows of one review, and tells its signatures from others.
#[derive(Debug)]
pub struct Signer {
    review: String,
    state: Hmac<Sha256>,
}

impl Signer {
    /// The seal of a review.
    pub fn new(review: &Review, secret: &Secret) -> Self {
        let mut key = [0; BLOCK];
        let secret = secret.expose_secret();
        key[..secret.len()].copy_from_slice(secret);
        let mut state = Hmac::new(&key.into());
        state.update(&review.made.as_millisecond().to_be_bytes());
        for text in [&review.name, &review.sha256, review.account.as_ref().unwrap_or(&String::new())] {
            absorb(&mut state, text);
        }
        Self { review: review.name.clone(), state }
    }

    /// Signs a row: what it does, as the text of its key, and the seat that its user was seen to hold.
    pub fn sign(&self, key: &str, seat: Option<&ReportedSeat>) -> Signature<'_> {
        let whole = self.over(key, seat).finalize().into_bytes();
        let mut proof = [0; PROOF];
        proof.copy_from_slice(&whole[..PROOF]);
        Signature { review: &self.review, proof }
    }

    /// Whether a signature is this review's, for a row that does this to somebody who was seen to hold that seat.
    pub fn holds(&self, signature: &Signature<'_>, key: &str, seat: Option<&ReportedSeat>) -> bool {
        signature.review == self.review && self.over(key, seat).verify_truncated_left(&signature.proof).is_ok()
    }

    fn over(&self, key: &str, seat: Option<&ReportedSeat>) -> Hmac<Sha256> {
        let mut state = self.state.clone();
        absorb(&mut state, key);
        absorb(&mut state, seat.map_or("", ReportedSeat::name));
        state
    }
}

/// A text with its length in front, so that no two rows come to the same bytes.
fn absorb(state: &mut Hmac<Sha256>, text: &str) {
    state.update(&(text.len() as u64).to_be_bytes());
    state.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Seat;

    fn review() -> Review {
        Review {
            name: "20261121-213746-efjv".into(),
            made: Timestamp::from_second(1_700_000_000).unwrap(),
            input: "leavers.csv".into(),
            sha256: "e3b0c442".into(),
            account: Some("https://api.smartsheet.com/2.0 48569348493401201".into()),
            encoding: None,
        }
    }

    fn secret(byte: u8) -> Secret {
        SecretBox::new(Box::new([byte; 32]))
    }

    const KEY: &str = "u48569348493401201:downgrade:p4843937635559300:VIEWER:0a1b2c";
    const MEMBER: ReportedSeat = ReportedSeat::Known(Seat::Member);

    #[test]
    fn a_signature_holds_for_what_was_signed_and_for_nothing_else() {
        let seal = Signer::new(&review(), &secret(1));
        let text = seal.sign(KEY, Some(&MEMBER)).to_string();
        let signature = Signature::read(&text).unwrap();
        assert!(seal.holds(&signature, KEY, Some(&MEMBER)));
        let other = |change: fn(&mut Review)| {
            let mut review = review();
            change(&mut review);
            Signer::new(&review, &secret(1))
        };
        let later = |review: &mut Review| review.made = Timestamp::from_second(1_700_000_001).unwrap();
        let (guest, upgrade) = (ReportedSeat::Known(Seat::Guest), KEY.replace("down", "up"));
        let table = [
            ("another user", seal.holds(&signature, &KEY.replace("201", "218"), Some(&MEMBER))),
            ("another action", seal.holds(&signature, &upgrade, Some(&MEMBER))),
            ("another seat seen", seal.holds(&signature, KEY, Some(&guest))),
            ("no seat seen", seal.holds(&signature, KEY, None)),
            ("another secret", Signer::new(&review(), &secret(2)).holds(&signature, KEY, Some(&MEMBER))),
            ("another time", other(later).holds(&signature, KEY, Some(&MEMBER))),
            ("another input", other(|review| review.sha256 = "00".into()).holds(&signature, KEY, Some(&MEMBER))),
            (
                "another account",
                other(|review| review.account = Some("b".into())).holds(&signature, KEY, Some(&MEMBER)),
            ),
            ("no account", other(|review| review.account = None).holds(&signature, KEY, Some(&MEMBER))),
            ("another review", other(|review| review.name = "other".into()).holds(&signature, KEY, Some(&MEMBER))),
        ];
        for (what, holds) in table {
            assert!(!holds, "{what}");
        }
    }

    #[test]
    fn what_is_no_signature_is_not_read_as_one() {
        let good = Signer::new(&review(), &secret(1)).sign(KEY, None).to_string();
        let upper = good.to_uppercase();
        let table =
            ["", "s1", "s1.r", "s1..0123456789abcdef0123456789abcdef", &upper, &good[1..], &good[..good.len() - 1]];
        for text in table {
            assert_eq!(Signature::read(text), Err(SignatureError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_signature_is_text_to_every_spreadsheet(key in ".{0,40}", seat in proptest::option::of("[A-Z_]{1,12}")) {
            let seat = seat.map(ReportedSeat::from);
            let seal = Signer::new(&review(), &secret(7));
            let text = seal.sign(&key, seat.as_ref()).to_string();
            // A letter first, no separator of any locale that ends a cell, nothing that is trimmed, guarded or quoted.
            prop_assert!(text.starts_with("s1."));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte)));
            prop_assert!(text.parse::<f64>().is_err() && text.len() < 100);
            prop_assert!(seal.holds(&Signature::read(&text).unwrap(), &key, seat.as_ref()));
        }

        #[test]
        fn a_changed_letter_is_noticed(at in 0_usize..64, letter in "[0-9a-f]") {
            let seal = Signer::new(&review(), &secret(7));
            let mut text = seal.sign(KEY, Some(&MEMBER)).to_string();
            let at = at % text.len();
            let before = text.clone();
            text.replace_range(at..=at, &letter);
            let holds = Signature::read(&text).is_ok_and(|read| seal.holds(&read, KEY, Some(&MEMBER)));
            prop_assert_eq!(holds, text == before);
        }
    }
}
