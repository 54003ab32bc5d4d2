//! The client: one request on the wire for each call, with every header of the documents, and nothing more.
//!
//! Redirects and the HTTP library's own retries are off, so that no attempt escapes the ledger. The token is held as
//! a header marked sensitive and is written nowhere.

use std::error::Error;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Certificate, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::request::{Method, Request};
use crate::model::{Answer, LostResponse, RetryAfter};

/// The longest body that is read, in bytes; a page of 100 users has about 50,000.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// An HTTP answer as it came.
#[derive(Debug, Clone)]
pub struct Raw {
    /// HTTP status.
    pub http: u16,
    /// How long the server asked to be left alone.
    pub pause: RetryAfter,
    /// The body, as far as it was read.
    pub body: Bytes,
    /// Whether the body broke off or was too long.
    pub cut: bool,
}

impl Raw {
    /// Whether somebody other than the API answered: with a web page where JSON is due, or with the way to one. A body that
    /// is empty or breaks off is not a page.
    pub fn is_from_another_site(&self) -> bool {
        let begins_as_page = self.body.trim_ascii_start().starts_with(b"<");
        matches!(self.http, 300..=399 | 511) || (matches!(self.http, 200..=299) && begins_as_page)
    }
}

/// Whatever carries one request to the API and its answer back.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    ///
    /// # Errors
    /// [`Answer::NotSent`] when it did not leave, [`Answer::Lost`] when no answer came back.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Raw, Answer>> + Send;
}

/// What a client needs to know.
#[derive(Debug)]
pub struct Connection {
    /// The API's base URL, without a slash at its end.
    pub base_url: String,
    /// Whether that is this machine; then no proxy is asked.
    pub on_loopback: bool,
    /// The access token.
    pub token: SecretString,
    /// The value of `smartsheet-integration-source`: type, organization, source (seeds, "Header parameters").
    pub integration_source: String,
    /// More certificates of authorities that the API's own may come from, as PEM.
    pub ca_certificates: Option<Vec<u8>>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a request may take from beginning to end.
    pub request_timeout: Duration,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The token, or the integration source, has characters that no header can carry.
    #[error("{0} has characters that an HTTP header cannot carry")]
    Header(&'static str),
    /// What should be certificates is something else.
    #[error("ca_file holds no certificates as PEM{0}")]
    Certificates(String),
    /// The HTTP library could not be set up.
    #[error("cannot set up HTTPS: {0}")]
    Setup(String),
}

/// The client of the real API (and of the sandbox, which it cannot tell apart).
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    token: SecretString,
    /// How far the clock of this machine is ahead of the server's, in seconds, once it has answered.
    skew: Arc<OnceLock<Option<i64>>>,
}

impl Client {
    /// A client for a connection. Nothing is sent yet.
    pub fn new(connection: &Connection) -> Result<Self, ClientError> {
        // A provider may have been installed by an earlier client of this process, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .default_headers(headers(connection)?)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(connection.connect_timeout)
            .timeout(connection.request_timeout)
            .tcp_nodelay(true)
            // One lost connection then puts one request in doubt, and not all that shared it.
            .http1_only()
            .pool_idle_timeout(Duration::from_secs(20));
        builder = if connection.base_url.starts_with("https:") {
            builder.tls_certs_merge(certificates(connection)?)
        } else {
            // A machine without certificates can still rehearse: nobody checks any here.
            builder.tls_certs_only([])
        };
        if connection.on_loopback {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| ClientError::Setup(chain(&error)))?;
        Ok(Self { http, base_url: connection.base_url.clone(), token: connection.token.clone(), skew: Arc::default() })
    }

    /// Whether anything has answered there so far.
    pub fn is_reached(&self) -> bool {
        self.skew.get().is_some()
    }

    /// How far the clock of this machine was ahead of the server's at the first answer, in seconds; none where the server
    /// does not say what time it is (`Date` of RFC 9110).
    pub fn clock_skew(&self) -> Option<i64> {
        self.skew.get().copied().flatten()
    }
}

fn certificates(connection: &Connection) -> Result<Vec<Certificate>, ClientError> {
    let Some(pem) = &connection.ca_certificates else { return Ok(Vec::new()) };
    let wrong = |error: reqwest::Error| ClientError::Certificates(format!(": {}", chain(&error)));
    let certificates = Certificate::from_pem_bundle(pem).map_err(wrong)?;
    if certificates.is_empty() { Err(ClientError::Certificates(String::new())) } else { Ok(certificates) }
}

fn headers(connection: &Connection) -> Result<HeaderMap, ClientError> {
    let mut token = HeaderValue::from_str(&format!("Bearer {}", connection.token.expose_secret()))
        .map_err(|_| ClientError::Header("the access token"))?;
    token.set_sensitive(true);
    let source =
        HeaderValue::from_str(&connection.integration_source).map_err(|_| ClientError::Header("integration_source"))?;
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, token),
        (HeaderName::from_static("smartsheet-integration-source"), source),
        (ACCEPT, HeaderValue::from_static("application/json")),
    ]))
}

impl Transport for Client {
    async fn send(&self, request: &Request) -> Result<Raw, Answer> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.http.request(method, format!("{}{}", self.base_url, request.path));
        match (&request.body, request.method) {
            (Some(body), _) => {
                let json = HeaderValue::from_static("application/json");
                builder = builder.header(CONTENT_TYPE, json).body(body.to_string());
            }
            // Some gateways answer 411 to a POST or a PUT that does not say its length, which is left out for none.
            (None, Method::Post | Method::Put) => {
                builder = builder.header(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            (None, Method::Get | Method::Delete) => {}
        }
        let response = builder.send().await.map_err(|error| unanswered(&error))?;
        let http = response.status().as_u16();
        let _ = self.skew.set(skew(response.headers(), Timestamp::now()));
        let pause = pause(response.headers(), Timestamp::now());
        let (body, cut) = capped_body(response).await;
        Ok(Raw { http, pause, body: without(body, self.token.expose_secret()), cut })
    }
}

/// The body as far as it comes and may come. What breaks off after the status line is still an answer.
async fn capped_body(mut response: reqwest::Response) -> (Bytes, bool) {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => return (body.freeze(), true),
            // Nearly every answer is one chunk, which then is not copied.
            Ok(Some(chunk)) if body.is_empty() && response.content_length() == Some(chunk.len() as u64) => {
                return (chunk, false);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body.freeze(), false),
            Err(_) => return (body.freeze(), true),
        }
    }
}

/// The body with a token that a gateway or a debug page echoes taken out, before anybody can quote it.
fn without(body: Bytes, token: &str) -> Bytes {
    let echoes = !token.is_empty() && body.windows(token.len()).any(|part| part == token.as_bytes());
    if echoes { String::from_utf8_lossy(&body).replace(token, "[token]").into() } else { body }
}

fn unanswered(error: &reqwest::Error) -> Answer {
    let text = chain(error);
    if error.is_connect() || error.is_builder() {
        Answer::NotSent { text }
    } else if error.is_timeout() {
        Answer::Lost { how: LostResponse::Timeout, text }
    } else {
        Answer::Lost { how: LostResponse::Connection, text }
    }
}

/// An error and its causes in one line, without the URL, which the reader knows.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}

/// How far a clock is ahead of the server's, in seconds.
fn skew(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let there = jiff::fmt::rfc2822::parse(date.trim()).ok()?.timestamp();
    Some(now.as_second() - there.as_second())
}

/// How long the server asks to be left alone: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` in
/// seconds or as a time since 1970. Neither is promised (marked [?] in the API notes), so neither is needed.
fn pause(headers: &HeaderMap, now: Timestamp) -> RetryAfter {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let until = |at: Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or_default();
    if let Some(after) = text(&RETRY_AFTER) {
        if let Ok(seconds) = after.parse() {
            return RetryAfter::For(Duration::from_secs(seconds));
        }
        if let Ok(at) = jiff::fmt::rfc2822::parse(after) {
            return RetryAfter::For(until(at.timestamp()));
        }
    }
    let reset = text(&HeaderName::from_static("x-ratelimit-reset")).and_then(|reset| reset.parse::<i64>().ok());
    match reset {
        // No pause lasts thirty years, so a number that large is a time and not a span.
        Some(at) if at > 1_000_000_000 => {
            Timestamp::from_second(at).map_or(RetryAfter::Absent, |at| RetryAfter::For(until(at)))
        }
        Some(seconds) => {
            u64::try_from(seconds).map_or(RetryAfter::Absent, |seconds| RetryAfter::For(Duration::from_secs(seconds)))
        }
        None => RetryAfter::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_a_server_echoes_is_taken_out() {
        let body = |text: &'static str| Bytes::from_static(text.as_bytes());
        assert_eq!(without(body("<p>Bearer s3cret!</p>"), "s3cret"), body("<p>Bearer [token]!</p>"));
        assert_eq!(without(body("nothing of it"), "s3cret"), body("nothing of it"));
        assert_eq!(without(body("short"), "a token that is longer than the body"), body("short"));
        assert_eq!(without(body("any"), ""), body("any"));
    }

    #[test]
    fn a_pause_is_read_in_every_form_that_servers_use() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let seconds = |seconds| RetryAfter::For(Duration::from_secs(seconds));
        let table = [
            ("retry-after", "7", seconds(7)),
            ("retry-after", " 7 ", seconds(7)),
            ("retry-after", "Tue, 14 Nov 2023 22:13:50 GMT", seconds(30)),
            ("retry-after", "Tue, 14 Nov 2023 22:13:10 GMT", seconds(0)),
            ("retry-after", "soon", RetryAfter::Absent),
            ("retry-after", "-5", RetryAfter::Absent),
            ("x-ratelimit-reset", "12", seconds(12)),
            ("x-ratelimit-reset", "1700000045", seconds(45)),
            ("x-ratelimit-reset", "1600000000", seconds(0)),
            ("x-something-else", "12", RetryAfter::Absent),
        ];
        for (name, value, expected) in table {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            assert_eq!(pause(&headers, now), expected, "{name}: {value}");
        }
    }
}
