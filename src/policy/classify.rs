//! What an answer means: the error table of the API notes as one function.
//!
//! It decides whether the run stops, the row fails, the request is repeated and after how long, or the row is in
//! doubt. It must never call something failed that may have been done, nor repeat blindly what may have been done.

use std::time::Duration;

use crate::model::{Action, Answer, ApiResult, IfNotApplied, PriorAttempts, RetryAfter, error_code as code};

/// What an answer means for the job and the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The API said that it did it.
    Done(ResultCode),
    /// The API refused it: the row fails.
    Refused,
    /// 403/1004: the row fails if the caller is a System Admin, else the run stops.
    CheckAdmin,
    /// It had no effect: again, after a while.
    NoEffect(Wait),
    /// It may have been applied: the user's state is read, no sooner than the wait says.
    InDoubt(IfNotApplied, Wait),
    /// Every later row would fail alike: the run stops.
    StopRun(StopRun),
}

/// The codes of an answer that is no error (seeds, `resultCode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultCode {
    /// 0.
    Success,
    /// 3.
    PartialSuccess,
}

/// Who waits before the next request, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// This job alone, by the backoff.
    Backoff,
    /// Everybody, by the backoff: the host did not answer at all.
    AllJobs,
    /// Everybody, for as long as the server asked, or the documents say.
    Pause(Duration),
}

/// Why a run has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRun {
    /// The token is missing, invalid, expired, revoked, or barred by a policy.
    Token,
    /// The caller is not a System Admin.
    NoAdmin,
    /// The API version is retired.
    Retired,
    /// Our own request is wrong.
    Bug,
}

/// The pause that the documentation asks for after a 429, when the server names none: "wait at least 60 seconds".
const THROTTLED: Duration = Duration::from_secs(60);
/// What a maintenance window is given, when the server names no time: the notes say "again, in minutes".
const UNDER_MAINTENANCE: Duration = Duration::from_secs(60);
/// The longest pause that a server is believed to mean.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest: a `Retry-After: 0` would otherwise become a tight loop.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// What `answer` means (API notes, "Errors worth knowing").
pub fn classify(answer: &Answer) -> Verdict {
    match answer {
        Answer::NotSent { .. } => Verdict::NoEffect(Wait::AllJobs),
        Answer::Lost { .. } => Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff),
        Answer::Said { http, pause, word } => match word.error_code {
            Some(code) => by_code(code, *http, *pause),
            None => by_result(word, *http, *pause),
        },
        Answer::Unreadable { http, pause, .. } => by_http(*http, *pause),
        Answer::Unexpected { .. } => Verdict::Refused,
    }
}

fn by_code(code: i64, http: u16, pause: RetryAfter) -> Verdict {
    match code {
        code::TOKEN_MISSING
        | code::TOKEN_INVALID
        | code::TOKEN_EXPIRED
        | code::SSO_REQUIRED
        | code::TOKEN_REVOKED
        | code::SSO_POLICY
        | code::MFA_POLICY
        | code::EGRESS_POLICY => Verdict::StopRun(StopRun::Token),
        code::API_RETIRED => Verdict::StopRun(StopRun::Retired),
        code::METHOD_UNSUPPORTED
        | code::HEADER_INVALID
        | code::ACCEPT_UNSUPPORTED
        | code::CONTENT_TYPE_INVALID
        | code::METHOD_NOT_ALLOWED
        | code::MEDIA_TYPE_UNSUPPORTED => Verdict::StopRun(StopRun::Bug),
        code::NOT_AUTHORIZED => Verdict::CheckAdmin,
        code::RATE_LIMITED => Verdict::NoEffect(Wait::Pause(believed(pause, THROTTLED))),
        code::MAINTENANCE => Verdict::NoEffect(Wait::Pause(believed(pause, UNDER_MAINTENANCE))),
        code::SERVER_TIMEOUT | code::CONCURRENT_UPDATE => Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff),
        code::UNEXPECTED => Verdict::InDoubt(IfNotApplied::Fail, Wait::Backoff),
        code::ACCOUNT_CONDITION_FIRST..=code::ACCOUNT_CONDITION_LAST => Verdict::Refused,
        code if concerns_request(code) || concerns_user(code) => Verdict::Refused,
        _ => by_http(http, pause),
    }
}

/// Whether the error table gives a code to a malformed request or a value in it.
const fn concerns_request(code: i64) -> bool {
    matches!(
        code,
        code::UNPARSABLE
            | code::PARAMETER_MISSING
            | code::ATTRIBUTE_MISSING
            | code::PARAMETER_INVALID
            | code::BODY_REQUIRED
            | code::URI_BODY_MISMATCH
            | code::ATTRIBUTE_VALUE_INVALID
            | code::ATTRIBUTE_NOT_ALLOWED
            | code::NAME_INVALID
            | code::SEAT_BY_UPDATE
    )
}

/// Whether the error table gives a code to the user that the request is about, or to what the user's plan allows.
pub(super) const fn concerns_user(code: i64) -> bool {
    matches!(
        code,
        code::NOT_AUTHORIZED
            | code::NOT_FOUND
            | code::NOT_IN_PLAN
            | code::NO_LICENCE_LEFT
            | code::USER_NOT_FOUND
            | code::OWN_ADMIN_RIGHT
            | code::SHEET_OWNER
            | code::RESOURCE_VIEWER_LICENSED
            | code::GROUP_ADMIN_LICENSED
            | code::NOT_ACTIVE
            | code::DEACTIVATE_NO_MEMBER
            | code::DEACTIVATE_SELF
            | code::REACTIVATE_NO_MEMBER
            | code::REACTIVATE_SELF
            | code::NOT_IN_GOV
            | code::ISP_DOMAIN
    )
}

/// Without an error code: the outcome of a 2xx, or an error whose body says nothing that we know.
fn by_result(word: &ApiResult, http: u16, pause: RetryAfter) -> Verdict {
    if !(200..300).contains(&http) {
        return by_http(http, pause);
    }
    match word.result_code {
        // The worse of two words that disagree is believed.
        Some(0 | 3) | None if word.says_partial_success() => Verdict::Done(ResultCode::PartialSuccess),
        Some(3) => Verdict::Done(ResultCode::PartialSuccess),
        Some(0) if word.says_success() => Verdict::Done(ResultCode::Success),
        None if word.has_message() && word.says_success() => Verdict::Done(ResultCode::Success),
        // A 200 alone is not success (API notes, "Conventions").
        Some(_) | None => Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff),
    }
}

fn by_http(http: u16, pause: RetryAfter) -> Verdict {
    match http {
        401 => Verdict::StopRun(StopRun::Token),
        429 => Verdict::NoEffect(Wait::Pause(believed(pause, THROTTLED))),
        410 => Verdict::StopRun(StopRun::Retired),
        // Every request says its length, so the one without was ours.
        411 => Verdict::StopRun(StopRun::Bug),
        // A gateway gave up on the request while it was still arriving, or so it says.
        408 => Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff),
        // 501: the server lacks the operation, so it has not carried it out.
        300..=499 | 501 => Verdict::Refused,
        503 => match pause {
            RetryAfter::For(_) => {
                Verdict::InDoubt(IfNotApplied::Retry, Wait::Pause(believed(pause, UNDER_MAINTENANCE)))
            }
            RetryAfter::Absent => Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff),
        },
        _ => Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff),
    }
}

/// The pause that a server asked for, within what can be meant.
fn believed(pause: RetryAfter, otherwise: Duration) -> Duration {
    match pause {
        RetryAfter::For(asked) => asked.clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
        RetryAfter::Absent => otherwise,
    }
}

/// Whether a refusal says that no paid seat is left (API notes: 403/1014).
pub fn says_no_seat_is_left(answer: &Answer) -> bool {
    answer.error_code() == Some(code::NO_LICENCE_LEFT)
}

/// Whether a refusal says that the user is not there to be changed, so that no earlier try can have changed them (API
/// notes: 404/1006 and 1020, 403/1004 and 1013).
pub fn says_user_is_not_there(answer: &Answer) -> bool {
    answer.error_code().is_some_and(|code| code == code::NOT_AUTHORIZED || knows_no_user(code))
}

/// Whether a refusal means that an earlier try, whose answer was lost, had been applied: a second remove finds nobody
/// in the plan, a second deactivation may find the account inactive.
pub fn says_already_so(action: &Action, past: PriorAttempts, answer: &Answer) -> bool {
    let Some(code) = answer.error_code() else { return false };
    match past {
        PriorAttempts::NoEffect => false,
        PriorAttempts::Uncertain => match action {
            Action::Remove { .. } => knows_no_user(code),
            Action::Deactivate => code == code::NOT_ACTIVE,
            Action::Downgrade { .. }
            | Action::Upgrade { .. }
            | Action::Reactivate
            | Action::Update(_)
            | Action::Plans => false,
        },
    }
}

const fn knows_no_user(code: i64) -> bool {
    matches!(code, code::NOT_FOUND | code::NOT_IN_PLAN | code::USER_NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LostResponse;

    fn error(http: u16, code: i64) -> Answer {
        let word = ApiResult { error_code: Some(code), message: Some("text".into()), ..ApiResult::default() };
        Answer::Said { http, pause: RetryAfter::Absent, word }
    }

    fn said(http: u16, result_code: Option<i64>, message: Option<&str>) -> Answer {
        let word = ApiResult { result_code, message: message.map(str::to_owned), ..ApiResult::default() };
        Answer::Said { http, pause: RetryAfter::Absent, word }
    }

    fn html(http: u16, pause: RetryAfter) -> Answer {
        Answer::Unreadable { http, pause, text: "<html>".into() }
    }

    const AGAIN: Verdict = Verdict::InDoubt(IfNotApplied::Retry, Wait::Backoff);

    fn pause(seconds: u64) -> Verdict {
        Verdict::NoEffect(Wait::Pause(Duration::from_secs(seconds)))
    }

    #[test]
    fn every_line_of_the_error_table_has_its_verdict() {
        let halts = [
            (StopRun::Token, 401, &[1001, 1002, 1003, 1005][..]),
            (StopRun::Token, 400, &[1132]),
            (StopRun::Token, 403, &[1361, 1362, 1363]),
            (StopRun::Retired, 410, &[4005]),
            (StopRun::Bug, 400, &[1010, 1011, 1052, 1091, 1122, 1124]),
        ];
        for (halt, http, codes) in halts {
            for code in codes {
                assert_eq!(classify(&error(http, *code)), Verdict::StopRun(halt), "{http}/{code}");
            }
        }
        let refused = [
            (404, &[1006, 1020][..]),
            (403, &[1013, 1188, 1359, 1335, 1354, 1336, 1355, 1049, 1356, 1102, 1097, 1076, 1014]),
            (400, &[5697, 5717, 2109, 1008, 1009, 1012, 1018, 1024, 1029, 1031, 1032, 1329]),
            (403, &[5001, 5600]),
            (500, &[5312]),
            (418, &[987_654]),
            (422, &[1]),
        ];
        for (http, codes) in refused {
            for code in codes {
                assert_eq!(classify(&error(http, *code)), Verdict::Refused, "{http}/{code}");
            }
        }
        let others = [
            (error(403, 1004), Verdict::CheckAdmin),
            (error(429, 4003), pause(60)),
            (error(503, 4001), pause(60)),
            (error(500, 4002), AGAIN),
            (error(500, 4004), AGAIN),
            (error(500, 4000), Verdict::InDoubt(IfNotApplied::Fail, Wait::Backoff)),
            (error(500, 987_654), AGAIN),
            (html(501, RetryAfter::Absent), Verdict::Refused),
            (html(502, RetryAfter::Absent), AGAIN),
            (html(504, RetryAfter::Absent), AGAIN),
            (html(503, RetryAfter::Absent), AGAIN),
            (html(408, RetryAfter::Absent), AGAIN),
            (html(200, RetryAfter::Absent), AGAIN),
            (html(429, RetryAfter::Absent), pause(60)),
            (html(401, RetryAfter::Absent), Verdict::StopRun(StopRun::Token)),
            (html(403, RetryAfter::Absent), Verdict::Refused),
            (html(302, RetryAfter::Absent), Verdict::Refused),
            (html(411, RetryAfter::Absent), Verdict::StopRun(StopRun::Bug)),
            (Answer::NotSent { text: "refused".into() }, Verdict::NoEffect(Wait::AllJobs)),
            (Answer::Lost { how: LostResponse::Timeout, text: "30 s".into() }, AGAIN),
            (Answer::Lost { how: LostResponse::Connection, text: "reset".into() }, AGAIN),
        ];
        for (answer, verdict) in others {
            assert_eq!(classify(&answer), verdict, "{answer:?}");
        }
    }

    #[test]
    fn a_200_is_success_only_when_its_body_says_so() {
        let success = Verdict::Done(ResultCode::Success);
        let partial = Verdict::Done(ResultCode::PartialSuccess);
        let table = [
            (said(200, Some(0), Some("SUCCESS")), success),
            (said(200, Some(0), None), success),
            (said(200, None, Some("SUCCESS")), success),
            (said(200, Some(3), Some("PARTIAL_SUCCESS")), partial),
            (said(200, Some(3), Some("SUCCESS")), partial),
            (said(200, Some(0), Some("PARTIAL_SUCCESS")), partial),
            (said(200, None, None), AGAIN),
            (said(200, Some(7), Some("SOMETHING_NEW")), AGAIN),
            (said(200, Some(0), Some("FAILURE")), AGAIN),
            (said(200, None, Some("")), AGAIN),
            (error(200, 1014), Verdict::Refused),
            (error(200, 4003), pause(60)),
        ];
        for (answer, verdict) in table {
            assert_eq!(classify(&answer), verdict, "{answer:?}");
        }
    }

    #[test]
    fn a_server_is_obeyed_within_reason() {
        for (asked, given) in [(0, 1), (1, 1), (7, 7), (300, 300), (86_400, 86_400), (u64::MAX, 86_400)] {
            let throttled = html(429, RetryAfter::For(Duration::from_secs(asked)));
            assert_eq!(classify(&throttled), pause(given), "Retry-After: {asked}");
        }
    }

    #[test]
    fn a_repeat_that_finds_it_done_is_believed_only_after_a_doubt() {
        let remove = Action::Remove { plan: crate::model::PlanId::new(7).unwrap() };
        let table = [
            (&remove, PriorAttempts::Uncertain, 1013, true),
            (&remove, PriorAttempts::NoEffect, 1013, false),
            (&remove, PriorAttempts::Uncertain, 1004, false),
            (&Action::Deactivate, PriorAttempts::Uncertain, 1188, true),
            (&Action::Deactivate, PriorAttempts::NoEffect, 1188, false),
            (&Action::Reactivate, PriorAttempts::Uncertain, 1188, false),
        ];
        for (action, past, code, expected) in table {
            assert_eq!(says_already_so(action, past, &error(403, code)), expected, "{action} {past:?} {code}");
        }
    }
}
