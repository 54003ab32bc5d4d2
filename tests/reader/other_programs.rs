//! Files of other programs: the rows of `clean.csv` as Python's csv module, openpyxl and LibreOffice write them, are read
//! to the same jobs, or refused for the right reason.
//!
//! `files/make` has made the files; a file without a claim fails the test, and so does a claim without a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use seatrun::input::{InputError, Options, ParsedRow, Row, RowError, Sheet};

/// What is claimed of a file.
#[derive(Debug)]
enum Claim {
    /// Every row says what it says in the clean file, and every cell is the same.
    Same,
    /// Some of the clean file's jobs are in it, so many and unchanged, in their order. All else is `INVALID`, for one of
    /// these reasons.
    Partly(usize, &'static [&'static str]),
    /// Ids are damaged: each row that has one is `INVALID`, for the reason of its user's id and of its plan's. Rows
    /// that have none say what they say in the clean file.
    Damaged { user: &'static str, plan: Option<&'static str> },
    /// The file is refused with these words.
    Refused(&'static str),
}

use Claim::{Damaged, Partly, Refused, Same};

const SCIENTIFIC: &str = "is an id in scientific notation";
const DECIMAL: &str = "is an id with a decimal point";
const THOUSANDS: &str = "is an id with thousands separators";
const ROUNDED: &str = "a spreadsheet has rounded the user ids: in all 38 rows";
const LOST: &str = "a workbook keeps 15 digits of one: its last ones are lost";
const PERHAPS: &str = "a workbook keeps 15 digits of one: its last one may be lost";
const RAGGED: &str = "cells, and the header has 12";

/// What is claimed of each file when nothing is said on the command line.
const PLAINLY: &[(&str, Claim)] = &[
    // Python's dialects, delimiters, encodings and line ends.
    ("python_excel.csv", Same),
    ("python_excel_tab.csv", Same),
    ("python_unix.csv", Same),
    ("python_quote_all.csv", Same),
    ("python_quote_nonnumeric.csv", Same),
    ("python_semicolon.csv", Same),
    ("python_pipe.csv", Same),
    ("python_lf.csv", Same),
    ("python_cr_quote_all.csv", Same),
    ("python_semicolon_cr_quote_all.csv", Same),
    ("python_separator_line.csv", Same),
    ("python_utf8_with_mark.csv", Same),
    ("python_utf16.csv", Same),
    ("python_utf16_tab.csv", Same),
    ("python_utf16be.csv", Same),
    ("python_caret.csv", Refused("separated by comma, it reads `user_id^email^action")),
    ("python_title_lines.csv", Refused("if it is, say --header-row 3")),
    ("python_utf16_without_mark.csv", Refused("say --encoding utf-16le")),
    ("python_utf32.csv", Refused("byte 2 (in row 1) is NUL")),
    (
        "python_windows_1252.csv",
        Refused(
            "byte 412 (in row 5) is not UTF-8: F6 (a CSV from Excel on Windows is often read with --encoding windows-1252",
        ),
    ),
    ("python_mac_roman.csv", Refused("is not UTF-8")),
    // Where lines end with CR, Python leaves a line feed in a cell unquoted: a line of its own.
    ("python_cr.csv", Partly(43, &[RAGGED])),
    // Quotes and escapes that are none of RFC 4180's.
    ("python_quote_none.csv", Partly(35, &[RAGGED, "is escaped with backslashes"])),
    ("python_quotes_escaped.csv", Partly(39, &["has text behind its closing quote", "is escaped with backslashes"])),
    ("python_single_quotes.csv", Partly(37, &[RAGGED, "stands in single quotes", "is not an email address"])),
    // Ids that went through a number.
    ("python_ids_as_floats.csv", Damaged { user: SCIENTIFIC, plan: Some(DECIMAL) }),
    ("python_ids_of_15_digits.csv", Refused(ROUNDED)),
    ("python_ids_with_decimals.csv", Damaged { user: DECIMAL, plan: Some(DECIMAL) }),
    ("python_ids_with_thousands.csv", Damaged { user: THOUSANDS, plan: Some(THOUSANDS) }),
    // LibreOffice, from a workbook in which ids are text.
    ("libreoffice_comma.csv", Same),
    ("libreoffice_semicolon.csv", Same),
    ("libreoffice_tab.csv", Same),
    ("libreoffice_pipe.csv", Same),
    ("libreoffice_utf16.csv", Same),
    ("libreoffice_all_text_quoted.csv", Same),
    ("libreoffice_booleans_and_dates.csv", Same),
    ("libreoffice_windows_1252.csv", Refused("is often read with --encoding windows-1252")),
    ("libreoffice_title_lines.csv", Refused("if it is, say --header-row 3")),
    ("libreoffice_single_quotes.csv", Partly(33, &[RAGGED, "stands in single quotes", "is not an email address"])),
    ("libreoffice_no_quotes.csv", Partly(36, &[RAGGED])),
    (
        "libreoffice_german_booleans.csv",
        Partly(37, &["`WAHR` is neither yes nor no", "`FALSCH` is neither yes nor no"]),
    ),
    // LibreOffice, from a workbook in which ids are numbers.
    ("libreoffice_numbers_as_shown.csv", Damaged { user: SCIENTIFIC, plan: None }),
    ("libreoffice_numbers_not_as_shown.csv", Damaged { user: SCIENTIFIC, plan: None }),
    ("libreoffice_whole_numbers_as_shown.csv", Refused(ROUNDED)),
    ("libreoffice_whole_numbers_not_as_shown.csv", Damaged { user: SCIENTIFIC, plan: None }),
    ("libreoffice_thousands.csv", Damaged { user: THOUSANDS, plan: Some(THOUSANDS) }),
    ("libreoffice_german_numbers.csv", Damaged { user: SCIENTIFIC, plan: None }),
    ("libreoffice_german_thousands.csv", Damaged { user: THOUSANDS, plan: Some(THOUSANDS) }),
    ("libreoffice_opened_and_saved.csv", Damaged { user: SCIENTIFIC, plan: None }),
    // Workbooks of openpyxl, as they are and as LibreOffice saves them.
    ("openpyxl_ids_as_text.xlsx", Same),
    ("openpyxl_streamed.xlsx", Same),
    ("openpyxl_filtered.xlsx", Same),
    ("openpyxl_booleans_and_dates.xlsx", Same),
    ("openpyxl_title_lines.xlsx", Refused("if it is, say --header-row 3")),
    ("openpyxl_several_sheets.xlsx", Refused("`Read me` and `Seats`")),
    ("openpyxl_ids_as_numbers.xlsx", Damaged { user: LOST, plan: None }),
    ("openpyxl_ids_as_whole_numbers.xlsx", Damaged { user: LOST, plan: None }),
    ("openpyxl_ids_with_thousands.xlsx", Damaged { user: LOST, plan: None }),
    ("openpyxl_ids_as_formulas.xlsx", Damaged { user: "is a formula that was never calculated", plan: None }),
    ("libreoffice_ids_as_text.xlsx", Same),
    ("libreoffice_ids_as_text.xls", Same),
    ("libreoffice_ids_as_text.ods", Same),
    ("libreoffice_several_sheets.ods", Refused("`Read me` and `Seats`")),
    // In `.xlsx` LibreOffice keeps fifteen digits of a number, so that plan ids of sixteen are damaged, too.
    ("libreoffice_ids_as_numbers.xlsx", Damaged { user: LOST, plan: Some(PERHAPS) }),
    ("libreoffice_ids_as_numbers.ods", Damaged { user: LOST, plan: None }),
    ("libreoffice_opened_and_saved_as.xlsx", Damaged { user: LOST, plan: Some(PERHAPS) }),
    ("libreoffice_ids_as_numbers.xls", Damaged { user: LOST, plan: None }),
];

/// A report of the clean file's run.
const REPORT: &str = "seatrun_report.csv";

/// The report, opened in LibreOffice and saved: each row orders what it did in the report, whatever became of its ids.
const OPENED_REPORTS: [&str; 3] = [
    "libreoffice_report_opened_and_saved.csv",
    "libreoffice_report_opened_and_saved_as.xlsx",
    "libreoffice_report_opened_in_german.csv",
];

/// What is claimed of the same files when the user says what the refusal offered.
fn once_told() -> Vec<(&'static str, Options, Claim)> {
    let encoding = |label: &str| Options { encoding: Some(label.to_owned()), ..Options::default() };
    let header_row = |row| Options { header_row: Some(row), ..Options::default() };
    let sheet = |name: &str| Options { sheet: Some(name.to_owned()), ..Options::default() };
    vec![
        ("python_caret.csv", Options { delimiter: Some(b'^'), ..Options::default() }, Same),
        ("python_title_lines.csv", header_row(3), Same),
        ("python_utf16_without_mark.csv", encoding("utf-16le"), Same),
        ("python_windows_1252.csv", encoding("windows-1252"), Same),
        ("python_mac_roman.csv", encoding("macintosh"), Same),
        ("libreoffice_windows_1252.csv", encoding("windows-1252"), Same),
        ("libreoffice_title_lines.csv", header_row(3), Same),
        ("openpyxl_title_lines.xlsx", header_row(3), Same),
        ("openpyxl_several_sheets.xlsx", sheet("Seats"), Same),
        ("libreoffice_several_sheets.ods", sheet("Seats"), Same),
    ]
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "reader", "files", "written"].iter().collect()
}

fn read(file: &str, options: &Options) -> Result<Sheet, InputError> {
    let bytes = fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    Sheet::read(bytes, options)
}

/// A row: how far below the header it stands, its cells, and what it says.
#[derive(Debug, PartialEq)]
struct Line {
    below: u64,
    cells: Vec<String>,
    entry: ParsedRow,
}

impl Line {
    fn all(sheet: &Sheet) -> Vec<Self> {
        let line = |row: Row| {
            // The rows of a workbook end with their last cell.
            let width = row.width().max(sheet.header().len());
            let cells = (0..width).map(|column| row.cell(column).to_owned()).collect();
            Self { below: row.number - sheet.header_row(), cells, entry: sheet.parse(&row) }
        };
        sheet.rows().map(line).collect()
    }

    fn cell(&self, column: &str) -> &str {
        let at = ["user_id", "email", "action", "plan_id"].iter().position(|name| *name == column).unwrap();
        self.cells.get(at).map_or("", String::as_str)
    }

    /// What makes the row `INVALID`.
    fn complaints(&self) -> &[RowError] {
        match &self.entry {
            ParsedRow::Invalid { errors: complaints } => complaints,
            ParsedRow::Job { .. } | ParsedRow::MissingPlan { .. } | ParsedRow::Skipped { .. } => &[],
        }
    }

    fn complains(&self, column: &str, reason: &str) -> bool {
        let is_it =
            |complaint: &RowError| complaint.column.as_deref() == Some(column) && complaint.message.contains(reason);
        self.complaints().iter().any(is_it)
    }
}

fn check(file: &str, options: &Options, claim: &Claim) {
    let clean = Line::all(&read("../clean.csv", &Options::default()).unwrap());
    let read = read(file, options);
    if let Refused(words) = claim {
        let error = read.expect_err(file);
        let said = format!("{error} ({})", error.hint());
        return assert!(said.contains(words), "{file} is refused with: {said}");
    }
    let found = Line::all(&read.unwrap_or_else(|error| panic!("{file} is refused: {error}")));
    match claim {
        Refused(_) => {}
        Same => assert_eq!(found, clean, "{file}"),
        Partly(jobs, reasons) => check_partly(file, &clean, &found, *jobs, reasons),
        Damaged { user, plan } => {
            assert_eq!(found.len(), clean.len(), "{file}");
            for (line, clean) in found.iter().zip(&clean) {
                check_damaged(file, clean, line, user, *plan);
            }
        }
    }
}

fn check_partly(file: &str, clean: &[Line], found: &[Line], jobs: usize, reasons: &[&str]) {
    let mut left = clean.iter();
    let mut kept = 0;
    for line in found {
        if let ParsedRow::Invalid { errors: complaints } = &line.entry {
            let is_known = |complaint: &RowError| reasons.iter().any(|reason| complaint.message.contains(reason));
            assert!(complaints.iter().all(is_known), "{file}: {complaints:?}");
        } else {
            assert!(
                left.any(|clean| clean.entry == line.entry),
                "{file}: {:?} is none of the clean file's",
                line.entry
            );
            kept += 1;
        }
    }
    assert_eq!(kept, jobs, "{file}: as many jobs are kept");
}

fn check_damaged(file: &str, clean: &Line, line: &Line, user: &str, plan: Option<&str>) {
    let has_user = !clean.cell("user_id").is_empty();
    let plan = plan.filter(|_| !clean.cell("plan_id").is_empty());
    assert!(!has_user || line.complains("user_id", user), "{file}: {:?}", line.entry);
    assert!(plan.is_none_or(|reason| line.complains("plan_id", reason)), "{file}: {:?}", line.entry);
    if !has_user && plan.is_none() {
        assert_eq!(line.entry, clean.entry, "{file}");
    }
}

#[test]
fn every_file_is_read_to_what_is_claimed_of_it() {
    for (file, claim) in PLAINLY {
        check(file, &Options::default(), claim);
    }
}

#[test]
fn what_a_refusal_offers_works() {
    for (file, options, claim) in once_told() {
        check(file, &options, &claim);
    }
}

#[test]
fn a_report_that_was_opened_and_saved_orders_what_it_did() {
    let orders = |file: &str| Line::all(&read(file, &Options::default()).unwrap()).into_iter().map(|line| line.entry);
    let expected: Vec<_> = orders(REPORT).collect();
    assert_eq!(expected.iter().filter(|entry| matches!(entry, ParsedRow::Job { .. })).count(), 43);
    for file in OPENED_REPORTS {
        assert_eq!(orders(file).collect::<Vec<_>>(), expected, "{file}");
    }
}

#[test]
fn every_file_has_a_claim() {
    let entries = fs::read_dir(folder()).unwrap();
    let files: BTreeSet<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let claimed = PLAINLY.iter().map(|(file, _)| *file).chain(OPENED_REPORTS).chain([REPORT]);
    assert_eq!(files, claimed.map(str::to_owned).collect());
}
