//! The address of the API: a region by name, an https URL, or plain http on loopback.
//!
//! It decides where the token may be sent, so it must never let an address through that would carry the token in the
//! clear. It never shows what could hold a secret, such as a password or a query inside a refused address.

use std::fmt;
use std::str::FromStr;

// The client's own parser, so that no address can mean one host here and another one there.
use reqwest::Url;

const REGIONS: [(&str, &str); 4] = [
    ("us", "https://api.smartsheet.com/2.0"),
    ("eu", "https://api.smartsheet.eu/2.0"),
    ("au", "https://api.smartsheet.au/2.0"),
    ("gov", "https://api.smartsheetgov.com/2.0"),
];

/// The base address of the API, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiUrl(String);

/// Why a text is no address for the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiUrlError {
    /// It is neither a region nor a URL.
    #[error("{0}is neither a region (us, eu, au, gov) nor a URL such as https://api.smartsheet.com/2.0")]
    Form(Shown),
    /// It has some other scheme than https and http.
    #[error("{0}is not an https URL")]
    Scheme(Shown),
    /// It would send the token in the clear.
    #[error("{0}would send the token unencrypted: use https (http is for loopback addresses only)")]
    Clear(Shown),
    /// It holds a user name or a password.
    #[error("the URL holds a user name or a password: leave it out, the token alone says who is asking")]
    User,
    /// It is a host of Smartsheet's, and not where the API is there.
    #[error("`{given}` is not where the API is: write {meant}")]
    Path {
        /// What was given.
        given: String,
        /// What is meant.
        meant: &'static str,
    },
    /// It has a query or a fragment.
    #[error("the URL has a query (`?…`) or a fragment (`#…`): end it with the path, such as /2.0")]
    Query,
}

/// A refused text, quoted where it can hold no secret and left out where it could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(Option<String>);

impl Shown {
    fn of(text: &str) -> Self {
        Self((!text.contains(['@', '?', '#'])).then(|| text.to_owned()))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(text) => write!(f, "`{text}` "),
            None => f.write_str("the address "),
        }
    }
}

impl ApiUrl {
    /// The address as text: `https://api.smartsheet.com/2.0`. Paths of the API are appended to it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can only be reached from this machine: 127.0.0.0/8, `::1`, `localhost`.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }

    /// The names of the other regions, where it is one of Smartsheet's own.
    pub fn other_regions(&self) -> Vec<&'static str> {
        let is_own = REGIONS.iter().any(|(_, url)| *url == self.0);
        REGIONS.iter().filter(|(_, url)| is_own && *url != self.0).map(|(name, _)| *name).collect()
    }

    /// Whether it is Smartsheet Gov, where nobody can be deactivated or reactivated.
    pub fn is_gov(&self) -> bool {
        let host = Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.is_some_and(|host| host == "smartsheetgov.com" || host.ends_with(".smartsheetgov.com"))
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ApiUrl {
    type Err = ApiUrlError;

    fn from_str(text: &str) -> Result<Self, ApiUrlError> {
        let text = text.trim();
        if let Some((_, url)) = REGIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Ok(Self((*url).to_owned()));
        }
        let shown = || Shown::of(text);
        let url = Url::parse(text).map_err(|_| ApiUrlError::Form(shown()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ApiUrlError::User);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(ApiUrlError::Clear(shown())),
            // `localhost:8080` is a URL with the scheme `localhost`: what was left out is the scheme.
            _ if url.has_host() => return Err(ApiUrlError::Scheme(shown())),
            _ => return Err(ApiUrlError::Form(shown())),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ApiUrlError::Query);
        }
        let base = url.as_str().trim_end_matches('/');
        match own_region(&url).filter(|meant| *meant != base) {
            Some(meant) => Err(ApiUrlError::Path { given: base.to_owned(), meant }),
            None => Ok(Self(base.to_owned())),
        }
    }
}

/// Where the API is of the region that a host of Smartsheet's belongs to.
fn own_region(url: &Url) -> Option<&'static str> {
    let host = url.host_str()?;
    let is_own = |(_, region): &&(&str, &'static str)| {
        let domain = region.trim_start_matches("https://api.").trim_end_matches("/2.0");
        host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    };
    REGIONS.iter().find(is_own).map(|(_, region)| *region)
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_https_and_loopback_are_addresses() {
        let table = [
            ("us", "https://api.smartsheet.com/2.0"),
            ("EU", "https://api.smartsheet.eu/2.0"),
            ("au", "https://api.smartsheet.au/2.0"),
            (" gov ", "https://api.smartsheetgov.com/2.0"),
            ("https://api.smartsheet.com/2.0/", "https://api.smartsheet.com/2.0"),
            ("HTTPS://API.Smartsheet.com:443/2.0", "https://api.smartsheet.com/2.0"),
            ("https://proxy.acme.example", "https://proxy.acme.example"),
            ("http://127.0.0.1:8080/2.0", "http://127.0.0.1:8080/2.0"),
            ("http://127.8.9.1/2.0//", "http://127.8.9.1/2.0"),
            ("http://[::1]:9/2.0", "http://[::1]:9/2.0"),
            ("http://localhost:8080/2.0", "http://localhost:8080/2.0"),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<ApiUrl>().as_ref().map(ApiUrl::as_str), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn the_token_is_never_sent_in_the_clear_and_what_is_no_address_is_refused() {
        let table = [
            ("http://api.smartsheet.com/2.0", "unencrypted"),
            ("http://128.0.0.1/2.0", "unencrypted"),
            ("http://localhost.acme.example/2.0", "unencrypted"),
            ("http://0.0.0.0:8080", "unencrypted"),
            ("ftp://127.0.0.1/2.0", "not an https URL"),
            ("https://api.smartsheet.com", "write https://api.smartsheet.com/2.0"),
            ("https://app.smartsheet.eu/b/home", "write https://api.smartsheet.eu/2.0"),
            ("https://api.smartsheet.com/2", "write https://api.smartsheet.com/2.0"),
            ("localhost:8080", "neither a region"),
            ("api.smartsheet.com/2.0", "neither a region"),
            ("uk", "neither a region"),
            ("", "neither a region"),
            ("https://", "neither a region"),
            ("https://api.smartsheet.com/2.0?x=1", "a query"),
            ("https://api.smartsheet.com/2.0#x", "a fragment"),
            ("https://jane@api.smartsheet.com/2.0", "a user name"),
            ("http://jane:hush@127.0.0.1/2.0", "a user name"),
        ];
        for (text, expected) in table {
            let error = text.parse::<ApiUrl>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_refused_address_does_not_show_what_could_be_a_secret() {
        for text in ["https://jane:hush@x y/", "https://x/?token=hush", "ftp://jane:hush@x", "http://x/#hush", "hush@x"]
        {
            let error = text.parse::<ApiUrl>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{text}: {error:?}");
        }
    }

    #[test]
    fn loopback_and_gov_are_known_by_their_host() {
        let table = [
            ("us", false, false),
            ("gov", false, true),
            ("https://api.smartsheetgov.com.acme.example/2.0", false, false),
            ("http://127.0.0.1:1", true, false),
            ("https://localhost", true, false),
            ("http://[::1]:1", true, false),
        ];
        for (text, loopback, gov) in table {
            let url: ApiUrl = text.parse().unwrap();
            assert_eq!((url.is_loopback(), url.is_gov()), (loopback, gov), "{text}");
        }
    }
}
