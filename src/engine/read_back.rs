//! Reading back: which requests show the effect of a job, and what they show.
//!
//! It only reads. What follows from a reading is decided by [`policy`](crate::policy).

use super::paced_reader::{PacedReader, ReadError};
use super::whoami::who_am_i;
use crate::api::{
    Completeness, FromJson, Paging, PlanPages, Request, UserPage, UserPlanList, UserPlansQuery, UserProfile, read,
};
use crate::model::{Action, Answer, Email, Job, ObservedState, PlanId, ReportedSeat, UserId, error_code as code};

/// Reads what shows of `job` in its user's state.
pub(super) async fn reading(job: &Job, ask: &impl PacedReader) -> Result<ObservedState, ReadError> {
    let reading = match &job.action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } | Action::Remove { plan } => {
            plans(job.user, ask).await.and_then(|list| seat_in(*plan, &list))
        }
        Action::Deactivate | Action::Reactivate => status(job.user, ask).await.map(ObservedState::UserStatus),
        Action::Update(_) => {
            profile(job.user, ask).await.map(|profile| ObservedState::Attributes(Box::new(profile.attributes)))
        }
        Action::Plans => return Ok(ObservedState::Gone),
    };
    match reading {
        Err(ReadError::Answered(answer)) if answer.error_code() == Some(code::NOT_IN_PLAN) => Ok(ObservedState::Gone),
        Err(ReadError::Answered(answer)) if knows_no_such_user(&answer) => Ok(ObservedState::NoSuchUser),
        // The user is outside the plan, or the caller is no admin any more: only the first says something of the user.
        Err(ReadError::Answered(answer)) if is_barred(&answer) => match who_am_i(ask).await.is_admin() {
            Some(true) => Ok(ObservedState::Gone),
            Some(false) | None => Err(ReadError::Answered(answer)),
        },
        read => read,
    }
}

/// Every plan of a user (seed 002).
pub(super) async fn plans(user: UserId, ask: &impl PacedReader) -> Result<UserPlanList, ReadError> {
    let mut pages = PlanPages::new(user, &UserPlansQuery::default());
    while pages.take(get(pages.request(), ask).await?) == Paging::More {}
    Ok(pages.into_list())
}

/// The seat in a plan. A plan whose seat type is missing is still one that the user is in; a plan that is missing from a
/// list of which a part cannot be read may be in that part.
fn seat_in(plan: PlanId, list: &UserPlanList) -> Result<ObservedState, ReadError> {
    let found = list.plans.iter().find(|found| found.plan_id == plan);
    match (found, list.completeness) {
        (Some(found), _) => {
            Ok(ObservedState::Seat(Some(ReportedSeat::from_api(found.seat_type.as_deref().unwrap_or("no seat")))))
        }
        (None, Completeness::Complete) => Ok(ObservedState::Seat(None)),
        (None, Completeness::Incomplete) => {
            let unreadable: Vec<_> = list.unreadable.iter().map(ToString::to_string).collect();
            let text = format!("the list of the user's plans cannot be read: {}", unreadable.join(", "));
            Err(Answer::Unexpected { http: 200, text }.into())
        }
    }
}

/// The user's status: from the profile where the tenant shows it there, else from the list of users, which always has
/// it but may leave deactivated users out (both marked [?] in the API notes).
async fn status(user: UserId, ask: &impl PacedReader) -> Result<Option<String>, ReadError> {
    let profile = profile(user, ask).await?;
    if profile.status.is_some() {
        return Ok(profile.status);
    }
    let Some(email) = profile.email.as_deref().and_then(Email::new) else { return Ok(None) };
    let page: UserPage = get(Request::users_by_email(&[email], 1), ask).await?;
    Ok(page.users.read.into_iter().find(|listed| listed.id == user).and_then(|listed| listed.status))
}

/// The profile of a user. Of another user's profile nothing is believed.
async fn profile(user: UserId, ask: &impl PacedReader) -> Result<UserProfile, ReadError> {
    let profile: UserProfile = get(Request::user(user), ask).await?;
    match profile.id.filter(|id| *id != user) {
        None => Ok(profile),
        Some(other) => {
            let text = format!("the profile of user {other} came back in place of that of user {user}");
            Err(Answer::Unexpected { http: 200, text }.into())
        }
    }
}

async fn get<T: FromJson>(request: Request, ask: &impl PacedReader) -> Result<T, ReadError> {
    match ask.ask(request.clone()).await {
        None => Err(ReadError::Cancelled),
        Some(Err(lost)) => Err(lost.into()),
        Some(Ok(raw)) => read(&request, &raw).map_err(ReadError::from),
    }
}

/// Whether a refused reading says that there is no such user (API notes: 404/1006 and 1020).
fn knows_no_such_user(answer: &Answer) -> bool {
    matches!(answer.error_code(), Some(code::NOT_FOUND | code::USER_NOT_FOUND))
}

/// Whether a refused reading is a 403/1004, which has two meanings.
fn is_barred(answer: &Answer) -> bool {
    answer.error_code() == Some(code::NOT_AUTHORIZED)
}
