//! Twelve nights from one line of a crontab: what is mailed, what the summary says in the morning, and what the dead man's
//! switch hears.

use std::fs;

use seatrun::sandbox::HOME_PLAN;
use serde_json::Value;

use super::fixture::{Api, Site, members, user};
use super::process::Running;
use super::signals_out::service;

/// A night: its name, what is there in the evening, what else the line says, the exit code, what is mailed, and what the
/// summary gives as the reason. Nothing mailed is a good night.
type Night = (&'static str, fn(&Site), &'static [&'static str], i32, &'static [&'static str], &'static str);

const LINE: &[&str] = &["run", "leavers-*.csv", "--yes"];

/// Downgrades of so many users.
fn downgrades_from(first: u64, count: u64) -> String {
    let row = |number| format!("{},downgrade,{HOME_PLAN},VIEWER\n", user(number));
    format!("user_id,action,plan_id,seat_type\n{}", (first..first + count).map(row).collect::<String>())
}

/// Three leavers, another three each night.
fn leavers(site: &Site, first: u64) {
    site.write(&format!("leavers-{first}.csv"), downgrades_from(first, 3));
}

/// Leaves nothing over for the next night.
fn clear(site: &Site) {
    for name in site.names().iter().filter(|name| name.starts_with("leavers-")) {
        fs::remove_file(site.folder().join(name)).unwrap();
    }
}

fn strangers(site: &Site) {
    let rows: Vec<_> = (0..25).map(|number| format!("stranger{number}@acme.example,deactivate")).collect();
    site.write("leavers-strangers.csv", format!("email,action\n{}\n", rows.join("\n")));
}

const NIGHTS: [Night; 12] = [
    ("good", |site| leavers(site, 0), &[], 0, &[], ""),
    ("empty", |site| site.write("leavers-e.csv", "user_id,action\n"), &[], 0, &[], "a header and no rows"),
    ("missing", |_| {}, &[], 0, &[], "no file matches leavers-*.csv"),
    ("locked", |site| leavers(site, 3), &[], 6, &["another run", "hint: "], "another run"),
    ("dead token", |site| leavers(site, 6), &[], 3, &["the token came from SMARTSHEET_ACCESS_TOKEN"], "not accepted"),
    (
        "interrupted",
        |site| site.write("leavers-i.csv", downgrades_from(40, 12)),
        &[],
        143,
        &["SIGTERM", "carries on"],
        "SIGTERM",
    ),
    ("resumed", |_| {}, &["resume", "--yes"], 0, &[], ""),
    ("too many missing", strangers, &[], 3, &["error: ", "hint: "], "25"),
    ("guard", |site| leavers(site, 9), &["--max-changes", "2"], 3, &["--max-changes"], "3 users"),
    (
        "full disk",
        |site| leavers(site, 12),
        &["-o", "/dev/full"],
        5,
        &["No space left"],
        "the report could not be written",
    ),
    ("network down", |site| leavers(site, 15), &[], 3, &["cannot be reached", "--api-url"], "cannot be reached"),
    ("good again", |site| leavers(site, 18), &[], 0, &[], ""),
];

#[test]
fn twelve_nights_are_told_apart_by_mail_summary_and_ping() {
    let api = Api::slowly_holding(members(80), "80ms");
    let (ping_url, told) = service("200 OK");
    let mut site = Site::facing(&api);
    fs::create_dir(site.folder().join("done")).unwrap();
    for (name, value) in [
        ("SEATRUN_PING_URL", ping_url.as_str()),
        ("SEATRUN_SUMMARY_JSON", "summary.json"),
        ("SEATRUN_QUIET", "1"),
        ("SEATRUN_IF_EMPTY", "ok"),
        ("SEATRUN_IF_MISSING", "ok"),
        ("SEATRUN_ARCHIVE_TO", "done"),
        ("SEATRUN_CONCURRENCY", "1"),
    ] {
        site.set(name, value);
    }
    for (name, evening, more, code, mailed, reason) in NIGHTS {
        evening(&site);
        let arguments = if more.first() == Some(&"resume") { more.to_vec() } else { [LINE, more].concat() };
        let mut command = site.command(&arguments);
        let mut other = None;
        match name {
            "locked" => {
                site.write("by-day.csv", downgrades_from(60, 15));
                let before = api.changes().len();
                let mut by_day = site.command(&["run", "by-day.csv", "--yes", "-o", "day.csv"]);
                by_day.env_remove("SEATRUN_PING_URL");
                other = Some(Running::start(by_day, None));
                api.until_changes(before + 1);
            }
            "dead token" => {
                command.env("SMARTSHEET_ACCESS_TOKEN", "expired");
            }
            "network down" => {
                command.env("SEATRUN_API_URL", Api::gone());
            }
            _ => {}
        }
        let before = api.changes().len();
        let night = Running::start(command, None);
        if name == "interrupted" {
            api.until_changes(before + 2);
            night.signal("TERM");
        }
        let ended = night.wait().exits(code);
        let summary: Value = site.read("summary.json").parse().unwrap();
        assert_eq!((&summary["state"], &summary["exit_code"]), (&"finished".into(), &code.into()), "{name}: {ended}");
        assert!(summary["reason"].as_str().unwrap_or_default().contains(reason), "{name}: {summary:#}");
        assert_eq!(summary["reason"].is_null(), reason.is_empty(), "{name}: {summary:#}");
        assert_eq!(ended.stderr.is_empty(), mailed.is_empty(), "{name}: {ended}");
        let ended = ended.warns(mailed);
        assert_eq!(ended.stdout, "", "{name}: {ended}");
        let pings: Vec<_> = told.try_iter().map(|(line, _)| line.replace("GET /s3cret", "")).collect();
        let last = if code == 0 { String::new() } else { format!("/{code}") };
        assert_eq!(pings, ["/start".to_owned(), last], "{name}: {ended}");
        if let Some(other) = other {
            other.wait().exits(0);
        }
        if name != "interrupted" {
            clear(&site);
        }
    }
    // The good nights, the run by day and the one that was resumed; nothing that was refused.
    assert_eq!(fs::read_dir(site.folder().join("done")).unwrap().count(), 4);
}
