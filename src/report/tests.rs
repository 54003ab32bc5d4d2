//! What is written comes back: any cells, in every dialect, and in a workbook.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};
use encoding_rs::{Encoding, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use proptest::prelude::*;

use super::{Column, ReportRow, RowRequest, SheetFormat, Table};
use crate::input::{Options, Sheet};
use crate::model::{ActionName, Outcome, Status};
use crate::tabular::read::Row;
use crate::tabular::{Bom, Dialect, LineEnding, SeparatorLine};

/// A row of which nothing is known but its end.
pub(super) fn report_row(number: u64, outcome: Outcome) -> ReportRow<'static> {
    ReportRow {
        input: Row::from_record("").numbered(number),
        request: RowRequest::Unclear,
        person: None,
        outcome,
        before: Cow::default(),
        certainty: None,
        attempts: 0,
        began: None,
        finished: None,
        run: None,
        key: None,
        signature: None,
        approved: "",
    }
}

/// A report on rows of cells, as it is written.
fn written(form: SheetFormat, header: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let header = header.iter().map(String::as_str);
    let mut table = Table::begin(Vec::new(), form, header, Column::REPORT).unwrap();
    for (number, cells) in (2..).zip(rows) {
        let outcome = Outcome::of_row(Status::Invalid, "=no \0 such, \"user\"");
        table.write(cells.iter().map(String::as_str), &report_row(number, outcome)).unwrap();
    }
    table.finish().unwrap()
}

/// The carried header and cells of a report that is read again.
fn read(bytes: Vec<u8>, dialect: Dialect) -> (Vec<String>, Vec<Vec<String>>) {
    let encoding = (dialect.mark == Bom::Absent).then(|| dialect.encoding.name().to_owned());
    let options = Options {
        delimiter: (dialect.separator_line == SeparatorLine::Absent).then_some(dialect.delimiter),
        encoding,
        action: Some(ActionName::Plans),
        ..Options::default()
    };
    let sheet = Sheet::read(bytes, &options).unwrap();
    let header = sheet.carried().iter().map(|at| sheet.header()[*at].clone()).collect();
    let rows = sheet.rows().map(|row| sheet.carried().iter().map(|at| row.cell(*at).to_owned()).collect()).collect();
    (header, rows)
}

/// The cells of a workbook; all must be texts.
fn read_workbook(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = workbook.worksheet_range("seatrun").unwrap();
    let text = |cell: &Data| {
        assert!(cell.is_string() || cell.is_empty(), "{cell:?} is no text");
        cell.as_string().unwrap_or_default()
    };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// Cells with everything in them that means something to CSV, XML or a spreadsheet.
fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[-=+@'\",;|\t\r\n a5.é<&_x]{0,8}",
        1 => "_x00[0-9a-fA-F]{2}_",
        1 => "[\u{1}-\u{1f}\u{7f}é€]{0,4}",
        1 => Just(format!("{:0>9}", "48569348493401201")),
    ]
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let encodings: [(&'static Encoding, Bom); 8] = [
        (UTF_8, Bom::Absent),
        (UTF_8, Bom::Present),
        (UTF_16LE, Bom::Present),
        (UTF_16BE, Bom::Present),
        (UTF_16LE, Bom::Absent),
        (WINDOWS_1252, Bom::Absent),
        (SHIFT_JIS, Bom::Absent),
        (GBK, Bom::Absent),
    ];
    (
        proptest::sample::select(encodings.to_vec()),
        proptest::sample::select(b",;\t|'= a".to_vec()),
        proptest::sample::select(vec![LineEnding::Lf, LineEnding::CrLf, LineEnding::Cr]),
        proptest::sample::select(vec![SeparatorLine::Present, SeparatorLine::Absent]),
    )
        .prop_map(|((encoding, mark), delimiter, line_ending, separator_line)| Dialect {
            encoding,
            mark,
            delimiter,
            line_ending,
            separator_line,
        })
}

fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    let header = proptest::collection::vec("[-=+@',;|\t\r\n]{1,3}x{0,1}", 2)
        .prop_map(|names| [vec!["user_id".to_owned()], names].concat());
    let rows = proptest::collection::vec(proptest::collection::vec(cells(), 3), 1..5);
    (header, rows)
}

proptest! {
    #[test]
    fn cells_come_back_as_they_were_in_every_dialect((header, rows) in table(), dialect in dialects()) {
        let bytes = written(SheetFormat::Csv(dialect), &header, &rows);
        prop_assert_eq!(read(bytes, dialect), (header, rows));
    }

    #[test]
    fn no_cell_of_a_csv_is_a_formula((header, rows) in table()) {
        let bytes = written(SheetFormat::Csv(Dialect::default()), &header, &rows);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        for cell in reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            let is_number = cell.replace(',', ".").parse::<f64>().is_ok();
            prop_assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", cell);
        }
    }
}

proptest! {
    // Each writes a temporary file.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn cells_of_a_workbook_are_texts_and_come_back_as_they_were((header, rows) in table()) {
        let read = read_workbook(written(SheetFormat::Workbook, &header, &rows));
        let carried: Vec<Vec<_>> = read.iter().map(|row| row[..header.len()].to_vec()).collect();
        prop_assert_eq!(&carried[0], &header);
        prop_assert_eq!(&carried[1..], rows.as_slice());
        let said: Vec<_> = read[1..].iter().map(|row| row[header.len() + 3].as_str()).collect();
        prop_assert_eq!(said, vec!["=no \u{fffd} such, \"user\""; rows.len()]);
    }
}

#[test]
fn a_text_that_is_too_long_for_a_workbook_is_cut_and_a_key_never_is() {
    let long = "é".repeat(32_768);
    let outcome = Outcome::of_row(Status::Success, "😀".repeat(20_000));
    let key = Some(format!("u1:update:lastName={long}:abcdef"));
    let row = ReportRow { key, ..report_row(2, outcome) };
    let mut table = Table::begin(Vec::new(), SheetFormat::Workbook, ["user_id"], Column::REPORT).unwrap();
    table.write([long.as_str()], &row).unwrap();
    let rows = read_workbook(table.finish().unwrap());
    let row = &rows[1];
    assert_eq!(row[0], format!("{}…", "é".repeat(32_766)));
    assert_eq!(row[4], format!("{}…", "😀".repeat(16_383)));
    assert_eq!(row.last().unwrap(), "the key is too long for a workbook: write the report as .csv");
}
