//! The report and the summary: one line for every row in its order, the input's columns as they were, counts that add up.

use seatrun::sandbox::SandboxUser;

use super::fixture::{Api, Rows, Site, failing, user};

const COLUMNS: [&str; 15] = [
    "result_row",
    "result_status",
    "result_code",
    "result_message",
    "result_hint",
    "result_http_status",
    "result_error_code",
    "result_ref_id",
    "result_attempts",
    "result_seat_before",
    "result_seat_after",
    "result_started_at",
    "result_finished_at",
    "result_run_id",
    "result_key",
];

/// Rows that end in every status of a finished run but UNKNOWN, with blanks, quotes and line breaks among them.
fn mixed() -> (Api, Site) {
    let api = Api::holding([failing(0, "502"), failing(1, "partial"), failing(2, "1014"), SandboxUser::new(user(3))]);
    let site = Site::facing(&api);
    let [one, two, three, four] = [0, 1, 2, 3].map(user);
    let input = format!(
        "Note,user_id,action,Seat type,\"a \"\"b\"\"\"\r\n\
         first,{one},downgrade,viewer,\r\n\
         \"two, or\r\nso\",{two},downgrade,VIEWER,ü\r\n\
         \r\n\
         ,{three},Downgrade,Contributor,\"\"\"\"\r\n\
         again,{one},DOWNGRADE,Viewer,x\r\n\
         ,{four},update,,=1+1\r\n\
         odd,Bo,downgrade,VIEWER,\r\n"
    );
    site.write("in.csv", input);
    (api, site)
}

#[test]
fn every_row_has_a_line_in_its_order_with_its_own_columns_first() {
    let (_api, site) = mixed();
    let arguments = ["run", "in.csv", "--yes", "--max-invalid", "2", "--summary-json", "summary.json"];
    site.run(&arguments).exits(1);
    let text = site.read("in.report.csv");
    let header = format!("Note,user_id,action,Seat type,\"a \"\"b\"\"\",{}", COLUMNS.join(","));
    assert_eq!(text.lines().next(), Some(header.as_str()));
    let report = Rows::of(&text);
    assert_eq!(report.column("Note"), ["first", "two, or\r\nso", "", "again", "", "odd"]);
    assert_eq!(report.column("a \"b\""), ["", "ü", "\"", "x", "'=1+1", ""]);
    // Rows are counted as a spreadsheet does: a cell with a line break is one row, a blank line is one, too.
    assert_eq!(report.column("result_row"), ["2", "3", "5", "6", "7", "8"]);
    assert_eq!(report.statuses(), ["SUCCESS", "PARTIAL_SUCCESS", "FAILED", "SKIPPED", "INVALID", "INVALID"]);
    let run = &report.0[0]["result_run_id"];
    assert!(!run.is_empty() && report.column("result_run_id").iter().all(|id| id == run), "{report:?}");
    for row in &report.0 {
        for at in ["result_started_at", "result_finished_at"].map(|column| &row[column]) {
            assert!(at.is_empty() || at.ends_with('Z') && at.len() == "2026-01-01T00:00:00.000Z".len(), "{at}");
        }
    }

    let summary: serde_json::Value = serde_json::from_str(&site.read("summary.json")).unwrap();
    let counts = summary["counts"].as_object().unwrap();
    assert_eq!((&summary["rows"], &summary["run"]), (&6.into(), &run.as_str().into()));
    assert_eq!(counts.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 6);
    for (status, count) in report.counts() {
        assert_eq!(counts[status], count, "{status}");
    }
}

#[test]
fn a_review_adds_up_as_well_and_names_no_run() {
    let (api, site) = mixed();
    site.run(&["run", "in.csv", "--dry-run", "--summary-json", "summary.json"]).exits(1);
    let report = site.report("in.review.csv");
    assert_eq!(report.statuses(), ["PLANNED", "PLANNED", "PLANNED", "SKIPPED", "INVALID", "INVALID"]);
    assert_eq!(report.column("result_run_id"), [""; 6]);
    let summary: serde_json::Value = serde_json::from_str(&site.read("summary.json")).unwrap();
    assert_eq!((&summary["counts"]["PLANNED"], &summary["counts"]["INVALID"]), (&3.into(), &2.into()));
    assert_eq!((&summary["rows"], &summary["run"]), (&6.into(), &serde_json::Value::Null));
    assert!(api.changes().is_empty());
}

#[test]
fn plans_rows_say_what_they_found_and_change_nothing() {
    let plan = 4_843_937_635_559_301;
    let other = 4_843_937_635_559_302;
    let api = Api::holding([SandboxUser::new(user(0)).seated(plan, "VIEWER").seated(other, "MEMBER")]);
    let site = Site::facing(&api);
    site.write("in.csv", format!("user_id,action\n{},plans\n{},plans\n", user(0), user(1)));
    // Nothing is changed, so nobody has to be asked, and no guard applies.
    site.run(&["run", "in.csv", "--max-changes", "0"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "FAILED"]);
    assert_eq!(report.0[0]["result_message"], format!("{plan}:VIEWER {other}:MEMBER"));
    assert!(report.0[1]["result_hint"].contains("no such user"), "{report:?}");
    assert!(api.changes().is_empty());
}

#[test]
fn a_ledger_that_cannot_be_read_to_its_end_leaves_the_report_as_it_was() {
    let (_api, site) = mixed();
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "2"]).exits(1);
    let whole = site.read("in.report.csv");
    let run = Rows::of(&whole).0[0]["result_run_id"].clone();
    let ledger = rusqlite::Connection::open(site.state().join("ledger.sqlite")).unwrap();
    ledger.execute("DELETE FROM events WHERE place = 2", []).unwrap();
    drop(ledger);
    site.run(&["report", &run]).exits(3).warns(&["what became of them, are missing"]);
    assert_eq!(site.read("in.report.csv"), whole);
}
