//! A server that says the token again: whatever it says it in, and in whatever spelling, nobody gets to see it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::fixture::{Site, user};
use super::loopback::Answer;
use super::process::Ended;
use super::rude_server::{PLAN, RudeServer, listed, listed_with};

const TOKEN: &str = "ll352u9jujauoqz4gstvsae05lf1XYZ76kmno";

/// What stands in an answer where the token is to stand.
const ECHO: &str = "ECHO";

fn each(write: impl Fn(u8) -> String) -> String {
    TOKEN.bytes().map(write).collect()
}

/// The token in the spellings that servers, gateways and debug pages echo it in.
fn spellings() -> [String; 7] {
    [
        TOKEN.to_owned(),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("{byte:02x}")),
        BASE64_STANDARD.encode(format!("Bearer {TOKEN}")),
        BASE64_STANDARD.encode(TOKEN),
    ]
}

/// Holds that a text holds the token in no spelling.
#[track_caller]
fn assert_hidden(place: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    for spelled in spellings().iter().map(|spelled| spelled.trim_end_matches('=')) {
        // A part of it would be too much.
        let part = &spelled[spelled.len() / 4..spelled.len() * 3 / 4];
        assert!(!text.contains(part), "{place} holds {part}: {text}");
    }
}

#[track_caller]
fn assert_nowhere(site: &Site, ended: &[Ended]) {
    for ended in ended {
        assert_hidden("standard output", ended.stdout.as_bytes());
        assert_hidden("standard error", ended.stderr.as_bytes());
    }
    for (path, bytes) in site.everything() {
        assert_hidden(&path.display().to_string(), &bytes);
    }
}

/// An answer with the token in the place of each [`ECHO`], as the server spells it.
fn echoing(answer: Answer, spelled: &str) -> Answer {
    match answer {
        Answer::Json(status, value) => {
            Answer::Text(status, "application/json", value.to_string().replace(ECHO, spelled))
        }
        Answer::Text(status, kind, text) => Answer::Text(status, kind, text.replace(ECHO, spelled)),
        Answer::Throttled(_) | Answer::Redirect(_) | Answer::HangUp | Answer::Stall => answer,
    }
}

/// A profile with such an account, or plans with such a name.
fn named(answer: Answer) -> Answer {
    let Answer::Json(status, mut value) = answer else { return answer };
    if value.get("account").is_some() {
        value["account"]["name"] = json!(ECHO);
    }
    if value["data"][0].get("planId").is_some() {
        value["data"][0]["planName"] = json!(ECHO);
    }
    Answer::Json(status, value)
}

fn site(server: &RudeServer) -> Site {
    let mut site = server.site();
    site.set("SMARTSHEET_ACCESS_TOKEN", TOKEN);
    let downgrade = |number| format!("{},downgrade,{PLAN},VIEWER", user(number));
    let rows: Vec<_> = (1..=4).map(downgrade).collect();
    let rows = rows.join("\n");
    site.write("in.csv", format!("user_id,action,plan_id,seat_type\n{rows}\n{},deactivate,,\n", user(5)));
    site
}

#[test]
fn a_token_in_names_addresses_and_errors_is_seen_by_nobody() {
    for spelled in spellings() {
        let users = vec![
            listed_with(1, &json!({"firstName": ECHO, "lastName": ECHO, "name": ECHO})),
            listed_with(2, &json!({"email": format!("{ECHO}@acme.example")})),
            listed_with(3, &json!({"status": ECHO})),
            listed_with(4, &json!({"seatType": ECHO, "isInternal": ECHO, "lastLogin": ECHO})),
            listed(5),
        ];
        let said = spelled.clone();
        let server = RudeServer::new(users, move |request, account| {
            let error = json!({"errorCode": 1188, "message": ECHO, "refId": ECHO, "detail": {"at": [ECHO]}});
            let odd = json!({"errorCode": {"code": ECHO}, "message": [ECHO], "refId": {"id": ECHO}, "detail": ECHO});
            let page = || Answer::Text(403, "text/html", format!("<html>{ECHO}</html>"));
            let done = json!({"message": "SUCCESS", "resultCode": 0, "refId": ECHO, "data": {"note": ECHO}});
            let answer = match (request.is_change(), request.segments().get(1).copied().unwrap_or_default()) {
                (true, id) if id == user(1).to_string() => Answer::Json(403, error),
                (true, id) if id == user(2).to_string() => Answer::Json(400, odd),
                (true, id) if id == user(3).to_string() => page(),
                (true, _) => Answer::Json(200, done),
                (false, _) => named(account.answer(request)),
            };
            echoing(answer, &said)
        });
        let site = site(&server);
        let plan = PLAN.to_string();
        let ids = (1..=5).map(|number| user(number).to_string()).collect::<Vec<_>>();
        let plans: Vec<_> = ["plans", "-vvv", "--json"].into_iter().chain(ids.iter().map(String::as_str)).collect();
        let run = ["run", "in.csv", "-vvv", "--html", "page.html", "--summary-json", "out.json"];
        let ended = [
            site.run(&["doctor", "-vvv"]),
            site.run(&["users", "-vvv", "--json", "--plan-id", &plan]),
            site.run(&["users", "-o", "users.csv", "--plan-id", &plan]),
            site.run(&plans),
            site.run(&["run", "in.csv", "-vvv", "--dry-run", "--html", "review.html"]),
            site.run(&[&run[..], &["--yes", "--max-errors", "100", "--log-format", "json"]].concat()),
            site.run(&["history", "--json"]),
            site.run(&["history", "latest"]),
        ];
        assert!(!server.http.changes().is_empty(), "{}", ended[5]);
        assert!(site.read("in.report.csv").contains("[token]"), "{spelled}: {}", ended[5]);
        assert_nowhere(&site, &ended);
    }
}

#[test]
fn a_token_in_what_refuses_every_read_is_seen_by_nobody() {
    let [as_it_is, json, .., base64] = spellings();
    for spelled in [as_it_is, json, base64] {
        let page = format!("<html><title>{ECHO}</title><!-- {ECHO} --><p>Bearer {ECHO}</p></html>");
        let location: &'static str = Box::leak(format!("https://login.example/?token={}", &spelled).into_boxed_str());
        let answers = [
            Answer::Json(401, json!({"errorCode": 1002, "message": ECHO, "refId": ECHO, "detail": ECHO})),
            Answer::Json(403, json!({"errorCode": 1004, "message": ECHO})),
            Answer::Json(200, json!({"id": ECHO, "email": {"a": ECHO}, ECHO: ECHO})),
            Answer::Text(200, "text/html", page.clone()),
            Answer::Text(404, "text/html", page),
            Answer::Text(400, "text/plain", format!("header `authorization: Bearer {ECHO}`")),
            Answer::Redirect(location),
        ];
        for answer in answers {
            let said = echoing(answer, &spelled);
            let server = RudeServer::new(vec![listed(1)], move |_, _| said.clone());
            let site = site(&server);
            let ended = [site.run(&["doctor", "-vvv"]), site.run(&["run", "in.csv", "--yes", "-vvv"])];
            assert_nowhere(&site, &ended);
        }
    }
}

#[test]
fn a_password_in_an_address_is_seen_by_nobody() {
    let address = "https://jane:hush-hush@api.acme.example/2.0";
    let commands: [&[&str]; 6] = [
        &["doctor", "-vvv"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["run", "in.csv", "--yes", "-vvv"],
        &["plans", "5"],
        &["users"],
    ];
    let hidden = |site: &Site, ended: Ended| {
        let ended = ended.exits(2);
        assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("hush"), "{ended}");
        let settings = |path: &std::path::Path| path.extension().is_some_and(|extension| extension == "toml");
        for (path, bytes) in site.everything().into_iter().filter(|(path, _)| !settings(path)) {
            assert!(!String::from_utf8_lossy(&bytes).contains("hush"), "{}", path.display());
        }
    };
    for command in commands {
        let site = |name: &str, value: &str| {
            let mut site = Site::new();
            site.set("SMARTSHEET_ACCESS_TOKEN", TOKEN);
            site.set(name, value);
            site.write("in.csv", "user_id,action\n5,deactivate\n");
            site
        };
        if command[0] != "config" {
            let site = site("LANG", "C");
            hidden(&site, site.run(&[command, &["--api-url", address]].concat()));
            hidden(&site, site.run(&[command, &[&format!("--api-url={address}")]].concat()));
        }
        let environment = site("SEATRUN_API_URL", address);
        hidden(&environment, environment.run(command));
        for text in [
            format!("api_url = \"{address}\"\n"),
            format!("api_url = {address}\n"),
            format!("[profile.x]\napi_url = '{address}'\n"),
        ] {
            let file = site("SEATRUN_CONFIG", "settings.toml");
            file.write("settings.toml", &text);
            let profile: &[&str] = if text.starts_with('[') { &["--profile", "x"] } else { &[] };
            hidden(&file, file.run(&[command, profile].concat()));
        }
    }
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_when_it_is_read() {
    let long = "x".repeat(8 * 1024);
    let mut site = Site::new();
    site.set("SMARTSHEET_ACCESS_TOKEN", &long);
    let ended = site.run(&["plans", "5"]).exits(3);
    assert!(!ended.stderr.contains("xxxx"), "{ended}");
    ended.warns(&["which no token has and no server takes"]);
}
