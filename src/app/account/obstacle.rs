//! What stands between this machine and the API, told from the words of the HTTP libraries, and what to do about each.
//!
//! The libraries have no type for it that survives to here, so their words are held by tests against real servers. What is
//! not recognized gets the general hint.

use crate::model::Answer;

/// Why a request does not reach the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The certificate comes from an authority that this machine does not know.
    UnknownIssuer,
    /// The certificate is not valid any more, or not yet, as the clock of this machine says.
    Clock,
    /// The certificate is for another host.
    WrongName,
    /// No certificates of authorities were found on this machine.
    NoStore,
    /// The proxy wants to know who is asking.
    ProxyLogin,
    /// The proxy does not let the request through.
    ProxyRefused,
    /// Nothing answers where the proxy should be.
    ProxyGone,
    /// The name of the host has no address.
    Dns,
}

impl Obstacle {
    /// What an answer that never came shows, if anything is known. `proxy` is what the environment names as one.
    pub(crate) fn of(answer: &Answer, proxy: Option<&str>) -> Option<Self> {
        let (Answer::NotSent { text } | Answer::Lost { text, .. }) = answer else { return None };
        Self::in_words(text, proxy)
    }

    fn in_words(text: &str, proxy: Option<&str>) -> Option<Self> {
        let text = text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["unknownissuer", "unknown issuer", "self-signed", "self signed", "cautilizederror"]) {
            Some(Self::UnknownIssuer)
        } else if has(&["certificate expired", "not valid yet", "certificate not yet valid"]) {
            Some(Self::Clock)
        } else if has(&["not valid for name", "notvalidforname"]) {
            Some(Self::WrongName)
        } else if has(&["no ca certificates", "no native root", "native root ca"]) {
            Some(Self::NoStore)
        } else if has(&["proxy authorization required", "proxy authentication required"]) {
            Some(Self::ProxyLogin)
        } else if has(&["tunnel"]) {
            Some(Self::ProxyRefused)
        } else if proxy.is_some() && has(&["connection refused", "proxy connect"]) {
            Some(Self::ProxyGone)
        } else if has(&["dns error", "failed to lookup address"]) {
            Some(Self::Dns)
        } else {
            None
        }
    }

    /// Whether it will still be there in ten seconds.
    pub(crate) const fn is_lasting(self) -> bool {
        match self {
            Self::UnknownIssuer
            | Self::Clock
            | Self::WrongName
            | Self::NoStore
            | Self::ProxyLogin
            | Self::ProxyRefused => true,
            Self::ProxyGone | Self::Dns => false,
        }
    }

    /// What to do about it.
    pub(crate) const fn hint(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "does a proxy of the company inspect TLS? Name its certificate (PEM) as ca_file in the settings or in \
                 SEATRUN_CA_FILE"
            }
            Self::Clock => {
                "is the clock of this machine right? Compare `date -u`; else the certificate of the server is too old"
            }
            Self::WrongName => "check --api-url: the server has the certificate of another host",
            Self::NoStore => {
                "install the package ca-certificates, or name a file of certificates (PEM) as ca_file in the settings"
            }
            Self::ProxyLogin => "the proxy wants a user and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
            Self::ProxyRefused => {
                "the proxy of HTTPS_PROXY does not let requests through to this host: have it allowed, or put the host into NO_PROXY"
            }
            Self::ProxyGone => "nothing answers at the proxy of HTTPS_PROXY: check its address, or unset it",
            Self::Dns => {
                "the name of the host has no address here: check --api-url and the network; behind a proxy, set HTTPS_PROXY"
            }
        }
    }
}

/// The proxy that requests by https go through, as the environment says it, without what may be a password.
pub(crate) fn proxy(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let said = names.into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()))?;
    let (scheme, rest) = said.split_once("://").map_or(("http", said.as_str()), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_libraries_say_is_understood() {
        let proxy = Some("http://proxy:3128");
        let table = [
            ("client error (Connect): invalid peer certificate: UnknownIssuer", None, Some(Obstacle::UnknownIssuer)),
            ("invalid peer certificate: certificate expired: verification time 1", None, Some(Obstacle::Clock)),
            ("invalid peer certificate: certificate not valid yet: verification", None, Some(Obstacle::Clock)),
            ("invalid peer certificate: certificate not valid for name \"x\"", None, Some(Obstacle::WrongName)),
            ("tunnel error: proxy authorization required", proxy, Some(Obstacle::ProxyLogin)),
            ("tunnel error: unsuccessful", proxy, Some(Obstacle::ProxyRefused)),
            ("tcp connect error: Connection refused (os error 111)", proxy, Some(Obstacle::ProxyGone)),
            ("tcp connect error: Connection refused (os error 111)", None, None),
            ("dns error: failed to lookup address information", None, Some(Obstacle::Dns)),
            ("connection reset by peer", None, None),
        ];
        for (text, proxy, expected) in table {
            assert_eq!(Obstacle::in_words(text, proxy), expected, "{text}");
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        let of = |value: &'static str| proxy(|name| (name == "https_proxy").then(|| value.to_owned()));
        assert_eq!(of("http://jane:hush@proxy:3128").as_deref(), Some("http://proxy:3128"));
        assert_eq!(of("proxy:3128").as_deref(), Some("http://proxy:3128"));
        assert_eq!(of(""), None);
    }
}
