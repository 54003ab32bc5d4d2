//! Patterns: whom an entry of a list of users means, one user or everybody of a domain.

use std::fmt;
use std::str::FromStr;

use super::{Domain, Email, UserId};

/// Whom an entry means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The user of this id.
    User(UserId),
    /// The user of this primary address.
    Address(Email),
    /// Everybody whose primary address is at this domain; those at its subdomains are not meant.
    Domain(Domain),
}

/// A text that means nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` means no user: write an id, an address such as jane@acme.example, or *@acme.example for a whole domain")]
pub struct PatternError(String);

impl Pattern {
    /// Whether a user is meant; `None` when that depends on an id or an address that is not known.
    pub fn matches(&self, user: Option<UserId>, email: Option<&Email>) -> Option<bool> {
        match self {
            Self::User(meant) => user.map(|user| user == *meant),
            Self::Address(meant) => email.map(|email| email == meant),
            Self::Domain(meant) => email.map(|email| meant.is_of(email)),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => user.fmt(f),
            Self::Address(email) => email.fmt(f),
            Self::Domain(domain) => write!(f, "*@{domain}"),
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let id = || text.parse().ok().map(Self::User);
        let address = || Email::new(text).filter(|email| !email.as_str().contains('*')).map(Self::Address);
        let domain = || text.starts_with(['*', '＊']).then(|| text.parse().ok()).flatten();
        id().or_else(address).or_else(|| domain().map(Self::Domain)).ok_or_else(|| PatternError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_an_id_an_address_or_a_whole_domain() {
        let table = [
            ("48569348493401201", Some("48569348493401201")),
            (" Jane@Acme.example ", Some("jane@acme.example")),
            ("*@Board.Acme.example", Some("*@board.acme.example")),
            ("*@board.acme.example.", Some("*@board.acme.example")),
            ("＊＠acme．example", Some("*@acme.example")),
            ("*@münchen.example", Some("*@xn--mnchen-3ya.example")),
            ("*acme.example", None),
            ("*@", None),
            ("*@.", None),
            ("acme.example", None),
            ("@acme.example", None),
            ("*", None),
            ("*@*", None),
            ("*@*.example", None),
            ("j*@acme.example", None),
            ("a@b.example,c@d.example", None),
            ("4.8E+16", None),
            ("", None),
        ];
        for (text, expected) in table {
            let pattern = text.parse::<Pattern>().ok().map(|pattern| pattern.to_string());
            assert_eq!(pattern.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn whoever_is_meant_is_known_by_id_or_address() {
        let (jane, user) = (Email::new("jane@acme.example"), UserId::new(5));
        // pattern, user, address, is meant
        let table = [
            ("5", user, None, Some(true)),
            ("6", user, jane.clone(), Some(false)),
            ("5", None, jane.clone(), None),
            ("JANE@acme.example", user, jane.clone(), Some(true)),
            ("joe@acme.example", None, jane.clone(), Some(false)),
            ("jane@acme.example", user, None, None),
            ("*@acme.example", None, jane, Some(true)),
            ("*@acme.example", None, Email::new("jane@sub.acme.example"), Some(false)),
            ("*@acme.example", user, None, None),
        ];
        for (pattern, user, email, expected) in table {
            let found = pattern.parse::<Pattern>().unwrap().matches(user, email.as_ref());
            assert_eq!(found, expected, "{pattern} for {user:?} {email:?}");
        }
    }
}
