//! Every fault as a client sees it, the order in which a request is judged, and each operation's effect.

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
        ("401-for-good", "401 1003", "MEMBER"),
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
        state.world.renew_token();
        assert_eq!(seen(&downgrade(&mut state)), "200 0 2", "{fault}, and then again");
    }
}

#[test]
fn a_token_that_has_expired_for_good_is_refused_until_it_is_renewed() {
    let mut state = state([failing(Operation::Downgrade, "401-for-good")], 0);
    let me = |state: &mut State| seen(&send(state, "t", "GET /users/me", "").delivery);
    assert_eq!(me(&mut state), "200 null 25");
    assert_eq!(seen(&downgrade(&mut state)), "401 1003");
    assert_eq!((me(&mut state).as_str(), seen(&downgrade(&mut state)).as_str()), ("401 1003", "401 1003"));
    state.world.renew_token();
    assert_eq!(seen(&downgrade(&mut state)), "200 0 2");
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
