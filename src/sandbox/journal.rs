//! A record of the requests that came in, for tests to look at.
//!
//! It decides what is remembered of a request. It must never influence an answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use tokio::time::Instant;

use super::fault::Fault;
use super::operation::Operation;
use super::parameters::{INTEGRATION_SOURCE, bearer, text};

/// One request and what became of it.
#[derive(Debug, Clone)]
pub struct LoggedRequest {
    /// Counted from 0 in the order of arrival.
    pub number: u64,
    /// `GET`, `POST`, `PUT`, `DELETE`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The body, as text.
    pub body: String,
    /// The user it is about, where the path names one.
    pub user: Option<u64>,
    /// The operation it asks for, where it is one that a fault can be bound to.
    pub operation: Option<Operation>,
    /// The token of the `Authorization` header.
    pub token: Option<String>,
    /// The header `smartsheet-integration-source`.
    pub integration_source: Option<String>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
    /// The fault that struck it.
    pub fault: Option<Fault>,
    /// When it had been read.
    pub began: Instant,
    /// When its answer was ready, or when it was decided that none will come; `None` while it is being worked on. The
    /// client cannot have had the answer earlier.
    pub ended: Option<Instant>,
    /// The HTTP status of the answer, where there was one.
    pub status: Option<u16>,
    /// Code and reference of the error in the answer, where that was one of the API's.
    pub refused: Option<(u16, String)>,
}

/// The requests so far, if they are kept.
#[derive(Debug)]
pub(super) struct Journal(Option<Mutex<Vec<LoggedRequest>>>);

impl Journal {
    pub(super) fn new(keeps_requests: bool) -> Self {
        Self(keeps_requests.then(Mutex::default))
    }

    /// Writes a request down, and returns where.
    pub(super) fn begin(&self, number: u64, parts: &Parts, body: &[u8]) -> Entry {
        let Some(mut requests) = self.requests() else { return Entry(None) };
        let header = |name: &str| text(&parts.headers, name).map(str::to_owned);
        requests.push(LoggedRequest {
            number,
            method: parts.method.to_string(),
            path: parts.uri.to_string(),
            body: String::from_utf8_lossy(body).into_owned(),
            user: None,
            operation: None,
            token: token(&parts.headers),
            integration_source: header(INTEGRATION_SOURCE),
            content_type: header(header::CONTENT_TYPE.as_str()),
            user_agent: header(header::USER_AGENT.as_str()),
            fault: None,
            began: Instant::now(),
            ended: None,
            status: None,
            refused: None,
        });
        Entry(Some(requests.len() - 1))
    }

    /// Adds to what was written down.
    pub(super) fn note(&self, entry: Entry, note: impl FnOnce(&mut LoggedRequest)) {
        if let (Some(mut requests), Some(place)) = (self.requests(), entry.0)
            && let Some(request) = requests.get_mut(place)
        {
            note(request);
        }
    }

    pub(super) fn copy(&self) -> Vec<LoggedRequest> {
        self.requests().map(|requests| requests.clone()).unwrap_or_default()
    }

    fn requests(&self) -> Option<MutexGuard<'_, Vec<LoggedRequest>>> {
        self.0.as_ref().map(|requests| requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The place of a request in the journal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry(Option<usize>);

fn token(headers: &HeaderMap) -> Option<String> {
    bearer(headers).map(str::to_owned)
}
