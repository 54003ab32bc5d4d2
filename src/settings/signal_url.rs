//! Where the outside is told how a run went: an address by https, and the form of what is sent there.
//!
//! Such addresses hold their own secret in the path, so only the host is ever shown.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// An address that is told how a run went.
#[derive(Clone, PartialEq, Eq)]
pub struct SignalUrl(Url);

/// Why a text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalUrlError {
    /// It is not an address.
    #[error("is not a URL such as https://hc-ping.com/UUID")]
    Form,
    /// Others could read or change what is sent.
    #[error("is not an https URL (http is for loopback addresses only)")]
    Clear,
}

impl SignalUrl {
    /// The address, with the secret that it may hold.
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// The address one step further down: `https://hc-ping.com/UUID/start`.
    #[must_use]
    pub fn below(&self, step: &str) -> Self {
        let mut url = self.0.clone();
        let path = format!("{}/{step}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Self(url)
    }
}

impl fmt::Display for SignalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for SignalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SignalUrl {
    type Err = SignalUrlError;

    fn from_str(text: &str) -> Result<Self, SignalUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| SignalUrlError::Form)?;
        let host = url.host_str().ok_or(SignalUrlError::Form)?.trim_start_matches('[').trim_end_matches(']');
        let is_loopback =
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback => Ok(Self(url)),
            _ => Err(SignalUrlError::Clear),
        }
    }
}

/// The form of what is sent to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFormat {
    /// The summary, as JSON.
    Json,
    /// `{"text": …}`, which Slack and Teams show as a message.
    Text,
}

impl fmt::Display for WebhookFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Json => "json",
            Self::Text => "text",
        })
    }
}

/// A text that names no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither json nor text")]
pub struct WebhookFormatError(String);

impl FromStr for WebhookFormat {
    type Err = WebhookFormatError;

    fn from_str(text: &str) -> Result<Self, WebhookFormatError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(WebhookFormatError(text.trim().to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_are_told_and_a_path_is_never_shown() {
        let url: SignalUrl = "https://hooks.example/services/s3cret".parse().unwrap();
        assert_eq!(
            (url.to_string(), format!("{url:?}")),
            ("https://hooks.example/…".into(), "https://hooks.example/…".into())
        );
        assert_eq!(url.below("start").expose().as_str(), "https://hooks.example/services/s3cret/start");
        assert!("http://127.0.0.1:8080/x".parse::<SignalUrl>().is_ok());
        for (text, error) in [
            ("http://hooks.example/s3cret", SignalUrlError::Clear),
            ("ftp://hooks.example/s3cret", SignalUrlError::Clear),
            ("hooks.example/s3cret", SignalUrlError::Form),
        ] {
            assert_eq!(text.parse::<SignalUrl>(), Err(error));
        }
    }
}
