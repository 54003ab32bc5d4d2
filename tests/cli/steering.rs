//! Every way in that a server, a sheet, a setting or a word of the command line has to a terminal: what comes through it
//! is shown as text, and nothing of it is obeyed.

use std::process::Command;

use serde_json::{Value, json};

use super::fixture::{Site, user};
use super::loopback::{Answer, Request};
use super::process::Running;
use super::rude_server::{Account, PLAN, RudeServer, listed_users, listed_with};

/// Clears the screen, rings, goes to the line's begin, begins a new one, and turns the direction of text.
const RUDE: &str = "\u{1b}[2J\u{7}\r\nerror: forged\u{9b}2J\u{202e}\u{2066}";
/// How the begin of it is shown, as text and in JSON.
const SHOWN: [&str; 2] = ["\\x1b[2J\\x07", "\\u001b[2J\\u0007"];
/// As a TOML string holds it.
const IN_TOML: &str = "\\u001B[2J\\u0007\\r\\nerror: forged\\u009B2J\\u202E";

/// What no output for a terminal may hold.
fn is_command(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n'))
        || matches!(c, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Runs seatrun on a terminal, with both its outputs there, and gives what the terminal got without what the program
/// itself says to one: colours, the line that a bar stands on, and the CR that a terminal puts before a line end.
fn on_terminal(site: &Site, arguments: &[&str]) -> String {
    let words = arguments.iter().map(|word| format!("'{word}'"));
    let typed = format!("exec '{}' {}", env!("CARGO_BIN_EXE_seatrun"), words.collect::<Vec<_>>().join(" "));
    let mut command = Command::new("/usr/bin/script");
    command.args(["-qec", &format!("stty cols 400 rows 40 -echo; {typed}"), "/dev/null"]);
    let mut command = site.settle(command);
    command.env("PATH", "/usr/bin:/bin").env("TERM", "xterm").env("SHELL", "/bin/sh");
    let shown = Running::start(command, Some("no\n")).wait().stdout;
    let colours = [0, 1, 31, 32, 33, 34, 35].map(|number| format!("\u{1b}[{number}m"));
    let shown = shown.replace("\r\n", "\n").replace("\r\u{1b}[2K", "").replace("^D\u{8}\u{8}", "");
    colours.iter().fold(shown, |shown, colour| shown.replace(colour, ""))
}

/// Holds that the terminal shows what came in, and obeys nothing of it.
#[track_caller]
fn shows(site: &Site, arguments: &[&str]) {
    let shown = on_terminal(site, arguments);
    assert!(!shown.contains(is_command), "{arguments:?}: {shown:?}");
    assert!(SHOWN.iter().any(|expected| shown.contains(expected)), "{arguments:?} does not show it: {shown}");
}

/// A line that a value begins passes for one of the program's. A table may hold cells of several lines.
#[track_caller]
fn shows_in_one_line(site: &Site, arguments: &[&str]) {
    shows(site, arguments);
    let shown = on_terminal(site, arguments);
    assert!(!shown.lines().any(|line| line.starts_with("error: forged")), "{arguments:?}: {shown}");
}

fn downgrade() -> String {
    format!("user_id,action,plan_id,seat_type\n{},downgrade,{PLAN},VIEWER\n", user(1))
}

#[test]
fn words_of_the_command_line() {
    let folder = format!("{RUDE}/page.html");
    let (file, map, flag, value) =
        (format!("{RUDE}.csv"), format!("{RUDE}=A"), format!("--{RUDE}"), format!("--rate={RUDE}"));
    let table: [&[&str]; 17] = [
        &["history", RUDE],
        &["report", RUDE],
        &["resume", RUDE],
        &["undo", RUDE, "-o", "undo.csv"],
        &["history", "--user", RUDE],
        &["plans", RUDE],
        &["run", &file, "--dry-run", "--offline"],
        &["run", "in.csv", "--dry-run", "--offline", "-o", &file],
        &["run", "in.csv", "--dry-run", "--offline", "-o", "-", "--html", &folder],
        &["run", "in.csv", "--profile", RUDE],
        &["run", "in.csv", "--config", RUDE],
        &["run", "in.csv", "--map", &map],
        &["run", "in.csv", "--sheet", RUDE],
        &["run", "in.csv", "--only", RUDE],
        &["run", "in.csv", &value],
        &["run", "in.csv", &flag],
        &[RUDE],
    ];
    for arguments in table {
        let site = Site::new();
        site.write("in.csv", downgrade());
        shows_in_one_line(&site, arguments);
    }
}

#[test]
fn the_environment() {
    let run: &[&str] = &["run", "in.csv", "--dry-run", "--offline"];
    for (name, arguments) in [
        ("SEATRUN_MAX_CHANGES", &["history"][..]),
        ("SEATRUN_LOG", &["history"]),
        ("SEATRUN_API_URL", run),
        ("SEATRUN_PROFILE", run),
        ("SEATRUN_CONFIG", run),
        ("SEATRUN_ENCODING", run),
    ] {
        let mut site = Site::new();
        site.write("in.csv", downgrade());
        site.set(name, RUDE);
        shows_in_one_line(&site, arguments);
    }
}

#[test]
fn settings_files() {
    let table = [
        format!("max_changes = \"{IN_TOML}\"\n"),
        format!("\"{IN_TOML}\" = 1\n"),
        format!("[profile.\"{IN_TOML}\"]\nrate = 1\n"),
        format!("[columns]\n\"{IN_TOML}\" = \"A\"\n"),
    ];
    for text in table {
        let site = Site::new();
        site.write("c.toml", text);
        shows_in_one_line(&site, &["config", "show", "--config", "c.toml", "--profile", "none"]);
    }
    let site = Site::new();
    site.write("c.toml", format!("[columns]\nuser_id = \"{IN_TOML}\"\n"));
    for form in [&[][..], &["--json"]] {
        shows_in_one_line(&site, &[&["config", "show", "--config", "c.toml"], form].concat());
    }
}

#[test]
fn sheets() {
    let cell = RUDE.replace('"', "");
    let id = user(1);
    let table = [
        format!("user_id,action,plan_id,seat_type\n\"{cell}\",downgrade,{PLAN},VIEWER\n"),
        format!("user_id,action,plan_id,seat_type\n{id},\"{cell}\",{PLAN},VIEWER\n"),
        format!("user_id,action,plan_id,seat_type\n{id},downgrade,{PLAN},\"{cell}\"\n"),
        format!("email,action,plan_id,seat_type\n\"{cell}\",downgrade,{PLAN},VIEWER\n"),
    ];
    for text in table {
        let site = Site::new();
        site.write("in.csv", text);
        let review = ["run", "in.csv", "--dry-run", "--offline"];
        // The reasons of a row may be in its report alone.
        for place in ["-", "/dev/tty", "/dev/stderr"] {
            shows(&site, &[&review[..], &["-o", place]].concat());
        }
    }
}

#[test]
fn what_a_report_carries() {
    let site = Site::new();
    site.write(
        "in.csv",
        downgrade().replace("seat_type", "seat_type,\"note\u{9b}2J\"").replace("VIEWER", &format!("VIEWER,\"{RUDE}\"")),
    );
    for place in ["-", "/dev/tty", "/dev/stdout", "/dev/stderr"] {
        shows(&site, &["run", "in.csv", "--dry-run", "--offline", "-o", place]);
    }
}

/// A server that says something rude wherever `rude` puts it.
fn rude(rude: impl Fn(&Request, &mut Value) + Send + Sync + 'static) -> (RudeServer, Site) {
    let users =
        vec![listed_with(1, &json!({"name": RUDE, "firstName": RUDE, "email": format!("{RUDE}@acme.example")}))];
    let server = RudeServer::new(users, move |request: &Request, account: &mut Account| {
        let Answer::Json(status, mut body) = account.answer(request) else { return Answer::HangUp };
        rude(request, &mut body);
        Answer::Json(status, body)
    });
    let site = server.site();
    site.write("in.csv", downgrade());
    (server, site)
}

#[test]
fn the_account_and_its_people() {
    let (_server, site) = rude(|request, body| {
        if request.path == "/users/me" {
            body["account"]["name"] = json!(RUDE);
            body["email"] = json!(format!("{RUDE}@acme.example"));
        } else if body["data"][0]["planId"].is_number() {
            body["data"][0]["planName"] = json!(RUDE);
        }
    });
    let somebody = user(1).to_string();
    let table: [&[&str]; 8] = [
        // The question.
        &["run", "in.csv"],
        &["run", "in.csv", "--dry-run"],
        &["run", "in.csv", "--dry-run", "--summary-json", "-"],
        &["run", "in.csv", "--dry-run", "--html", "-"],
        &["doctor"],
        &["plans", &somebody],
        &["plans", &somebody, "--json"],
        &["run", "in.csv", "-q"],
    ];
    for arguments in table {
        shows(&site, arguments);
    }
}

#[test]
fn refusals_of_a_server() {
    let server = RudeServer::new(listed_users(3), |request, account| {
        let refusal = || Answer::Json(403, json!({"errorCode": 1003, "message": RUDE, "refId": RUDE, "detail": RUDE}));
        if request.is_change() { refusal() } else { account.answer(request) }
    });
    let site = server.site();
    site.write("in.csv", downgrade());
    for arguments in [&["-v"][..], &["-vvv"], &["-vvv", "--log-format", "json"], &["-o", "-"], &["--html", "-"]] {
        shows(&site, &[&["run", "in.csv", "--yes"], arguments].concat());
    }
    let listed: Value = serde_json::from_str(&site.run(&["history", "--json"]).stdout).unwrap();
    let run = listed[0]["run"].as_str().unwrap();
    let somebody = user(1).to_string();
    for arguments in [
        &["history", run][..],
        &["history", run, "--json"],
        &["history", "--user", &somebody],
        &["report", run, "-o", "/dev/tty"],
    ] {
        shows(&site, arguments);
    }
}

#[test]
fn a_server_that_refuses_the_token() {
    let server = RudeServer::new(listed_users(3), |_, _| {
        Answer::Json(403, json!({"errorCode": 1004, "message": RUDE, "refId": RUDE}))
    });
    let site = server.site();
    site.write("in.csv", downgrade());
    for arguments in [&["run", "in.csv", "--yes", "-v"][..], &["doctor"], &["plans", "1"]] {
        shows_in_one_line(&site, arguments);
    }
}
