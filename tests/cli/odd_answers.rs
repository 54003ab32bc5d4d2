//! Answers as real servers give them, and odd ones: what they may cost, and what they must never do.
//!
//! The first claims are about what every tenant sends since 2025; then come people who share an address, records and
//! pages that cannot be read, lists that are refused, networks that answer in the place of the API, and updates that
//! come back different.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::fixture::{Rows, Site, user};
use super::loopback::{Answer, Request};
use super::process::Ended;
use super::rude_server::{Account, PLAN, RudeServer, listed, listed_users, listed_with};

/// Downgrades to VIEWER of these users.
fn downgrades(numbers: impl IntoIterator<Item = u64>) -> String {
    let rows = numbers.into_iter().map(|number| format!("{},downgrade,{PLAN},VIEWER\n", user(number)));
    format!("user_id,action,plan_id,seat_type\n{}", rows.collect::<String>())
}

/// Runs a file without asking.
#[track_caller]
fn run(server: &RudeServer, input: &str, arguments: &[&str]) -> (Site, Ended) {
    let site = server.site();
    site.write("in.csv", input);
    let ended = site.run(&[&["run", "in.csv", "--yes"], arguments].concat());
    (site, ended)
}

/// How many downgrades to this seat were asked for.
fn asked_for(server: &RudeServer, seat: &str) -> usize {
    server.http.changes().iter().filter(|change| change.json()["seatType"] == seat).count()
}

fn is_list(request: &Request) -> bool {
    !request.is_change() && request.path == "/users"
}

/// A refusal with a code, or with none.
fn refused(status: u16, code: Option<u64>) -> Answer {
    let body = code.map_or_else(|| json!({"message": "No"}), |code| json!({"errorCode": code, "message": "No"}));
    Answer::Json(status, body)
}

#[test]
fn a_page_of_real_users_is_read_and_the_free_seat_is_found_by_its_other_name() {
    for code in [Some(1008), Some(1012), Some(1018), Some(1031), Some(5999), None] {
        let server = RudeServer::new(listed_users(31), move |request, account| {
            if request.json()["seatType"] == "VIEWER" { refused(400, code) } else { account.answer(request) }
        });
        let mut site = server.site();
        site.write("in.csv", downgrades(0..30));
        let doctor = site.run(&["doctor"]).exits(0);
        assert!(!format!("{}{}", doctor.stdout, doctor.stderr).contains("failed"), "{doctor}");
        site.run(&["run", "in.csv", "--dry-run"]).exits(0);
        let review = site.report("in.review.csv");
        assert_eq!(review.statuses(), ["PLANNED"; 30]);
        assert_eq!(review.column("result_seat_before"), ["MEMBER"; 30]);
        assert!(server.http.changes().is_empty());

        site.run(&["run", "in.csv", "--yes", "--concurrency", "4"]).exits(0);
        assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 30], "{code:?}");
        let viewers = asked_for(&server, "VIEWER");
        assert!((1..=4).contains(&viewers), "{code:?}: {viewers}");
        assert_eq!(asked_for(&server, "CONTRIBUTOR"), 30);
        assert!(server.http.log().iter().all(|exchange| exchange.status != 411));

        // The next run of this account begins with the name that was accepted.
        site.set("SEATRUN_PLAN_ID", &PLAN.to_string());
        site.write("next.csv", downgrades([30]));
        site.run(&["run", "next.csv", "--yes"]).exits(0);
        assert_eq!((asked_for(&server, "VIEWER"), asked_for(&server, "CONTRIBUTOR")), (viewers, 31), "{code:?}");
    }
}

#[test]
fn where_both_names_of_the_free_seat_are_refused_the_first_answer_is_told() {
    let server = RudeServer::new(listed_users(3), |request, account| match request.json()["seatType"].as_str() {
        Some("VIEWER") => refused(400, Some(1018)),
        Some("CONTRIBUTOR") => refused(400, Some(1031)),
        _ => account.answer(request),
    });
    let (site, ended) = run(&server, &downgrades(0..3), &["--max-errors", "100"]);
    ended.exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["FAILED"; 3]);
    assert_eq!(report.column("result_error_code"), ["1018"; 3]);
    assert!(report.column("result_hint").iter().all(|hint| hint.contains("free_seat_name")), "{report:?}");
    assert_eq!((asked_for(&server, "VIEWER"), asked_for(&server, "CONTRIBUTOR")), (3, 3));
}

#[test]
fn a_property_that_nobody_needs_costs_nothing_whatever_its_type() {
    let unneeded = [
        "firstName",
        "lastName",
        "name",
        "groupAdmin",
        "licensedSheetCreator",
        "resourceViewer",
        "seatTypeLastChangedAt",
        "provisionalExpirationDate",
        "lastLogin",
        "customWelcomeScreenViewed",
        "profileImage",
        "sheetCount",
    ];
    let values = [json!(null), json!(true), json!(-1), json!(1.5), json!("-1"), json!([{}]), json!({"a": []})];
    let kinds = unneeded.iter().flat_map(|name| values.iter().map(move |value| json!({*name: value})));
    let users: Vec<_> = (0..).zip(kinds).map(|(number, odd)| listed_with(number, &odd)).collect();
    let count = u64::try_from(users.len()).unwrap();
    let server = RudeServer::polite(users);
    let (site, ended) = run(&server, &downgrades(0..count), &[]);
    ended.exits(0);
    let report = site.report("in.report.csv");
    assert_eq!(report.counts(), [("SUCCESS", count)].into());
    assert!(report.column("result_seat_before").iter().all(|seat| *seat == "MEMBER"), "{report:?}");
    assert!(server.http.reads_of("/users") <= 3);
}

#[test]
fn an_odd_record_never_keeps_the_others_of_its_page_from_being_served() {
    let names: Vec<String> = listed(0).as_object().unwrap().keys().cloned().collect();
    let values = [json!(null), json!(true), json!(-1), json!(1.5), json!("-1"), json!([{}]), json!({"a": []})];
    let odd = names.iter().flat_map(|name| values.iter().map(move |value| json!({name.as_str(): value})));
    let odd = (10..).zip(odd).map(|(number, odd)| listed_with(number, &odd));
    let server = RudeServer::polite(listed_users(5).into_iter().chain(odd).collect());
    let (site, ended) = run(&server, &downgrades(0..5), &[]);
    ended.exits(0);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS"; 5]);
    assert_eq!(report.column("result_seat_before"), ["MEMBER"; 5]);
    assert!(server.http.reads_of("/users") <= 4, "{}", server.http.reads_of("/users"));
}

/// Two users with one address, and somebody else.
fn namesakes(second_address: &str) -> RudeServer {
    RudeServer::polite(vec![
        listed_with(0, &json!({"email": "jo@acme.example"})),
        listed_with(1, &json!({"email": second_address, "status": "DEACTIVATED", "seatType": "VIEWER"})),
        listed(2),
    ])
}

#[test]
fn a_row_by_an_address_that_two_users_have_is_invalid_and_names_both() {
    let actions = ["downgrade", "upgrade", "deactivate", "reactivate", "remove", "update", "plans"];
    let modes: [&[&str]; 3] = [&["--yes"], &["--yes", "--no-preflight"], &["--dry-run"]];
    for (place, action) in actions.into_iter().enumerate() {
        for mode in modes {
            let server = namesakes(["jo@acme.example", "JO@Acme.example"][place % 2]);
            let site = server.site();
            let seat = match action {
                "downgrade" => "VIEWER",
                "upgrade" => "MEMBER",
                _ => "",
            };
            let name = if action == "update" { "Zoë" } else { "" };
            let rows =
                format!(",Jo@acme.example,{action},{PLAN},{seat},{name}\n{},,downgrade,{PLAN},VIEWER,\n", user(2));
            site.write("in.csv", format!("user_id,email,action,plan_id,seat_type,first_name\n{rows}"));
            let arguments = ["run", "in.csv", "-o", "out.csv", "--allow-remove", "--max-invalid", "100%"];
            site.run(&[&arguments, mode].concat()).exits(1);
            let report = site.report("out.csv");
            let done = if mode.contains(&"--dry-run") { "PLANNED" } else { "SUCCESS" };
            assert_eq!(report.statuses(), ["INVALID", done], "{action} {mode:?}: {report:?}");
            let message = report.column("result_message")[0];
            for named in [&user(0).to_string(), &user(1).to_string(), "ACTIVE", "DEACTIVATED"] {
                assert!(message.contains(named), "{action} {mode:?}: `{named}` is missing: {message}");
            }
            let changes = server.http.changes();
            let is_other = |change: &Request| change.path.contains(&user(2).to_string());
            assert!(changes.iter().all(is_other), "{action} {mode:?}: {changes:?}");
        }
    }
}

#[test]
fn of_two_users_with_one_address_the_id_beside_it_decides() {
    let modes: [&[&str]; 3] = [&["--yes"], &["--yes", "--no-preflight"], &["--dry-run"]];
    for mode in modes {
        let server = namesakes("JO@acme.example");
        let site = server.site();
        let row = format!("{},jo@acme.example,downgrade,{PLAN},VIEWER", user(0));
        site.write("in.csv", format!("user_id,email,action,plan_id,seat_type\n{row}\n"));
        let ended = site.run(&[&["run", "in.csv", "-o", "out.csv"], mode].concat()).exits(0);
        let report = site.report("out.csv");
        let is_dry = mode.contains(&"--dry-run");
        assert_eq!(report.statuses(), [if is_dry { "PLANNED" } else { "SUCCESS" }], "{mode:?}");
        let said = format!("{}{}{}", report.0[0]["result_message"], report.0[0]["result_hint"], ended.stderr);
        assert!(said.contains(&user(1).to_string()), "{mode:?}: {said}");
        let seats = [0, 1].map(|number| server.property(number, "seatType"));
        assert_eq!(seats, [json!(if is_dry { "MEMBER" } else { "VIEWER" }), json!("VIEWER")], "{mode:?}");
        assert_eq!(server.http.changes().len(), usize::from(!is_dry));
    }
}

#[test]
fn a_page_that_breaks_off_is_read_again_and_only_a_web_page_is_taken_for_a_portal() {
    let half = r#"{"pageNumber":1,"totalPages":1,"data":[{"id":4856934"#;
    // what comes once in place of the list, the exit code, whether a portal is suspected
    let table = [
        ("application/json", half, 0, false),
        ("application/json", "", 0, false),
        ("text/html", " <!doctype html><title>Sign in</title>", 3, true),
    ];
    for (kind, body, code, is_suspected) in table {
        let is_first = AtomicBool::new(true);
        let server = RudeServer::new(listed_users(2), move |request, account| {
            if is_list(request) && is_first.swap(false, Ordering::SeqCst) {
                Answer::Text(200, kind, body.to_owned())
            } else {
                account.answer(request)
            }
        });
        let (site, ended) = run(&server, &downgrades(0..2), &[]);
        let ended = ended.exits(code);
        assert_eq!(ended.stderr.contains("a captive portal or a login page?"), is_suspected, "{body:?}: {ended}");
        let expected = if is_suspected { "NOT_ATTEMPTED" } else { "SUCCESS" };
        assert_eq!(site.report("in.report.csv").statuses(), [expected; 2], "{body:?}");
    }
}

#[test]
fn a_record_with_an_unreadable_id_is_named_and_the_others_are_served() {
    let table = [(json!({"value": 1}), "an object"), (json!(1.5e17), "is the number 1.5e+17"), (json!([]), "a list")];
    for (id, stood) in table {
        let odd = listed_with(7, &json!({"id": id, "email": "odd@acme.example"}));
        let server = RudeServer::polite(vec![listed(0), odd, listed(1), listed(2)]);
        let (site, ended) = run(&server, &downgrades(0..3), &[]);
        // The token's own user is the first record of the page.
        ended.exits(0).warns_in_one_line(&["data[2].id", stood]);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["SUCCESS"; 3]);
        assert_eq!(report.column("result_seat_before"), ["MEMBER"; 3]);
        assert!(server.http.reads_of("/users") <= 2, "{}", server.http.reads_of("/users"));
        assert_eq!(server.http.changes().len(), 3);
    }
}

#[test]
fn a_whole_page_that_cannot_be_read_is_said_and_not_asked_for_again_and_again() {
    for (page, property) in [(json!({"data": "none"}), "`data`"), (json!({"totalPages": 1}), "`data`")] {
        let server = RudeServer::new(listed_users(3), move |request, account| {
            if is_list(request) { Answer::Json(200, page.clone()) } else { account.answer(request) }
        });
        let (site, ended) = run(&server, &downgrades(0..3), &[]);
        ended.exits(3).warns(&["the answer to GET /users cannot be read", property]);
        assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 3]);
        assert!(server.http.reads_of("/users") <= 2, "{}", server.http.reads_of("/users"));
        assert!(server.http.changes().is_empty());
    }
}

/// Holds that no per cent above 100 is printed.
#[track_caller]
fn assert_sane_percentages(ended: &Ended) {
    for (before, _) in ended.stderr.match_indices('%').map(|(place, _)| ended.stderr.split_at(place)) {
        let number = before.rsplit(|letter: char| !letter.is_ascii_digit() && letter != '.').next().unwrap();
        assert!(number.is_empty() || number.parse().is_ok_and(|share: f64| share <= 100.0), "{number}%: {ended}");
    }
}

#[test]
fn totals_that_are_missing_odd_or_wrong_keep_nobody_from_being_found() {
    let table = [
        json!({"totalPages": -1, "totalCount": -1}),
        json!({"totalPages": "2", "totalCount": "151"}),
        json!({"totalPages": null, "totalCount": {}}),
        json!({"totalPages": 2, "totalCount": 10}),
        json!({"totalPages": 9, "totalCount": 900}),
        json!({"totalPages": 1, "totalCount": 1}),
    ];
    for totals in table {
        let odd = totals.clone();
        let server = RudeServer::new(listed_users(150), move |request, account: &mut Account| {
            let mut answer = account.answer(request);
            if let (true, Answer::Json(_, body)) = (is_list(request), &mut answer) {
                for (name, value) in odd.as_object().unwrap() {
                    body[name.as_str()] = value.clone();
                }
            }
            answer
        });
        let (site, ended) = run(&server, &downgrades(0..150), &[]);
        let ended = ended.exits(0);
        assert_sane_percentages(&ended);
        let report = site.report("in.report.csv");
        assert_eq!(report.counts(), [("SUCCESS", 150)].into(), "{totals}");
        assert_eq!(report.column("result_seat_before"), ["MEMBER"; 150], "{totals}");
        assert!(server.http.reads_of("/users") <= 12, "{totals}: {}", server.http.reads_of("/users"));
    }
}

/// A server that refuses the list of users.
fn without_list(count: u64, status: u16, code: u64) -> RudeServer {
    RudeServer::new(listed_users(count), move |request, account| {
        if is_list(request) { refused(status, Some(code)) } else { account.answer(request) }
    })
}

#[test]
fn where_the_list_is_refused_the_users_of_the_file_are_read_one_by_one() {
    for (status, code) in [(400, 1229), (403, 1004)] {
        let server = without_list(30, status, code);
        let (site, ended) = run(&server, &downgrades(0..30), &[]);
        let requests = server.http.requests();
        let first_change = requests.iter().position(Request::is_change).unwrap();
        let before = &requests[..first_change];
        let singles = before.iter().filter(|request| request.path != "/users" && request.path != "/users/me").count();
        let ended = ended.exits(0).warns_in_one_line(&["one by one", " requests"]);
        let line = ended.stderr.lines().find(|line| line.contains("one by one")).unwrap();
        let said = line.split(" requests").next().unwrap().rsplit(' ').next().unwrap();
        // The own user may have been read as well.
        assert!(said.parse().is_ok_and(|said: usize| said.abs_diff(singles) <= 2), "{singles}: {line}");
        assert!((30..=60).contains(&singles), "{singles}");
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["SUCCESS"; 30]);
        assert_eq!(report.column("result_seat_before"), ["MEMBER"; 30]);
        assert!(server.http.reads_of("/users") <= 2, "{}", server.http.reads_of("/users"));
    }
}

#[test]
fn where_the_list_is_refused_more_than_500_users_are_not_changed_unless_insisted() {
    let server = without_list(501, 403, 1004);
    let (site, ended) = run(&server, &downgrades(0..501), &["--max-changes", "1000"]);
    ended.exits(3).warns(&["500", "--no-preflight"]);
    assert_eq!(site.report("in.report.csv").counts(), [("NOT_ATTEMPTED", 501)].into());
    assert!(server.http.changes().is_empty());
    assert!(server.http.requests().len() <= 4, "{}", server.http.requests().len());
    let (site, ended) = run(&server, &downgrades(0..501), &["--max-changes", "1000", "--no-preflight"]);
    ended.exits(0);
    assert_eq!(site.report("in.report.csv").counts(), [("SUCCESS", 501)].into());
}

#[test]
fn a_server_that_lacks_one_of_the_two_reads_is_worked_with() {
    for path in ["/users/me", "/users"] {
        for status in [404, 405, 501] {
            let server = RudeServer::new(listed_users(2), move |request, account| {
                if !request.is_change() && request.path == path {
                    Answer::Text(status, "text/plain", "no such operation".to_owned())
                } else {
                    account.answer(request)
                }
            });
            let (site, ended) = run(&server, &downgrades(0..2), &[]);
            ended.exits(0).warns_in_one_line(&[&format!("GET {path}")]);
            let report = site.report("in.report.csv");
            assert_eq!(report.statuses(), ["SUCCESS"; 2], "GET {path}: {status}");
            assert_eq!(report.column("result_seat_before"), ["MEMBER"; 2], "GET {path}: {status}");
            assert_eq!(server.http.reads_of(path), 1, "GET {path}: {status}");
            assert_eq!(server.http.changes().len(), 2);
        }
    }
}

#[test]
fn a_network_that_answers_in_the_place_of_the_api_stops_the_run() {
    let login = || Answer::Text(200, "text/html", "<html><h1>Please log in</h1></html>".to_owned());
    let portals = [login(), Answer::Redirect("http://127.0.0.1:1/login")];
    for portal in portals {
        let captured = AtomicBool::new(false);
        let answer = portal.clone();
        let server = RudeServer::new(listed_users(30), move |request, account| {
            if request.is_change() {
                captured.store(true, Ordering::SeqCst);
            }
            let is_captured = captured.load(Ordering::SeqCst);
            if is_captured { answer.clone() } else { account.answer(request) }
        });
        let (site, ended) = run(&server, &downgrades(0..30), &["--concurrency", "4"]);
        ended.exits(4).warns(&["this is not the Smartsheet API", "a captive portal or a login page?"]);
        let report = site.report("in.report.csv");
        let counts = report.counts();
        assert!(counts["NOT_ATTEMPTED"] >= 26 && !counts.contains_key("SUCCESS"), "{portal:?}: {counts:?}");
        let requests = server.http.requests();
        let first_change = requests.iter().position(Request::is_change).unwrap();
        assert!(server.http.changes().len() <= 4, "{portal:?}: {}", server.http.changes().len());
        assert!(requests.len() - first_change <= 12, "{portal:?}: {}", requests.len() - first_change);
    }
}

/// Runs an update of one user's first name to Zoë, with an echo that a test has changed.
fn update_with_echo(distort: impl Fn(&mut Value) + Send + Sync + 'static) -> (RudeServer, Site, Ended) {
    let server = RudeServer::new(listed_users(2), move |request, account| {
        let mut answer = account.answer(request);
        if let (true, Answer::Json(_, body)) = (request.is_change(), &mut answer) {
            distort(body);
        }
        answer
    });
    let input = format!("user_id,action,first_name\n{},update,Zoë\n", user(0));
    let (site, ended) = run(&server, &input, &[]);
    (server, site, ended)
}

#[test]
fn an_update_is_told_with_the_name_and_address_that_came_back() {
    let shapes: [fn(&mut Value); 3] = [
        |_| {},
        |body| body["data"] = body["data"][0].take(),
        |body| {
            let echo = body["data"][0].take();
            *body = json!({"message": "SUCCESS", "resultCode": 0, "result": echo});
        },
    ];
    for shape in shapes {
        let (_, site, ended) = update_with_echo(shape);
        ended.exits(0);
        let report = site.report("in.report.csv");
        let message = report.column("result_message")[0];
        assert!(message.contains("Zoë Doe 0") && message.contains("user.0@acme.example"), "{message}");
    }
}

#[test]
fn an_update_that_comes_back_with_another_id_is_unknown_and_warned_about() {
    let other = user(1);
    let (server, site, ended) = update_with_echo(move |body| body["data"][0]["id"] = json!(other));
    let ended = ended.exits(1);
    let is_loud = |line: &&str| line.starts_with("warning: ") && line.contains(&user(0).to_string());
    let warning = ended.stderr.lines().find(is_loud).unwrap_or_else(|| panic!("no warning: {ended}"));
    assert!(warning.contains(&other.to_string()), "{warning}");
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["UNKNOWN"]);
    assert!(report.column("result_message")[0].contains(&other.to_string()), "{report:?}");
    assert_eq!(server.http.changes().len(), 1);
}

#[test]
fn an_update_that_comes_back_with_another_name_says_so_and_is_read_back() {
    let (server, site, _) = update_with_echo(|body| {
        body["data"][0]["firstName"] = json!("Albert");
        body["data"][0]["name"] = json!("Albert Doe 0");
    });
    let report = site.report("in.report.csv");
    let message = report.column("result_message")[0];
    assert!(message.contains("Albert") && message.contains("Zoë"), "{message}");
    let requests = server.http.requests();
    let sent = requests.iter().position(Request::is_change).unwrap();
    let is_read_back = |request: &Request| request.path.starts_with(&format!("/users/{}", user(0)));
    assert!(requests[sent + 1..].iter().any(is_read_back), "{requests:?}");
    assert_eq!(server.http.changes().len(), 1);
}

#[test]
fn plans_are_listed_with_their_names() {
    let server = RudeServer::polite(listed_users(1));
    let site = server.site();
    let ended = site.run(&["plans", &user(0).to_string()]).exits(0);
    let rows = Rows::of(&ended.stdout);
    assert_eq!(rows.column("plan_name"), ["Acme Enterprise"]);
    assert_eq!(rows.column("plan_id"), [PLAN.to_string()]);
    let asked = server.http.requests();
    assert!(asked.iter().any(|request| request.parameter("include") == Some("planName")), "{asked:?}");
}
