//! Addresses and their domains, compared as what they mean: without regard to case, to a dot at the end, to the width of
//! letters, and to whether a domain is written in its own letters or in those of the wire (`münchen.example`,
//! `xn--mnchen-3ya.example`).
//!
//! One spelling stands for all of them, so that nothing that compares addresses has to know of the others.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use idna::AsciiDenyList;

/// A user's primary email address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(Box<str>);

impl Email {
    /// The address of a text that has the form of one.
    pub fn new(text: &str) -> Option<Self> {
        let text = narrowed(text.trim());
        let (name, domain) = text.split_once('@')?;
        let well_formed = !name.is_empty() && !text.contains(|letter: char| letter.is_whitespace() || letter == ',');
        let domain = well_formed.then(|| domain_of(domain)).flatten()?;
        Some(Self(format!("{}@{domain}", name.to_lowercase()).into()))
    }

    /// The address, in lower case, and its domain as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What comes before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(name, _)| name)
    }

    /// What comes behind the `@`, in lower case and as it is on the wire.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address with its domain in its own letters, where that is another spelling.
    pub fn in_own_letters(&self) -> Option<String> {
        let domain = self.domain();
        if !domain.contains("xn--") {
            return None;
        }
        let (own, result) = idna::domain_to_unicode(domain);
        (result.is_ok() && own != domain).then(|| format!("{}@{own}", self.local_part()))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A domain of addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(Box<str>);

/// A text that is not a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a domain: write it as acme.example")]
pub struct DomainError(String);

impl Domain {
    /// Whether an address is at this very domain; those at its subdomains are not.
    pub fn is_of(&self, email: &Email) -> bool {
        email.domain() == &*self.0
    }

    /// Whether an address is at a subdomain of it.
    pub fn is_above(&self, email: &Email) -> bool {
        email.domain().strip_suffix(&*self.0).is_some_and(|rest| rest.ends_with('.'))
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    /// Reads `acme.example`, and `@acme.example` or `*@acme.example`, as people write "everybody at".
    fn from_str(text: &str) -> Result<Self, DomainError> {
        let narrow = narrowed(text.trim());
        let name = narrow.strip_prefix("*@").or_else(|| narrow.strip_prefix('@')).unwrap_or(&narrow);
        let is_odd = |letter: char| letter.is_whitespace() || matches!(letter, ',' | '*');
        let domain = (!name.contains(is_odd)).then(|| domain_of(name)).flatten();
        domain.map(|domain| Self(domain.into())).ok_or_else(|| DomainError(text.trim().to_owned()))
    }
}

/// The one spelling of a domain.
fn domain_of(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    // A label that no standard knows is still somebody's, and compared as it is written.
    let mapped = idna::domain_to_ascii_cow(text.as_bytes(), AsciiDenyList::EMPTY);
    let domain = mapped.map_or_else(|_| text.to_lowercase(), Cow::into_owned);
    let domain = domain.strip_suffix('.').unwrap_or(&domain);
    let well_formed = domain.contains('.') && !domain.starts_with('.') && !domain.contains('@');
    well_formed.then(|| domain.to_owned())
}

/// Text with full-width letters, digits and signs as the usual ones.
fn narrowed(text: &str) -> Cow<'_, str> {
    const WIDE: std::ops::RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';
    if text.is_ascii() || !text.contains(|letter| WIDE.contains(&letter)) {
        return Cow::Borrowed(text);
    }
    let narrow = |letter: char| match u32::from(letter) {
        code if WIDE.contains(&letter) => char::from_u32(code - 0xfee0).unwrap_or(letter),
        _ => letter,
    };
    Cow::Owned(text.chars().map(narrow).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_as_what_they_mean() {
        let alike = [
            ["jane@acme.example", " Jane@Acme.EXAMPLE "],
            ["jane@acme.example", "jane@acme.example."],
            ["jane@acme.example", "jane@ACME.Example."],
            ["jane@acme.example", "ｊａｎｅ＠ａｃｍｅ．ｅｘａｍｐｌｅ"],
            ["jane@acme.example", "jane@acme。example"],
            ["jo@münchen.example", "jo@xn--mnchen-3ya.example"],
            ["jo@münchen.example", "JO@MÜNCHEN.example"],
            ["jo@münchen.example", "jo@mu\u{308}nchen.example"],
            ["jo@münchen.example", "jo@XN--MNCHEN-3YA.example."],
            ["jo@straße.example", "jo@xn--strae-oqa.example"],
        ];
        for [one, other] in alike {
            assert!(Email::new(one).is_some(), "{one}");
            assert_eq!(Email::new(one), Email::new(other), "{one} {other}");
        }
        let different = [
            ["jane@acme.example", "jane@hr.acme.example"],
            ["jane@acme.example", "janet@acme.example"],
            ["jo@münchen.example", "jo@munchen.example"],
            ["jo@xn--a.example", "jo@xn--b.example"],
            ["zoë@acme.example", "zoe@acme.example"],
            ["jo@аcme.example", "jo@acme.example"],
        ];
        for [one, other] in different {
            assert!(Email::new(one).is_some() && Email::new(one) != Email::new(other), "{one} {other}");
        }
    }

    #[test]
    fn an_address_needs_a_name_and_a_domain() {
        let malformed = [
            "",
            "jane",
            "@acme.example",
            "jane@",
            "jane@acme",
            "jane@.",
            "jane@.example",
            "a b@acme.example",
            "a@b.c,d@e.f",
            "a@b@c.example",
            "jane＠",
            "a@b＠c.example",
        ];
        for text in malformed {
            assert!(Email::new(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_domain_is_written_alone_or_as_everybody_at_it() {
        let email = |text| Email::new(text).unwrap();
        for text in ["acme.example", "@acme.example", "*@acme.example", " *@ACME.example. ", "＊＠ａｃｍｅ.example"]
        {
            let domain: Domain = text.parse().unwrap();
            assert!(domain.is_of(&email("jane@acme.example")), "{text}");
            assert!(!domain.is_of(&email("jane@hr.acme.example")) && domain.is_above(&email("jane@hr.acme.example")));
            assert!(!domain.is_above(&email("jane@notacme.example")));
        }
        for text in
            ["", "acme", "*", "@", "*@", "jane@acme.example", "*.acme.example", "a.example,b.example", "a b.example"]
        {
            assert!(text.parse::<Domain>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_domain_of_the_wire_has_another_spelling_in_its_own_letters() {
        let own = |text| Email::new(text).unwrap().in_own_letters();
        assert_eq!(own("jo@münchen.example").as_deref(), Some("jo@münchen.example"));
        assert_eq!((own("jo@acme.example"), own("zoë@acme.example")), (None, None));
        assert_eq!(own("jo@xn--a.example"), None, "not a spelling of anything");
    }
}
