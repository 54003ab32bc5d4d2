//! The doctor: a line for each thing that a run needs, on standard output, and how to mend what is not well.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fixture::{Api, Site, downgrades, members};

/// What the doctor says of each check.
fn checks(site: &Site, code: i32) -> BTreeMap<String, Value> {
    let ended = site.run(&["doctor", "--json"]).exits(code);
    let report: Value = ended.stdout.parse().unwrap_or_else(|error| panic!("{error}: {ended}"));
    assert_eq!(report["schema"], 1, "{report:#}");
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["status"] == "failed").count();
    assert_eq!(report["failed"], failed, "{report:#}");
    checks.iter().map(|check| (check["check"].as_str().unwrap().to_owned(), check.clone())).collect()
}

#[test]
fn every_check_has_a_line_on_standard_output() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    let found = checks(&site, 0);
    let names: Vec<_> = found.keys().map(String::as_str).collect();
    let expected = [
        "account",
        "admin right",
        "clock",
        "disk space",
        "ledger",
        "network",
        "plan",
        "proxy",
        "settings",
        "state folder",
        "tls",
        "token",
        "unfinished",
        "user",
        "users",
    ];
    assert_eq!(names, expected);
    assert_eq!(found["token"]["message"], "from SMARTSHEET_ACCESS_TOKEN");
    let ended = site.run(&["doctor"]).exits(0);
    assert_eq!((ended.stdout.lines().count(), ended.stderr.as_str()), (expected.len(), ""), "{ended}");
    assert!(ended.stdout.lines().all(|line| line.starts_with("ok ") || line.starts_with("note ")), "{ended}");
}

#[test]
fn what_is_not_well_says_how_it_is_mended() {
    let api = Api::holding(members(1));
    let gone = "http://127.0.0.1:1/2.0";
    let table: [(&str, &str, i32, &str, &str, &str); 6] = [
        ("SMARTSHEET_ACCESS_TOKEN", "", 3, "token", "failed", "SMARTSHEET_ACCESS_TOKEN"),
        ("SMARTSHEET_ACCESS_TOKEN", "wrong", 3, "account", "failed", "SMARTSHEET_ACCESS_TOKEN"),
        ("SMARTSHEET_ACCESS_TOKEN", "\"sandbox0000000000000001token\"", 0, "token", "note", ""),
        ("SEATRUN_API_URL", gone, 3, "network", "failed", "--api-url"),
        ("SEATRUN_STATE_DIR", "/proc/none", 3, "ledger", "failed", "state_dir"),
        ("SEATRUN_PLAN_ID", "5", 3, "plan", "failed", "you are in"),
    ];
    for (name, value, code, check, status, hint) in table {
        let mut site = Site::facing(&api);
        site.set(name, value);
        let found = checks(&site, code);
        assert_eq!(found[check]["status"], status, "{name}={value}: {found:#?}");
        assert!(found[check]["hint"].as_str().unwrap_or_default().contains(hint), "{name}={value}: {found:#?}");
    }
}

#[test]
fn a_run_that_was_interrupted_is_named_with_what_carries_it_on() {
    let api = Api::slowly_holding(members(9), "100ms");
    let mut site = Site::facing(&api);
    site.set("SEATRUN_CONCURRENCY", "1");
    site.write("in.csv", downgrades(9));
    let running = site.start(&["run", "in.csv", "--yes"]);
    api.until_changes(2);
    running.signal("TERM");
    running.wait().exits(143);
    let found = checks(&site, 0);
    let unfinished = &found["unfinished"];
    assert!(unfinished["message"].as_str().unwrap().contains("was interrupted with"), "{unfinished}");
    assert!(unfinished["hint"].as_str().unwrap().starts_with("seatrun resume 20"), "{unfinished}");
}
