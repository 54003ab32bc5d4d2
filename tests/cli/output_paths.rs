//! Where reports go: never over the input, never over a file of somebody else's, and found out before the first request.

use std::fs;

use super::fixture::{Api, Rows, Site, downgrades, failing, members};

#[test]
fn a_report_that_cannot_be_written_is_found_out_before_the_first_request() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    fs::create_dir(site.folder().join("folder")).unwrap();
    for place in ["nowhere/report.csv", "folder", "in.csv/report.csv"] {
        let ended = site.run(&["run", "in.csv", "--yes", "-o", place]).exits(3);
        ended.warns(&[&format!("{place} cannot be written"), "hint: "]);
        site.run(&["run", "in.csv", "--dry-run", "-o", place]).exits(3);
    }
    assert_eq!(api.sandbox.request_count(), 0);
    assert_eq!(site.names(), ["folder", "in.csv"]);
}

#[test]
fn a_report_never_replaces_its_own_input() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    let input = downgrades(1);
    site.write("in.csv", &input);
    std::os::unix::fs::symlink("in.csv", site.folder().join("link.csv")).unwrap();
    fs::create_dir(site.folder().join("sub")).unwrap();
    for place in ["in.csv", "./in.csv", "sub/../in.csv", "link.csv"] {
        site.run(&["run", "in.csv", "--yes", "-o", place])
            .exits(2)
            .warns(&["the report would replace the input", "--report"]);
        site.run(&["run", "link.csv", "--dry-run", "-o", place]).exits(2);
    }
    assert_eq!((site.read("in.csv"), api.sandbox.request_count()), (input, 0));
}

#[test]
fn a_summary_replaces_neither_the_input_nor_the_report() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    for (report, summary) in [("report.csv", "in.csv"), ("same", "same"), ("-", "-")] {
        site.run(&["run", "in.csv", "--yes", "-o", report, "--summary-json", summary])
            .exits(2)
            .warns(&["--summary-json"]);
    }
    site.run(&["run", "in.csv", "--yes", "--summary-json", "nowhere/summary.json"]).exits(3);
    assert_eq!((site.read("in.csv"), api.sandbox.request_count()), (downgrades(1), 0));
}

#[test]
fn a_named_place_is_replaced_as_a_whole() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.write("report.csv", "somebody's notes\n".repeat(500));
    site.run(&["run", "in.csv", "--yes", "--report", "report.csv"]).exits(0);
    assert_eq!(site.report("report.csv").statuses(), ["SUCCESS"]);
    assert_eq!(site.names(), ["in.csv", "report.csv"]);
}

#[test]
fn a_default_name_replaces_only_what_seatrun_wrote_and_nobody_touched() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.write("in.report.csv", "somebody's notes\n");
    let run = ["run", "in.csv", "--yes"];
    site.run(&run).exits(0).warns(&["in.report.csv is there already", "in.report.2.csv"]);
    assert_eq!(site.read("in.report.csv"), "somebody's notes\n");
    // Its own is replaced.
    site.run(&run).exits(0).warns(&["report: in.report.2.csv"]);
    assert_eq!(site.names(), ["in.csv", "in.report.2.csv", "in.report.csv"]);
    // Unless somebody wrote into it.
    let edited = site.read("in.report.2.csv").replace("VIEWER", "viewer");
    site.write("in.report.2.csv", &edited);
    site.run(&run).exits(0).warns(&["in.report.3.csv"]);
    assert_eq!(site.read("in.report.2.csv"), edited);
    site.run(&["run", "in.csv", "--dry-run"]).exits(0).warns(&["report: in.review.csv"]);
    site.run(&["run", "in.csv", "--dry-run"]).exits(0).warns(&["report: in.review.csv"]);
    assert_eq!(site.names(), ["in.csv", "in.report.2.csv", "in.report.3.csv", "in.report.csv", "in.review.csv"]);
}

#[test]
fn standard_input_is_read_and_its_report_has_a_name() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    let input = downgrades(2);
    site.run_fed(&["run", "-"], &input).exits(3).warns(&["standard input", "--yes"]);
    assert_eq!(site.report("stdin.report.csv").statuses(), ["NOT_ATTEMPTED"; 2]);
    assert_eq!(api.sandbox.request_count(), 0);
    site.run_fed(&["run", "-", "--dry-run"], &input).exits(0);
    assert_eq!(site.report("stdin.review.csv").statuses(), ["PLANNED"; 2]);
    site.run_fed(&["run", "-", "--yes"], &input).exits(0);
    assert_eq!(site.report("stdin.report.csv").statuses(), ["SUCCESS"; 2]);
}

#[test]
fn standard_output_holds_only_the_report_that_was_asked_for() {
    let api = Api::holding([failing(0, "1014")].into_iter().chain(members(3).skip(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    let ended = site.run(&["run", "in.csv", "--yes", "-o", "-", "-vv"]).exits(1);
    let report = Rows::of(&ended.stdout);
    assert_eq!(report.statuses(), ["FAILED", "SUCCESS", "SUCCESS"]);
    let ended = site.run(&["run", "in.csv", "--dry-run", "-o", "-"]).exits(0);
    assert_eq!(Rows::of(&ended.stdout).statuses(), ["PLANNED", "UNCHANGED", "UNCHANGED"]);
    let ended = site.run(&["run", "in.csv", "--yes", "--summary-json", "-"]).exits(0);
    let summary: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&summary["counts"]["SUCCESS"], &summary["counts"]["UNCHANGED"]), (&1.into(), &2.into()));
    assert_eq!(site.run(&["run", "in.csv", "--yes"]).exits(0).stdout, "");
    // Who wants to hear nothing hears nothing.
    let ended = site.run(&["run", "in.csv", "--yes", "-qq"]).exits(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
}
