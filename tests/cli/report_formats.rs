//! The forms of a report: written as the input is, or as a workbook where its name asks for one.

use std::fs;

use calamine::{DataType, Reader, Xlsx, open_workbook};
use seatrun::sandbox::HOME_PLAN;

use super::fixture::{Api, Rows, Site, downgrades, failing, members, user};
use super::process::Ended;

/// Two downgrades as German Excel writes them: semicolons, `\r\n`, and UTF-16 with its mark behind a `sep=` line.
fn german() -> Vec<u8> {
    let text = format!(
        "\u{feff}sep=;\r\nuser_id;action;plan_id;seat_type;Abteilung\r\n\
         {};downgrade;{HOME_PLAN};VIEWER;\"Einkauf; Süd\"\r\n\
         {};downgrade;{HOME_PLAN};VIEWER;=1+1\r\n",
        user(0),
        user(1),
    );
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The text of a report or review of [`german`], as it must be written; `own` are the columns that it has in front of the
/// report's.
#[track_caller]
fn read_german(bytes: &[u8], own: &str) -> String {
    let units: Vec<_> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let text = String::from_utf16(&units).unwrap();
    let head = format!("\u{feff}sep=;\r\nuser_id;action;plan_id;seat_type;Abteilung;{own}result_row;result_status;");
    assert!(text.starts_with(&head), "{text}");
    let gap = own.replace("approved", "");
    for cells in [format!(";VIEWER;\"Einkauf; Süd\";{gap}2;"), format!(";VIEWER;'=1+1;{gap}3;")] {
        assert!(text.contains(&cells), "{cells}: {text}");
    }
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text}");
    text
}

/// The rows of a workbook: all its cells are texts.
#[track_caller]
fn workbook(site: &Site, name: &str) -> Rows {
    let mut workbook: Xlsx<_> = open_workbook(site.folder().join(name)).unwrap();
    let sheet = workbook.worksheet_range("seatrun").unwrap();
    let mut rows = sheet.rows().map(|row| {
        assert!(row.iter().all(|cell| cell.is_string() || cell.is_empty()), "{row:?}");
        row.iter().map(|cell| cell.get_string().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    });
    let header = rows.next().unwrap();
    Rows(rows.map(|row| header.iter().cloned().zip(row).collect()).collect())
}

/// The name of the only run of a site.
fn only_run(site: &Site) -> String {
    let history: serde_json::Value = serde_json::from_str(&site.run(&["history", "--json"]).exits(0).stdout).unwrap();
    history[0]["run"].as_str().unwrap().to_owned()
}

#[test]
fn every_report_is_written_as_its_input_is() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", german());
    let read = |name: &str| {
        let own = if name.contains(".review.") { "approved;" } else { "" };
        read_german(&fs::read(site.folder().join(name)).unwrap(), own)
    };
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    assert_eq!(read("in.review.csv").matches(";PLANNED;").count(), 2);
    site.run(&["run", "in.csv"]).exits(3);
    assert_eq!(read("in.report.csv").matches(";NOT_ATTEMPTED;").count(), 2);
    site.run(&["run", "in.csv", "--yes", "-o", "run.csv"]).exits(0);
    let report = read("run.csv");
    assert_eq!(report.matches(";SUCCESS;").count(), 2);
    // From the ledger alone, the input is gone.
    fs::remove_file(site.folder().join("in.csv")).unwrap();
    for again in [&["resume", "-o", "again.csv"][..], &["report", &only_run(&site), "-o", "again.csv"]] {
        site.run(again).exits(0);
        assert_eq!(read("again.csv"), report);
    }
    // And it is an input in its turn.
    site.run(&["run", "run.csv", "--dry-run"]).exits(0);
    read("run.review.csv");
}

#[test]
fn standard_output_is_written_as_standard_input_is() {
    let input = format!("\u{feff}user_id|action|Note\r\n{}|plans|a,\"b\r\n", user(0));
    let Ended { stdout, .. } = Site::new().run_fed(&["run", "-", "--dry-run", "--offline", "-o", "-"], &input).exits(0);
    assert!(stdout.starts_with("\u{feff}user_id|action|Note|approved|result_row|"), "{stdout}");
    assert!(stdout.contains("|plans|\"a,\"\"b\"||2|PLANNED|") && stdout.ends_with("\r\n"), "{stdout}");
}

#[test]
fn an_old_encoding_is_written_again() {
    let api = Api::holding([failing(0, "1014")]);
    let site = Site::facing(&api);
    let row = format!("{};downgrade;{HOME_PLAN};VIEWER;M\u{fc}ller;x\n", user(0));
    let row: Vec<u8> = row.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    site.write("in.csv", [b"user_id;action;plan_id;seat_type;Name;\xdcnal \x80\n".as_slice(), &row].concat());
    site.run(&["run", "in.csv", "--yes", "--encoding", "windows-1252"]).exits(1);
    let bytes = fs::read(site.folder().join("in.report.csv")).unwrap();
    assert!(bytes.starts_with(b"user_id;action;plan_id;seat_type;Name;\xdcnal \x80;result_row;"));
    assert!(bytes.windows(8).any(|piece| piece == b";M\xfcller;"));
    assert!(!bytes.windows(2).any(|piece| piece == b"&#"));
}

#[test]
fn a_name_that_ends_in_xlsx_gets_a_workbook() {
    let api = Api::holding([failing(1, "1014")].into_iter().chain(members(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--dry-run", "-o", "review.XLSX"]).exits(0);
    assert_eq!(workbook(&site, "review.XLSX").statuses(), ["PLANNED", "PLANNED"]);
    site.run(&["run", "in.csv", "--yes", "-o", "report.xlsx"]).exits(1).warns(&["report.xlsx"]);
    let report = workbook(&site, "report.xlsx");
    assert_eq!(report.statuses(), ["SUCCESS", "FAILED"]);
    assert_eq!(report.column("user_id"), [user(0), user(1)].map(|id| id.to_string()));
    assert_eq!(report.column("result_attempts"), ["1", "1"]);
    // The same place is written again as long as nobody has touched it.
    let run = only_run(&site);
    site.run(&["report", &run]).exits(0);
    site.run(&["resume"]).exits(1);
    site.write("report.xlsx", "edited");
    site.run(&["report", &run]).exits(0).warns(&["report.xlsx was changed since seatrun wrote it"]);
    assert_eq!(workbook(&site, "report.2.xlsx").statuses(), ["SUCCESS", "FAILED"]);
    assert_eq!(site.names(), ["in.csv", "report.2.xlsx", "report.xlsx", "review.XLSX"]);
}

#[test]
fn a_workbook_of_another_kind_is_refused() {
    let site = Site::new();
    site.write("in.csv", downgrades(1));
    for name in ["out.ods", "out.XLS", "out.xlsm", "out.xlsb"] {
        site.run(&["run", "in.csv", "--dry-run", "--offline", "-o", name]).exits(2).warns(&[name, ".xlsx"]);
    }
    site.run(&["plans", "1", "--json", "-o", "plans.xlsx"]).exits(2).warns(&["--json"]);
    assert_eq!(site.names(), ["in.csv"]);
}

#[test]
fn plans_go_into_a_workbook_as_well() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.run(&["plans", &user(0).to_string(), "-o", "plans.xlsx"]).exits(0);
    let listed = workbook(&site, "plans.xlsx");
    assert_eq!(listed.column("user_id"), [user(0).to_string()]);
    assert_eq!(listed.column("plan_id"), [HOME_PLAN.to_string()]);
}

#[test]
fn a_workbook_needs_no_folder_for_temporary_files_but_its_own() {
    let api = Api::holding(members(2));
    let mut site = Site::facing(&api);
    site.set("TMPDIR", "/nonexistent");
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes", "-o", "report.xlsx"]).exits(0);
    assert_eq!(site.names(), ["in.csv", "report.xlsx"]);
}
