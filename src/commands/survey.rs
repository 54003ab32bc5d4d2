//! The survey: what the users of a run hold now, read as cheaply as the API allows.
//!
//! A page of a plan's users tells the seats of about a hundred of them; a single read tells one user's. Which is cheaper
//! shows on the first page, which says how many there are. Whoever is missing from the pages was not seen, which proves
//! nothing: pages may shift while they are read.

use std::collections::{BTreeMap, BTreeSet};

use super::Failure;
use super::contact::Contact;
use crate::api::{UserPage, UserPlansQuery};
use crate::model::{Action, ActionName, Email, Job, PlanId, SeenSeat, UserId};
use crate::plan::{Directory, Held, Person};

/// Up to so many users are read one by one, without asking for a page first.
const FEW: usize = 2;

/// Notes in `directory` what `jobs` depend on. Users whom only their status matters of are looked for in the pages of
/// `home`, the plan that the run is about.
pub(super) async fn survey<'j>(
    contact: &Contact<'_>,
    directory: &mut Directory,
    jobs: impl Iterator<Item = &'j Job>,
    home: Option<PlanId>,
) -> Result<(), Failure> {
    let mut seats: BTreeMap<PlanId, BTreeSet<UserId>> = BTreeMap::new();
    let (mut removals, mut statuses) = (BTreeSet::new(), BTreeSet::new());
    for job in jobs {
        match &job.action {
            Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } | Action::Remove { plan } => {
                seats.entry(*plan).or_default().insert(job.user);
                if job.action.name() == ActionName::Remove {
                    removals.insert(job.user);
                }
            }
            Action::Deactivate | Action::Reactivate => _ = statuses.insert(job.user),
            Action::Update(_) | Action::Plans => {}
        }
    }
    let mut barred = None;
    for (plan, users) in &seats {
        match one_plan(contact, directory, *plan, users, &removals).await {
            // A plan that the token may not read, such as one of another company, hides no other.
            Err(failure) if failure.of_one_request => _ = barred.get_or_insert(failure),
            read => read?,
        }
    }
    // A user's status is only in the lists; one list is worth its pages when it can spare as many useless changes.
    if let Some(home) = home.filter(|home| statuses.len() > FEW && !seats.contains_key(home)) {
        pages(contact, directory, home, statuses.len()).await?;
    }
    barred.map_or(Ok(()), Err)
}

async fn one_plan(
    contact: &Contact<'_>,
    directory: &mut Directory,
    plan: PlanId,
    users: &BTreeSet<UserId>,
    removals: &BTreeSet<UserId>,
) -> Result<(), Failure> {
    let is_listed = users.len() > FEW && pages(contact, directory, plan, users.len()).await?;
    // A user who is gone after a removal was removed only if they were there before, and a list may leave some out.
    let unseen: Vec<_> = users
        .iter()
        .filter(|user| directory.seat(plan, **user).is_none() && (!is_listed || removals.contains(user)))
        .collect();
    for user in unseen {
        match contact.plans(*user, &UserPlansQuery::default()).await {
            Ok(plans) => {
                for found in plans {
                    if let Some(seat) = &found.seat_type {
                        directory.note_held(found.plan_id, *user, Held::seat(SeenSeat::from_api(seat)));
                    }
                }
            }
            // Whether the user can be changed, the change will tell.
            Err(failure) if failure.of_one_request => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// Reads the pages of a plan if they are fewer than `worth`. Returns whether all of them were read.
async fn pages(contact: &Contact<'_>, directory: &mut Directory, plan: PlanId, worth: usize) -> Result<bool, Failure> {
    let first = contact.users_of_plan(plan, 1).await?;
    let pages = first.total_pages.unwrap_or(1);
    note(directory, plan, first);
    if pages as usize > worth {
        return Ok(false);
    }
    for page in 2..=pages {
        note(directory, plan, contact.users_of_plan(plan, page).await?);
    }
    Ok(true)
}

fn note(directory: &mut Directory, plan: PlanId, page: UserPage) {
    for user in page.data {
        if let Some(seat) = &user.seat_type {
            directory.note_held(plan, user.id, Held::seat(SeenSeat::from_api(seat)));
        }
        let email = user.email.as_deref().and_then(Email::new);
        directory.note_person(user.id, Person { email, status: user.status, ..Person::default() });
    }
}
