//! Answers to a change that are not believed as they stand: they contradict themselves, or do not look like the API's.
//!
//! What such an answer says of the job is a guess, so the user's state is read, whatever the guess would be. The row says
//! what was odd.

use super::classify::{Verdict, Wait, classify};
use crate::model::{Answer, ApiResult, IfNotApplied};

/// What is odd about an answer to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// 3xx, which the API never sends.
    Redirect,
    /// 2xx with a body that is not the API's JSON.
    SuccessPage,
    /// 4xx with such a body.
    RefusalPage,
    /// 200 with an error code.
    SuccessWithErrorCode,
    /// 200 with `resultCode` 0 and a message that is none of a success.
    SuccessWithOtherMessage,
    /// Another 2xx than 200.
    UnusualSuccess,
    /// 409 with no code that the error table knows.
    Conflict,
    /// 499: a gateway says that nobody waited for the answer.
    ClosedRequest,
}

impl Oddity {
    /// What is odd, in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Redirect => "the API never redirects",
            Self::SuccessPage | Self::RefusalPage => "this is not how the API answers",
            Self::SuccessWithErrorCode => "HTTP 200 and an error code contradict each other",
            Self::SuccessWithOtherMessage => "result code 0 and this message contradict each other",
            Self::UnusualSuccess => "the documents know no success but HTTP 200",
            Self::Conflict => "the documents do not know HTTP 409",
            Self::ClosedRequest => "a gateway gave up waiting for the answer",
        }
    }

    /// What follows when the user's state shows that the job was not done. What looks like a refusal is not repeated.
    pub const fn if_not_done(self) -> IfNotApplied {
        match self {
            Self::Redirect
            | Self::SuccessPage
            | Self::SuccessWithOtherMessage
            | Self::UnusualSuccess
            | Self::ClosedRequest => IfNotApplied::Retry,
            Self::RefusalPage | Self::SuccessWithErrorCode | Self::Conflict => IfNotApplied::Fail,
        }
    }

    /// Whether something else than the API may have answered: a captive portal, a login page, a proxy.
    pub const fn may_be_foreign(self) -> bool {
        match self {
            Self::Redirect | Self::SuccessPage | Self::RefusalPage => true,
            Self::SuccessWithErrorCode
            | Self::SuccessWithOtherMessage
            | Self::UnusualSuccess
            | Self::Conflict
            | Self::ClosedRequest => false,
        }
    }
}

/// What is odd about `answer`, if it is to a change and is not to be believed as it stands.
pub fn oddity(answer: &Answer) -> Option<Oddity> {
    match answer {
        Answer::Unexpected { .. } | Answer::NotSent { .. } | Answer::Lost { .. } => None,
        Answer::Unreadable { http: 300..=399, .. } | Answer::Said { http: 300..=399, .. } => Some(Oddity::Redirect),
        Answer::Unreadable { http, .. } => of_page(*http),
        Answer::Said { http, word, .. } => of_word(*http, word, answer),
    }
}

/// What makes a page of a gateway odd. 5xx and 408 leave the job in doubt anyway, 401 and 429 have rules of their own, 411
/// is our own mistake, and a 400 or a 405 changes nothing, whoever says it.
const fn of_page(http: u16) -> Option<Oddity> {
    match http {
        499 => Some(Oddity::ClosedRequest),
        400 | 401 | 405 | 408 | 411 | 429 => None,
        200..=299 => Some(Oddity::SuccessPage),
        402..=499 => Some(Oddity::RefusalPage),
        _ => None,
    }
}

fn of_word(http: u16, word: &ApiResult, answer: &Answer) -> Option<Oddity> {
    match http {
        200 if word.error_code.is_some() => Some(Oddity::SuccessWithErrorCode),
        200 if word.result_code == Some(0) && !word.says_success() => Some(Oddity::SuccessWithOtherMessage),
        201..=299 => Some(Oddity::UnusualSuccess),
        409 if classify(answer) == Verdict::Refused && word.error_code.is_none() => Some(Oddity::Conflict),
        499 => Some(Oddity::ClosedRequest),
        _ => None,
    }
}

/// What an answer to a change means: as [`classify`] says, unless it is not to be believed as it stands.
pub fn classify_change(answer: &Answer) -> Verdict {
    match oddity(answer) {
        Some(odd) => Verdict::InDoubt(odd.if_not_done(), Wait::Backoff),
        None => classify(answer),
    }
}

/// What an answer makes one ask `/users/me` before anything follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityCheck {
    /// Whether the caller is a System Admin (403/1004 has two meanings).
    IsAdmin,
    /// Whether it is the API that answers.
    IsApi,
    /// Whether the token is accepted: one 401 among answers that were fine may be a mistake of the server.
    IsTokenAccepted,
}

/// What `answer` makes one ask.
pub fn question(answer: &Answer) -> Option<IdentityCheck> {
    if answer.http() == Some(401) {
        return Some(IdentityCheck::IsTokenAccepted);
    }
    if oddity(answer).is_some_and(Oddity::may_be_foreign) {
        return Some(IdentityCheck::IsApi);
    }
    (classify(answer) == Verdict::CheckAdmin).then_some(IdentityCheck::IsAdmin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LostResponse, RetryAfter};

    fn said(http: u16, error_code: Option<i64>, result_code: Option<i64>, message: &str) -> Answer {
        let message = Some(message.to_owned()).filter(|message| !message.is_empty());
        let word = ApiResult { result_code, error_code, message, ..ApiResult::default() };
        Answer::Said { http, pause: RetryAfter::Absent, word }
    }

    fn page(http: u16) -> Answer {
        Answer::Unreadable { http, pause: RetryAfter::Absent, text: "Sign in".into() }
    }

    #[test]
    fn what_contradicts_itself_is_not_believed_as_it_stands() {
        use Oddity::*;
        let table = [
            (said(200, None, Some(0), "SUCCESS"), None),
            (said(200, None, Some(0), ""), None),
            (said(200, None, Some(0), "success "), None),
            (said(200, None, Some(0), "FAILURE"), Some(SuccessWithOtherMessage)),
            (said(200, None, Some(3), "PARTIAL_SUCCESS"), None),
            (said(200, Some(1014), None, "no licences"), Some(SuccessWithErrorCode)),
            (said(200, Some(1014), Some(0), "SUCCESS"), Some(SuccessWithErrorCode)),
            (said(202, None, Some(0), "SUCCESS"), Some(UnusualSuccess)),
            (said(204, None, None, ""), Some(UnusualSuccess)),
            (said(302, None, None, ""), Some(Redirect)),
            (page(307), Some(Redirect)),
            (page(200), Some(SuccessPage)),
            (page(404), Some(RefusalPage)),
            (page(403), Some(RefusalPage)),
            (page(400), None),
            (page(405), None),
            (page(401), None),
            (page(429), None),
            (page(502), None),
            (page(503), None),
            (page(511), None),
            (said(404, Some(1006), None, "no"), None),
            (said(404, None, None, "no"), None),
            (said(409, None, None, "conflict"), Some(Conflict)),
            (said(409, Some(1006), None, "no"), None),
            (said(499, None, None, ""), Some(ClosedRequest)),
            (page(499), Some(ClosedRequest)),
            (Answer::Lost { how: LostResponse::Timeout, text: String::new() }, None),
        ];
        for (answer, expected) in table {
            assert_eq!(oddity(&answer), expected, "{answer:?}");
            let is_in_doubt = matches!(classify_change(&answer), Verdict::InDoubt(..));
            assert!(expected.is_none() || is_in_doubt, "{answer:?}");
        }
    }

    #[test]
    fn what_an_answer_makes_one_ask() {
        let table = [
            (said(403, Some(1004), None, "no"), Some(IdentityCheck::IsAdmin)),
            (said(401, Some(1003), None, "expired"), Some(IdentityCheck::IsTokenAccepted)),
            (page(401), Some(IdentityCheck::IsTokenAccepted)),
            (said(400, Some(1132), None, "revoked"), None),
            (page(302), Some(IdentityCheck::IsApi)),
            (page(200), Some(IdentityCheck::IsApi)),
            (page(502), None),
            (said(200, None, Some(0), "SUCCESS"), None),
            (said(409, None, None, ""), None),
        ];
        for (answer, expected) in table {
            assert_eq!(question(&answer), expected, "{answer:?}");
        }
    }
}
