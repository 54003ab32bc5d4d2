//! Signals: what is in flight is finished and recorded, the rest is not begun, and the report is complete.

use super::fixture::{Api, Site, downgrades, failing, members};

#[test]
fn a_signal_drains_and_the_report_tells_what_was_done() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // Many more than can leave before the signal arrives.
        let rows = 300;
        let api = Api::slowly_holding(members(rows), "150");
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(rows));
        let running = site.start(&["run", "in.csv", "--yes", "--summary-json", "summary.json"]);
        api.until_changes(3);
        running.signal(signal);
        let ended = running.wait().exits(code);
        ended.warns(&[&format!("SIG{signal}"), "hint: `seatrun resume` carries on", "report: in.report.csv"]);
        let report = site.report("in.report.csv");
        let counts = report.counts();
        assert_eq!((counts.len(), counts.values().sum()), (2, rows), "{counts:?}");
        for (number, status) in (0..).zip(report.statuses()) {
            let expected = if api.seat(number) == "CONTRIBUTOR" { "SUCCESS" } else { "NOT_ATTEMPTED" };
            assert_eq!(status, expected, "{signal}, row {}", number + 2);
        }
        assert_eq!(api.changes().len() as u64, counts["SUCCESS"]);
        let summary: serde_json::Value = serde_json::from_str(&site.read("summary.json")).unwrap();
        assert_eq!((&summary["exit_code"], &summary["rows"]), (&code.into(), &rows.into()));
        assert_eq!(summary["counts"]["SUCCESS"], counts["SUCCESS"]);
    }
}

#[test]
fn a_second_signal_drops_what_is_in_flight_and_calls_it_unknown() {
    let api = Api::holding([failing(0, "stall")].into_iter().chain(members(3).skip(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "1"]);
    api.until_changes(1);
    running.signal("TERM");
    running.until_warned("what is in flight is finished first");
    running.signal("TERM");
    running.wait().exits(143);
    assert_eq!(site.report("in.report.csv").statuses(), ["UNKNOWN", "NOT_ATTEMPTED", "NOT_ATTEMPTED"]);
    assert_eq!(api.changes().len(), 1);
}

#[test]
fn a_pause_does_not_hold_up_the_end() {
    let api = Api::holding([failing(0, "429-silent")].into_iter().chain(members(3).skip(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "1"]);
    running.until_warned("paused for 1m");
    running.signal("INT");
    running.wait().exits(130);
    assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 3]);
}
