//! Limits: how much may be made of a file.
//!
//! Some hundred bytes of a workbook can unpack, repeat or refer to more text than any memory holds. What a file would
//! become is counted before or while it is read, so that it is refused instead of the system ending the program.

use std::borrow::Cow;
use std::io::Read;

use quick_xml::events::{BytesStart, Event};

use super::FileError;
use super::workbook::damaged;
use super::xlsx_package::{Archive, elements, events, number, numbers};

/// How much may be made of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Bytes of what is no file, and does not say beforehand how much comes.
    pub stream_bytes: u64,
    /// Bytes to which the parts of a workbook unpack.
    pub unpacked_bytes: u64,
    /// Texts that the cells of an `.xlsx` share.
    pub shared_texts: u64,
    /// Cells of a sheet, the empty ones between others among them.
    pub cells: u64,
    /// Bytes of all the text in a sheet.
    pub text_bytes: u64,
}

impl Default for Limits {
    /// More than a million rows of a seat report take.
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            stream_bytes: 1 << 28,
            unpacked_bytes: 2 << 30,
            shared_texts: 8_000_000,
            cells: 64_000_000,
            text_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// The limits of a workbook that unpacks to so many bytes, of which little more can be made honestly.
    #[must_use]
    pub(super) fn of_workbook(self, unpacked: u64) -> Self {
        let cells = self.cells.min(MORE_CELLS + unpacked / BYTES_A_CELL);
        Self { cells, text_bytes: self.text_bytes.min(MORE_TEXT + unpacked), ..self }
    }
}

/// More bytes without any markup than a cell can hold: they would be read as one text.
const LONGEST_PLAIN: u64 = 1 << 20;
/// Cells of a workbook beside one for each so many of the bytes that it unpacks to: cells between others may be empty.
const MORE_CELLS: u64 = 2_000_000;
const BYTES_A_CELL: u64 = 4;
/// Bytes of text beside as many as the workbook unpacks to: texts may be shared, and cells repeated.
const MORE_TEXT: u64 = 128_000_000;
/// The bytes that a shared text takes at least: `<si/>`.
const LEAST_TEXT: u64 = 5;
/// How much is unpacked at a time.
const PIECE: usize = 1 << 16;
/// The size of the largest sheets, to which what an `.ods` says of repetitions is cut.
const MOST_ROWS: u64 = 1 << 20;
const MOST_COLUMNS: u64 = 1 << 14;

/// Refuses a workbook whose parts unpack to more than they may. Gives the bytes of all of them.
pub(super) fn check_unpacked(archive: &mut Archive<'_>, limits: &Limits) -> Result<u64, FileError> {
    let too_large = || FileError::TooLarge { limit: limits.unpacked_bytes, what: "bytes once it is unpacked" };
    let mut unpacked = 0;
    let mut piece = vec![0; PIECE];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(damaged)?;
        // Mostly a part says what it unpacks to, and saying so saves the unpacking.
        if unpacked + part.size() > limits.unpacked_bytes {
            return Err(too_large());
        }
        let mut plain = 0;
        loop {
            let length = part.read(&mut piece).map_err(damaged)?;
            if length == 0 {
                break;
            }
            unpacked += length as u64;
            plain = if piece[..length].contains(&b'<') { 0 } else { plain + length as u64 };
            if unpacked > limits.unpacked_bytes {
                return Err(too_large());
            }
            if plain > LONGEST_PLAIN {
                return Err(FileError::TooLarge { limit: LONGEST_PLAIN, what: "bytes in a single text" });
            }
        }
    }
    Ok(unpacked)
}

/// Refuses an `.xlsx` that shares more texts than it may, or says that it shares more than there can be: calamine makes
/// room for as many.
pub(super) fn check_shared_texts(archive: &mut Archive<'_>, unpacked: u64, limits: &Limits) -> Result<(), FileError> {
    let all = archive.file_names().flatten().map(Cow::into_owned);
    let of_texts: Vec<_> = all.filter(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml")).collect();
    for part in of_texts {
        let (mut said, mut held) = (None, 0_u64);
        elements(archive, &part, |element| match element.local_name().as_ref() {
            "sst" if said.is_none() => said = numbers(element, "uniqueCount").max(),
            "si" => held += 1,
            _ => {}
        })
        .map_err(damaged)?;
        if held > limits.shared_texts {
            return Err(FileError::TooLarge { limit: limits.shared_texts, what: "different texts" });
        }
        if let Some(said) = said.filter(|said| *said > unpacked / LEAST_TEXT) {
            return Err(damaged(format!("{part} says that it holds {said} texts, and is too short for them")));
        }
    }
    Ok(())
}

/// Refuses an `.ods` of which more would be made than may be: it can repeat spaces, cells and rows as often as it says.
pub(super) fn check_ods(archive: &mut Archive<'_>, limits: &Limits) -> Result<(), FileError> {
    let mut sizes = OdsSizes::default();
    let mut has_too_much = None;
    let counted = events(archive, "content.xml", |event| {
        sizes.count(event);
        let (text, made) = (sizes.text(), sizes.cells());
        if text > limits.text_bytes {
            has_too_much = Some(FileError::TooLarge { limit: limits.text_bytes, what: "bytes of text" });
        } else if made > limits.cells {
            has_too_much = Some(FileError::TooLarge { limit: limits.cells, what: "cells" });
        }
        has_too_much.is_none()
    });
    match (has_too_much, counted) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(damaged(error)),
    }
}

/// What the tables of an `.ods` come to, repetitions carried out, counted as its elements come.
#[derive(Debug, Default)]
struct OdsSizes {
    /// The text and the cells of what has ended.
    text: u64,
    cells: u64,
    /// Of the table: its rows up to the last that holds anything, empty ones behind it, and its widest row.
    rows: u64,
    empty_rows: u64,
    widest: u64,
    /// Of the row: how often it stands there, its cells up to the last that holds anything, empty ones, and its text.
    row_repeats: u64,
    columns: u64,
    empty_columns: u64,
    row_text: u64,
    /// Of the cell: how often it stands there (outside of cells: never), its text, and whether it holds anything.
    cell_repeats: u64,
    cell_text: u64,
    is_filled: bool,
}

impl OdsSizes {
    fn count(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => self.begin(element),
            Event::End(element) => self.end(element.local_name().as_ref()),
            Event::Text(text) => self.cell_text += text.len() as u64,
            Event::CData(text) => self.cell_text += text.len() as u64,
            Event::GeneralRef(_) => self.cell_text += 1,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {}
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "table" => (self.rows, self.empty_rows, self.widest) = (0, 0, 0),
            "table-row" => {
                self.row_repeats = number(element, "number-rows-repeated").unwrap_or(1).min(MOST_ROWS);
                (self.columns, self.empty_columns, self.row_text) = (0, 0, 0);
            }
            "table-cell" | "covered-table-cell" => {
                self.cell_repeats = number(element, "number-columns-repeated").unwrap_or(1).min(MOST_COLUMNS);
                (self.is_filled, self.cell_text) = (false, 0);
                for attribute in element.attributes().with_checks(false).flatten() {
                    match attribute.key.local_name().as_ref() {
                        "value-type" => self.is_filled = true,
                        "formula" | "string-value" | "date-value" | "time-value" => {
                            self.is_filled = true;
                            self.cell_text += attribute.value.len() as u64;
                        }
                        _ => {}
                    }
                }
            }
            "s" => self.cell_text = self.cell_text.saturating_add(number(element, "c").unwrap_or(1)),
            _ => self.is_filled |= self.cell_repeats > 0,
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "table-cell" | "covered-table-cell" => {
                if self.is_filled {
                    self.columns += self.empty_columns + self.cell_repeats;
                    self.row_text += self.cell_text * self.cell_repeats;
                    self.empty_columns = 0;
                } else {
                    self.empty_columns += self.cell_repeats;
                }
                (self.cell_repeats, self.is_filled) = (0, false);
            }
            "table-row" if self.columns > 0 => {
                self.rows += self.empty_rows + self.row_repeats;
                self.widest = self.widest.max(self.columns);
                self.text += self.row_text * self.row_repeats;
                (self.empty_rows, self.columns, self.row_text) = (0, 0, 0);
            }
            "table-row" => self.empty_rows += self.row_repeats,
            "table" => self.cells += self.rows * self.widest,
            _ => {}
        }
    }

    /// The text up to here.
    fn text(&self) -> u64 {
        let cell = if self.is_filled { self.cell_text.saturating_mul(self.cell_repeats) } else { 0 };
        let row = self.row_text.saturating_add(cell).saturating_mul(self.row_repeats);
        self.text.saturating_add(row)
    }

    /// The cells up to here: room is made for the widest row in every row.
    fn cells(&self) -> u64 {
        self.cells.saturating_add(self.rows.saturating_mul(self.widest))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::tabular::read::workbook;

    const SMALL: Limits = Limits {
        file_bytes: 1000,
        stream_bytes: 1000,
        unpacked_bytes: 300_000,
        shared_texts: 100,
        cells: 2000,
        text_bytes: 100_000,
    };

    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut package = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            package.start_file(*name, SimpleFileOptions::default()).unwrap();
            package.write_all(content.as_bytes()).unwrap();
        }
        package.finish().unwrap().into_inner()
    }

    fn ods(rows: &str) -> Vec<u8> {
        let content = format!(
            r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>
            <table:table table:name="S">{rows}</table:table>
            </office:spreadsheet></office:body></office:document-content>"#
        );
        package(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", "<m/>"),
            ("content.xml", &content),
        ])
    }

    fn xlsx(texts: &str, rows: &str) -> Vec<u8> {
        const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let relations = |target: &[(&str, &str)]| {
            let all = target.iter().enumerate().map(|(at, (kind, target))| {
                format!(r#"<Relationship Id="r{at}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
            });
            format!("<Relationships>{}</Relationships>", all.collect::<String>())
        };
        package(&[
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", &relations(&[("officeDocument", "xl/workbook.xml")])),
            (
                "xl/workbook.xml",
                &format!(
                    r#"<workbook xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                &relations(&[("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")]),
            ),
            ("xl/sharedStrings.xml", &format!("<sst>{texts}</sst>")),
            ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
        ])
    }

    const CELL: &str = r#"<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>"#;

    #[test]
    fn a_workbook_of_which_too_much_would_be_made_is_refused() {
        let text = "x".repeat(5000);
        let shared = format!("<si><t>{text}</t></si>");
        let reference = |row: u32| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#);
        let references: String = (1..100).map(reference).collect();
        let number = |row: u32| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#);
        let numbers: String = (1..2100).map(number).collect();
        let table = [
            (
                "bytes of text",
                ods(&format!(
                    "<table:table-row>{}</table:table-row>",
                    CELL.replace(">a<", r#"><text:s text:c="1000000000"/><"#)
                )),
            ),
            (
                "bytes of text",
                ods(&format!(
                    "<table:table-row>{}</table:table-row>",
                    CELL.replace(">a<", r#"><text:s text:c="18446744073709551615"/><"#)
                )),
            ),
            (
                "bytes of text",
                ods(&format!(r#"<table:table-row table:number-rows-repeated="1048576">{CELL}</table:table-row>"#)),
            ),
            (
                "cells",
                ods(&format!(
                    r#"<table:table-row>{CELL}</table:table-row>
                <table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>
                <table:table-row>{CELL}</table:table-row>"#
                )),
            ),
            (
                "cells",
                ods(&format!(
                    r#"<table:table-row><table:table-cell table:number-columns-repeated="16000"/>{CELL}</table:table-row>"#
                )),
            ),
            ("bytes of text", xlsx(&shared, &references)),
            ("bytes of text", xlsx(&shared, r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#)),
            ("cells", xlsx(&shared, &numbers)),
            ("different texts", xlsx(&"<si/>".repeat(101), "")),
            ("bytes once it is unpacked", xlsx(&shared, &" <x/>".repeat(100_000))),
        ];
        for (at, (what, bytes)) in table.iter().enumerate() {
            match workbook::read(bytes, None, &SMALL) {
                Err(FileError::TooLarge { what: found, .. }) => assert_eq!(found, *what, "{at}"),
                other => panic!("{at}, {what}: {other:?}"),
            }
        }
        let plain = xlsx(&format!("<si><t>{}</t></si>", "x".repeat(2_000_000)), &reference(1));
        let refused = workbook::read(&plain, None, &Limits::default());
        assert!(matches!(refused, Err(FileError::TooLarge { what: "bytes in a single text", .. })), "{refused:?}");
    }

    #[test]
    fn a_workbook_within_the_limits_is_read() {
        let rows = format!(
            r#"<table:table-row table:number-rows-repeated="40">{CELL}{CELL}<table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#
        );
        let read = workbook::read(&ods(&rows), None, &SMALL).unwrap();
        assert_eq!(read.cells.text.lines().count(), 40);
        let read = workbook::read(
            &xlsx("<si><t>a</t></si>", r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#),
            None,
            &SMALL,
        )
        .unwrap();
        assert_eq!(read.cells.text, "a");
    }
}
