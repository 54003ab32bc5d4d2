//! The summary for machines: whatever a night comes to, it says so, and yesterday's never passes for today's.

use seatrun::sandbox::HOME_PLAN;
use serde_json::{Value, json};

use super::fixture::{Api, Site, downgrades, failing, members, user};

const YESTERDAY: &str = r#"{"schema": 1, "state": "finished", "exit_code": 0}"#;

/// A night: its name, what the crontab says, another variable, the exit code, and what reason and hint say.
type Night =
    (&'static str, &'static [&'static str], Option<(&'static str, &'static str)>, i32, &'static str, &'static str);

const RUN: &[&str] = &["run", "in.csv", "--yes"];
const NIGHTS: [Night; 15] = [
    ("good", RUN, None, 0, "", ""),
    ("dry run", &["run", "in.csv", "-n"], None, 0, "", ""),
    ("some rows", &["run", "some.csv", "--yes"], None, 1, "rows that are not done: 1 FAILED", ""),
    ("unknown flag", &["run", "in.csv", "--yes", "--bogus"], None, 2, "unexpected argument '--bogus'", ""),
    ("wrong setting", RUN, Some(("SEATRUN_RATE", "fast")), 2, "SEATRUN_RATE: rate: `fast`", ""),
    ("no profile", RUN, Some(("SEATRUN_PROFILE", "x")), 2, "there is no profile `x`", "no settings file has"),
    ("no input", &["run", "none.csv", "--yes"], None, 3, "none.csv", "check the path"),
    ("header only", &["run", "header.csv", "--yes"], None, 3, "header.csv", ""),
    ("guard", &["run", "in.csv", "--yes", "--max-changes", "1"], None, 3, "2 users", "--max-changes"),
    ("dry guard", &["run", "in.csv", "-n", "--max-changes", "1"], None, 1, "would be refused: ", "--max-changes"),
    ("dead token", RUN, Some(("SMARTSHEET_ACCESS_TOKEN", "no-token-at-all")), 3, "token", ""),
    ("nobody to ask", &["run", "in.csv"], None, 3, "no terminal to ask on", "--yes"),
    ("no page", &["run", "in.csv", "--yes", "--html", "/dev/full"], None, 5, "the page /dev/full could not", ""),
    ("no report", &["run", "in.csv", "--yes", "-o", "/dev/full"], None, 5, "the report could not", "seatrun report"),
    ("nothing to resume", &["resume", "r-x"], None, 3, "r-x", "seatrun history"),
];

#[test]
fn every_ending_writes_the_summary_with_its_reason_and_hint() {
    // By the flag, and by what stands in its place in a crontab of many lines.
    for (night, from_flag) in NIGHTS.iter().flat_map(|night| [(night, true), (night, false)]) {
        let (name, arguments, variable, exit_code, reason, hint) = *night;
        let api = Api::holding(members(2));
        let mut site = Site::facing(&api);
        site.write("in.csv", downgrades(2));
        site.write("some.csv", format!("{}{},downgrade,{HOME_PLAN},VIEWER\n", downgrades(2), user(9)));
        site.write("header.csv", "user_id,action,plan_id,seat_type\n");
        site.write("summary.json", YESTERDAY);
        let flag: &[&str] = if from_flag { &["--summary-json", "summary.json"] } else { &[] };
        if !from_flag {
            site.set("SEATRUN_SUMMARY_JSON", "summary.json");
        }
        if let Some((name, value)) = variable {
            site.set(name, value);
        }
        let ended = site.run(&[arguments, flag].concat()).exits(exit_code);
        let summary: Value = site.read("summary.json").parse().unwrap();
        assert_eq!(summary["state"], "finished", "{name}: {summary:#}");
        assert_eq!(summary["exit_code"], exit_code, "{name}: {summary:#}");
        assert_eq!((&summary["schema"], &summary["version"]), (&json!(1), &json!(env!("CARGO_PKG_VERSION"))));
        for (key, expected) in [("reason", reason), ("hint", hint)] {
            let said = summary[key].as_str().unwrap_or_default();
            assert!(said.contains(expected), "{name}: {key}: {summary:#}\n{ended}");
        }
        assert_eq!(summary["reason"].is_string(), !reason.is_empty(), "{name}: {summary:#}");
        assert_eq!(summary["guard"].is_string(), name.contains("guard"), "{name}: {summary:#}");
    }
}

#[test]
fn a_summary_says_who_and_which_plans_and_no_id_is_a_number() {
    let api = Api::holding(members(1).chain([failing(1, "partial")]));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes", "--summary-json", "summary.json"]).exits(1);
    let summary: Value = site.read("summary.json").parse().unwrap();
    assert!(summary["user_id"].as_str().is_some_and(|id| id.parse::<u64>().is_ok()), "{summary:#}");
    assert_eq!(summary["plan_ids"], json!([HOME_PLAN.to_string()]));
    assert!(!summary.to_string().contains('@'), "{summary:#}");
}

#[test]
fn while_a_run_goes_on_and_after_it_was_killed_the_summary_says_running() {
    let api = Api::slowly_holding(members(20), "200ms");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(20));
    site.write("summary.json", YESTERDAY);
    let running = site.start(&["run", "in.csv", "--yes", "--summary-json", "summary.json"]);
    api.until_changes(1);
    let during: Value = site.read("summary.json").parse().unwrap();
    assert_eq!((&during["schema"], &during["state"]), (&json!(1), &json!("running")));
    assert_eq!(during.as_object().unwrap().len(), 3, "{during:#}");
    assert!(during["started_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());

    // A second run of the account is locked out, and says so in a summary of its own.
    site.run(&["run", "in.csv", "--yes", "--summary-json", "second.json"]).exits(6);
    let second: Value = site.read("second.json").parse().unwrap();
    assert_eq!((&second["state"], &second["exit_code"]), (&json!("finished"), &json!(6)));
    assert!(second["hint"].as_str().unwrap().contains("--wait"), "{second:#}");

    running.signal("KILL");
    drop(running);
    assert_eq!(site.read("summary.json").parse::<Value>().unwrap()["state"], "running");
}

#[test]
fn a_summary_that_cannot_be_written_is_never_a_good_night() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.run(&["run", "in.csv", "--yes", "--summary-json", "/dev/full"]).exits(5).warns(&["the summary /dev/full"]);
    site.run(&["run", "in.csv", "-n", "--summary-json", "/dev/full"]).exits(5).warns(&["the summary /dev/full"]);
    // A refusal stays one.
    site.run(&["run", "none.csv", "--yes", "--summary-json", "/dev/full"]).exits(3).warns(&["none.csv", "/dev/full"]);
}

#[test]
fn what_is_no_summary_is_not_replaced_where_nobody_has_checked_the_place() {
    let site = Site::new();
    for (before, after) in [("user_id\n1\n", "user_id"), ("", "finished"), (YESTERDAY, "finished")] {
        site.write("s.json", before);
        site.run(&["run", "in.csv", "--bogus", "--summary-json", "s.json"]).exits(2);
        assert!(site.read("s.json").contains(after), "{before}: {}", site.read("s.json"));
    }
    // The commands that have no summary leave it alone.
    let mut site = Site::new();
    site.set("SEATRUN_SUMMARY_JSON", "s.json");
    site.write("s.json", YESTERDAY);
    site.run(&["history", "--bogus"]).exits(2);
    site.run(&["doctor"]).exits(3);
    assert_eq!(site.read("s.json"), YESTERDAY);
}
