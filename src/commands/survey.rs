//! The survey: what the users of a run hold now, read as cheaply as the API allows.
//!
//! A page of a plan's users tells everything of about a hundred of them; read one by one, each takes two requests. Which
//! is cheaper shows on the first page, which is always read: it says how many users there are. Pages may shift while
//! they are read, so who is on none of them is read alone before it counts as an absence.

use std::collections::{HashMap, HashSet};

use super::Failure;
use super::contact::{ADDRESSES, Contact, Single};
use super::wanted::{People, Wanted};
use crate::api::{ListedUser, UserPage, UserPlan, UserProfile};
use crate::model::{Email, PlanId, SeenSeat, UserId};
use crate::plan::{Coverage, Directory, Person, PlanCoverage, SeatRecord, is_wrong_plan};

/// Requests that a review may take before it is content with samples: about what the pages of 10,000 users take.
const ENOUGH: u64 = 110;
/// Missing users who are read one by one in any case.
const SAMPLE: u64 = 5;
/// Users about no plan who are read one by one where no plan can be named.
const ALONE: usize = 50;

/// The API's error code for what the caller may not see (API notes, 403/1004).
const NOT_AUTHORIZED: i64 = 1004;

/// Notes in `directory` what the rows depend on. Users of rows about no plan are looked for in `home`.
pub(super) async fn survey(
    contact: &Contact<'_>,
    directory: &mut Directory,
    wanted: &Wanted,
    home: Option<PlanId>,
) -> Result<(), Failure> {
    if let Some(home) = home {
        directory.note_default_plan(home);
    }
    let mut survey = Survey { contact, directory, wanted, asked: HashMap::new(), sought: HashSet::new() };
    let mut barred = None;
    for (plan, people) in wanted.by_plan(home) {
        match survey.plan(plan, &people).await {
            // A plan that the token may not read, such as one of another company, hides no other.
            Err(failure) if failure.of_one_request => {
                // Only this refusal says something of the plan; others, of an API that has no such list.
                let coverage = if failure.code == Some(NOT_AUTHORIZED) { Coverage::Barred } else { Coverage::Partial };
                survey.directory.note_plan_coverage(plan, PlanCoverage { users: None, coverage });
                barred.get_or_insert(failure);
            }
            read => read?,
        }
    }
    let rest = wanted.unresolved(survey.directory);
    survey.look_up(rest).await?;
    if home.is_none() {
        survey.without_home().await?;
    }
    barred.map_or(Ok(()), Err)
}

/// Notes whose the addresses are that nobody was found to have yet.
pub(super) async fn look_up(contact: &Contact<'_>, directory: &mut Directory, wanted: &Wanted) -> Result<(), Failure> {
    let addresses: Vec<_> = wanted.unresolved(directory).into_iter().collect();
    ask_by_address(contact, directory, &addresses).await
}

async fn ask_by_address(contact: &Contact<'_>, directory: &mut Directory, addresses: &[Email]) -> Result<(), Failure> {
    for user in contact.users_by_email(addresses).await? {
        directory.note_person(user.id, listed(&user));
    }
    Ok(())
}

struct Survey<'a, 'c> {
    contact: &'a Contact<'c>,
    directory: &'a mut Directory,
    wanted: &'a Wanted,
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
    /// Nothing.
    Nothing,
}

impl Survey<'_, '_> {
    async fn plan(&mut self, plan: PlanId, people: &People) -> Result<(), Failure> {
        let first = self.contact.users_of_plan(plan, 1).await?;
        let pages = first.total_pages.unwrap_or(1).max(1);
        let users = first.total_count;
        self.note(plan, first);
        self.directory.note_plan_coverage(plan, PlanCoverage { users, coverage: Coverage::Partial });
        let costs = Costs::of(people, plan, self.directory, pages);
        self.contact.console().say(&costs.words(plan));
        match costs.way() {
            Way::Pages => {
                let coverage = self.pages(plan, pages).await?;
                self.directory.note_plan_coverage(plan, PlanCoverage { users, coverage });
                self.look_up(addresses_of(people, self.directory)).await?;
                self.confirm(plan, people, PlanCoverage { users, coverage }).await
            }
            Way::Singles => {
                self.look_up(addresses_of(people, self.directory)).await?;
                self.one_by_one(Some(plan), &people.users(self.directory).into_iter().collect::<Vec<_>>()).await
            }
        }
    }

    /// Reads the pages after the first, as many as the API says there are by then.
    async fn pages(&mut self, plan: PlanId, pages: u32) -> Result<Coverage, Failure> {
        let (mut page, mut last) = (2, pages);
        while page <= last {
            let read = self.contact.users_of_plan(plan, page).await?;
            last = read.total_pages.unwrap_or(last);
            if !self.note(plan, read) {
                // Pages that repeat would never end.
                return Ok(if page >= last { Coverage::Whole } else { Coverage::Partial });
            }
            page += 1;
        }
        Ok(Coverage::Whole)
    }

    /// Notes everybody on a page, and whether anybody on it is new.
    fn note(&mut self, plan: PlanId, page: UserPage) -> bool {
        let mut has_news = false;
        for user in page.data {
            has_news |= self.directory.seat(plan, user.id).is_none();
            if let Some(held) = held_by(&user) {
                self.directory.note_seat(plan, user.id, held);
            }
            self.directory.note_person(user.id, listed(&user));
        }
        has_news
    }

    /// Looks up addresses, each of them once.
    async fn look_up(&mut self, addresses: impl IntoIterator<Item = Email>) -> Result<(), Failure> {
        let new: Vec<_> = addresses.into_iter().filter(|email| self.sought.insert(email.clone())).collect();
        ask_by_address(self.contact, self.directory, &new).await
    }

    /// Reads those alone whom no page shows: all of them, or a sample where they are too many.
    async fn confirm(&mut self, plan: PlanId, people: &People, plan_coverage: PlanCoverage) -> Result<(), Failure> {
        let users = people.users(self.directory);
        let missing: Vec<_> = users.iter().copied().filter(|user| self.directory.seat(plan, *user).is_none()).collect();
        let allowed = ENOUGH.saturating_sub(self.contact.sent()).max(SAMPLE);
        let sample = spread(&missing, usize::try_from(allowed).unwrap_or(usize::MAX));
        if sample.len() < missing.len() {
            self.contact.console().say(&format!(
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
        let updated = missing.into_iter().filter(|user| !is_wrong_plan && self.wanted.updated.contains(user));
        for user in updated.filter(unknown).collect::<Vec<_>>() {
            self.profile(user).await?;
        }
        Ok(())
    }

    /// Reads all that is missing of users alone.
    async fn one_by_one(&mut self, plan: Option<PlanId>, users: &[UserId]) -> Result<(), Failure> {
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
        self.look_up(addresses).await
    }

    /// Reads the plans of a user, once, and notes whether the user is in `plan`.
    async fn ask(&mut self, user: UserId, plan: Option<PlanId>) -> Result<(), Failure> {
        if !self.asked.contains_key(&user) {
            let reading = match self.contact.plans_of_one(user).await? {
                Single::Shown(plans) => {
                    self.directory.note_person(user, Person::default());
                    for found in plans {
                        self.directory.note_seat(found.plan_id, user, held_in(&found));
                    }
                    Reading::Whole
                }
                Single::NotThere => Reading::Whole,
                // Whether the user can be changed, the change will tell.
                Single::Unreadable => Reading::Nothing,
            };
            self.asked.insert(user, reading);
        }
        if let Some(plan) = plan.filter(|_| self.asked.get(&user) == Some(&Reading::Whole)) {
            self.directory.note_absence(plan, user);
        }
        Ok(())
    }

    async fn profile(&mut self, user: UserId) -> Result<(), Failure> {
        if let Single::Shown(profile) = self.contact.profile(user).await? {
            self.directory.note_person(user, shown(&profile));
        }
        Ok(())
    }

    /// Where no plan can be named, a handful of users is read one by one.
    async fn without_home(&mut self) -> Result<(), Failure> {
        let users: Vec<_> = self.wanted.anywhere.users(self.directory).into_iter().collect();
        if users.len() > ALONE {
            let console = self.contact.console();
            console.warn(&format!(
                "what {} users of rows about no plan hold now is not read, because it is not known which plan to look in; \
                 name it with --plan-id",
                users.len()
            ));
            return Ok(());
        }
        self.one_by_one(None, &users).await
    }
}

/// What is left to read of a plan after its first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Costs {
    /// Pages, the first among them.
    pages: u64,
    /// Users whom the rows are about.
    users: u64,
    /// Those of them of whom only the id is known yet.
    ids: u64,
    /// Those of them of whom only the address is known yet, or who need only be looked up by it.
    addresses: u64,
}

/// How to go on after the first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// All the other pages.
    Pages,
    /// The users of the run, one by one.
    Singles,
}

impl Costs {
    fn of(people: &People, plan: PlanId, directory: &Directory, pages: u32) -> Self {
        let unresolved = people.unresolved(directory);
        let mut unseen = people.users(directory);
        let users = unseen.len() + unresolved.iter().filter(|(_, user)| user.is_none()).count();
        unseen.retain(|user| directory.seat(plan, *user).is_none());
        for (_, user) in &unresolved {
            user.map(|user| unseen.remove(&user));
        }
        Self { pages: pages.into(), users: users as u64, ids: unseen.len() as u64, addresses: unresolved.len() as u64 }
    }

    /// Requests for the users one by one: their plans; the profiles of those whose address is not known; and, by
    /// address, the statuses.
    const fn singles(self) -> u64 {
        let batch = ADDRESSES as u64;
        self.ids * 2 + self.ids.div_ceil(batch) + self.addresses + self.addresses.div_ceil(batch)
    }

    const fn way(self) -> Way {
        if self.pages - 1 <= self.singles() { Way::Pages } else { Way::Singles }
    }

    fn words(self, plan: PlanId) -> String {
        let users = format!("{} user{}", self.users, if self.users == 1 { "" } else { "s" });
        match (self.pages, self.way()) {
            (1, _) => format!("reading the users of plan {plan}: one page"),
            (pages, Way::Pages) => format!("reading {pages} pages of plan {plan}, rather than {users} one by one"),
            (pages, Way::Singles) if self.singles() == 0 => {
                format!("reading 1 of {pages} pages of plan {plan}, which shows all users of the file")
            }
            (pages, Way::Singles) => format!("reading {users} one by one, rather than {pages} pages of plan {plan}"),
        }
    }
}

fn addresses_of(people: &People, directory: &Directory) -> Vec<Email> {
    people.unresolved(directory).into_iter().map(|(email, _)| email.clone()).collect()
}

/// That many of them at the most, from the first to the last.
fn spread(users: &[UserId], most: usize) -> Vec<UserId> {
    let step = users.len().div_ceil(most.max(1)).max(1);
    users.iter().copied().step_by(step).collect()
}

fn listed(user: &ListedUser) -> Person {
    Person {
        email: user.email.as_deref().and_then(Email::new),
        status: user.status.clone(),
        attributes: user.attributes(),
        sheets: user.sheet_count,
    }
}

fn shown(profile: &UserProfile) -> Person {
    Person {
        email: profile.email.as_deref().and_then(Email::new),
        status: profile.status.clone(),
        attributes: profile.attributes(),
        sheets: None,
    }
}

fn held_by(user: &ListedUser) -> Option<SeatRecord> {
    Some(SeatRecord {
        seat: SeenSeat::from_api(user.seat_type.as_deref()?),
        changed: user.seat_type_last_changed_at.as_deref().and_then(|at| at.parse().ok()),
        is_internal: user.is_internal,
    })
}

/// A plan whose seat type is missing still is a plan that the user is in.
fn held_in(plan: &UserPlan) -> SeatRecord {
    SeatRecord {
        seat: SeenSeat::from_api(plan.seat_type.as_deref().unwrap_or("no seat")),
        changed: plan.seat_type_last_changed_at.as_deref().and_then(|at| at.parse().ok()),
        is_internal: plan.is_internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheaper_way_is_taken_and_said() {
        let plan = PlanId::new(9).unwrap();
        // pages, users left by id and by address, requests one by one, way, words
        let table = [
            (1, 0, 0, 0, Way::Pages, "reading the users of plan 9: one page"),
            (100, 5_000, 0, 10_200, Way::Pages, "reading 100 pages of plan 9, rather than 5000 users one by one"),
            (100, 0, 5_000, 5_200, Way::Pages, "reading 100 pages of plan 9, rather than 5000 users one by one"),
            (100, 3, 0, 7, Way::Singles, "reading 3 users one by one, rather than 100 pages of plan 9"),
            (100, 0, 3, 4, Way::Singles, "reading 3 users one by one, rather than 100 pages of plan 9"),
            (100, 48, 0, 98, Way::Singles, "reading 48 users one by one, rather than 100 pages of plan 9"),
            (100, 49, 0, 100, Way::Pages, "reading 100 pages of plan 9, rather than 49 users one by one"),
            (2, 1, 0, 3, Way::Pages, "reading 2 pages of plan 9, rather than 1 user one by one"),
            (7, 0, 0, 0, Way::Singles, "reading 1 of 7 pages of plan 9, which shows all users of the file"),
        ];
        for (pages, ids, addresses, singles, way, words) in table {
            let costs = Costs { pages, users: ids + addresses, ids, addresses };
            assert_eq!(
                (costs.singles(), costs.way(), costs.words(plan)),
                (singles, way, words.to_owned()),
                "{costs:?}"
            );
        }
    }

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
