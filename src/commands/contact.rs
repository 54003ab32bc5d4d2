//! Contact: what is read of the account before a run, patiently, and within the same budget as everything else.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use crate::api::{
    Client, ListedUser, Paging, PlanPages, Request, Transport, UserPage, UserPlan, UserPlansQuery, UserProfile, read,
};
use crate::console::Console;
use crate::engine::Pace;
use crate::ledger::Ledger;
use crate::model::{Answer, Email, PlanId, UserId};
use crate::policy::{Halt, MAX_READS, Spread, Verdict, Wait, backoff, classify, hint, says_user_is_not_there};

use super::{Failure, claim};

/// How long a host that cannot be reached is tried before anything was changed.
const UNREACHABLE: Duration = Duration::from_secs(10);
/// How long a host that takes requests and answers none as it should is tried before anything was changed.
const SILENT: Duration = Duration::from_secs(60);
/// How often a single user is read who cannot be read: a survey goes on without.
const FEW_READS: u16 = 3;
/// Addresses that one request asks for; an address has up to 254 characters, a URL is safe up to about 8,000.
pub(super) const ADDRESSES: usize = 25;

/// A conversation with the API before a run.
#[derive(Debug)]
pub(super) struct Contact<'a> {
    client: &'a Client,
    pace: Arc<Pace>,
    console: &'a Console,
    /// Where requests are noted, so that whoever comes next within the minute counts them.
    ledger: Option<&'a Ledger>,
    api_url: &'a str,
    sent: Cell<u64>,
}

/// What reading a single user comes to.
#[derive(Debug)]
pub(super) enum Single<T> {
    /// What the API shows.
    Shown(T),
    /// The API says that the user is not there, or outside what the token's account can see.
    NotThere,
    /// The API says something else, and says it again however often it is asked: of this user nothing can be known.
    Unreadable,
}

/// Whose token it is.
#[derive(Debug, Clone)]
pub(super) struct Myself {
    /// The user's id, which every answer of Smartsheet has.
    pub id: Option<UserId>,
    /// The user and the account, as a person would name them.
    pub who: String,
    /// The account.
    pub account: Account,
    /// Whether the user is a System Admin; `None` when the API does not say.
    pub is_admin: Option<bool>,
}

/// The account that a token belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    name: Option<String>,
    id: Option<u64>,
}

impl Account {
    /// Whether `text` is its name or its id.
    pub(super) fn is(&self, text: &str) -> bool {
        let is_name = self.name.as_ref().is_some_and(|name| name.trim() == text);
        is_name || self.id.is_some_and(|id| id.to_string() == text)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.id) {
            (Some(name), Some(id)) => write!(f, "`{name}` (account {id})"),
            (Some(name), None) => write!(f, "`{name}`"),
            (None, Some(id)) => write!(f, "account {id}"),
            (None, None) => f.write_str("an account that the API does not name"),
        }
    }
}

impl<'a> Contact<'a> {
    /// A conversation with `api_url` at a pace that counts what was sent in the last minute by any process that used
    /// the same state folder.
    pub(super) fn new(
        client: &'a Client,
        api_url: &'a str,
        rate: Option<NonZeroU32>,
        ledger: Option<&'a Ledger>,
        console: &'a Console,
    ) -> Result<Self, Failure> {
        let pace = claim::pace(ledger, api_url, rate)?;
        Ok(Self { client, pace, console, ledger, api_url, sent: Cell::new(0) })
    }

    /// Where it is said what is read.
    pub(super) const fn console(&self) -> &Console {
        self.console
    }

    /// Requests that were sent so far.
    pub(super) const fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Reads whose token it is.
    pub(super) async fn myself(&self) -> Result<Myself, Failure> {
        let profile: UserProfile = self.get(&Request::me()).await?;
        let email = profile.email.clone().unwrap_or_else(|| "an unnamed user".to_owned());
        let is_admin = profile.is_admin();
        let account = profile.account.map(|account| Account { name: account.name, id: account.id }).unwrap_or_default();
        let who = match &account.name {
            Some(account) => format!("{email} in {account}"),
            None => email,
        };
        Ok(Myself { id: profile.id, who, account, is_admin })
    }

    /// Reads every plan of a user, page by page (seed 002).
    pub(super) async fn plans(&self, user: UserId, query: &UserPlansQuery) -> Result<Vec<UserPlan>, Failure> {
        let mut pages = PlanPages::new(user, query);
        while pages.take(self.get(&pages.request()).await?) == Paging::More {}
        Ok(pages.into_plans())
    }

    /// Reads every plan of a user who may not be there.
    pub(super) async fn plans_of_one(&self, user: UserId) -> Result<Single<Vec<UserPlan>>, Failure> {
        let mut pages = PlanPages::new(user, &UserPlansQuery::default());
        loop {
            let page = match self.single(&pages.request()).await? {
                Single::Shown(page) => page,
                Single::NotThere => return Ok(Single::NotThere),
                Single::Unreadable => return Ok(Single::Unreadable),
            };
            if pages.take(page) == Paging::End {
                return Ok(Single::Shown(pages.into_plans()));
            }
        }
    }

    /// Reads the profile of a user who may not be there.
    pub(super) async fn profile(&self, user: UserId) -> Result<Single<UserProfile>, Failure> {
        self.single(&Request::user(user)).await
    }

    /// Reads a page of a plan's users, with their seats in it.
    pub(super) async fn users_of_plan(&self, plan: PlanId, page: u32) -> Result<UserPage, Failure> {
        self.get(&Request::users_of_plan(plan, page)).await
    }

    /// The users behind addresses, as far as the account has them. Without one of them nobody could say whom a row is
    /// about, so a refusal concerns more than the request.
    pub(super) async fn users_by_email(&self, emails: &[Email]) -> Result<Vec<ListedUser>, Failure> {
        let mut found = Vec::new();
        for batch in emails.chunks(ADDRESSES) {
            let mut page = 1;
            loop {
                let listed = self.get::<UserPage>(&Request::users_by_email(batch, page)).await;
                let listed = listed.map_err(|failure| Failure { of_one_request: false, ..failure })?;
                found.extend(listed.data);
                if page >= listed.total_pages.unwrap_or(1) {
                    break;
                }
                page += 1;
            }
        }
        Ok(found)
    }

    /// One reading that every later one depends on.
    async fn get<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Failure> {
        self.ask(request, MAX_READS).await?.map_err(|answer| match classify(&answer) {
            Verdict::Done(_) | Verdict::Refused | Verdict::AskWhoAmI => refused(request, &answer),
            Verdict::NoEffect(_) | Verdict::InDoubt(..) => unreachable(&answer),
            Verdict::Halt(halt) => halted(halt, &answer),
        })
    }

    /// One reading of a single user, whom not to know stops nobody else's.
    async fn single<T: DeserializeOwned>(&self, request: &Request) -> Result<Single<T>, Failure> {
        Ok(match self.ask(request, FEW_READS).await? {
            Ok(shown) => Single::Shown(shown),
            Err(answer) if says_user_is_not_there(&answer) => Single::NotThere,
            Err(Answer::Said { .. }) => Single::Unreadable,
            Err(answer) => return Err(unreachable(&answer)),
        })
    }

    /// What is read, or what was said instead in the end: with patience for throttling, for gateways up to `tries` times,
    /// and little for a host that is not there.
    async fn ask<T: DeserializeOwned>(&self, request: &Request, tries: u16) -> Result<Result<T, Answer>, Failure> {
        let start = Instant::now();
        let mut failures = 0;
        loop {
            let permit = self.pace.permit().await;
            let noted = self.ledger.map(|ledger| ledger.note_request(self.api_url, Timestamp::now())).transpose()?;
            self.sent.set(self.sent.get() + 1);
            let sent = self.client.send(request).await;
            drop(permit);
            if let (Some(ledger), Some(noted)) = (self.ledger, noted) {
                ledger.note_answer(noted, Timestamp::now())?;
            }
            let answer = match sent.map(|raw| read(&raw)) {
                Ok(Ok(value)) => return Ok(Ok(value)),
                Ok(Err(answer)) | Err(answer) => answer,
            };
            failures += 1;
            let wait = match classify(&answer) {
                Verdict::NoEffect(wait) | Verdict::InDoubt(_, wait) => wait,
                Verdict::Halt(halt) => return Err(halted(halt, &answer)),
                Verdict::Done(_) | Verdict::Refused | Verdict::AskWhoAmI => return Ok(Err(answer)),
            };
            let pause = match wait {
                Wait::Backoff | Wait::Everybody => backoff(failures, Spread::new(fastrand::f64())),
                Wait::Pause(pause) => pause,
            };
            let out_of_patience = match wait {
                Wait::Everybody => start.elapsed() + pause > UNREACHABLE,
                Wait::Backoff => failures >= tries || start.elapsed() > SILENT,
                Wait::Pause(_) => failures >= MAX_READS,
            };
            if out_of_patience {
                return Ok(Err(answer));
            }
            if pause > Duration::from_secs(5) {
                self.console.say(&format!("waiting {} s: {}", pause.as_secs(), answer.describe()));
            }
            sleep(pause).await;
        }
    }
}

fn halted(halt: Halt, answer: &Answer) -> Failure {
    let said = answer.describe();
    match halt {
        Halt::Token => Failure::refused(format!("the token is not accepted: {said}")).hint(
            "get a new access token in Smartsheet (Personal Settings, API Access) and set SMARTSHEET_ACCESS_TOKEN",
        ),
        Halt::NoAdmin => Failure::refused(format!("the token's user is no System Admin: {said}")),
        Halt::Retired => Failure::refused(format!("this version of the API is retired: {said}"))
            .hint("a newer seatrun may know the new one"),
        Halt::Bug => Failure::new(super::Exit::Bug, format!("the API says that our request is wrong: {said}"))
            .hint("this is a bug in seatrun: please report it, with this message"),
    }
}

fn refused(request: &Request, answer: &Answer) -> Failure {
    let code = answer.word().and_then(|word| word.error_code);
    let mut failure = Failure::refused(format!("GET {} was refused: {}", request.path, answer.describe()));
    failure.of_one_request = true;
    failure.code = code;
    match code.and_then(|code| hint(code, crate::model::ActionName::Plans)) {
        Some(hint) => failure.hint(hint),
        None => failure.hint("check --api-url: this does not answer as the Smartsheet API does"),
    }
}

fn unreachable(answer: &Answer) -> Failure {
    match answer {
        Answer::NotSent { text } => Failure::refused(format!("the API cannot be reached: {text}"))
            .hint("check --api-url, the network and the proxy (HTTPS_PROXY)"),
        Answer::Said { .. } | Answer::Unreadable { .. } | Answer::Lost { .. } => {
            Failure::refused(format!("the API does not answer: {}", answer.describe()))
                .hint("try again later; nothing was changed")
        }
    }
}
