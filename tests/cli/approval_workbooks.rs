//! The review of a workbook: a workbook that people fill in, and what comes back of it.

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

use super::fixture::{Api, Site, members, user};

/// Sheets of text, each with its name.
type Sheets = Vec<(String, Vec<Vec<String>>)>;

fn read(site: &Site, name: &str) -> Sheets {
    let mut workbook: Xlsx<_> = open_workbook(site.folder().join(name)).unwrap();
    let names = workbook.sheet_names();
    let text = |cell: &Data| cell.to_string();
    let sheets = names.into_iter().map(|name| {
        let range = workbook.worksheet_range(&name).unwrap();
        (name, range.rows().map(|row| row.iter().map(text).collect()).collect())
    });
    sheets.collect()
}

/// Writes a workbook as a program does that knows nothing of the one that made it.
fn write(site: &Site, name: &str, sheets: &Sheets) {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    workbook.save(site.folder().join(name)).unwrap();
}

/// A site with a workbook of three leavers below a title, and its review.
fn reviewed(api: &Api) -> (Site, Sheets) {
    let site = Site::facing(api);
    let mut rows = vec![vec!["Leavers of November".to_owned()], vec!["user_id".to_owned(), "action".to_owned()]];
    rows.extend((0..3).map(|number| vec![user(number).to_string(), "deactivate".to_owned()]));
    write(&site, "in.xlsx", &vec![("Leavers".to_owned(), rows)]);
    site.run(&["run", "in.xlsx", "--dry-run", "--header-row", "2"]).exits(0).warns(&["in.review.xlsx"]);
    let sheets = read(&site, "in.review.xlsx");
    (site, sheets)
}

#[test]
fn the_review_of_a_workbook_says_what_to_do_and_begins_with_the_approval() {
    let api = Api::holding(members(3));
    let (_, sheets) = reviewed(&api);
    let [(guide_name, guide), (name, rows)] = &sheets[..] else { panic!("{sheets:?}") };
    assert_eq!((guide_name.as_str(), name.as_str(), guide.len()), ("What to do", "seatrun", 5));
    for (line, words) in
        guide.iter().zip(["review of in.xlsx", "choose yes", "Leave the other", "back by", "in.review.xlsx"])
    {
        assert!(line[0].contains(words), "{line:?}");
    }
    let columns = [
        "approved",
        "user_id",
        "action",
        "result_row",
        "result_status",
        "result_message",
        "result_hint",
        "result_seat_before",
        "result_key",
        "result_signature",
    ];
    assert_eq!(rows[0], columns);
    let numbers: Vec<_> = rows[1..].iter().map(|row| row[3].as_str()).collect();
    assert_eq!(numbers, ["3", "4", "5"], "rows are numbered as in the input");
}

#[test]
fn what_people_write_into_the_workbook_runs_whoever_saved_it() {
    // approvals; how the run ends; how the rows end
    let table = [
        (["yes", "", "no"], 0, ["SUCCESS", "SKIPPED", "SKIPPED"]),
        (["Ja", "x", "✓"], 0, ["SUCCESS", "SUCCESS", "SUCCESS"]),
        (["oui", "Ja, bitte", "sim"], 1, ["SUCCESS", "INVALID", "SUCCESS"]),
    ];
    for (approvals, code, expected) in table {
        let api = Api::holding(members(3));
        let (site, mut sheets) = reviewed(&api);
        for (row, approval) in sheets[1].1[1..].iter_mut().zip(approvals) {
            approval.clone_into(&mut row[0]);
        }
        write(&site, "in.review.xlsx", &sheets);
        let ended = site.run(&["run", "in.review.xlsx", "--yes"]).exits(code);
        if code == 1 {
            ended.warns_in_one_line(&["row 3 does not run: not approved", "`Ja, bitte` is neither yes nor no"]);
        }
        assert_eq!(site.report("in.report.csv").statuses(), expected, "{approvals:?}");
    }
}

#[test]
fn rows_that_nobody_sees_change_nobody_unless_somebody_insists() {
    // what is typed; how it ends; what is said; how many users are changed
    let table: [(&[&str], i32, &str, usize); 4] = [
        (&["--yes"], 3, "--visible-only skips such rows, and --all-rows runs them", 0),
        (&["--yes", "--visible-only"], 0, "SKIPPED               1", 2),
        (&["--yes", "--all-rows"], 0, "SUCCESS               3", 3),
        (&["--dry-run"], 1, "1 row of the workbook would change users and cannot be seen in it", 0),
    ];
    for (arguments, code, said, changes) in table {
        let api = Api::holding(members(3));
        let site = Site::facing(&api);
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, ["user_id", "action"]).unwrap();
        for row in 1..=3 {
            sheet.write_row(row, 0, [&*user(u64::from(row) - 1).to_string(), "deactivate"]).unwrap();
        }
        sheet.set_row_hidden(2).unwrap();
        workbook.save(site.folder().join("in.xlsx")).unwrap();
        site.run(&[&["run", "in.xlsx"], arguments].concat()).exits(code).warns(&[said]);
        assert_eq!(api.changes().len(), changes, "{arguments:?}");
    }
    let refused = Site::new().run(&["run", "in.xlsx", "--visible-only", "--all-rows"]);
    refused.exits(2).warns(&["--visible-only"]);
}
