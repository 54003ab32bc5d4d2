//! What the settings say reaches a run, and `seatrun config` shows and writes them.

use std::fs;
use std::process::Command;

use super::fixture::Site;

#[test]
fn an_example_is_written_where_it_is_looked_for_and_never_over_a_file() {
    let mut site = Site::new();
    let ended = site.run(&["config", "init"]).exits(0);
    assert!(ended.stderr.contains("/.config/seatrun/config.toml holds an example"), "{}", ended.stderr);
    let ended = site.run(&["config", "init"]).exits(3);
    assert!(ended.stderr.contains("config.toml exists"), "{}", ended.stderr);
    site.run(&["config", "init", "--config", "here.toml"]).exits(0);
    assert!(site.read("here.toml").contains("#rate = 200"));
    // Whatever is wrong with what there is, a new file can be written.
    site.write("broken.toml", "rate = fast");
    site.set("SEATRUN_PROFILE", "nobody");
    site.run(&["config", "init", "--config", "new.toml"]).exits(0);
}

#[test]
fn json_has_every_value_with_its_origin() {
    let mut site = Site::new();
    site.set("SEATRUN_PLAN_ID", "4843937635559300");
    let ended = site.run(&["config", "show", "--json"]).exits(0);
    let json: serde_json::Value = ended.stdout.parse().unwrap();
    assert_eq!(json["settings"]["plan_id"]["value"], "4843937635559300");
    assert_eq!(json["settings"]["plan_id"]["origin"], "SEATRUN_PLAN_ID");
    assert_eq!(json["settings"]["state_dir"]["origin"], "SEATRUN_STATE_DIR");
}

#[test]
fn a_settings_file_that_is_no_regular_file_is_refused_and_not_waited_for() {
    let site = Site::new();
    assert!(Command::new("mkfifo").arg(site.folder().join("fifo")).status().unwrap().success());
    for path in ["fifo", "/dev/zero", "."] {
        let ended = site.run(&["config", "show", "--config", path]).exits(2);
        assert!(ended.stderr.contains("and not a regular file"), "{path}: {}", ended.stderr);
    }
}

#[test]
fn what_a_flag_can_say_the_environment_can_say_as_well() {
    let mut site = Site::new();
    // An `é` of windows-1252, cells between semicolons, and a title above the header.
    let rows = b"Leavers\n\nuser_id;first_name\n48569348493401200;Ren\xe9\n";
    site.write("in.csv", rows);
    for (name, value) in [
        ("SEATRUN_ENCODING", "windows-1252"),
        ("SEATRUN_DELIMITER", ";"),
        ("SEATRUN_HEADER_ROW", "3"),
        ("SEATRUN_ACTION", "deactivate"),
        ("SEATRUN_HTML", "page.html"),
        ("SEATRUN_REPORT", "report.csv"),
        ("SEATRUN_VERIFY", "true"),
        ("SEATRUN_WAIT", "1s"),
        ("SEATRUN_NO_PROGRESS", "true"),
    ] {
        site.set(name, value);
    }
    site.run(&["run", "in.csv", "--dry-run", "--offline"]).exits(0);
    // A review never takes the place of a report that the settings name.
    assert!(!site.folder().join("report.csv").exists());
    assert!(site.folder().join("in.review.csv").exists() && site.folder().join("page.html").exists());
    site.run(&["run", "in.csv", "--sandbox", "--yes"]).exits(0);
    let report = fs::read(site.folder().join("report.csv")).unwrap();
    assert!(report.windows(5).any(|bytes| bytes == b";Ren\xe9"), "it is written as the input is");
    // What is said of texts is not about workbooks.
    site.set("SEATRUN_HEADER_ROW", "1");
    site.run(&["template", "deactivate", "-o", "empty.xlsx"]).exits(0);
    let ended = site.run(&["run", "empty.xlsx", "--dry-run", "--offline"]).exits(3);
    assert!(!ended.stderr.contains("--encoding") && !ended.stderr.contains("--delimiter"), "{}", ended.stderr);
    let ended = site.run(&["run", "empty.xlsx", "--dry-run", "--offline", "--encoding", "latin1"]).exits(2);
    assert!(ended.stderr.contains("--encoding"), "{}", ended.stderr);
}
