//! The screen shows text, never commands: whatever a server, a sheet, a setting or a word of the command line holds.

use serde_json::json;

use super::fixture::{Site, user};
use super::loopback::Answer;
use super::rude_server::{PLAN, RudeServer, listed_users, listed_with};

/// Clears the screen, rings, goes to the line's begin, begins a new one, and turns the direction of text.
const RUDE: &str = "\u{1b}[2J\u{7}\r\nerror: forged\u{9b}2J\u{202e}\u{2066}";
/// How the begin of it is shown.
const SHOWN: &str = "\\x1b[2J\\x07\\r\\nerror: forged\\u{9b}2J\\u{202e}";

/// What no output for a terminal may hold.
fn is_command(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n'))
        || matches!(c, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Holds that standard error shows the rude text, and that nothing of it was obeyed.
#[track_caller]
fn shows(site: &Site, arguments: &[&str], shown: &str) {
    let ended = site.run(arguments);
    // The doctor speaks on standard output, because that is what was asked for.
    let said = format!("{}{}", if arguments == ["doctor"] { &ended.stdout } else { "" }, ended.stderr);
    assert!(!said.contains(is_command), "{arguments:?}: {said:?}");
    assert!(!said.lines().any(|line| line.starts_with("error: forged")), "{arguments:?}: {ended}");
    assert!(said.contains(shown), "{arguments:?}: `{shown}` is missing: {ended}");
}

fn downgrade() -> String {
    format!("user_id,action,plan_id,seat_type\n{},downgrade,{PLAN},VIEWER\n", user(1))
}

/// Arguments, and the environment that goes with them.
type Typed<'t> = (&'t [&'t str], &'t [(&'t str, &'t str)]);

#[test]
fn what_is_typed_and_set_is_shown_as_text() {
    let file = format!("{}.csv", RUDE.replace('/', ""));
    let map = format!("{RUDE}=A");
    let unknown = format!("--{RUDE}");
    // the words, the variables
    let table: [Typed<'_>; 12] = [
        (&["history", RUDE], &[]),
        (&["report", RUDE], &[]),
        (&["resume", RUDE], &[]),
        (&["run", &file, "--dry-run", "--offline"], &[]),
        (&["run", "in.csv", "--offline", "--dry-run", "-o", &file], &[]),
        (&["run", "in.csv", "--profile", RUDE], &[]),
        (&["run", "in.csv", "--map", &map], &[]),
        (&["run", "in.csv", "--rate", RUDE], &[]),
        (&["run", "in.csv", &unknown], &[]),
        (&[RUDE], &[]),
        (&["history"], &[("SEATRUN_MAX_CHANGES", RUDE)]),
        (&["history"], &[("SEATRUN_LOG", RUDE)]),
    ];
    for (arguments, variables) in table {
        let mut site = Site::new();
        site.write("in.csv", downgrade());
        for (name, value) in variables {
            site.set(name, value);
        }
        shows(&site, arguments, "\\x1b[2J\\x07\\r\\n");
    }
}

#[test]
fn what_settings_files_hold_is_shown_as_text() {
    let rude = "\\u001B[2J\\u0007\\r\\nerror: forged\\u009B2J\\u202E";
    let table = [
        format!("max_changes = \"{rude}\"\n"),
        format!("\"{rude}\" = 1\n"),
        format!("[profile.\"{rude}\"]\nrate = 1\n"),
        format!("[columns]\n\"{rude}\" = \"A\"\n"),
    ];
    for text in table {
        let site = Site::new();
        site.write("c.toml", text);
        shows(&site, &["config", "show", "--config", "c.toml", "--profile", "none"], SHOWN);
    }
}

#[test]
fn what_a_server_says_is_shown_as_text() {
    let error = |_: &_| Answer::Json(403, json!({"errorCode": 1004, "message": RUDE, "refId": RUDE}));
    let server = RudeServer::new(listed_users(3), move |request, account| match request.path.as_str() {
        "/users/me" => error(request),
        _ => account.answer(request),
    });
    let site = server.site();
    site.write("in.csv", downgrade());
    shows(&site, &["run", "in.csv", "--yes", "-v"], SHOWN);
    shows(&site, &["doctor"], SHOWN);
}

#[test]
fn the_account_and_its_people_are_shown_as_text() {
    let server = RudeServer::new(vec![listed_with(1, &json!({"name": RUDE, "email": RUDE}))], |request, account| {
        let is_own = request.path == "/users/me";
        match account.answer(request) {
            Answer::Json(200, mut body) if is_own => {
                body["account"]["name"] = json!(RUDE);
                body["email"] = json!(format!("{RUDE}@acme.example"));
                Answer::Json(200, body)
            }
            Answer::Json(200, mut body) if body["data"][0]["planId"].is_number() => {
                body["data"][0]["planName"] = json!(RUDE);
                Answer::Json(200, body)
            }
            answer @ (Answer::Json(..)
            | Answer::Text(..)
            | Answer::Throttled(_)
            | Answer::Redirect(_)
            | Answer::HangUp
            | Answer::Stall) => answer,
        }
    });
    let site = server.site();
    site.write("in.csv", downgrade());
    shows(&site, &["run", "in.csv", "--dry-run"], SHOWN);
    shows(&site, &["doctor"], SHOWN);
    let ended = site.run(&["plans", &user(1).to_string(), "--json"]).exits(0);
    assert!(!ended.stdout.contains(is_command), "{ended}");
    let read: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(read[0]["plans"][0]["plan_name"], RUDE);
}
