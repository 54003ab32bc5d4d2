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
        let names_unknown = |parameters: &Parameters| match route {
            Route::Plans { .. } if state.refuses_unknown_parameters => parameters.beyond_seeds().map(str::to_owned),
            _ => None,
        };
        match Parameters::new(&self.parts.uri).map(|parameters| names_unknown(&parameters)) {
            Ok(Some(name)) => Err(self.refuse(&Refusal::about(1018, &[&name, "query"]))),
            Ok(None) | Err(_) => Ok(()),
        }
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
mod tests {
    use axum::http::Request;
    use serde_json::Value;

    use super::super::operation::Operation;
    use super::super::options::Options;
    use super::super::sandbox_user::SandboxUser;
    use super::super::seat::{FreeName, Seat};
    use super::super::world::{HOME_PLAN, Quirks};
    use super::*;

    const USER: u64 = 48_569_348_493_401_200;

    fn state(sandbox_users: impl IntoIterator<Item = SandboxUser>, rate_per_minute: usize) -> State {
        State::new(World::holding(sandbox_users), "t".to_owned(), &Options { rate_per_minute, ..Options::default() })
    }

    fn failing(operation: Operation, fault: &str) -> SandboxUser {
        SandboxUser::new(USER).failing(operation, fault.parse().unwrap())
    }

    /// Sends one request with that token, and frees the user as the server does when the answer is out.
    fn send(state: &mut State, token: &str, request: &str, body: &str) -> Verdict {
        let (method, path) = request.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/2.0{path}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let verdict = Exchange { number: 7, seed: 1, parts: &parts, body: body.as_bytes() }.settle(state);
        if let Some(user) = verdict.busy_user {
            state.busy_users.remove(&user);
        }
        verdict
    }

    fn downgrade(state: &mut State) -> Delivery {
        let request = format!("POST /users/{USER}/plans/{HOME_PLAN}/downgrade");
        send(state, "t", &request, r#"{"seatType":"CONTRIBUTOR"}"#).delivery
    }

    fn seat(state: &State) -> &str {
        state.world.user(USER).unwrap().membership(HOME_PLAN).unwrap().seat.name(FreeName::Viewer)
    }

    /// What a client would see, in a word or two.
    fn seen(delivery: &Delivery) -> String {
        match delivery {
            Delivery::Silence => "nothing".to_owned(),
            Delivery::Reset => "reset".to_owned(),
            Delivery::Half(reply) => format!("half a {}", reply.status),
            Delivery::Answer(reply) => match serde_json::from_slice::<Value>(&reply.body) {
                Err(_) => format!("{} page", reply.status),
                Ok(body) if !body["errorCode"].is_null() => format!("{} {}", reply.status, body["errorCode"]),
                Ok(body) => format!("{} {} {}", reply.status, body["resultCode"], body.as_object().unwrap().len()),
            },
        }
    }

    #[test]
    fn every_named_fault_is_seen_as_it_is_documented_and_strikes_once() {
        let table = [
            ("429", "429 4003", "MEMBER"),
            ("429-date", "429 4003", "MEMBER"),
            ("429-silent", "429 4003", "MEMBER"),
            ("4001", "503 4001", "MEMBER"),
            ("4001-silent", "503 4001", "MEMBER"),
            ("4000", "500 4000", "MEMBER"),
            ("4002", "500 4002", "MEMBER"),
            ("4002-applied", "500 4002", "VIEWER"),
            ("4004", "500 4004", "MEMBER"),
            ("401", "401 1003", "MEMBER"),
            ("502", "502 page", "MEMBER"),
            ("502-applied", "502 page", "VIEWER"),
            ("504-applied", "504 page", "VIEWER"),
            ("partial", "200 3 2", "VIEWER"),
            ("partial-not-applied", "200 3 2", "MEMBER"),
            ("untrue", "200 0 2", "MEMBER"),
            ("html", "200 page", "MEMBER"),
            ("redirect", "302 page", "MEMBER"),
            ("echo-id", "200 0 2", "VIEWER"),
            ("echo-name", "200 0 2", "VIEWER"),
            ("2109-as-text", "400 \"2109\"", "MEMBER"),
            ("unknown-fields", "200 0 4", "VIEWER"),
            ("cut", "half a 200", "VIEWER"),
            ("stall", "nothing", "VIEWER"),
            ("stall-before", "nothing", "MEMBER"),
            ("reset", "reset", "MEMBER"),
            ("reset-applied", "reset", "VIEWER"),
            ("lost", "reset", "VIEWER"),
            ("1014", "403 1014", "MEMBER"),
            ("5697", "400 5697", "MEMBER"),
        ];
        assert!(Fault::names().all(|name| table.iter().any(|row| row.0 == name)), "a fault is missing here");
        for (fault, expected, after) in table {
            let mut state = state([failing(Operation::Downgrade, fault)], 0);
            assert_eq!((seen(&downgrade(&mut state)).as_str(), seat(&state)), (expected, after), "{fault}");
            assert_eq!(seen(&downgrade(&mut state)), "200 0 2", "{fault}, and then again");
        }
    }

    #[test]
    fn faults_wait_for_their_own_operation_and_queue_up() {
        let mut sandbox_user = SandboxUser::new(USER);
        for (operation, fault) in [
            (Operation::Downgrade, "429"),
            (Operation::Plans, "4004"),
            (Operation::Downgrade, "502"),
            (Operation::Update, "1329"),
        ] {
            sandbox_user = sandbox_user.failing(operation, fault.parse().unwrap());
        }
        let mut state = state([sandbox_user], 0);
        let seen_by = |state: &mut State, request: &str| seen(&send(state, "t", request, "").delivery);
        assert_eq!(seen_by(&mut state, &format!("GET /users/{USER}")), "200 null 25");
        assert_eq!(seen(&downgrade(&mut state)), "429 4003");
        assert_eq!(seen(&downgrade(&mut state)), "502 page");
        assert_eq!(seen(&downgrade(&mut state)), "200 0 2");
        assert_eq!(seen_by(&mut state, &format!("GET /users/{USER}/plans")), "500 4004");
        assert_eq!(seen_by(&mut state, &format!("GET /users/{USER}/plans")), "200 null 1");
        assert_eq!(seen(&send(&mut state, "t", &format!("PUT /users/{USER}"), "{}").delivery), "400 1329");
        assert_eq!(seen(&send(&mut state, "t", &format!("PUT /users/{USER}"), "{}").delivery), "200 0 3");
    }

    #[test]
    fn after_lost_nobody_can_read_the_user_and_everybody_else_can_be_read() {
        let mut state = state([failing(Operation::Downgrade, "lost"), SandboxUser::new(USER + 1)], 0);
        downgrade(&mut state);
        for (request, expected) in [
            (format!("GET /users/{USER}"), "500 4004"),
            (format!("GET /users/{USER}/plans"), "500 4004"),
            (format!("GET /users?email=user.{USER}@example.com"), "500 4004"),
            (format!("GET /users/{}/plans", USER + 1), "200 null 1"),
        ] {
            assert_eq!(seen(&send(&mut state, "t", &request, "").delivery), expected, "{request}");
        }
    }

    #[test]
    fn the_token_comes_before_the_limit_and_the_limit_before_the_fault() {
        let mut state = state([failing(Operation::Downgrade, "502")], 1);
        assert_eq!(seen(&send(&mut state, "wrong", "GET /users/me", "").delivery), "401 1002");
        assert_eq!(seen(&send(&mut state, "t", "GET /users/me", "").delivery), "200 null 25");
        assert_eq!(seen(&downgrade(&mut state)), "429 4003");
        state.window = super::super::limit::SlidingWindow::new(0);
        assert_eq!(seen(&downgrade(&mut state)), "502 page");
    }

    #[test]
    fn a_second_change_of_a_user_in_the_meantime_is_a_conflict_and_a_read_is_not() {
        let mut state = state([SandboxUser::new(USER)], 0);
        state.busy_users.insert(USER);
        let refused = downgrade(&mut state);
        assert_eq!((seen(&refused).as_str(), seat(&state)), ("500 4004", "MEMBER"));
        assert_eq!(seen(&send(&mut state, "t", &format!("GET /users/{USER}/plans"), "").delivery), "200 null 1");
        assert!(state.busy_users.contains(&USER), "the first change is still under way");
    }

    #[test]
    fn a_strict_server_wants_to_know_how_long_a_change_is() {
        let mut state = state([SandboxUser::new(USER)], 0);
        state.is_strict = true;
        assert_eq!(seen(&downgrade(&mut state)), "411 page");
        assert_eq!(seen(&send(&mut state, "t", &format!("PUT /users/{USER}"), "{}").delivery), "411 page");
        assert_eq!(seen(&send(&mut state, "t", &format!("GET /users/{USER}/plans"), "").delivery), "200 null 1");
    }

    #[test]
    fn a_server_that_knows_the_seeds_alone_answers_the_rest_as_it_is_told() {
        for (status, expected) in [(404, "404 1006"), (405, "405 1010"), (501, "501 page")] {
            let options = Options { rate_per_minute: 0, ..Options::seeds_only(status) };
            let mut state = State::new(World::holding([SandboxUser::new(USER)]), "t".to_owned(), &options);
            let plans = format!("GET /users/{USER}/plans");
            let table = [
                ("GET /users/me".to_owned(), expected),
                ("GET /users?page=1".to_owned(), expected),
                (format!("GET /users/{USER}"), expected),
                (format!("POST /users/{USER}/reactivate"), expected),
                (format!("{plans}?lastKey=&maxItems=100&displayContributorSeatType=true"), "200 null 1"),
                (format!("{plans}?include=planName"), "400 1018"),
                (format!("PUT /users/{USER}"), "400 1024"),
            ];
            for (request, expected) in table {
                assert_eq!(seen(&send(&mut state, "t", &request, "").delivery), expected, "{request}");
            }
            assert_eq!((seen(&downgrade(&mut state)).as_str(), seat(&state)), ("200 0 2", "VIEWER"));
        }
    }

    #[test]
    fn an_echo_shows_another_id_or_another_name_and_the_change_is_made() {
        for (fault, id, name) in [("echo-id", 1, "Bo"), ("echo-name", USER, "Somebody")] {
            let mut state = state([failing(Operation::Update, fault)], 0);
            let sent = send(&mut state, "t", &format!("PUT /users/{USER}"), r#"{"firstName":"Bo"}"#);
            let Delivery::Answer(reply) = sent.delivery else { panic!("no answer") };
            let body: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!((&body["data"][0]["id"], &body["data"][0]["firstName"]), (&json!(id), &json!(name)), "{fault}");
            assert_eq!(state.world.user(USER).unwrap().first_name, "Bo", "{fault}");
        }
    }

    #[test]
    fn the_refusal_of_a_seat_name_has_the_code_that_was_chosen() {
        for (code, expected) in [(Some(1018), "400 1018"), (Some(5999), "400 5999"), (None, "400 null 2")] {
            let quirks = Quirks { refused_seat_name_code: code, ..Quirks::AFTER_SUNSET };
            let world = World::holding([SandboxUser::new(USER)]).with_quirks(quirks);
            let mut state = State::new(world, "t".to_owned(), &Options::default());
            let request = format!("POST /users/{USER}/plans/{HOME_PLAN}/downgrade");
            let answer = send(&mut state, "t", &request, r#"{"seatType":"VIEWER"}"#).delivery;
            assert_eq!((seen(&answer).as_str(), seat(&state)), (expected, "MEMBER"));
        }
    }

    #[test]
    fn each_operation_changes_what_it_should() {
        let mut state = state([SandboxUser::new(USER)], 0);
        let on_plan = |verb: &str, end: &str| format!("{verb} /users/{USER}/plans/{HOME_PLAN}{end}");
        let table = [
            (on_plan("POST", "/downgrade"), r#"{"seatType":"CONTRIBUTOR"}"#, "200 0 2", Some(Seat::Free), "ACTIVE"),
            (on_plan("POST", "/downgrade"), "{}", "400 1012", Some(Seat::Free), "ACTIVE"),
            (on_plan("POST", "/upgrade"), "", "200 0 2", Some(Seat::Member), "ACTIVE"),
            (format!("POST /users/{USER}/deactivate"), "", "200 0 2", Some(Seat::Member), "DEACTIVATED"),
            (format!("POST /users/{USER}/deactivate"), "", "403 1188", Some(Seat::Member), "DEACTIVATED"),
            (format!("POST /users/{USER}/reactivate"), "", "200 0 2", Some(Seat::Member), "ACTIVE"),
            (on_plan("DELETE", ""), "", "200 0 2", None, "ACTIVE"),
            (on_plan("DELETE", ""), "", "403 1013", None, "ACTIVE"),
            (format!("GET /users/{USER}/plans"), "", "200 null 1", None, "ACTIVE"),
        ];
        for (request, body, expected, seat, status) in table {
            assert_eq!(seen(&send(&mut state, "t", &request, body).delivery), expected, "{request} {body}");
            let user = state.world.user(USER).unwrap();
            assert_eq!(user.membership(HOME_PLAN).map(|held| held.seat.clone()), seat, "{request} {body}");
            assert_eq!(user.status.name(), status, "{request} {body}");
        }
    }

    #[test]
    fn faults_at_random_strike_any_request_and_leave_the_ordered_ones_in_place() {
        let faults = "502=100%".parse().unwrap();
        let world = World::holding([failing(Operation::Downgrade, "1014")]);
        let options = Options { rate_per_minute: 0, faults, ..Options::default() };
        let mut state = State::new(world, "t".to_owned(), &options);
        assert_eq!(seen(&send(&mut state, "t", "GET /users/me", "").delivery), "502 page");
        assert_eq!(seen(&downgrade(&mut state)), "403 1014");
        assert_eq!(seen(&downgrade(&mut state)), "502 page");
    }

    #[test]
    fn an_update_answers_with_an_array_of_one() {
        let mut state = state([SandboxUser::new(USER)], 0);
        let body = r#"{"firstName":"Jane","groupAdmin":true}"#;
        let Delivery::Answer(reply) = send(&mut state, "t", &format!("PUT /users/{USER}"), body).delivery else {
            panic!("no answer")
        };
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((&body["resultCode"], &body["message"]), (&json!(0), &json!("SUCCESS")));
        assert_eq!((&body["data"][0]["id"], &body["data"][0]["firstName"]), (&json!(USER), &json!("Jane")));
        assert_eq!(body["data"].as_array().unwrap().len(), 1);
    }
}
