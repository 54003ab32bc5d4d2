//! Why a reading of the account came to nothing: what was said instead, judged for what else can still be read.

use crate::api::Request;
use crate::app::account::obstacle::Obstacle;
use crate::app::context::Context;
use crate::app::{CommandError, Exit};
use crate::model::{ActionName, Answer};
use crate::policy::{StopRun, Verdict, classify, hint};
use crate::settings::ApiUrl;

/// What reading a single user comes to.
#[derive(Debug)]
pub(crate) enum Lookup<T> {
    /// What the API shows.
    Found(T),
    /// The API says that the user is not there, or outside what the token's account can see.
    NotFound,
    /// The API says something else, and says it again however often it is asked: of this user nothing can be known.
    Unreadable,
}

/// Why a reading came to nothing.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The server does not have this operation. The documents on seats, plans and updates name neither `GET /users` nor
    /// `GET /users/me`, so a server may do without.
    Lacking(CommandError),
    /// The API refused this one request, perhaps with an error code; another may fare better.
    Refused(CommandError, Option<i64>),
    /// Nothing can be read.
    Failed(CommandError),
}

impl From<ReadError> for CommandError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Lacking(failure) | ReadError::Refused(failure, _) | ReadError::Failed(failure) => failure,
        }
    }
}

impl From<CommandError> for ReadError {
    fn from(failure: CommandError) -> Self {
        Self::Failed(failure)
    }
}

/// How the API is asked, for what is said when that comes to nothing.
#[derive(Debug, Clone)]
pub(super) struct Route {
    api_url: ApiUrl,
    token_source: Option<String>,
    proxy: Option<String>,
}

impl Route {
    pub(super) fn new(context: &Context) -> Self {
        let token_source = context.token_source().map(str::to_owned);
        Self { api_url: context.settings.api_url.value.clone(), token_source, proxy: context.proxy() }
    }

    /// What keeps requests from the API.
    pub(super) fn obstacle(&self, answer: &Answer) -> Option<Obstacle> {
        Obstacle::of(answer, self.proxy.as_deref().filter(|_| !self.api_url.is_loopback()))
    }

    /// What to do about a token that is not accepted.
    fn token_hint(&self) -> String {
        let source =
            self.token_source.as_ref().map(|source| format!("the token came from {source}; ")).unwrap_or_default();
        let others = self.api_url.other_regions();
        let region = if others.is_empty() {
            String::new()
        } else {
            format!(
                "tokens belong to one region, and {} was asked: try --api-url {}; ",
                self.api_url,
                others.join(" or ")
            )
        };
        format!("{source}{region}else get a new access token in Smartsheet (Personal Settings, API Access)")
    }
}

pub(super) fn halted(halt: StopRun, answer: &Answer, route: &Route) -> CommandError {
    let said = answer.describe();
    match halt {
        StopRun::Token => CommandError::refused(format!("the token is not accepted: {said}")).hint(route.token_hint()),
        StopRun::NoAdmin => CommandError::refused(format!("the token's user is not a System Admin: {said}")),
        StopRun::Retired => CommandError::refused(format!("this version of the API is retired: {said}"))
            .hint("a newer seatrun may know the new one"),
        StopRun::Bug => CommandError::new(Exit::Bug, format!("the API says that our request is wrong: {said}"))
            .hint("this is a bug in seatrun: please report it, with this message"),
    }
}

/// Why a reading came to nothing whose answer is final.
pub(super) fn read_error(request: &Request, answer: &Answer, route: &Route) -> ReadError {
    if lacks(request, answer) {
        return refused(request, answer);
    }
    match classify(answer) {
        Verdict::Done(_) | Verdict::Refused | Verdict::CheckAdmin => refused(request, answer),
        Verdict::NoEffect(_) | Verdict::InDoubt(..) => unreachable(answer, route).into(),
        Verdict::StopRun(halt) => halted(halt, answer, route).into(),
    }
}

fn refused(request: &Request, answer: &Answer) -> ReadError {
    let endpoint = request.path.split('?').next().unwrap_or_default();
    if lacks(request, answer) {
        let status = answer.http().unwrap_or_default();
        return ReadError::Lacking(CommandError::refused(format!(
            "this server does not have GET {endpoint} (HTTP {status})"
        )));
    }
    if let Answer::Unexpected { .. } = answer {
        return ReadError::Failed(
            CommandError::refused(answer.describe())
                .hint("check --api-url: this does not answer as the Smartsheet API does; else please report it"),
        );
    }
    let code = answer.word().and_then(|word| word.error_code);
    let failure = CommandError::refused(format!("GET {endpoint} was refused: {}", answer.describe()));
    let hint = code.and_then(|code| hint(code, ActionName::Plans));
    let failure = failure.hint(hint.unwrap_or("check --api-url: this does not answer as the Smartsheet API does"));
    ReadError::Refused(failure, code)
}

/// Whether an answer says that the server does not have an operation that every Smartsheet has.
pub(super) fn lacks(request: &Request, answer: &Answer) -> bool {
    let path = request.path.split('?').next().unwrap_or_default();
    match path {
        "/users" | "/users/me" => matches!(answer.http(), Some(404 | 405 | 501)),
        // There, 404 says that a user is not there.
        _ => path.split('/').count() == 3 && matches!(answer.http(), Some(405 | 501)),
    }
}

pub(super) fn unreachable(answer: &Answer, route: &Route) -> CommandError {
    if let Some(obstacle) = route.obstacle(answer) {
        let proxy = route.proxy.as_ref().map(|proxy| format!(" (through the proxy {proxy})")).unwrap_or_default();
        let (Answer::NotSent { text } | Answer::Lost { text, .. }) = answer else { return general(answer) };
        return CommandError::refused(format!("{} cannot be reached{proxy}: {text}", route.api_url))
            .hint(obstacle.hint());
    }
    general(answer)
}

fn general(answer: &Answer) -> CommandError {
    match answer {
        Answer::NotSent { text } => CommandError::refused(format!("the API cannot be reached: {text}"))
            .hint("check --api-url, the network and the proxy (HTTPS_PROXY)"),
        Answer::Said { .. } | Answer::Unreadable { .. } | Answer::Unexpected { .. } | Answer::Lost { .. } => {
            CommandError::refused(format!("the API does not answer: {}", answer.describe()))
                .hint("try again later; nothing was changed")
        }
    }
}
