//! The summary for machines: whatever a night comes to, it says so, and yesterday's never passes for today's.

use seatrun::sandbox::HOME_PLAN;
use serde_json::{Value, json};

use super::fixture::{Api, Site, downgrades, failing, members, user};

const YESTERDAY: &str = r#"{"schema": 1, "state": "finished", "exit_code": 0}"#;

/// A night, and what the summary says of it in the morning.
struct Night {
    name: &'static str,
    arguments: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    exit_code: i32,
    reason: Option<&'static str>,
    hint: Option<&'static str>,
    has_guard: bool,
}

const GOOD: Night = Night {
    name: "good",
    arguments: &["run", "in.csv", "--yes"],
    variables: &[],
    exit_code: 0,
    reason: None,
    hint: None,
    has_guard: false,
};

#[test]
fn every_ending_writes_the_summary_with_its_reason_and_hint() {
    let table = [
        GOOD,
        Night { name: "dry run", arguments: &["run", "in.csv", "-n"], ..GOOD },
        Night {
            name: "some rows",
            arguments: &["run", "some.csv", "--yes"],
            exit_code: 1,
            reason: Some("rows that are not done: 1 FAILED"),
            ..GOOD
        },
        Night {
            name: "unknown flag",
            arguments: &["run", "in.csv", "--yes", "--bogus"],
            exit_code: 2,
            reason: Some("unexpected argument '--bogus'"),
            ..GOOD
        },
        Night {
            name: "wrong setting",
            variables: &[("SEATRUN_RATE", "fast")],
            exit_code: 2,
            reason: Some("SEATRUN_RATE: rate: `fast`"),
            ..GOOD
        },
        Night {
            name: "unknown profile",
            arguments: &["run", "in.csv", "--yes", "--profile", "prod"],
            exit_code: 2,
            reason: Some("there is no profile `prod`"),
            hint: Some("no settings file has a [profile.NAME]"),
            ..GOOD
        },
        Night {
            name: "no input",
            arguments: &["run", "none.csv", "--yes"],
            exit_code: 3,
            reason: Some("none.csv"),
            hint: Some("check the path"),
            ..GOOD
        },
        Night {
            name: "header only",
            arguments: &["run", "header.csv", "--yes"],
            exit_code: 3,
            reason: Some("header.csv"),
            ..GOOD
        },
        Night {
            name: "guard",
            arguments: &["run", "in.csv", "--yes", "--max-changes", "1"],
            exit_code: 3,
            reason: Some("2 users"),
            hint: Some("--max-changes"),
            has_guard: true,
            ..GOOD
        },
        Night {
            name: "guard of a dry run",
            arguments: &["run", "in.csv", "-n", "--max-changes", "1"],
            exit_code: 1,
            reason: Some("a run would be refused: "),
            hint: Some("--max-changes"),
            has_guard: true,
            ..GOOD
        },
        Night {
            name: "dead token",
            variables: &[("SMARTSHEET_ACCESS_TOKEN", "no-token-at-all")],
            exit_code: 3,
            reason: Some("token"),
            ..GOOD
        },
        Night {
            name: "nobody to ask",
            arguments: &["run", "in.csv"],
            exit_code: 3,
            reason: Some("there is no terminal to ask on"),
            hint: Some("--yes"),
            ..GOOD
        },
        Night {
            name: "page on a full disk",
            arguments: &["run", "in.csv", "--yes", "--html", "/dev/full"],
            exit_code: 5,
            reason: Some("the page /dev/full could not be written"),
            ..GOOD
        },
        Night {
            name: "report on a full disk",
            arguments: &["run", "in.csv", "--yes", "-o", "/dev/full"],
            exit_code: 5,
            reason: Some("the report could not be written"),
            hint: Some("seatrun report"),
            ..GOOD
        },
        Night {
            name: "nothing to resume",
            arguments: &["resume", "r-x"],
            exit_code: 3,
            reason: Some("r-x"),
            hint: Some("seatrun history"),
            ..GOOD
        },
    ];
    for night in table {
        // The flag, and what stands in its place in a crontab of many lines.
        for from_flag in [true, false] {
            let api = Api::holding(members(2));
            let mut site = Site::facing(&api);
            site.write("in.csv", downgrades(2));
            site.write("some.csv", format!("{}{},downgrade,{},VIEWER\n", downgrades(2), user(9), HOME_PLAN));
            site.write("header.csv", "user_id,action,plan_id,seat_type\n");
            site.write("summary.json", YESTERDAY);
            let mut arguments = night.arguments.to_vec();
            if from_flag {
                arguments.extend(["--summary-json", "summary.json"]);
            } else {
                site.set("SEATRUN_SUMMARY_JSON", "summary.json");
            }
            night.variables.iter().for_each(|(name, value)| site.set(name, value));
            let ended = site.run(&arguments).exits(night.exit_code);
            let summary: Value = site.read("summary.json").parse().unwrap();
            let name = night.name;
            assert_eq!(summary["state"], "finished", "{name}: {summary:#}");
            assert_eq!(summary["exit_code"], night.exit_code, "{name}: {summary:#}");
            assert_eq!((&summary["schema"], &summary["version"]), (&json!(1), &json!(env!("CARGO_PKG_VERSION"))));
            for (key, expected) in [("reason", night.reason), ("hint", night.hint)] {
                let said = summary[key].as_str();
                match expected {
                    Some(expected) => {
                        assert!(said.unwrap_or_default().contains(expected), "{name}: {key}: {summary:#} {ended}");
                    }
                    None if key == "reason" => assert_eq!(said, None, "{name}: {summary:#}"),
                    None => {}
                }
            }
            assert_eq!(summary["guard"].is_string(), night.has_guard, "{name}: {summary:#}");
        }
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
