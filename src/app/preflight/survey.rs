//! The survey: what the users of a run hold now, read as cheaply as the API allows.
//!
//! A page of a plan's users tells everything of about a hundred of them; read one by one, each takes two requests. Which
//! is cheaper shows on the first page, which is always read: it says how many users there are. Pages may shift while
//! they are read, so who is on none of them is read alone before it counts as an absence.

use std::collections::{HashMap, HashSet};

use super::addresses::ask_by_address;
use super::costs::{Costs, Reads};
use super::findings::{person_of_listed, person_of_profile, seat_of_listed, seat_of_plan};
use futures_util::future::join_all;

use crate::api::{Completeness, UserPage, UserPages};
use crate::app::CommandError;
use crate::app::account::current_user::Operations;
use crate::app::account::read_error::{Lookup, ReadError};
use crate::app::account::reader::{AccountReader, Readability, readability};
use crate::app::preflight::subjects::{AffectedUsers, UserSet};
use crate::model::{Email, MissingUserPolicy, PlanId, UserId};
use crate::plan::{AddressOwner, Coverage, Directory, Lookups, Person, PlanCoverage, is_wrong_plan};

/// Pages of users that are read at once.
const PAGES_AT_ONCE: u64 = 8;
/// Requests that a review may take before it is content with samples: about what the pages of 10,000 users take.
const ENOUGH: u64 = 110;
/// Missing users who are read one by one in any case.
const SAMPLE: u64 = 5;
/// Addresses of a file, at the most, that are looked up although a page shows whose they are: two requests.
const FEW_ADDRESSES: usize = 50;
/// Users about no plan who are read one by one where no plan can be named.
const ALONE: usize = 50;
/// Users who are read one by one, at the most, where the API refuses the list of a plan's users.
const ALONE_AT_MOST: usize = 500;

/// The API's error code for what the caller may not see (API notes, 403/1004).
const NOT_AUTHORIZED: i64 = 1004;

/// Notes in `directory` what the rows depend on. Users of rows about no plan are looked for in `home`.
pub(crate) async fn survey(
    reader: &AccountReader<'_>,
    directory: &mut Directory,
    affected: &AffectedUsers,
    home: Option<PlanId>,
    operations: Operations,
    missing_users: MissingUserPolicy,
) -> Result<(), CommandError> {
    if let Some(home) = home {
        directory.note_default_plan(home);
    }
    let mut survey =
        Survey { reader, directory, affected, missing_users, asked: HashMap::new(), sought: HashSet::new() };
    for (plan, people) in affected.by_plan(home) {
        match operations {
            Operations::SeatsOnly => survey.seats_alone(plan, &people).await?,
            Operations::All => match survey.plan(plan, &people).await {
                Err(ReadError::Lacking(failure)) => {
                    survey.without_lists(&failure);
                    survey.seats_alone(plan, &people).await?;
                }
                Err(ReadError::Refused(failure, code)) => survey.without_list(plan, &people, &failure, code).await?,
                read => read?,
            },
        }
    }
    let rest = affected.unresolved(survey.directory);
    survey.look_up(rest).await?;
    if home.is_none() {
        survey.without_home().await?;
    }
    Ok(())
}

struct Survey<'a, 'c> {
    reader: &'a AccountReader<'c>,
    directory: &'a mut Directory,
    affected: &'a AffectedUsers,
    missing_users: MissingUserPolicy,
    /// Who was read alone, and whether anything can be concluded from where they were not seen.
    asked: HashMap<UserId, Reading>,
    /// Addresses that were looked up, in vain or not.
    sought: HashSet<Email>,
}

/// What came of reading a user alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The user's plans, all of them; none, where the API does not know the user.
    Whole,
    /// Nothing, or not everything.
    Partial,
}

impl Survey<'_, '_> {
    async fn plan(&mut self, plan: PlanId, people: &UserSet) -> Result<(), ReadError> {
        let mut pages = UserPages::default();
        let first = self.reader.users_of_plan(plan, 1).await?;
        self.note_page(plan, first, &mut pages);
        self.note_users(plan, pages.total_users(), Coverage::Partial);
        let costs = Costs::of(people, plan, self.directory, pages.total_pages().unwrap_or(1).max(1));
        self.reader.console().say(&costs.words(plan));
        match costs.way() {
            Reads::Pages => self.all_pages(plan, people, pages).await,
            Reads::OneByOne => {
                // Who was on the first page may share an address with somebody on another, so all are looked up.
                self.look_up(people.addresses_alone()).await?;
                self.look_up(people.unresolved_addresses(self.directory)).await?;
                if self.has_absences_to_prove(people) {
                    let console = self.reader.console();
                    console.say(&format!("reading all pages of plan {plan}, because some addresses belong to nobody"));
                    return self.all_pages(plan, people, pages).await;
                }
                self.one_by_one(Some(plan), &people.users(self.directory).into_iter().collect::<Vec<_>>()).await
            }
        }
    }

    /// Whether rows may be skipped because their users have no account, which only the whole list can prove.
    fn has_absences_to_prove(&self, people: &UserSet) -> bool {
        let is_missing = |email| self.directory.owner(&email) == AddressOwner::Nobody;
        self.missing_users == MissingUserPolicy::Skip && people.addresses_alone().any(is_missing)
    }

    async fn all_pages(&mut self, plan: PlanId, people: &UserSet, mut pages: UserPages) -> Result<(), ReadError> {
        while let Some(first) = pages.next() {
            // Several at once, as far as the API counts them, because an answer may take seconds.
            let last = pages.total_pages().unwrap_or(first).clamp(first, first + PAGES_AT_ONCE - 1);
            for page in join_all((first..=last).map(|number| self.reader.users_of_plan(plan, number))).await {
                if pages.next().is_some() {
                    self.note_page(plan, page?, &mut pages);
                }
            }
        }
        if pages.is_endless() {
            let console = self.reader.console();
            console.warn(&format!("the list of the users of plan {plan} does not end: it is read no further"));
        }
        let coverage = match pages.completeness() {
            Some(Completeness::Complete) => Coverage::Whole,
            Some(Completeness::Incomplete) | None => Coverage::Partial,
        };
        let users = pages.total_users();
        self.note_users(plan, users, coverage);
        // The list may leave out a deactivated user who shares an address with somebody on it.
        if people.addresses_alone().count() <= FEW_ADDRESSES {
            self.look_up(people.addresses_alone()).await?;
        }
        self.look_up(people.unresolved_addresses(self.directory)).await?;
        self.confirm(plan, people, PlanCoverage { users, coverage }).await
    }

    fn note_users(&mut self, plan: PlanId, users: Option<u64>, coverage: Coverage) {
        self.directory.note_plan_coverage(plan, PlanCoverage { users, coverage });
    }

    /// Notes everybody on a page of a plan's users.
    fn note_page(&mut self, plan: PlanId, mut page: UserPage, pages: &mut UserPages) {
        pages.take(&mut page);
        if readability(&page) == Readability::Unreadable {
            self.directory.note_unreadable_users(plan);
        }
        for user in page.users.read {
            if let Some(held) = seat_of_listed(&user) {
                self.directory.note_seat(plan, user.id, held);
            }
            self.directory.note_person(user.id, person_of_listed(&user));
        }
    }

    /// Reads the seats of users from their plans (seed 002), where the server has no lists. Their addresses, statuses and
    /// attributes stay unknown: no document on plans shows them.
    async fn seats_alone(&mut self, plan: PlanId, people: &UserSet) -> Result<(), CommandError> {
        self.note_users(plan, None, Coverage::Partial);
        let users = people.users(self.directory);
        let console = self.reader.console();
        console.say(&format!("reading the plans of {}, one request each", counted(users.len(), "user")));
        for user in users {
            self.ask(user, Some(plan)).await?;
        }
        Ok(())
    }

    fn without_lists(&mut self, failure: &CommandError) {
        self.reader.console().warn(&format!(
            "{}: the run goes on as with --no-preflight, and reads the seats before from the users' plans",
            failure.message
        ));
        self.directory.note_lookups(Lookups::Impossible);
    }

    /// The API refuses the list of a plan's users: those of the file are read one by one, so that nobody is changed
    /// without a seat to put back.
    async fn without_list(
        &mut self,
        plan: PlanId,
        people: &UserSet,
        failure: &CommandError,
        code: Option<i64>,
    ) -> Result<(), CommandError> {
        let console = self.reader.console();
        let users: Vec<_> = people.users(self.directory).into_iter().collect();
        let before = self.reader.sent();
        // Only this refusal says something of the plan; others, of an API that has no such list.
        if code == Some(NOT_AUTHORIZED) && users.len() <= ALONE_AT_MOST {
            let sample = spread(&users, usize::try_from(SAMPLE).unwrap_or(usize::MAX));
            for user in &sample {
                self.ask(*user, Some(plan)).await?;
            }
            if sample.iter().all(|user| self.directory.seat(plan, *user).is_none()) {
                console.warn(&format!("the users of plan {plan} cannot be read: {}", failure.message));
                self.note_users(plan, None, Coverage::Barred);
                return Ok(());
            }
        }
        if users.len() > ALONE_AT_MOST {
            console.warn(&format!(
                "the list of the users of plan {plan} cannot be read ({}), and {} are more than {ALONE_AT_MOST}: they are \
                 not read one by one",
                failure.message,
                counted(users.len(), "user")
            ));
            self.note_users(plan, None, Coverage::Refused);
            return Ok(());
        }
        self.note_users(plan, None, Coverage::Partial);
        for user in &users {
            self.ask(*user, Some(plan)).await?;
            self.profile(*user).await?;
        }
        console.warn(&format!(
            "the list of the users of plan {plan} cannot be read ({}): {} of the file were read one by one, with {}",
            failure.message,
            counted(users.len(), "user"),
            counted(usize::try_from(self.reader.sent() - before).unwrap_or(usize::MAX), "request")
        ));
        Ok(())
    }

    /// Looks up addresses, each of them once.
    async fn look_up(&mut self, addresses: impl IntoIterator<Item = Email>) -> Result<(), CommandError> {
        let new: Vec<_> = addresses.into_iter().filter(|email| self.sought.insert(email.clone())).collect();
        ask_by_address(self.reader, self.directory, &new).await
    }

    /// Reads those alone whom no page shows: all of them, or a sample where they are too many.
    async fn confirm(&mut self, plan: PlanId, people: &UserSet, plan_coverage: PlanCoverage) -> Result<(), ReadError> {
        let users = people.users(self.directory);
        let missing: Vec<_> = users.iter().copied().filter(|user| self.directory.seat(plan, *user).is_none()).collect();
        let allowed = ENOUGH.saturating_sub(self.reader.sent()).max(SAMPLE);
        let sample = spread(&missing, usize::try_from(allowed).unwrap_or(usize::MAX));
        if sample.len() < missing.len() {
            self.reader.console().say(&format!(
                "{} of {} users are on none of these pages; {} of them are read one by one",
                missing.len(),
                users.len(),
                sample.len()
            ));
        }
        for user in &sample {
            self.ask(*user, Some(plan)).await?;
        }
        let are_there = sample.iter().filter(|user| self.directory.seat(plan, **user).is_some()).count();
        if are_there * 2 > sample.len() {
            // Such a list leaves out whom it should show, so being on none of its pages means nothing.
            self.directory.note_plan_coverage(plan, PlanCoverage { coverage: Coverage::Partial, ..plan_coverage });
        }
        let is_wrong_plan = is_wrong_plan(users.len() as u64, missing.len() as u64);
        let unknown = |user: &UserId| self.directory.person(*user).is_none_or(|person| person.attributes.is_empty());
        let updated = missing.into_iter().filter(|user| !is_wrong_plan && self.affected.updated.contains(user));
        for user in updated.filter(unknown).collect::<Vec<_>>() {
            self.profile(user).await?;
        }
        Ok(())
    }

    /// Reads all that is missing of users alone.
    async fn one_by_one(&mut self, plan: Option<PlanId>, users: &[UserId]) -> Result<(), ReadError> {
        for user in users {
            if plan.is_none_or(|plan| self.directory.seat(plan, *user).is_none()) {
                self.ask(*user, plan).await?;
            }
            if self.directory.person(*user).is_some_and(|person| person.email.is_none()) {
                self.profile(*user).await?;
            }
        }
        // Status is shown by lists alone (API notes, "one user"), and lists can be asked by address.
        let statusless =
            users.iter().filter_map(|user| self.directory.person(*user)).filter(|found| found.status.is_none());
        let addresses: Vec<_> = statusless.filter_map(|person| person.email.clone()).collect();
        Ok(self.look_up(addresses).await?)
    }

    /// Reads the plans of a user, once, and notes whether the user is in `plan`.
    async fn ask(&mut self, user: UserId, plan: Option<PlanId>) -> Result<(), CommandError> {
        if !self.asked.contains_key(&user) {
            let reading = match self.reader.plans_of_one(user).await? {
                Lookup::Found(list) => {
                    self.directory.note_person(user, Person::default());
                    for found in list.plans {
                        self.directory.note_seat(found.plan_id, user, seat_of_plan(&found));
                    }
                    match list.completeness {
                        Completeness::Complete => Reading::Whole,
                        Completeness::Incomplete => Reading::Partial,
                    }
                }
                Lookup::NotFound => Reading::Whole,
                // Whether the user can be changed, the change will tell.
                Lookup::Unreadable => Reading::Partial,
            };
            self.asked.insert(user, reading);
        }
        if let Some(plan) = plan.filter(|_| self.asked.get(&user) == Some(&Reading::Whole)) {
            self.directory.note_absence(plan, user);
        }
        Ok(())
    }

    async fn profile(&mut self, user: UserId) -> Result<(), CommandError> {
        if let Lookup::Found(profile) = self.reader.profile(user).await? {
            self.directory.note_person(user, person_of_profile(&profile));
        }
        Ok(())
    }

    /// Where no plan can be named, a handful of users is read one by one.
    async fn without_home(&mut self) -> Result<(), CommandError> {
        let users: Vec<_> = self.affected.anywhere.users(self.directory).into_iter().collect();
        if users.len() > ALONE {
            let console = self.reader.console();
            console.warn(&format!(
                "what {} users of rows about no plan hold now is not read, because it is not known which plan to look in; \
                 name it with --plan-id",
                users.len()
            ));
            return Ok(());
        }
        Ok(self.one_by_one(None, &users).await?)
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// That many of them at the most, from the first to the last.
fn spread(users: &[UserId], most: usize) -> Vec<UserId> {
    let step = users.len().div_ceil(most.max(1)).max(1);
    users.iter().copied().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_all() {
        let users: Vec<_> = (1..=12).map(|id| UserId::new(id).unwrap()).collect();
        let ids = |most| spread(&users, most).into_iter().map(UserId::get).collect::<Vec<_>>();
        assert_eq!(ids(5), [1, 4, 7, 10]);
        assert_eq!(ids(12).len(), 12);
        assert_eq!(ids(100).len(), 12);
        assert_eq!(spread(&[], 5), []);
    }
}
