//! Misbehaviours on demand: what each is called, whether the request is carried out, and what comes back instead.
//!
//! It decides what a fault is. It must never decide which request is hit (that is for `world` and `background`) nor
//! write to a socket.

use std::fmt;
use std::str::FromStr;

use super::refusal::is_documented;

/// One misbehaviour of one request.
///
/// Its text form is one of the names below, or the number of a documented error code (`1014`, `1359`, `5697`), which is
/// answered with its HTTP status and without the change being made. `2109-as-text` is the same with a text as
/// `errorCode` and a number as `message`, for both can be anything (seed 003).
///
/// | name | answer | change made |
/// |---|---|---|
/// | `429` | 429/4003, `Retry-After: 2` (so that a rehearsal need not wait a minute) | no |
/// | `429-date` | the same, `Retry-After` as an HTTP date 3 seconds ahead | no |
/// | `429-silent` | the same without `Retry-After` | no |
/// | `4001` | 503/4001, `Retry-After: 2` | no |
/// | `4001-silent` | the same without `Retry-After` | no |
/// | `4000`, `4002`, `4004` | 500 and that code | no |
/// | `4002-applied` | 500/4002 | yes |
/// | `401` | 401/1003, the token has expired, though the next request with it is let in | no |
/// | `401-for-good` | the same, and so is every later request answered, until the token is renewed | no |
/// | `502` | 502, an HTML page | no |
/// | `502-applied`, `504-applied` | that status, an HTML page | yes |
/// | `partial` | 200, `resultCode` 3, `PARTIAL_SUCCESS` | yes |
/// | `partial-not-applied` | the same | no |
/// | `untrue` | 200, `resultCode` 0, `SUCCESS` | no |
/// | `html` | 200, an HTML page, such as a login page | no |
/// | `redirect` | 302 to a login page | no |
/// | `echo-id`, `echo-name` | of an update: 200, the user shown with another id, or another first name | yes |
/// | `unknown-fields` | 200, with properties that nobody has documented | yes |
/// | `cut` | 200, the connection closed half-way through the JSON | yes |
/// | `stall` | none, until the client gives up | yes |
/// | `stall-before` | none, until the client gives up | no |
/// | `reset` | none, the connection is reset | no |
/// | `reset-applied` | none, the connection is reset | yes |
/// | `lost` | as `reset-applied`, and every later read of that user is answered 500/4004 | yes |
///
/// A read has no change to make; it is answered as far as the table applies, and `partial` and `untrue` leave it alone.
/// The echoes leave everything but an update alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault {
    pub(super) is_applied: bool,
    pub(super) answer: Answer,
}

/// What comes back instead of the true answer, or is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    /// This error code.
    Code(u16, RetryAfter),
    /// This error code, as text, and a number as its message.
    CodeAsText(u16),
    /// That the token has expired, now and from now on.
    ExpiredToken,
    /// A gateway's HTML page with this status.
    Gateway(u16),
    /// A web page where JSON should be, with status 200.
    WebPage,
    /// A redirect to a login page.
    Redirect,
    /// The true answer with another id in the echo of an update.
    EchoOfOtherId,
    /// The true answer with another first name in the echo of an update.
    EchoOfOtherName,
    /// The true answer, said to be partial.
    Partial,
    /// That it was done.
    Done,
    /// The true answer with unknown properties.
    Adorned,
    /// The first half of the true answer.
    Cut,
    /// Nothing, ever.
    Silence,
    /// A reset connection.
    Reset,
    /// A reset connection, and no way to find out.
    Lost,
}

/// The form of a `Retry-After` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum RetryAfter {
    Absent,
    Seconds(u16),
    /// A date that many seconds ahead. Such dates count in whole seconds, so it is up to one second less.
    Date(u16),
}

const fn withheld(answer: Answer) -> Fault {
    Fault { is_applied: false, answer }
}

const fn applied(answer: Answer) -> Fault {
    Fault { is_applied: true, answer }
}

const NAMED: &[(&str, Fault)] = &[
    ("429", withheld(Answer::Code(4003, RetryAfter::Seconds(2)))),
    ("429-date", withheld(Answer::Code(4003, RetryAfter::Date(3)))),
    ("429-silent", withheld(Answer::Code(4003, RetryAfter::Absent))),
    ("4001", withheld(Answer::Code(4001, RetryAfter::Seconds(2)))),
    ("4001-silent", withheld(Answer::Code(4001, RetryAfter::Absent))),
    ("4000", withheld(Answer::Code(4000, RetryAfter::Absent))),
    ("4002", withheld(Answer::Code(4002, RetryAfter::Absent))),
    ("4002-applied", applied(Answer::Code(4002, RetryAfter::Absent))),
    ("4004", withheld(Answer::Code(4004, RetryAfter::Absent))),
    ("401", withheld(Answer::Code(1003, RetryAfter::Absent))),
    ("401-for-good", withheld(Answer::ExpiredToken)),
    ("502", withheld(Answer::Gateway(502))),
    ("502-applied", applied(Answer::Gateway(502))),
    ("504-applied", applied(Answer::Gateway(504))),
    ("partial", applied(Answer::Partial)),
    ("partial-not-applied", withheld(Answer::Partial)),
    ("untrue", withheld(Answer::Done)),
    ("html", withheld(Answer::WebPage)),
    ("redirect", withheld(Answer::Redirect)),
    ("echo-id", applied(Answer::EchoOfOtherId)),
    ("echo-name", applied(Answer::EchoOfOtherName)),
    ("unknown-fields", applied(Answer::Adorned)),
    ("cut", applied(Answer::Cut)),
    ("stall", applied(Answer::Silence)),
    ("stall-before", withheld(Answer::Silence)),
    ("reset", withheld(Answer::Reset)),
    ("reset-applied", applied(Answer::Reset)),
    ("lost", applied(Answer::Lost)),
];

/// What follows an error code that is to come as text.
const AS_TEXT: &str = "-as-text";

impl Fault {
    /// The names, in the order in which an error lists them. Error codes come on top.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }
}

impl FromStr for Fault {
    type Err = String;

    /// The fault of that name or error code, whatever the case and the space around it; the error lists the names.
    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim().to_ascii_lowercase();
        if let Some((_, fault)) = NAMED.iter().find(|(name, _)| *name == wanted) {
            return Ok(*fault);
        }
        let (number, is_text) = match wanted.strip_suffix(AS_TEXT) {
            Some(number) => (number, true),
            None => (wanted.as_str(), false),
        };
        match number.parse() {
            Ok(code) if is_documented(code) && is_text => Ok(withheld(Answer::CodeAsText(code))),
            Ok(code) if is_documented(code) => Ok(withheld(Answer::Code(code, RetryAfter::Absent))),
            _ => Err(format!(
                "no fault is called '{}'; there are {}, and the documented error codes such as 1014 or 1014-as-text",
                text.trim(),
                Self::names().collect::<Vec<_>>().join(", "),
            )),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = NAMED.iter().find(|(_, fault)| fault == self) {
            return f.write_str(name);
        }
        match self.answer {
            Answer::Code(code, _) => write!(f, "{code}"),
            Answer::CodeAsText(code) => write!(f, "{code}{AS_TEXT}"),
            // Every other fault has a name.
            Answer::ExpiredToken
            | Answer::Gateway(_)
            | Answer::WebPage
            | Answer::Redirect
            | Answer::EchoOfOtherId
            | Answer::EchoOfOtherName
            | Answer::Partial
            | Answer::Done
            | Answer::Adorned
            | Answer::Cut
            | Answer::Silence
            | Answer::Reset
            | Answer::Lost => f.write_str("fault"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_as_it_was() {
        for name in Fault::names().chain(["1014", "1359", "5697", "2109", "2109-as-text"]) {
            let fault: Fault = name.parse().unwrap();
            assert_eq!(fault.to_string(), name);
        }
    }

    #[test]
    fn case_and_space_do_not_matter() {
        assert_eq!(" Reset-Applied ".parse::<Fault>(), "reset-applied".parse());
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        for wrong in ["boom", "", "9999", "-1", "9999-as-text", "429-as-text"] {
            let error = wrong.parse::<Fault>().unwrap_err();
            assert!(error.contains("429-silent, 4001, "), "{error}");
        }
    }
}
