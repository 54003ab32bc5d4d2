//! A report that a spreadsheet opened and saved again, and a person worked on: each row still runs as it was, or is
//! refused with the reason. None ever becomes an order that nobody gave.

use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};

use super::fixture::{Rows, Site, user};
use seatrun::sandbox::HOME_PLAN;

/// A sheet as a spreadsheet holds it: the header, and the rows below.
struct Grid(Vec<Vec<String>>);

impl Grid {
    fn of(text: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        Self(reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect())
    }

    fn at(&self, column: &str) -> usize {
        self.0[0].iter().position(|name| name == column).unwrap()
    }

    /// The cell of a column in a row, counted as [`ROWS`] is.
    fn cell(&mut self, row: usize, column: &str) -> &mut String {
        let at = self.at(column);
        &mut self.0[row + 1][at]
    }

    fn put(&mut self, row: usize, column: &str, text: impl Into<String>) {
        *self.cell(row, column) = text.into();
    }

    /// Writes over every cell below the header.
    fn each(&mut self, change: impl Fn(&str) -> String) {
        for cell in self.0.iter_mut().skip(1).flatten() {
            *cell = change(cell);
        }
    }

    fn take_out(&mut self, column: &str) {
        let at = self.at(column);
        for row in &mut self.0 {
            row.remove(at);
        }
    }
}

/// The rows of the report: two downgrades, one of a user whose id rounds to the same, a deactivation, an update with a
/// name that is a formula, and one that is no job.
const ROWS: usize = 5;

/// The report on [`ROWS`], and a site.
fn reported() -> (Site, Grid) {
    let site = Site::new();
    let [one, two, three, four] = [0, 1, 60, 120].map(user);
    let input = format!(
        "user_id,action,plan_id,seat_type,admin,last_name,Note\n\
         {one},downgrade,{HOME_PLAN},VIEWER,,,=1+1\n\
         {two},downgrade,{HOME_PLAN},VIEWER,,,\"two\nlines, ü\"\n\
         {three},deactivate,,,,,+4917012345678\n\
         {four},update,,,true,=Doe,'\n\
         Bo,downgrade,{HOME_PLAN},VIEWER,,,007\n"
    );
    site.write("in.csv", input);
    site.run(&["run", "in.csv", "--sandbox", "--yes", "--max-invalid", "1"]).exits(1);
    let grid = Grid::of(&site.read("in.report.csv"));
    assert_eq!(grid.0.len(), ROWS + 1);
    (site, grid)
}

/// How a sheet is saved.
#[derive(Clone, Copy)]
struct Saved {
    delimiter: u8,
    encoding: &'static Encoding,
    mark: &'static [u8],
    quotes: csv::QuoteStyle,
    line_end: csv::Terminator,
}

/// `CSV UTF-8` of Excel where commas separate.
const UTF8_CSV: Saved = Saved {
    delimiter: b',',
    encoding: UTF_8,
    mark: b"\xef\xbb\xbf",
    quotes: csv::QuoteStyle::Necessary,
    line_end: csv::Terminator::CRLF,
};
/// `CSV` of Excel where commas are in numbers.
const LOCAL_CSV: Saved = Saved { delimiter: b';', encoding: WINDOWS_1252, mark: b"", ..UTF8_CSV };
/// `Unicode Text` of Excel.
const UNICODE_TEXT: Saved = Saved { delimiter: b'\t', encoding: UTF_16LE, mark: b"\xff\xfe", ..UTF8_CSV };
/// With `Quote all text cells`.
const QUOTED: Saved =
    Saved { mark: b"", quotes: csv::QuoteStyle::NonNumeric, line_end: csv::Terminator::Any(b'\n'), ..UTF8_CSV };
/// `CSV (Macintosh)`.
const MACINTOSH: Saved = Saved { mark: b"", line_end: csv::Terminator::Any(b'\r'), ..UTF8_CSV };

impl Saved {
    fn bytes(self, grid: &Grid) -> Vec<u8> {
        let mut builder = csv::WriterBuilder::new();
        builder.flexible(true).delimiter(self.delimiter).quote_style(self.quotes).terminator(self.line_end);
        let mut writer = builder.from_writer(Vec::new());
        for row in &grid.0 {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let body = if self.encoding == UTF_16LE {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            self.encoding.encode(&text).0.into_owned()
        };
        [self.mark, &body].concat()
    }

    /// The rows of a report that is written alike.
    fn rows(self, bytes: &[u8]) -> Rows {
        let text = self.encoding.decode(bytes).0;
        let mut reader = csv::ReaderBuilder::new().delimiter(self.delimiter).from_reader(text.as_bytes());
        Rows(reader.deserialize().map(Result::unwrap).collect())
    }
}

/// An id as a spreadsheet keeps it.
fn rounded(text: &str) -> String {
    let is_long = text.len() > 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_long { format!("{}{}", &text[..15], "0".repeat(text.len() - 15)) } else { text.to_owned() }
}

/// An id as a spreadsheet shows it.
fn scientific(text: &str, point: char) -> String {
    let is_long = text.len() > 11 && text.bytes().all(|byte| byte.is_ascii_digit());
    let shown = || format!("{}{point}{}E+{}", &text[..1], &text[1..6], text.len() - 1);
    if is_long { shown() } else { text.to_owned() }
}

/// What becomes of each row, or why the file is refused.
enum End {
    /// Of each row that would run, whose job it is, counted as [`ROWS`] is; of the others, status and words of the message.
    Rows(&'static [&'static str]),
    Refused(&'static str),
}

const NO_ID: &str = "INVALID `Bo` is not a number";
const CONTRADICTS: &str = "INVALID contradicts `result_key`";
const NO_KEY: &str = "INVALID is not a key of a report";
const AS_IT_WAS: End = End::Rows(&["0", "1", "2", "3", NO_ID]);

/// Saves what `change` makes of the report, feeds it back, and holds what becomes of it against `end`.
#[track_caller]
fn check(what: &str, saved: Saved, arguments: &[&str], change: impl Fn(&mut Grid), end: &End) {
    let (site, mut grid) = reported();
    let keys: Vec<_> = (0..ROWS).map(|row| grid.cell(row, "result_key").clone()).collect();
    change(&mut grid);
    site.write("back.csv", saved.bytes(&grid));
    let ended = site.run(&[&["run", "back.csv", "--dry-run", "--offline"], arguments].concat());
    let expected = match end {
        End::Rows(rows) => rows,
        End::Refused(why) => {
            ended.exits(3).warns(&[why]);
            return;
        }
    };
    let report = saved.rows(&std::fs::read(site.folder().join("back.review.csv")).unwrap());
    assert_eq!(report.0.len(), expected.len(), "{what}: {ended}");
    let places = (1..).zip(&grid.0).skip(1).filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()));
    let places: Vec<_> = places.map(|(place, _): (u64, _)| place.to_string()).collect();
    assert_eq!(report.column("result_row"), places, "{what}");
    for (row, expected) in report.0.iter().zip(*expected) {
        let (status, words) = expected.split_once(' ').unwrap_or(("PLANNED", ""));
        assert_eq!(row["result_status"], status, "{what}: {row:?}");
        assert!(row["result_message"].contains(words), "{what}: {row:?}");
        if let Ok(number) = expected.parse::<usize>() {
            assert_eq!(row["result_key"], keys[number], "{what}: {row:?}");
        }
    }
}

#[test]
fn what_spreadsheets_do_on_their_own_changes_no_order() {
    type Change = fn(&mut Grid);
    let rounding: Change = |grid| grid.each(rounded);
    let table: [(&str, Saved, &[&str], Change); 14] = [
        ("saved as it was", UTF8_CSV, &[], |_| {}),
        ("as text for Windows", UNICODE_TEXT, &[], |_| {}),
        ("in the encoding of old", LOCAL_CSV, &["--encoding", "windows-1252"], |_| {}),
        ("with everything quoted", QUOTED, &[], |_| {}),
        ("for an old Mac", MACINTOSH, &[], |_| {}),
        ("ids rounded", UTF8_CSV, &[], rounding),
        ("ids rounded in another dialect", UNICODE_TEXT, &[], rounding),
        ("ids in scientific notation", UTF8_CSV, &[], |grid| grid.each(|text| scientific(text, '.'))),
        ("with a decimal comma", LOCAL_CSV, &["--encoding", "windows-1252"], |grid| {
            grid.each(|text| scientific(text, ','));
        }),
        ("flags in capitals", UTF8_CSV, &[], |grid| grid.put(3, "admin", "TRUE")),
        ("local times, no leading zeros, no plus signs", UTF8_CSV, &[], |grid| {
            for row in 0..ROWS {
                grid.put(row, "result_started_at", "21.11.2026 23:53");
            }
            grid.put(4, "Note", "7");
            grid.put(2, "Note", "4.917E+12");
        }),
        ("columns and rows of nothing around it", UTF8_CSV, &[], |grid| {
            grid.0.insert(3, vec![]);
            grid.0.push(vec![]);
            let width = grid.0[0].len();
            grid.0.iter_mut().for_each(|row| row.resize(width + 2, String::new()));
        }),
        ("an apostrophe in front of each key", UTF8_CSV, &[], |grid| {
            for row in 0..ROWS - 1 {
                grid.cell(row, "result_key").insert(0, '\'');
            }
        }),
        ("a formula without its guard", UTF8_CSV, &[], |grid| {
            grid.put(0, "Note", "=1+1");
            grid.put(3, "last_name", "=Doe");
        }),
    ];
    for (what, saved, arguments, change) in table {
        check(what, saved, arguments, change, &AS_IT_WAS);
    }
}

#[test]
fn what_cannot_be_read_any_more_is_refused() {
    type Change = fn(&mut Grid);
    let table: [(&str, Saved, Change, &str); 8] = [
        ("old encoding", LOCAL_CSV, |_| {}, "(in row 3) is not UTF-8"),
        (
            "ids rounded and no key",
            UTF8_CSV,
            |grid| {
                grid.each(rounded);
                grid.take_out("result_key");
            },
            "a spreadsheet has rounded the user ids",
        ),
        (
            "an invalid row mended, and then rounded with the others",
            UTF8_CSV,
            |grid| {
                grid.put(4, "user_id", user(0).to_string());
                grid.each(rounded);
            },
            "`48569348493401200` in row 6, which has no key, is the id of another user",
        ),
        ("a title above", UTF8_CSV, |grid| grid.0.insert(0, vec!["Leavers of May".into()]), "row 1 is not a header"),
        ("no header", UTF8_CSV, |grid| drop(grid.0.remove(0)), "row 1 is not a header"),
        ("the header sorted to the end", UTF8_CSV, |grid| grid.0.rotate_left(1), "row 1 is not a header"),
        (
            "the id column twice",
            UTF8_CSV,
            |grid| {
                for row in &mut grid.0 {
                    row.insert(1, row[0].clone());
                }
            },
            "both hold `user_id`",
        ),
        ("every row deleted", UTF8_CSV, |grid| grid.0.truncate(1), "no row below it"),
    ];
    for (what, saved, change, why) in table {
        check(what, saved, &[], change, &End::Refused(why));
    }
}

#[test]
fn what_people_do_to_rows_runs_as_they_say_or_is_invalid() {
    type Change = fn(&mut Grid);
    let table: [(&str, Change, &[&str]); 17] = [
        ("sorted", |grid| grid.0[1..].reverse(), &[NO_ID, "3", "2", "1", "0"]),
        ("deleted", |grid| drop(grid.0.drain(1..3)), &["2", "3", NO_ID]),
        ("copied", |grid| grid.0.insert(2, grid.0[1].clone()), &["0", "SKIPPED row 2", "1", "2", "3", NO_ID]),
        (
            "the header repeated",
            |grid| grid.0.insert(2, grid.0[0].clone()),
            &["0", "INVALID `result_key` is not a key", "1", "2", "3", NO_ID],
        ),
        (
            "somebody else's id beside the key",
            |grid| grid.put(0, "user_id", user(9).to_string()),
            &[CONTRADICTS, "1", "2", "3", NO_ID],
        ),
        ("another seat", |grid| grid.put(0, "seat_type", "GUEST"), &[CONTRADICTS, "1", "2", "3", NO_ID]),
        ("another action", |grid| grid.put(2, "action", "remove"), &["0", "1", CONTRADICTS, "3", NO_ID]),
        (
            "a flag in another language",
            |grid| grid.put(3, "admin", "WAHR"),
            &["0", "1", "2", "INVALID `WAHR` is neither yes nor no", NO_ID],
        ),
        ("a name that was evaluated", |grid| grid.put(3, "last_name", "#NAME?"), &["0", "1", "2", CONTRADICTS, NO_ID]),
        (
            "keys that were cut",
            |grid| {
                for row in 0..ROWS {
                    grid.cell(row, "result_key").truncate(30);
                }
            },
            &[NO_KEY, NO_KEY, NO_KEY, NO_KEY, NO_ID],
        ),
        (
            "a key dragged down, which counts it up",
            |grid| {
                let mut key = grid.cell(0, "result_key").clone();
                let last = key.pop().unwrap();
                key.push(if last == '9' { '0' } else { '9' });
                grid.put(1, "result_key", key);
            },
            &["0", NO_KEY, "2", "3", NO_ID],
        ),
        (
            "a key copied down beside exact ids",
            |grid| {
                let key = grid.cell(0, "result_key").clone();
                grid.put(1, "result_key", key);
            },
            &["0", CONTRADICTS, "2", "3", NO_ID],
        ),
        (
            "a key copied down beside ids that look alike",
            |grid| {
                grid.each(rounded);
                let key = grid.cell(0, "result_key").clone();
                grid.put(1, "result_key", key);
            },
            &["0", "SKIPPED row 2", "2", "3", NO_ID],
        ),
        (
            "the keys sorted without the rest",
            |grid| {
                let keys = [2, 3, 0, 1].map(|row| grid.cell(row, "result_key").clone());
                for (row, key) in keys.into_iter().enumerate() {
                    grid.put(row, "result_key", key);
                }
            },
            &[CONTRADICTS, CONTRADICTS, CONTRADICTS, CONTRADICTS, NO_ID],
        ),
        (
            "a key emptied and the id beside it corrected",
            |grid| {
                grid.put(1, "result_key", "");
                grid.put(1, "user_id", user(0).to_string());
            },
            &["0", "SKIPPED row 2", "2", "3", NO_ID],
        ),
        (
            "cells cut off at the end of a row",
            |grid| drop(grid.0[1].pop()),
            &["INVALID has 21 cells, and the header has 22", "1", "2", "3", NO_ID],
        ),
        (
            "an invalid row mended",
            |grid| grid.put(4, "user_id", user(0).to_string()),
            &["0", "1", "2", "3", "SKIPPED row 2"],
        ),
    ];
    for (what, change, rows) in table {
        check(what, UTF8_CSV, &[], change, &End::Rows(rows));
    }
}
