//! The samples do what they say.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::fixture::Site;

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)).unwrap()
}

#[test]
fn the_first_steps_show_every_status_that_a_finished_run_can_have_and_survive_a_throttle() {
    let site = Site::new();
    site.write("in.csv", sample("first-steps.csv"));
    site.run(&["run", "in.csv", "--sandbox", "--yes"]).exits(1).warns(&["HTTP 429"]);
    let report = site.report("in.report.csv");
    let expected = [
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
        "PARTIAL_SUCCESS",
        "SUCCESS",
        "UNCHANGED",
        "FAILED",
        "FAILED",
        "SKIPPED",
        "INVALID",
        "UNKNOWN",
        "NOT_ATTEMPTED",
    ];
    assert_eq!(report.statuses(), expected);
    assert_eq!(report.statuses().into_iter().collect::<BTreeSet<_>>().len(), 8);
    let throttled = report.0.iter().find(|row| row["sandbox_fault"] == "429").unwrap();
    assert_eq!((throttled["result_status"].as_str(), throttled["result_attempts"].as_str()), ("SUCCESS", "2"));
}

/// A sample, how it is run, and how many of its rows end how.
type Sample = (&'static str, &'static [&'static str], &'static [(&'static str, u64)]);

#[test]
fn the_other_samples_run_through() {
    let table: [Sample; 3] = [
        ("nightly-leavers.csv", &["--action", "deactivate"], &[("SUCCESS", 10)]),
        ("true-up.csv", &["--action", "downgrade", "--seat-type", "CONTRIBUTOR"], &[("SUCCESS", 8)]),
        ("admin-rights.csv", &[], &[("SUCCESS", 5)]),
    ];
    for (name, arguments, counts) in table {
        let site = Site::new();
        site.write("in.csv", sample(name));
        site.run(&[&["run", "in.csv", "--dry-run", "--offline"], arguments].concat()).exits(0);
        site.run(&[&["run", "in.csv", "--dry-run", "--sandbox"], arguments].concat()).exits(0);
        site.run(&[&["run", "in.csv", "--sandbox", "--yes"], arguments].concat()).exits(0);
        let report = site.report("in.report.csv");
        assert_eq!(report.counts().into_iter().collect::<Vec<_>>(), counts, "{name}");
    }
}

/// Runs a program that not every machine has; none where it is missing.
fn tool(name: &str, arguments: &[&str]) -> Option<std::process::Output> {
    std::process::Command::new(name).args(arguments).output().ok()
}

fn path(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name).display().to_string()
}

#[test]
fn the_unit_leaves_an_attacker_little() {
    let unit = String::from_utf8(sample("seatrun.service")).unwrap();
    for line in
        ["LoadCredentialEncrypted=seatrun-token:", "NoNewPrivileges=yes", "ProtectSystem=strict", "SystemCallFilter="]
    {
        assert!(unit.lines().any(|found| found.starts_with(line)), "{line}");
    }
    // An exposure of 2.0 at most, in tenths.
    let arguments = ["security", "--offline=true", "--threshold=20", "--no-pager", &path("seatrun.service")];
    if let Some(judged) = tool("systemd-analyze", &arguments) {
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
    }
}

#[test]
fn the_summary_becomes_metrics() {
    let site = Site::new();
    site.write("in.csv", sample("nightly-leavers.csv"));
    site.run(&["run", "in.csv", "--sandbox", "--yes", "--action", "deactivate", "--summary-json", "s.json"]).exits(0);
    site.write("running.json", r#"{"schema": 1, "state": "running", "started_at": "2026-11-28T06:10:00.25Z"}"#);
    for (summary, expected) in [
        ("s.json", &["seatrun_exit_code 0", "seatrun_rows{status=\"SUCCESS\"} 10", "seatrun_duration_seconds "][..]),
        ("running.json", &["seatrun_exit_code -1", "seatrun_started_timestamp_seconds 1795846200"]),
    ] {
        let summary = site.folder().join(summary).display().to_string();
        let said = tool("sh", &[&path("prometheus.sh"), &summary]).unwrap();
        if tool("jq", &["--version"]).is_some() {
            let metrics = String::from_utf8(said.stdout).unwrap();
            let has = |text: &&str| metrics.lines().any(|line| line.starts_with(*text));
            assert!(expected.iter().all(has), "{metrics}{}", String::from_utf8_lossy(&said.stderr));
        }
    }
}

#[test]
fn the_samples_type_nothing_that_is_not_understood() {
    let site = Site::new();
    let help =
        [&["run", "--help"][..], &["resume", "--help"]].map(|arguments| site.run(arguments).exits(0).stdout).concat();
    for name in ["seatrun.service", "cron.example", "kubernetes.yaml"] {
        let text = String::from_utf8(sample(name)).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let words =
            lines.flat_map(|line| line.split_whitespace().filter(|word| word.starts_with("--") && *word != "---"));
        for flag in words {
            assert!(help.contains(flag) || flag == "--if-unfinished", "{name}: {flag}");
        }
    }
}
