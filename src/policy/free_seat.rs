//! Whether a refusal may be about the name of the free seat, so that its other name is worth a try.

use super::classify::{Verdict, classify, concerns_user};
use crate::model::Answer;

/// Whether `answer`, to a downgrade to the free seat, may refuse the name VIEWER or CONTRIBUTOR that it carried.
///
/// The migration guide names no code for it (API notes, "Seats"). So any 400 may, unless its code is about the token or
/// says that our request is wrong, and any 403 whose code the error table does not give to the user or the token. None
/// of them changes anything.
pub fn may_refuse_seat_name(answer: &Answer) -> bool {
    let is_refused = classify(answer) == Verdict::Refused;
    is_refused
        && match answer.http() {
            Some(400) => true,
            Some(403) => !answer.error_code().is_some_and(concerns_user),
            Some(_) | None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApiResult, RetryAfter};

    #[test]
    fn any_400_may_be_about_the_name_but_for_the_token_and_our_own_mistakes() {
        // http, code, may be about the name
        let table = [
            (400, None, true),
            (400, Some(1008), true),
            (400, Some(1012), true),
            (400, Some(1018), true),
            (400, Some(1031), true),
            (400, Some(5999), true),
            (400, Some(987_654), true),
            (400, Some(1132), false),
            (400, Some(1011), false),
            (400, Some(1091), false),
            (400, Some(1004), false),
            (400, Some(4003), false),
            (403, None, true),
            (403, Some(1031), true),
            (403, Some(1999), true),
            (403, Some(1004), false),
            (403, Some(1013), false),
            (403, Some(1014), false),
            (403, Some(1188), false),
            (403, Some(1361), false),
            (404, Some(1006), false),
            (404, None, false),
            (500, Some(4000), false),
            (429, None, false),
            (401, None, false),
        ];
        for (http, error_code, expected) in table {
            let answer = Answer::Said {
                http,
                pause: RetryAfter::Absent,
                word: ApiResult { error_code, ..ApiResult::default() },
            };
            assert_eq!(may_refuse_seat_name(&answer), expected, "{http} {error_code:?}");
        }
        let page = Answer::Unreadable { http: 400, pause: RetryAfter::Absent, text: "an empty body".into() };
        assert!(may_refuse_seat_name(&page), "any 400, whatever its body");
    }
}
