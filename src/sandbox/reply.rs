//! An answer before it is sent: status, body, the one header that varies; and what a fault makes of it.
//!
//! It decides the bytes of an answer. It must never decide whether something was done, and writes to no socket.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::fault::RetryAfter;
use super::refusal::Refusal;

const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "text/html";

#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// Code and reference of a refusal, as in its body.
    pub(super) refused: Option<(u16, String)>,
    content_type: &'static str,
    retry_after: Option<String>,
    location: Option<&'static str>,
}

impl Reply {
    const fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, body, refused: None, content_type, retry_after: None, location: None }
    }

    pub(super) fn json(view: &impl Serialize) -> Self {
        Self::new(200, JSON, serde_json::to_vec(view).unwrap_or_default())
    }

    pub(super) fn refusal(refusal: &Refusal, ref_id: String) -> Self {
        let body = refusal.body(&ref_id);
        Self { refused: refusal.code().map(|code| (code, ref_id)), ..Self::new(refusal.status(), JSON, body) }
    }

    /// A gateway's page with an error status, or a page where none should be (200).
    pub(super) fn web_page(status: u16) -> Self {
        let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
        let body = format!(
            "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n\
             <center><h1>{status} {title}</h1></center>\r\n<hr><center>sandbox</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::new(status, HTML, body.into_bytes())
    }

    /// A page with the way to another.
    pub(super) fn redirect(location: &'static str) -> Self {
        Self { location: Some(location), ..Self::web_page(302) }
    }

    pub(super) fn retrying_after(mut self, retry_after: RetryAfter) -> Self {
        self.retry_after = match retry_after {
            RetryAfter::Absent => None,
            RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
            RetryAfter::Date(seconds) => Some(http_date(Timestamp::now() + SignedDuration::from_secs(seconds.into()))),
        };
        self
    }

    /// A success, told to be partial; anything else as it is, and a read too, because it has no result code.
    pub(super) fn partial(self) -> Self {
        self.rewritten(|body| {
            if body.get("resultCode").is_some() {
                body["resultCode"] = 3.into();
                body["message"] = "PARTIAL_SUCCESS".into();
            }
        })
    }

    /// The same with properties, a list and an object that no document mentions.
    pub(super) fn adorned(self) -> Self {
        if self.status != 200 {
            return self;
        }
        self.rewritten(|body| {
            body["serverHints"] = json!({"cell": "b7", "weights": [0.25, 1e40, null], "nested": {"seatType": "NEST"}});
            body["version"] = json!(9_007_199_254_740_993_u64);
        })
    }

    /// The same with another value in the echo of an update; anything else as it is.
    pub(super) fn with_echo(self, property: &str, value: Value) -> Self {
        self.rewritten(|body| {
            if body.get("resultCode").is_some()
                && let Some(user) = body.pointer_mut("/data/0")
            {
                user[property] = value;
            }
        })
    }

    /// A refusal with its code as text and a number as its message.
    pub(super) fn with_code_as_text(self) -> Self {
        self.rewritten(|body| {
            body["errorCode"] = body["errorCode"].to_string().into();
            body["message"] = 42.into();
        })
    }

    fn rewritten(mut self, rewrite: impl FnOnce(&mut Value)) -> Self {
        if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice(&self.body) {
            rewrite(&mut body);
            self.body = body.to_string().into_bytes();
        }
        self
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status).header(header::CONTENT_TYPE, self.content_type);
        if let Some(retry_after) = self.retry_after {
            response = response.header(header::RETRY_AFTER, retry_after);
        }
        if let Some(location) = self.location {
            response = response.header(header::LOCATION, location);
        }
        // Nothing above can be malformed; an empty 200 would at least be noticed.
        response.body(Body::from(self.body)).unwrap_or_default()
    }
}

/// A reference that no other request of this seed has: numbers spread over 64 bits one to one, in base 36 as the real
/// ones look.
pub(super) fn reference(seed: u64, number: u64) -> String {
    let mut spread = number.wrapping_add(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    spread = (spread ^ (spread >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    spread = (spread ^ (spread >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    spread ^= spread >> 31;
    let mut digits = [b'0'; 13];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(spread % 36).unwrap_or(0)];
        spread /= 36;
    }
    digits.into_iter().map(char::from).collect()
}

/// As in RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::view::SUCCESS;
    use super::*;

    #[test]
    fn references_are_unique_and_follow_the_seed() {
        let references: HashSet<_> = (0..100_000).map(|number| reference(1, number)).collect();
        assert_eq!(references.len(), 100_000);
        assert_eq!(reference(1, 5), reference(1, 5));
        assert_ne!(reference(1, 5), reference(2, 5));
    }

    #[test]
    fn a_partial_success_changes_two_properties_and_no_refusal() {
        let partial = Reply::json(&SUCCESS).partial();
        let body: Value = serde_json::from_slice(&partial.body).unwrap();
        assert_eq!(body, json!({"message": "PARTIAL_SUCCESS", "resultCode": 3}));
        let refusal = Reply::refusal(&Refusal::new(1006), "abc".to_owned());
        assert_eq!(refusal.clone().partial().body, refusal.body);
        assert_eq!(refusal.clone().adorned().body, refusal.body);
    }

    #[test]
    fn dates_are_written_as_http_wants_them() {
        assert_eq!(http_date("1994-11-06T08:49:37Z".parse().unwrap()), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
