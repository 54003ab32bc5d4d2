//! Tonight's input: which file is read, which night is a good one without any, and where the file goes afterwards.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::fixture::{Api, Site, downgrades, members, user};
use super::process::Ended;

const HEADER: &str = "user_id,action,plan_id,seat_type\n";

/// Makes a file so many hours old.
fn age(site: &Site, name: &str, hours: u64) {
    let file = File::options().write(true).open(site.folder().join(name)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
}

fn summary(site: &Site) -> Value {
    site.read("s.json").parse().unwrap()
}

#[track_caller]
fn run(site: &Site, arguments: &[&str]) -> Ended {
    site.run(&[&["run", "--yes", "--summary-json", "s.json"], arguments].concat())
}

#[test]
fn a_night_without_rows_is_good_or_bad_as_it_is_said() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("header.csv", HEADER);
    site.write("blank.csv", format!("{HEADER}\n,,,\n"));
    site.write("nothing.csv", "");
    site.write("other.csv", "a,b,c\n");
    site.write("text.csv", "the export has failed\n");
    let table = [
        ("header.csv", "ok", "error", 0, "a header and no rows"),
        ("blank.csv", "ok", "error", 0, "a header and no rows"),
        ("header.csv", "error", "ok", 3, "--if-empty ok"),
        ("none.csv", "error", "ok", 0, "there is no none.csv"),
        ("none-*.csv", "error", "ok", 0, "no file matches none-*.csv"),
        ("none.csv", "ok", "error", 3, "--if-missing ok"),
        ("none-*.csv", "ok", "error", 3, "--if-missing ok"),
        // A share that is not mounted, an export that failed, and what is no sheet of users.
        ("share/none.csv", "ok", "ok", 3, "no folder share"),
        ("nothing.csv", "ok", "ok", 3, "nothing.csv"),
        ("other.csv", "ok", "ok", 3, "other.csv"),
        ("text.csv", "ok", "ok", 3, "text.csv"),
    ];
    for (input, if_empty, if_missing, code, said) in table {
        run(&site, &[input, "--if-empty", if_empty, "--if-missing", if_missing]).exits(code).warns(&[said]);
        let summary = summary(&site);
        assert_eq!((&summary["exit_code"], &summary["rows"]), (&code.into(), &0.into()), "{input}: {summary:#}");
        assert!(summary["reason"].is_string(), "{input}: {summary:#}");
    }
    assert_eq!(api.sandbox.request_count(), 0);
}

#[test]
fn of_a_pattern_the_newest_is_read_and_what_nobody_has_read_is_named() {
    let api = Api::holding(members(3));
    let mut site = Site::facing(&api);
    site.set("SEATRUN_ACTION", "downgrade");
    for (name, hours) in [("a-1.csv", 30), ("a-2.csv", 2), ("a-3.csv", 9), ("a-2.report.csv", 1), ("b.csv", 0)] {
        site.write(name, downgrades(1));
        age(&site, name, hours);
    }
    let ended = run(&site, &["a-*.csv"]).exits(0);
    ended.warns_in_one_line(&["no run has read", "a-1.csv", "a-3.csv"]).warns(&["a-2.csv is the newest of 3 files"]);
    assert!(summary(&site)["input"].as_str().unwrap().ends_with("a-2.csv"));

    // Each is read in the end, and then there is nothing to say.
    for name in ["a-1.csv", "a-3.csv"] {
        run(&site, &[name]).exits(0);
    }
    let ended = run(&site, &["a-?.csv"]).exits(0);
    assert!(!ended.stderr.contains("warning: no run has read"), "{ended}");
    // One that was written since is new.
    site.write("a-1.csv", downgrades(2));
    age(&site, "a-2.csv", 0);
    File::options()
        .write(true)
        .open(site.folder().join("a-2.csv"))
        .unwrap()
        .set_modified(SystemTime::now() + Duration::from_secs(5))
        .unwrap();
    run(&site, &["a-[0-9].csv"]).exits(0).warns_in_one_line(&["no run has read a-1.csv"]);

    // A name that looks like a pattern and is there is a name.
    site.write("a-*.csv", downgrades(1));
    run(&site, &["a-*.csv"]).exits(0);
    assert_eq!(summary(&site)["input"], "a-*.csv");
    run(&site, &["a[.csv"]).exits(2).warns(&["a[.csv is not a pattern"]);
}

#[test]
fn an_old_input_is_refused() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    age(&site, "in.csv", 50);
    run(&site, &["in.csv", "--max-age", "26h"]).exits(3).warns(&["last changed 50h ago", "--max-age allows 26h"]);
    run(&site, &["in*.csv", "--max-age", "26h"]).exits(3).warns(&["last changed 50h ago"]);
    assert_eq!(api.sandbox.request_count(), 0);
    run(&site, &["in.csv", "--max-age", "51h"]).exits(0);
}

#[test]
fn an_input_is_archived_once_its_run_has_finished_and_not_before() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    fs::create_dir(site.folder().join("done")).unwrap();
    let archived = || fs::read_dir(site.folder().join("done")).unwrap().count();
    let to_done = ["in.csv", "--archive-to", "done"];
    for (arguments, code, count) in [
        (vec!["--dry-run"], 0, 0),
        (vec!["--sandbox"], 0, 0),
        (vec!["--max-changes", "1"], 3, 0),
        (vec!["-o", "/dev/full"], 5, 0),
        (vec![], 0, 1),
        // Nothing is replaced: each run has a name of its own.
        (vec![], 0, 2),
    ] {
        site.write("in.csv", downgrades(2));
        run(&site, &[&to_done[..], &arguments].concat()).exits(code);
        assert_eq!(archived(), count, "{arguments:?}");
        assert_eq!(site.folder().join("in.csv").exists(), count == 0, "{arguments:?}");
    }
    let run_name = summary(&site)["run"].as_str().unwrap().to_owned();
    assert_eq!(site.read(&format!("done/in.{run_name}.csv")), downgrades(2));
    site.write("in.csv", downgrades(2));
    run(&site, &["in.csv", "--archive-to", "nowhere"]).exits(3).warns(&["mkdir -p nowhere"]);
}

#[test]
fn an_input_whose_run_stopped_waits_for_resume() {
    let api = Api::slowly_holding(members(12), "100ms");
    let mut site = Site::facing(&api);
    site.set("SEATRUN_ARCHIVE_TO", "done");
    site.set("SEATRUN_CONCURRENCY", "1");
    fs::create_dir(site.folder().join("done")).unwrap();
    site.write("in.csv", downgrades(12));
    let running = site.start(&["run", "in.csv", "--yes"]);
    api.until_changes(2);
    running.signal("TERM");
    running.wait().exits(143);
    assert!(site.folder().join("in.csv").exists());
    site.run(&["resume", "--yes"]).exits(0).warns(&["archived: "]);
    assert!(!site.folder().join("in.csv").exists());
    assert_eq!(fs::read_dir(site.folder().join("done")).unwrap().count(), 1);
}

#[test]
fn how_a_sheet_was_read_is_a_note_and_no_warning() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", format!("user_id,Seat type\n{},MEMBER\n", user(0)));
    let order = ["in.csv", "--action", "downgrade", "--seat-type", "VIEWER"];
    let ended = run(&site, &order).exits(0).warns(&["note: no `action` column: the sheet is treated as an export"]);
    assert!(!ended.stderr.contains("warning: the sheet"), "{ended}");
}
