//! Answers: what came back for one request, before anyone has judged it.
//!
//! The client turns sockets and bytes into an [`Answer`]; [`policy`](crate::policy) alone says what it means.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{UpdateEcho, UserEcho};

/// What came back for one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// An HTTP answer whose body could be read as the API's JSON.
    Said {
        /// HTTP status.
        http: u16,
        /// How long the server asked to be left alone.
        #[serde(default, skip_serializing_if = "RetryAfter::is_absent")]
        pause: RetryAfter,
        /// What the body says.
        word: ApiResult,
    },
    /// An HTTP answer with some other body: a gateway's page, half a document, one beyond the cap.
    Unreadable {
        /// HTTP status.
        http: u16,
        /// How long the server asked to be left alone.
        #[serde(default, skip_serializing_if = "RetryAfter::is_absent")]
        pause: RetryAfter,
        /// The beginning of what it was, or why it is unreadable.
        text: String,
    },
    /// A 200 in the API's JSON that lacks what was asked for, or has it in a shape that cannot be read. Only readings end
    /// so, and asking again would show the same.
    Unexpected {
        /// HTTP status.
        http: u16,
        /// What cannot be read, and what is there instead.
        text: String,
    },
    /// The request did not leave: refused connection, no name, no route, no TLS.
    NotSent {
        /// Why.
        text: String,
    },
    /// The request may have arrived, and no answer did.
    Lost {
        /// In which way.
        how: LostResponse,
        /// Why, in the client's words.
        text: String,
    },
}

/// How long a server asked to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// It did not say.
    #[default]
    #[serde(rename = "unsaid")]
    Absent,
    /// For this long.
    For(Duration),
}

impl RetryAfter {
    fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

/// In which way an answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostResponse {
    /// None came in time.
    Timeout,
    /// The connection ended before one came.
    Connection,
    /// The run was aborted, or the program died, before one came.
    Abort,
}

/// The API's own words in a body, success or error (seeds, "Response" sections). Unknown properties are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiResult {
    /// 0 success, 3 partial success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_code: Option<i64>,
    /// Smartsheet's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i64>,
    /// The outcome word of a success, or the text of an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The id of this occurrence of the error, for Smartsheet's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_id: Option<String>,
    /// More about an error, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<str>>,
    /// The users that the answer to an update shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<Box<UpdateEcho>>,
}

impl Answer {
    /// The HTTP status, where there was an answer.
    pub const fn http(&self) -> Option<u16> {
        match self {
            Self::Said { http, .. } | Self::Unreadable { http, .. } | Self::Unexpected { http, .. } => Some(*http),
            Self::NotSent { .. } | Self::Lost { .. } => None,
        }
    }

    /// The API's words, where it said any.
    pub const fn word(&self) -> Option<&ApiResult> {
        match self {
            Self::Said { word, .. } => Some(word),
            Self::Unreadable { .. } | Self::Unexpected { .. } | Self::NotSent { .. } | Self::Lost { .. } => None,
        }
    }

    /// The API's error code, where it said one.
    pub fn error_code(&self) -> Option<i64> {
        self.word()?.error_code
    }

    /// Whether the server named a time for which it wants to be left alone.
    pub const fn names_pause(&self) -> bool {
        match self {
            Self::Said { pause, .. } | Self::Unreadable { pause, .. } => matches!(pause, RetryAfter::For(_)),
            Self::Unexpected { .. } | Self::NotSent { .. } | Self::Lost { .. } => false,
        }
    }

    /// The users that it shows, where it is the answer to an update.
    pub fn echo(&self) -> &[UserEcho] {
        self.word().and_then(|word| word.echo.as_ref()).map_or(&[], |echo| echo.users())
    }

    /// What came back, in one line for a person.
    pub fn describe(&self) -> String {
        match self {
            Self::Said { http, word, .. } => word.describe(*http),
            Self::Unreadable { http, text, .. } => format!("HTTP {http} without a readable answer: {text}"),
            Self::Unexpected { text, .. } => text.clone(),
            Self::NotSent { text } => format!("the request was not sent: {text}"),
            Self::Lost { how: LostResponse::Timeout, text } => format!("no answer in time: {text}"),
            Self::Lost { how: LostResponse::Connection, text } => format!("the connection was lost: {text}"),
            Self::Lost { how: LostResponse::Abort, text } => format!("nobody waited for the answer: {text}"),
        }
    }
}

impl ApiResult {
    /// Whether there is a message that says anything.
    pub fn has_message(&self) -> bool {
        self.message.as_deref().is_some_and(|message| !message.trim().is_empty())
    }

    /// Whether the message, if there is one, is that of a success.
    pub fn says_success(&self) -> bool {
        !self.has_message() || self.says("SUCCESS") || self.says_partial_success()
    }

    /// Whether the message is that of a partial success.
    pub fn says_partial_success(&self) -> bool {
        self.says("PARTIAL_SUCCESS")
    }

    fn says(&self, word: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.trim().eq_ignore_ascii_case(word))
    }

    fn describe(&self, http: u16) -> String {
        let message = self.message.as_deref().unwrap_or("no message");
        let detail = self.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        match self.error_code {
            Some(code) => format!("{message}{detail} [HTTP {http}, error {code}]"),
            None => format!("{message}{detail} [HTTP {http}]"),
        }
    }
}
