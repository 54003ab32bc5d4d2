//! Paced reading: one request that only reads, sent when the pace allows it and once it is on record.

use std::future::Future;

use crate::api::{Raw, Request};
use crate::model::Answer;

/// Sends one paced and recorded request that only reads.
pub(super) trait PacedReader {
    /// The answer, or `None` when nothing may be sent any more.
    fn ask(&self, request: Request) -> impl Future<Output = Option<Result<Raw, Answer>>> + Send;
}

/// Why there is no reading.
#[derive(Debug)]
pub(super) enum ReadError {
    /// Something came back that is none.
    Answered(Box<Answer>),
    /// Nothing may be sent any more.
    Cancelled,
}

impl From<Answer> for ReadError {
    fn from(answer: Answer) -> Self {
        Self::Answered(Box::new(answer))
    }
}
