//! The way of one request: admitted or refused, carried out or not, answered or spoilt.
//!
//! It decides the order in which token, limit, faults and rules have their say. It must never decide a rule itself.

use axum::http::request::Parts;
use axum::http::{Method, header};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use super::fault::{Answer, Fault, RetryAfter};
use super::listing;
use super::parameters::{Parameters, bearer, check_headers, profile_changes, wanted_seat};
use super::refusal::Refusal;
use super::reply::{Reply, reference};
use super::route::{Route, route};
use super::rules::{self, SeatOrder};
use super::server::State;
use super::view::{SUCCESS, Updated};
use super::world::World;

/// One request, read to its end.
pub(super) struct Exchange<'a> {
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
}

/// What was decided about a request.
pub(super) struct Verdict {
    pub(super) delivery: Delivery,
    pub(super) route: Option<Route>,
    pub(super) fault: Option<Fault>,
    /// The user who is being changed, until the answer is out: another change in the meantime is a conflict.
    pub(super) busy_user: Option<u64>,
}

/// What the client gets.
pub(super) enum Delivery {
    Answer(Reply),
    /// The answer, cut off half-way through its body.
    Half(Reply),
    /// A reset connection.
    Reset,
    /// Nothing, for as long as it waits.
    Silence,
}

impl Exchange<'_> {
    /// Decides, and makes the change if there is one to be made.
    pub(super) fn settle(&self, state: &mut State) -> Verdict {
        let mut verdict = Verdict { delivery: Delivery::Silence, route: None, fault: None, busy_user: None };
        verdict.delivery = self.admit(state, &mut verdict).map_or_else(Delivery::Answer, |route| {
            let fault = self.fault(state, route);
            verdict.fault = fault;
            match fault {
                None => Delivery::Answer(self.perform(&mut state.world, route)),
                Some(fault) => self.misbehave(&mut state.world, route, fault),
            }
        });
        verdict
    }

    /// Length, token, limit, form, conflict, in that order: what is turned away at one of these meets no fault, so that a fault
    /// waits for a request that would have been worked on.
    fn admit(&self, state: &mut State, verdict: &mut Verdict) -> Result<Route, Reply> {
        if state.is_strict && self.lacks_length() {
            return Err(Reply::web_page(411));
        }
        match bearer(&self.parts.headers) {
            None => return Err(self.refuse(&Refusal::new(1001))),
            Some(token) if token != state.token => return Err(self.refuse(&Refusal::new(1002))),
            Some(_) if state.world.token_has_expired => return Err(self.refuse(&Refusal::new(1003))),
            Some(_) => {}
        }
        if let Err(wait) = state.window.admit(Instant::now()) {
            // Rounded up, or else who obeys comes a moment early.
            let seconds = u16::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(60);
            return Err(self.refuse(&Refusal::new(4003)).retrying_after(RetryAfter::Seconds(seconds)));
        }
        let route = route(&self.parts.method, self.parts.uri.path()).map_err(|refusal| self.refuse(&refusal))?;
        verdict.route = Some(route);
        self.check_support(state, route)?;
        check_headers(&self.parts.headers, !self.body.is_empty()).map_err(|refusal| self.refuse(&refusal))?;
        if let Some(user) = route.changed_user() {
            if !state.busy_users.insert(user) {
                return Err(self.refuse(&Refusal::new(4004)));
            }
            verdict.busy_user = Some(user);
        }
        Ok(route)
    }

    /// Whether a POST or PUT leaves open how long it is, as without a body or in chunks. A gateway minds, and answers
    /// with a page.
    fn lacks_length(&self) -> bool {
        [Method::POST, Method::PUT].contains(&self.parts.method)
            && !self.parts.headers.contains_key(header::CONTENT_LENGTH)
    }

    /// Refuses what this server does not know.
    fn check_support(&self, state: &State, route: Route) -> Result<(), Reply> {
        let missing = state.unsupported.iter().find(|(endpoint, _)| route.beyond_seeds() == Some(*endpoint));
        match missing {
            None => {}
            Some((_, 404)) => return Err(self.refuse(&Refusal::new(1006))),
            Some((_, 405)) => return Err(self.refuse(&Refusal::new(1010))),
            Some((_, status)) => return Err(Reply::web_page(*status)),
        }
        if !state.refuses_unknown_parameters || !matches!(route, Route::Plans { .. }) {
            return Ok(());
        }
        let parameters = Parameters::new(&self.parts.uri).map_err(|refusal| self.refuse(&refusal))?;
        let unknown = parameters.beyond_seeds();
        unknown.map_or(Ok(()), |name| Err(self.refuse(&Refusal::about(1018, &[name, "query"]))))
    }

    fn fault(&self, state: &mut State, route: Route) -> Option<Fault> {
        let ordered = route.user().zip(route.operation());
        let ordered = ordered.and_then(|(user, operation)| state.world.take_fault(user, operation));
        ordered.or_else(|| state.faults.draw(self.seed, self.number))
    }

    fn misbehave(&self, world: &mut World, route: Route, fault: Fault) -> Delivery {
        let truth = if fault.is_applied { self.perform(world, route) } else { Reply::json(&SUCCESS) };
        Delivery::Answer(match fault.answer {
            Answer::Code(code, retry_after) => self.refuse(&Refusal::new(code)).retrying_after(retry_after),
            Answer::CodeAsText(code) => self.refuse(&Refusal::new(code)).with_code_as_text(),
            Answer::ExpiredToken => {
                world.token_has_expired = true;
                self.refuse(&Refusal::new(1003))
            }
            Answer::Gateway(status) => Reply::web_page(status),
            Answer::Redirect => Reply::redirect("/login"),
            Answer::EchoOfOtherId => truth.with_echo("id", json!(1)),
            Answer::EchoOfOtherName => truth.with_echo("firstName", json!("Somebody")),
            Answer::WebPage => Reply::web_page(200),
            Answer::Partial | Answer::Done if route.changed_user().is_none() => self.perform(world, route),
            Answer::Partial => truth.partial(),
            Answer::Done => truth,
            Answer::Adorned => truth.adorned(),
            Answer::Cut => return Delivery::Half(truth),
            Answer::Silence => return Delivery::Silence,
            Answer::Reset => return Delivery::Reset,
            Answer::Lost => {
                if let Some(user) = route.changed_user().and_then(|user| world.user_mut(user)) {
                    user.is_unreadable = true;
                }
                return Delivery::Reset;
            }
        })
    }

    fn perform(&self, world: &mut World, route: Route) -> Reply {
        answer(world, route, self.parts, self.body).unwrap_or_else(|refusal| self.refuse(&refusal))
    }

    fn refuse(&self, refusal: &Refusal) -> Reply {
        Reply::refusal(refusal, reference(self.seed, self.number))
    }
}

/// The true answer: the read made, or the change made and confirmed.
fn answer(world: &mut World, route: Route, parts: &Parts, body: &[u8]) -> Result<Reply, Refusal> {
    let now = Timestamp::now();
    match route {
        Route::CurrentUser => return Ok(Reply::json(&listing::current_user(world)?)),
        Route::Users => {
            return Ok(Reply::json(&listing::users(world, &Parameters::new(&parts.uri)?.users_query()?)?));
        }
        Route::OneUser { user } => return Ok(Reply::json(&listing::one_user(world, user)?)),
        Route::Plans { user } => {
            return Ok(Reply::json(&listing::plans_of_user(
                world,
                user,
                &Parameters::new(&parts.uri)?.plans_query()?,
            )?));
        }
        Route::Downgrade { user, plan } => {
            // Required by seed 000.
            let seat = wanted_seat(body)?.ok_or_else(|| Refusal::about(1012, &["seatType"]))?;
            rules::downgrade(world, SeatOrder { user, plan, seat: &seat }, now)?;
        }
        Route::Upgrade { user, plan } => {
            let seat = wanted_seat(body)?.unwrap_or_else(|| "MEMBER".to_owned());
            rules::upgrade(world, SeatOrder { user, plan, seat: &seat }, now)?;
        }
        Route::Deactivate { user } => rules::deactivate(world, user, now)?,
        Route::Reactivate { user } => rules::reactivate(world, user, now)?,
        Route::Remove { user, plan } => rules::remove(world, user, plan)?,
        Route::Update { user } => {
            rules::update(world, user, profile_changes(user, body)?)?;
            return Ok(Reply::json(&Updated::new(rules::require_user(world, user)?)));
        }
    }
    Ok(Reply::json(&SUCCESS))
}

#[cfg(test)]
mod tests;
