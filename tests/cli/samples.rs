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
