//! `/users/me`: what it says of the token, of its user's rights, and of whoever answers.

use super::paced_reader::PacedReader;
use crate::api::{Request, UserProfile, read};
use crate::model::{Answer, StopReason};
use crate::policy::{Oddity, StopRun, Verdict, classify, oddity};

/// What `/users/me` said, where an answer made somebody ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Me {
    /// Nobody asked, or nothing came of it.
    Unknown,
    /// The token is accepted; whether its user is a System Admin, where the API says.
    Accepted(Option<bool>),
    /// The token is not accepted.
    Refused(Answer),
    /// Something else than the API answered.
    Foreign(Answer),
}

impl Me {
    /// Why nothing more may be sent, whatever became of the row whose answer made somebody ask.
    pub(super) fn stop_reason(&self) -> Option<StopReason> {
        match self {
            Self::Foreign(page) => Some(StopReason::NotTheApi(page.describe())),
            Self::Refused(answer) => Some(StopReason::Token(answer.describe())),
            Self::Unknown | Self::Accepted(_) => None,
        }
    }

    /// Whether the token's user is a System Admin, as far as anybody knows.
    pub(super) const fn is_admin(&self) -> Option<bool> {
        match self {
            Self::Accepted(admin) => *admin,
            Self::Unknown | Self::Refused(_) | Self::Foreign(_) => None,
        }
    }
}

/// Asks `/users/me`.
pub(super) async fn who_am_i(ask: &impl PacedReader) -> Me {
    let Some(sent) = ask.ask(Request::me()).await else { return Me::Unknown };
    match sent.map(|raw| read::<UserProfile>(&Request::me(), &raw)) {
        Ok(Ok(profile)) => Me::Accepted(profile.attributes.admin),
        // It is the API's JSON, with an id that cannot be read.
        Ok(Err(Answer::Unexpected { .. })) => Me::Accepted(None),
        Ok(Err(answer)) | Err(answer) => judge(answer),
    }
}

fn judge(answer: Answer) -> Me {
    // A server that knows the seeds alone lacks this operation.
    if matches!(answer.http(), Some(404 | 405 | 501)) {
        Me::Unknown
    } else if oddity(&answer).is_some_and(Oddity::may_be_foreign) {
        Me::Foreign(answer)
    } else if classify(&answer) == Verdict::StopRun(StopRun::Token) {
        Me::Refused(answer)
    } else {
        Me::Unknown
    }
}
