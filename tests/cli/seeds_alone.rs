//! The program against a server that knows the four documents of the specification and nothing else.
//!
//! Such a server has neither `GET /users/me` nor `GET /users`, and answers them with 404, 405 or 501. The program warns,
//! reads what it can from the users' plans, and does the work.

use serde_json::Value;

use super::fixture::{Rows, Site, user};
use super::loopback::{Exchange, Loopback, Request};
use super::process::{Ended, until};
use super::seeds_server::{ErrorType, Manners, Next, OTHER_PLANS, PLAN, Person, SeedsServer, Unknown};

const HEADER: &str = "user_id,plan_id,action,seat_type,first_name,last_name,admin,licensed_sheet_creator";

/// A row for a user of the plan, with the cells from `action` on.
fn row(number: u64, cells: &str) -> String {
    let missing = HEADER.split(',').count() - 3 - cells.matches(',').count();
    format!("{},{PLAN},{cells}{}\n", user(number), ",".repeat(missing))
}

/// Every action that the documents describe, each for another user.
fn served_rows() -> String {
    let rows = [
        row(0, "downgrade,VIEWER"),
        row(1, "downgrade,CONTRIBUTOR"),
        row(2, "downgrade,GUEST"),
        row(3, "deactivate"),
        row(4, "update,,Zoë,Meyer"),
        row(5, "update,,,,yes,yes"),
        row(6, "plans"),
    ];
    format!("{HEADER}\n{}", rows.concat())
}

/// The users of `served_rows`, of whom the last one has plans on three pages.
fn people() -> Vec<Person> {
    let busy = OTHER_PLANS.into_iter().fold(Person::new(6), |busy, plan| busy.seated(plan, "GUEST"));
    vec![
        Person::new(0),
        Person::new(1),
        Person::new(2).external(),
        Person::new(3),
        Person::new(4),
        Person::new(5),
        busy,
        Person::new(7).seated(PLAN, "VIEWER"),
        Person { is_active: false, ..Person::new(8) },
        Person::new(9),
    ]
}

fn server(unknown: Unknown) -> SeedsServer {
    SeedsServer::holding(people(), Manners { unknown, ..Manners::default() })
}

/// Runs a file without asking.
#[track_caller]
fn run(server: &SeedsServer, input: &str, arguments: &[&str]) -> (Site, Ended) {
    let site = server.site();
    site.write("in.csv", input);
    let ended = site.run(&[&["run", "in.csv", "--yes"], arguments].concat());
    (site, ended)
}

/// Holds that no change was asked for twice, and nothing that the server lacks was asked for again.
#[track_caller]
fn assert_nothing_twice(http: &Loopback) {
    let changes = http.changes();
    for (place, change) in changes.iter().enumerate() {
        let key = |request: &Request| (request.method.clone(), request.path.clone(), request.body.clone());
        assert!(!changes[..place].iter().any(|earlier| key(earlier) == key(change)), "sent twice: {change:?}");
    }
    for path in ["/users/me", "/users"] {
        assert!(http.reads_of(path) <= 1, "GET {path}: {} times", http.reads_of(path));
    }
}

/// Holds that every change of `served_rows` was made, and nothing else.
#[track_caller]
fn assert_served(server: &SeedsServer) {
    assert_eq!([0, 1, 2].map(|number| server.seat(number)), ["VIEWER", "VIEWER", "GUEST"]);
    assert!(!server.person(3).is_active);
    let named = server.person(4);
    assert_eq!((named.first_name.as_str(), named.last_name.as_str()), ("Zoë", "Meyer"));
    assert!(server.person(5).attributes["admin"]);
    assert!(server.person(5).attributes["licensedSheetCreator"]);
    let places = server.http.requests().into_iter().filter(|request| request.path.ends_with("/plans"));
    let keys = places.filter(|request| request.path.contains(&user(6).to_string()));
    let keys: Vec<_> = keys.filter_map(|request| request.parameter("lastKey").map(str::to_owned)).collect();
    assert!(keys.contains(&OTHER_PLANS[0].to_string()) && keys.contains(&OTHER_PLANS[2].to_string()), "{keys:?}");
    assert_nothing_twice(&server.http);
}

#[test]
fn every_action_of_the_documents_is_done() {
    for unknown in Unknown::ALL {
        let server = server(unknown);
        let (site, ended) = run(&server, &served_rows(), &[]);
        ended.exits(0).warns_in_one_line(&["GET /users/me"]);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["SUCCESS"; 7], "{unknown:?}");
        assert_eq!(report.column("result_seat_before")[..4], ["MEMBER"; 4], "{unknown:?}: {report:?}");
        assert_eq!(report.column("result_code")[..6], ["0"; 6]);
        let echo = report.column("result_message")[4];
        assert!(echo.contains("Zoë Meyer") && echo.contains("user.4@acme.example"), "{echo}");
        assert_served(&server);
    }
}

#[test]
fn without_preflight_every_action_of_the_documents_is_done_without_reading_first() {
    for unknown in Unknown::ALL {
        let server = server(unknown);
        let (site, ended) = run(&server, &served_rows(), &["--no-preflight"]);
        ended.exits(0).warns_in_one_line(&["GET /users/me"]);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["SUCCESS"; 7], "{unknown:?}");
        assert_eq!(report.column("result_seat_before")[..6], [""; 6]);
        assert_served(&server);
        let is_own = |request: &Request| request.path == format!("/users/{}/plans", user(6));
        let reads: Vec<_> = server.http.requests().into_iter().filter(|request| !request.is_change()).collect();
        assert!(reads.iter().all(|request| request.path == "/users/me" || is_own(request)), "{reads:?}");
    }
}

#[test]
fn what_no_document_describes_fails_once_and_does_no_harm() {
    let rows = [row(7, "upgrade,MEMBER"), row(8, "reactivate"), row(9, "remove"), row(0, "downgrade,VIEWER")];
    let input = format!("{HEADER}\n{}", rows.concat());
    for unknown in Unknown::ALL {
        for arguments in [&["--allow-remove", "--max-errors", "100"][..], &["--allow-remove", "--no-preflight"]] {
            let server = server(unknown);
            let (site, ended) = run(&server, &input, arguments);
            ended.exits(1).warns_in_one_line(&["GET /users/me"]);
            let report = site.report("in.report.csv");
            assert_eq!(report.statuses(), ["FAILED", "FAILED", "FAILED", "SUCCESS"], "{unknown:?} {arguments:?}");
            let status = match unknown {
                Unknown::NotFound => "404",
                Unknown::MethodNotAllowed => "405",
                Unknown::NotImplemented => "501",
            };
            assert_eq!(report.column("result_http_status")[..3], [status; 3]);
            assert_eq!(report.column("result_attempts")[..3], ["1"; 3]);
            if !arguments.contains(&"--no-preflight") {
                assert_eq!(report.column("result_seat_before"), ["VIEWER", "MEMBER", "MEMBER", "MEMBER"]);
            }
            assert_eq!((server.seat(7).as_str(), server.seat(9).as_str()), ("VIEWER", "MEMBER"));
            assert!(!server.person(8).is_active);
            assert_eq!(server.http.changes().len(), 4);
            assert_nothing_twice(&server.http);
        }
    }
}

#[test]
fn a_review_shows_the_seats_and_changes_nothing() {
    for unknown in Unknown::ALL {
        let server = server(unknown);
        let site = server.site();
        site.write("in.csv", served_rows());
        site.run(&["run", "in.csv", "--dry-run"]).exits(0).warns_in_one_line(&["GET /users/me"]);
        let review = site.report("in.review.csv");
        assert_eq!(review.statuses(), ["PLANNED"; 7], "{unknown:?}");
        assert_eq!(review.column("result_seat_before")[..4], ["MEMBER"; 4], "{unknown:?}");
        assert!(server.http.changes().is_empty());
        assert_nothing_twice(&server.http);
    }
}

#[test]
fn a_row_by_address_fails_alone_and_nobody_is_changed_for_it() {
    let input = format!(
        "user_id,email,action,plan_id,seat_type\n{},,downgrade,{PLAN},VIEWER\n,user.1@acme.example,downgrade,{PLAN},VIEWER\n",
        user(0)
    );
    for unknown in Unknown::ALL {
        let server = server(unknown);
        let (site, ended) = run(&server, &input, &[]);
        ended.exits(1).warns(&["GET /users"]);
        assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS", "FAILED"], "{unknown:?}");
        assert_eq!(server.seat(1), "MEMBER");
        assert_nothing_twice(&server.http);
    }
}

#[test]
fn what_is_read_back_comes_from_the_users_plans() {
    let server = server(Unknown::NotFound);
    let (site, ended) = run(&server, &served_rows(), &["--verify"]);
    ended.exits(0);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS"; 7]);
    assert_eq!(report.column("result_seat_after")[..3], ["VIEWER", "VIEWER", "GUEST"]);
    assert_served(&server);
}

#[test]
fn lost_answers_and_partial_successes_are_read_back_where_a_plan_can_tell() {
    let table = [
        (row(0, "downgrade,VIEWER"), Next::LosesAnswer, "SUCCESS"),
        (row(1, "downgrade,VIEWER"), Next::Partial, "PARTIAL_SUCCESS"),
        // Nothing shows whether these were done, and a second time does no harm.
        (row(2, "deactivate"), Next::LosesAnswer, "SUCCESS"),
        (row(3, "update,,Zoë"), Next::LosesAnswer, "SUCCESS"),
        (row(4, "downgrade,VIEWER"), Next::Normal, "SUCCESS"),
    ];
    let people = (0..).zip(&table).map(|(number, (_, next, _))| Person::new(number).next(*next));
    let server = SeedsServer::holding(people, Manners::default());
    let rows: String = table.iter().map(|(row, ..)| row.as_str()).collect();
    let (site, ended) = run(&server, &format!("{HEADER}\n{rows}"), &["--max-errors", "100"]);
    ended.exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), table.each_ref().map(|(.., status)| *status), "{report:?}");
    assert_eq!(report.column("result_attempts"), ["1", "1", "2", "2", "1"]);
    // What may be sent twice is, and nothing else.
    let changes = server.http.changes();
    let sent = |number: u64| changes.iter().filter(|change| change.path.contains(&user(number).to_string())).count();
    assert_eq!([0, 1, 2, 3, 4].map(sent), [1, 1, 2, 2, 1], "{changes:?}");
}

#[test]
fn an_error_is_told_whatever_its_type() {
    let all = [ErrorType::Numbers, ErrorType::Texts, ErrorType::Floats, ErrorType::Composites];
    for error_type in all {
        let admin = Person::new(1);
        let attributes = [("admin".to_owned(), true), ("groupAdmin".to_owned(), true)].into();
        let people = [Person::new(0), Person { attributes, ..admin }, Person::new(2)];
        let server = SeedsServer::holding(people, Manners { error_type, ..Manners::default() });
        let rows = [row(0, "update,,,,,no"), row(1, "update,,,,,no"), row(2, "update,,Zoë")];
        let arguments = ["--max-errors", "100"];
        let (site, ended) = run(&server, &format!("{HEADER}\n{}", rows.concat()), &arguments);
        ended.exits(1);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["FAILED", "FAILED", "SUCCESS"], "{error_type:?}");
        assert_eq!(report.column("result_error_code"), ["2109", "1102", ""], "{error_type:?}");
        assert_eq!(report.column("result_http_status")[..2], ["400", "403"]);
        assert!(report.column("result_hint")[0].contains("downgrade"), "{report:?}");
        let message = report.column("result_message")[0];
        let told = match error_type {
            ErrorType::Numbers | ErrorType::Texts => "User subscription updates",
            ErrorType::Floats => "7",
            ErrorType::Composites => r#"{"text":"User subscription updates"#,
        };
        // The order of an object's properties means nothing.
        let is_told = message.contains(told) || message.contains(r#"{"arguments":[1,null],"text":"User"#);
        assert!(is_told, "{error_type:?}: {message}");
        assert_nothing_twice(&server.http);
    }
}

#[test]
fn plans_are_listed_and_an_unknown_parameter_is_left_out_after_the_first_refusal() {
    for unknown in Unknown::ALL {
        let server = server(unknown);
        let site = server.site();
        let users = [6, 0, 7].map(|number| user(number).to_string());
        let arguments: Vec<_> = ["plans"].into_iter().chain(users.iter().map(String::as_str)).collect();
        let ended = site.run(&arguments).exits(0);
        let rows = Rows::of(&ended.stdout);
        let plans = [PLAN].into_iter().chain(OTHER_PLANS).chain([PLAN, PLAN]).map(|plan| plan.to_string());
        assert_eq!(rows.column("plan_id"), plans.collect::<Vec<_>>(), "{unknown:?}");
        assert_eq!(rows.column("seat_type"), ["MEMBER", "GUEST", "GUEST", "GUEST", "GUEST", "MEMBER", "VIEWER"]);
        assert_eq!(rows.column("plan_name"), [""; 7]);
        let log = server.http.log();
        let refused: Vec<&Exchange> = log.iter().filter(|exchange| exchange.status == 400).collect();
        assert!(refused.len() == 1 && refused[0].request.parameter("include").is_some(), "{refused:?}");
        let reads = log.iter().filter(|exchange| exchange.request.path.ends_with("/plans"));
        assert_eq!(reads.count(), 1 + 3 + 1 + 1, "{log:?}");
        let ended = site.run(&["plans", &users[2], "--json"]).exits(0);
        let json: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(json.to_string().contains(r#""VIEWER""#), "{json}");
    }
}

#[test]
fn the_doctor_names_what_the_server_lacks_and_finds_nothing_else() {
    for unknown in Unknown::ALL {
        let server = server(unknown);
        let mut site = server.site();
        site.set("SEATRUN_PLAN_ID", &PLAN.to_string());
        let ended = site.run(&["doctor"]).exits(0);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains("GET /users/me") && !said.contains("failed"), "{unknown:?}: {said}");
        assert!(server.http.changes().is_empty());
    }
}

#[test]
fn a_token_that_is_not_accepted_is_told_from_an_operation_that_is_missing() {
    let server = server(Unknown::NotFound);
    let mut site = server.site();
    site.set("SMARTSHEET_ACCESS_TOKEN", "another-token");
    site.write("in.csv", served_rows());
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["the token is not accepted"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 7]);
    assert!(server.http.changes().is_empty());
}

#[test]
fn the_account_is_the_address_and_the_plan() {
    let people = [Person::new(0).next(Next::Stalls), Person::new(1), Person::new(2).seated(OTHER_PLANS[0], "MEMBER")];
    let server = SeedsServer::holding(people, Manners::default());
    let site = server.site();
    let other = row(2, "downgrade,VIEWER").replace(&PLAN.to_string(), &OTHER_PLANS[0].to_string());
    for (name, rows) in [("first", row(0, "downgrade,VIEWER")), ("same", row(1, "downgrade,VIEWER")), ("other", other)]
    {
        site.write(&format!("{name}.csv"), format!("{HEADER}\n{rows}"));
    }
    let first = site.start(&["run", "first.csv", "--yes"]);
    until("the first change", || (server.http.changes().len() == 1).then_some(()));
    site.run(&["run", "same.csv", "--yes"]).exits(6).warns(&["first.csv"]);
    site.run(&["run", "other.csv", "--yes"]).exits(0);
    first.signal("KILL");
    first.wait();
    site.run(&["run", "same.csv", "--yes"]).exits(0);
}
