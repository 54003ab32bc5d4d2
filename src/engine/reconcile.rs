//! Reading back: which requests show the effect of a job, and what they show.
//!
//! It only reads. What follows from a reading is decided by [`policy`](crate::policy).

use std::future::Future;

use crate::api::{Paging, PlanPages, Raw, Request, UserPage, UserPlan, UserPlansQuery, UserProfile, read};
use crate::model::{Action, Answer, Email, Job, Reading, SeenSeat, UserId, error_code as code};

/// Sends one paced and recorded request that only reads.
pub(super) trait Ask {
    /// The answer, or `None` when nothing may be sent any more.
    fn ask(&self, request: Request) -> impl Future<Output = Option<Result<Raw, Answer>>> + Send;
}

/// Why there is no reading.
#[derive(Debug)]
pub(super) enum NoReading {
    /// Something came back that is none.
    Answered(Answer),
    /// Nothing may be sent any more.
    Withdrawn,
}

/// Reads what shows of `job` in its user's state.
pub(super) async fn reading(job: &Job, ask: &impl Ask) -> Result<Reading, NoReading> {
    let reading = match &job.action {
        Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } | Action::Remove { plan } => {
            plans(job.user, ask).await.map(|plans| {
                let seat = plans.into_iter().find(|found| found.plan_id == *plan);
                // A plan whose seat type is missing or null still is a plan that the user is in.
                Reading::Seat(seat.map(|found| SeenSeat::from_api(found.seat_type.as_deref().unwrap_or("no seat"))))
            })
        }
        Action::Deactivate | Action::Reactivate => status(job.user, ask).await.map(Reading::UserStatus),
        Action::Update(_) => {
            let profile: Result<UserProfile, _> = get(Request::user(job.user), ask).await;
            profile.map(|profile| Reading::Attributes(Box::new(profile.attributes())))
        }
        Action::Plans => return Ok(Reading::Gone),
    };
    match reading {
        Err(NoReading::Answered(answer)) if answer.error_code() == Some(code::NOT_IN_PLAN) => Ok(Reading::Gone),
        Err(NoReading::Answered(answer)) if knows_no_such_user(&answer) => Ok(Reading::NoSuchUser),
        // The user is outside the plan, or the caller is no admin any more: only the first says something of the user.
        Err(NoReading::Answered(answer)) if is_barred(&answer) => match is_admin(ask).await {
            Some(true) => Ok(Reading::Gone),
            Some(false) | None => Err(NoReading::Answered(answer)),
        },
        read => read,
    }
}

/// Every plan of a user (seed 002).
pub(super) async fn plans(user: UserId, ask: &impl Ask) -> Result<Vec<UserPlan>, NoReading> {
    let mut pages = PlanPages::new(user, &UserPlansQuery::default());
    while pages.take(get(pages.request(), ask).await?) == Paging::More {}
    Ok(pages.into_plans())
}

/// The user's status: from the profile where the tenant shows it there, else from the list of users, which always has
/// it but may leave deactivated users out (both marked [?] in the API notes).
async fn status(user: UserId, ask: &impl Ask) -> Result<Option<String>, NoReading> {
    let profile: UserProfile = get(Request::user(user), ask).await?;
    if profile.status.is_some() {
        return Ok(profile.status);
    }
    let Some(email) = profile.email.as_deref().and_then(Email::new) else { return Ok(None) };
    let page: UserPage = get(Request::users_by_email(&[email], 1), ask).await?;
    Ok(page.data.into_iter().find(|listed| listed.id == user).and_then(|listed| listed.status))
}

async fn get<T: serde::de::DeserializeOwned>(request: Request, ask: &impl Ask) -> Result<T, NoReading> {
    match ask.ask(request).await {
        None => Err(NoReading::Withdrawn),
        Some(Err(lost)) => Err(NoReading::Answered(lost)),
        Some(Ok(raw)) => read(&raw).map_err(NoReading::Answered),
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

/// Whether `/users/me` still says that the caller is a System Admin; `None` when it says nothing.
pub(super) async fn is_admin(ask: &impl Ask) -> Option<bool> {
    let raw = ask.ask(Request::me()).await?.ok()?;
    // Where even this is refused, the next change says why, and stops the run if it must.
    read::<UserProfile>(&raw).ok()?.is_admin()
}
