//! Workbooks as input: told by their content, one sheet of them, and never an id that a number has rounded.

use std::fs;
use std::path::Path;

use super::fixture::{Api, Rows, Site, downgrades, members};
use super::process::until;

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join("zoo").join(name)).unwrap()
}

/// A sample of the zoo, what is typed behind its name, the exit code, and what is said.
type Case = (&'static str, &'static [&'static str], i32, &'static [&'static str]);

#[test]
fn a_workbook_is_read_whatever_its_name_and_refused_with_a_reason() {
    let table: [Case; 14] = [
        ("workbook.xlsx", &[], 0, &["PLANNED               3"]),
        ("workbook.csv", &[], 0, &["PLANNED               3"]),
        (
            "workbook.xls",
            &[],
            1,
            &["2 rows are hidden or filtered out", "`action` is hidden", "INVALID               1"],
        ),
        ("workbook.ods", &[], 1, &["1 row is hidden or filtered out", "INVALID               1"]),
        ("workbook_hidden_sheets.xlsx", &[], 0, &["PLANNED               3"]),
        ("workbook_sheets.xlsx", &[], 3, &["`Read me` and `Leavers`", "hint: say which one, such as --sheet"]),
        ("workbook_sheets.xlsx", &["--sheet", "Leavers"], 0, &["PLANNED               3"]),
        ("workbook_sheets.xlsx", &["--sheet", "Leaver"], 2, &["no sheet `Leaver`", "did you mean `Leavers`?"]),
        ("workbook_title.xlsx", &[], 3, &["say --header-row 5"]),
        ("workbook_title.xlsx", &["--header-row", "5"], 0, &["PLANNED               3"]),
        ("workbook_password.xlsx", &[], 3, &["protected with a password", "hint: open it"]),
        ("workbook_cut_off.xlsx", &[], 3, &["cannot be read as one", "hint: open it"]),
        ("workbook.xlsx", &["--delimiter", ";"], 2, &["--delimiter says how a text file is written"]),
        ("clean.csv", &["--sheet", "Leavers"], 2, &["--sheet chooses a sheet of a workbook"]),
    ];
    let site = Site::new();
    for (name, arguments, code, said) in table {
        site.write(name, sample(name));
        site.run(&[&["run", name, "--dry-run", "--offline", "-o", "out.csv"], arguments].concat())
            .exits(code)
            .warns(said);
    }
}

#[test]
fn the_report_of_a_workbook_says_the_rows_that_it_shows_and_runs_again() {
    let site = Site::new();
    site.write("in.xlsx", sample("workbook_title.xlsx"));
    site.run(&["run", "in.xlsx", "--header-row", "5", "--sandbox", "--yes"]).exits(0);
    // Excel tells the encoding of a CSV by its mark.
    let report = site.read("in.report.csv");
    let rows = Rows::of(report.strip_prefix('\u{feff}').unwrap());
    assert_eq!(rows.column("result_row"), ["6", "9", "10"]);
    assert_eq!(rows.column("user_id"), ["48569348493401267", "48569348493401283", "48569348493401309"]);
    assert_eq!(rows.column("notes")[2], "Bo, \"the\" Lee");
    site.run(&["run", "in.report.csv", "--dry-run", "--offline"]).exits(0);
    site.run(&["run", "in.xlsx", "--header-row", "5", "--sandbox", "--yes", "-o", "report.xlsx"]).exits(0);
    site.run(&["run", "report.xlsx", "--dry-run", "--offline"]).exits(0);
}

#[test]
fn an_id_that_is_a_number_is_never_sent_rounded() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.xlsx", sample("workbook_numbers.xlsx"));
    site.run(&["run", "in.xlsx", "--yes", "--max-invalid", "100%"]).exits(1);
    let sent: Vec<_> = api.changes().into_iter().map(|request| request.path).collect();
    assert!(
        sent.iter().all(|path| path.contains("/4843937635559345/") || path.contains("/48569348493401267/")),
        "{sent:?}"
    );
    // In the report it does not look like an id either, so feeding it back sends nothing more.
    let report = site.read("in.report.csv");
    for lost in ["48569348493401200", "48569348493401300", "48569348493401264", "9007199254740992"] {
        assert!(!report.contains(lost), "{lost} in {report}");
    }
}

#[test]
fn plans_are_listed_for_the_users_of_a_workbook() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.xlsx", sample("workbook_sheets.xlsx"));
    site.run(&["plans", "--input", "in.xlsx"]).exits(3).warns(&["`Read me` and `Leavers`"]);
    let ended = site.run(&["plans", "--input", "in.xlsx", "--sheet", "Leavers"]).exits(1);
    ended.warns(&["user 48569348493401267", "user 48569348493401309"]);
}

#[test]
fn a_file_that_is_written_to_before_its_rows_are_sent_is_refused() {
    let api = Api::slowly_holding(members(2), "300");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    let running = site.start(&["run", "in.csv", "--yes"]);
    until("the first request", || (api.sandbox.request_count() > 0).then_some(()));
    site.write("in.csv", downgrades(1));
    running.wait().exits(3).warns(&["in.csv was changed in the meantime", "hint: start again"]);
    assert_eq!(api.changes().len(), 0);
}
