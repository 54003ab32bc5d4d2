//! Requests whose answers were lost: how long they may still be carried out, and whether that could do harm.
//!
//! After a timeout, a lost connection or a gateway that gave up, the server may still be at work. A reading that shows
//! "not done" then says nothing of a moment later.

use std::time::Duration;

use crate::model::{Action, Answer, error_code as code};

/// How long after it was written a request may still be carried out.
pub const LANDING_TIME: Duration = Duration::from_secs(60);

/// Whether the request that `answer` came back for may be carried out later.
pub fn may_land_late(answer: &Answer) -> bool {
    match answer {
        Answer::Lost { .. } => true,
        Answer::NotSent { .. } | Answer::Unexpected { .. } => false,
        Answer::Said { http, .. } | Answer::Unreadable { http, .. } => {
            matches!(http, 202 | 408 | 499 | 502..=504) || answer.error_code() == Some(code::SERVER_TIMEOUT)
        }
    }
}

/// What a user still has to get after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaterRows {
    /// Nothing.
    None,
    /// Something that must not be overtaken.
    Some,
}

/// Whether a request that is carried out late could do harm: after a later row of the same user, or where carrying it
/// out twice is more than setting the same thing again.
pub const fn late_landing_harms(action: &Action, later: LaterRows) -> bool {
    matches!(later, LaterRows::Some) || !action.is_harmless_to_repeat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApiResult, LostResponse, PlanId, RetryAfter};

    #[test]
    fn only_an_answer_that_leaves_the_server_at_work_lets_a_request_land_late() {
        let page = |http| Answer::Unreadable { http, pause: RetryAfter::Absent, text: String::new() };
        let error = |http, code| Answer::Said {
            http,
            pause: RetryAfter::Absent,
            word: ApiResult { error_code: Some(code), ..ApiResult::default() },
        };
        let lost = |how| Answer::Lost { how, text: String::new() };
        let table = [
            (lost(LostResponse::Timeout), true),
            (lost(LostResponse::Connection), true),
            (page(502), true),
            (page(504), true),
            (page(202), true),
            (error(500, 4002), true),
            (error(500, 4000), false),
            (error(500, 4004), false),
            (page(404), false),
            (page(200), false),
            (Answer::NotSent { text: String::new() }, false),
        ];
        for (answer, expected) in table {
            assert_eq!(may_land_late(&answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_second_landing_harms_after_later_rows_and_where_it_is_more_than_the_same_again() {
        let plan = PlanId::new(7).unwrap();
        let table = [
            (Action::Deactivate, LaterRows::None, false),
            (Action::Deactivate, LaterRows::Some, true),
            (Action::Reactivate, LaterRows::None, true),
            (Action::Remove { plan }, LaterRows::None, true),
        ];
        for (action, later, expected) in table {
            assert_eq!(late_landing_harms(&action, later), expected, "{action} {later:?}");
        }
    }
}
