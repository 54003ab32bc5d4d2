//! The account reader: what is read of the account before a run, patiently, and within the same budget as everything else.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::budget;
use super::current_user::{Account, CurrentUser, Operations};
use super::obstacle::Obstacle;
use super::read_error::{Lookup, ReadError, Route, halted, lacks, read_error, unreachable};
use super::read_patience::{ReadPatience, ReadTries, ReadVerdict};
use crate::api::{
    Client, Completeness, FromJson, ListedUser, Paging, PlanNames, PlanPages, Raw, Request, Transport,
    UnreadableProperty, UserPage, UserPages, UserPlanList, UserPlansQuery, UserProfile, read,
};
use crate::app::CommandError;
use crate::app::context::Context;
use crate::console::Console;
use crate::engine::Pace;
use crate::ledger::{Ledger, clock};
use crate::model::{Answer, Email, PlanId, UserId};
use crate::policy::{Jitter, MAX_READS, says_user_is_not_there};

/// How often a single user is read who cannot be read: a survey goes on without.
const FEW_READS: u16 = 3;
/// Addresses that one request asks for; an address has up to 254 characters, a URL is safe up to about 8,000.
pub(crate) const ADDRESSES: usize = 25;
/// Pages of users that one batch of addresses may take: far more than the users who can share 25 addresses.
const MOST_PAGES_OF_ADDRESSES: u32 = 20;

/// Whether everybody on a list could be read, with an id and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readability {
    /// Everybody could.
    Readable,
    /// Somebody could not, and may be anybody.
    Unreadable,
}

impl Readability {
    fn and(self, other: Self) -> Self {
        if self == Self::Readable { other } else { self }
    }
}

/// Whether everybody on a page could be read.
pub(crate) fn readability(page: &UserPage) -> Readability {
    let has_address = |user: &ListedUser| user.email.as_deref().and_then(Email::new).is_some();
    if page.users.left_out == 0 && page.users.read.iter().all(has_address) {
        Readability::Readable
    } else {
        Readability::Unreadable
    }
}

/// The users behind addresses.
#[derive(Debug)]
pub(crate) struct AddressMatches {
    /// Those who were found.
    pub users: Vec<ListedUser>,
    /// Whether everybody in the answers could be read.
    pub readability: Readability,
}

/// Everybody in a plan.
#[derive(Debug)]
pub(crate) struct ListedUsers {
    /// Those who could be read.
    pub users: Vec<ListedUser>,
    /// How many could not.
    pub unreadable: usize,
    /// Whether the list came to its end.
    pub completeness: Completeness,
}

/// A conversation with the API before a run.
#[derive(Debug)]
pub(crate) struct AccountReader<'a> {
    client: &'a Client,
    pace: Arc<Pace>,
    patience: RefCell<ReadPatience>,
    console: &'a Console,
    /// How the API is asked.
    route: Route,
    /// Where requests are noted, so that whoever comes next within the minute counts them.
    ledger: Option<&'a Ledger>,
    api_url: &'a str,
    sent: Cell<u64>,
    /// Whether the names of plans are asked for, which a server may refuse.
    names: Cell<PlanNames>,
    /// The names of plans, as far as they were read.
    plan_names: RefCell<BTreeMap<PlanId, String>>,
    /// Properties that could not be read and were said to be, by their names.
    complained: RefCell<HashSet<String>>,
}

impl<'a> AccountReader<'a> {
    /// A conversation with `api_url` at a pace that counts what was sent in the last minute by any process that used
    /// the same state folder.
    pub(crate) fn new(
        client: &'a Client,
        api_url: &'a str,
        rate: Option<NonZeroU32>,
        ledger: Option<&'a Ledger>,
        context: &'a Context,
    ) -> Result<Self, CommandError> {
        let pace = budget::pace(context, ledger, api_url, rate)?;
        Ok(Self {
            client,
            pace,
            patience: RefCell::new(ReadPatience::new(context.settings.longest_silence.value)),
            console: &context.console,
            route: Route::new(context),
            ledger,
            api_url,
            sent: Cell::new(0),
            names: Cell::new(PlanNames::Asked),
            plan_names: RefCell::default(),
            complained: RefCell::default(),
        })
    }

    /// Where it is said what is read.
    pub(crate) const fn console(&self) -> &Console {
        self.console
    }

    /// Requests that were sent so far.
    pub(crate) const fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// The names of the plans that were read so far.
    pub(crate) fn plan_names(&self) -> BTreeMap<PlanId, String> {
        self.plan_names.borrow().clone()
    }

    /// Reads whose token it is.
    pub(crate) async fn myself(&self) -> Result<CurrentUser, ReadError> {
        let request = Request::me();
        let profile: UserProfile = match self.get(&request).await {
            Err(ReadError::Lacking(failure)) => {
                let path =
                    if self.api_url.ends_with("/2.0") { "" } else { " (is /2.0 missing at the end of --api-url?)" };
                self.console.warn(&format!(
                    "{}{path}: whose token this is and whether it is a System Admin's is not checked",
                    failure.message
                ));
                return Ok(CurrentUser::unknown());
            }
            read => read?,
        };
        self.complain(&request, &profile.unreadable);
        let email = profile.email.clone().unwrap_or_else(|| "an unnamed user".to_owned());
        let is_admin = profile.attributes.admin;
        let account = profile.account.map(|account| Account { name: account.name, id: account.id }).unwrap_or_default();
        let who = match &account.name {
            Some(account) => format!("{email} in {account}"),
            None => email,
        };
        Ok(CurrentUser { operations: Operations::All, id: profile.id, who, account, is_admin })
    }

    /// Reads every plan of a user, page by page (seed 002).
    pub(crate) async fn plans(&self, user: UserId, query: &UserPlansQuery) -> Result<UserPlanList, ReadError> {
        self.plan_pages(user, query, MAX_READS)
            .await?
            .map_err(|(request, answer)| read_error(&request, &answer, &self.route))
    }

    /// Reads every plan of a user who may not be there.
    pub(crate) async fn plans_of_one(&self, user: UserId) -> Result<Lookup<UserPlanList>, ReadError> {
        let read = self.plan_pages(user, &UserPlansQuery::default(), FEW_READS).await?;
        self.tolerate(read.map_err(|(_, answer)| answer))
    }

    async fn plan_pages(
        &self,
        user: UserId,
        query: &UserPlansQuery,
        tries: u16,
    ) -> Result<Result<UserPlanList, (Request, Answer)>, CommandError> {
        let mut pages = PlanPages::new(user, &UserPlansQuery { names: self.names.get(), ..query.clone() });
        loop {
            let request = pages.request();
            match self.ask(&request, tries).await? {
                Ok(page) => {
                    if pages.take(page) == Paging::More {
                        continue;
                    }
                    let list = pages.into_list();
                    self.complain(&request, &list.unreadable);
                    let named = list.plans.iter().filter_map(|plan| Some((plan.plan_id, plan.plan_name.clone()?)));
                    self.plan_names.borrow_mut().extend(named);
                    return Ok(Ok(list));
                }
                // Seed 002 does not know the parameter that asks for names, and names are a comfort.
                Err(answer) if answer.http() == Some(400) && pages.asks_for_names() => {
                    self.names.set(PlanNames::Unasked);
                    pages.without_names();
                }
                Err(answer) => return Ok(Err((request, answer))),
            }
        }
    }

    /// Reads the profile of a user who may not be there.
    pub(crate) async fn profile(&self, user: UserId) -> Result<Lookup<UserProfile>, ReadError> {
        let request = Request::user(user);
        let profile = self.single::<UserProfile>(&request).await?;
        if let Lookup::Found(profile) = &profile {
            if profile.id.is_some_and(|id| id != user) {
                self.console
                    .warn(&format!("the answer to GET {} is about another user: it is not believed", request.path));
                return Ok(Lookup::Unreadable);
            }
            self.complain(&request, &profile.unreadable);
        }
        Ok(profile)
    }

    /// Reads a page of a plan's users, with their seats in it.
    pub(crate) async fn users_of_plan(&self, plan: PlanId, page: u64) -> Result<UserPage, ReadError> {
        let request = Request::users_of_plan(plan, page);
        let page: UserPage = self.get(&request).await?;
        self.complain(&request, &page.users.unreadable);
        Ok(page)
    }

    /// Reads everybody in a plan with the time of their last sign-in, page by page. Says how many could not be read and
    /// whether these are all.
    pub(crate) async fn users_with_logins(&self, plan: PlanId) -> Result<ListedUsers, ReadError> {
        let mut pages = UserPages::default();
        let mut users = Vec::new();
        while let Some(number) = pages.next() {
            let request = Request::users_of_plan_with_logins(plan, number);
            let mut page: UserPage = self.get(&request).await?;
            self.complain(&request, &page.users.unreadable);
            pages.take(&mut page);
            if let (1, Some(total @ 2..)) = (number, pages.total_pages()) {
                self.console.say(&format!("reading {total} pages of plan {plan}"));
            }
            users.append(&mut page.users.read);
        }
        let completeness = pages.completeness().unwrap_or(Completeness::Incomplete);
        Ok(ListedUsers { users, unreadable: pages.unreadable(), completeness })
    }

    /// The users behind addresses, as far as the account has them.
    pub(crate) async fn users_by_email(&self, emails: &[Email]) -> Result<AddressMatches, ReadError> {
        let mut matches = AddressMatches { users: Vec::new(), readability: Readability::Readable };
        for batch in emails.chunks(ADDRESSES) {
            let mut seen = HashSet::new();
            for page in 1..=MOST_PAGES_OF_ADDRESSES {
                let request = Request::users_by_email(batch, page);
                let listed: UserPage = self.get(&request).await?;
                self.complain(&request, &listed.users.unreadable);
                let before = seen.len();
                matches.readability = matches.readability.and(readability(&listed));
                matches.users.extend(listed.users.read.into_iter().filter(|user| seen.insert(user.id)));
                // A page past the end may repeat the last one, and the number of pages may not be counted.
                let is_last = listed.total_pages.is_some_and(|pages| u64::from(page) >= pages);
                if is_last || seen.len() == before {
                    break;
                }
            }
        }
        Ok(matches)
    }

    /// Says what could not be read, each property once however many records it is missing from.
    fn complain(&self, request: &Request, unreadable: &[UnreadableProperty]) {
        let endpoint = request.path.split('?').next().unwrap_or_default();
        for property in unreadable {
            let name = property.place.rsplit('.').next().unwrap_or_default().to_owned();
            let is_new = self.complained.borrow_mut().insert(name.clone());
            if is_new {
                let like = |other: &&UnreadableProperty| other.place.rsplit('.').next() == Some(&name);
                let others = unreadable.iter().filter(like).count() - 1;
                let more = if others == 0 { String::new() } else { format!(" (and {others} more like it)") };
                self.console.warn(&format!(
                    "in the answer to GET {endpoint}, {property}{more}; what cannot be read is treated as not known"
                ));
            }
        }
    }

    /// One reading that every later one depends on.
    async fn get<T: FromJson>(&self, request: &Request) -> Result<T, ReadError> {
        self.ask(request, MAX_READS).await?.map_err(|answer| read_error(request, &answer, &self.route))
    }

    /// One reading of a single user, whom not to know stops nobody else's.
    async fn single<T: FromJson>(&self, request: &Request) -> Result<Lookup<T>, ReadError> {
        self.tolerate(self.ask(request, FEW_READS).await?)
    }

    fn tolerate<T>(&self, read: Result<T, Answer>) -> Result<Lookup<T>, ReadError> {
        Ok(match read {
            Ok(shown) => Lookup::Found(shown),
            Err(answer) if says_user_is_not_there(&answer) => Lookup::NotFound,
            Err(answer @ Answer::Unexpected { .. }) => {
                self.console.warn(&answer.describe());
                Lookup::Unreadable
            }
            Err(Answer::Said { .. }) => Lookup::Unreadable,
            Err(answer) => return Err(unreachable(&answer, &self.route).into()),
        })
    }

    /// What is read, or what was said instead in the end: with patience for throttling, for gateways up to `tries` times,
    /// and little for a host that is not there.
    async fn ask<T: FromJson>(&self, request: &Request, tries: u16) -> Result<Result<T, Answer>, CommandError> {
        let mut tries = ReadTries::new(Instant::now().into_std(), tries);
        loop {
            let sent = self.send(request).await?;
            let is_from_another_site = sent.as_ref().is_ok_and(Raw::is_from_another_site);
            let answer = match sent.map(|raw| read(request, &raw)) {
                Ok(Ok(value)) => {
                    self.patience.borrow_mut().let_through(Instant::now().into_std());
                    return Ok(Ok(value));
                }
                Ok(Err(answer)) | Err(answer) => answer,
            };
            if is_from_another_site {
                return Err(CommandError::refused(format!(
                    "this is not the Smartsheet API: a captive portal or a login page? {}",
                    answer.describe()
                ))
                .hint("check the network and --api-url"));
            }
            let is_lasting = self.route.obstacle(&answer).is_some_and(Obstacle::is_lasting);
            if is_lasting || lacks(request, &answer) {
                return Ok(Err(answer));
            }
            let spread = Jitter::new(fastrand::f64());
            let verdict = self.patience.borrow_mut().judge(Instant::now().into_std(), &answer, &mut tries, spread);
            match verdict {
                ReadVerdict::Final => return Ok(Err(answer)),
                ReadVerdict::Stop(why) => return Err(halted(why, &answer, &self.route)),
                ReadVerdict::TryAgain(pause) => {
                    if pause > Duration::from_secs(5) {
                        self.console.say(&format!("waiting {} s: {}", pause.as_secs(), answer.describe()));
                    }
                    sleep(pause).await;
                }
            }
        }
    }

    /// Sends a request once the pace allows it, and notes it in the ledger.
    async fn send(&self, request: &Request) -> Result<Result<Raw, Answer>, CommandError> {
        let permit = self.pace.permit().await;
        let noted = self.ledger.map(|ledger| ledger.note_request(self.api_url, clock::now())).transpose()?;
        self.sent.set(self.sent.get() + 1);
        let sent = self.client.send(request).await;
        drop(permit);
        if let (Some(ledger), Some(noted)) = (self.ledger, noted) {
            ledger.note_answer(noted, clock::now())?;
        }
        Ok(sent)
    }
}
