//! Hidden: which rows and columns of a workbook's sheet nobody sees, because they were hidden or filtered out.
//!
//! Calamine reads them like all others and does not tell, so what says so is looked for beside it. This finds places and
//! judges nothing.

use std::ops::RangeInclusive;

use quick_xml::events::BytesStart;

use super::biff_records::{self, word};
use super::xlsx_package::{Archive, PartError, attribute, elements, is_set, number, target, workbook};

/// The rows and columns of a sheet that nobody sees, both counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    rows: Places,
    columns: Places,
}

impl Hidden {
    /// Whether there is no such row.
    pub const fn has_no_rows(&self) -> bool {
        self.rows.0.is_empty()
    }

    /// Whether nobody sees a row, by the number that the spreadsheet shows.
    pub fn has_row(&self, number: u64) -> bool {
        self.rows.has(number)
    }

    /// Whether nobody sees a column, by its index from 0.
    pub fn has_column(&self, index: usize) -> bool {
        self.columns.has(index as u64 + 1)
    }
}

/// Ranges in ascending order, so that a million filtered rows take no memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Places(Vec<RangeInclusive<u64>>);

impl Places {
    fn add(&mut self, first: u64, last: u64) {
        match self.0.last_mut() {
            Some(range) if *range.end() + 1 == first => *range = *range.start()..=last,
            Some(_) | None => self.0.push(first..=last),
        }
    }

    fn has(&self, place: u64) -> bool {
        let after = self.0.partition_point(|range| *range.start() <= place);
        after.checked_sub(1).is_some_and(|at| self.0[at].contains(&place))
    }
}

/// Looks into a sheet of an `.xlsx`. Where the workbook does not say which part holds the sheet, nothing is hidden.
pub(super) fn in_xlsx(archive: &mut Archive<'_>, sheet: &str) -> Result<Hidden, PartError> {
    let mut hidden = Hidden::default();
    let Some(part) = part_of_sheet(archive, sheet)? else { return Ok(hidden) };
    let mut row = 0;
    elements(archive, &part, |element| match element.local_name().as_ref() {
        "row" => {
            row = number(element, "r").unwrap_or(row + 1);
            if is_set(element, "hidden") {
                hidden.rows.add(row, row);
            }
        }
        "col" => {
            if let (Some(first), Some(last), true) =
                (number(element, "min"), number(element, "max"), is_set(element, "hidden"))
            {
                hidden.columns.add(first, last);
            }
        }
        _ => {}
    })?;
    Ok(hidden)
}

/// Looks into a sheet of an `.ods`.
///
/// # Errors
/// What is no XML from its beginning to its end, too, because calamine waits for ever for the end of a table.
pub(super) fn in_ods(archive: &mut Archive<'_>, sheet: &str) -> Result<Hidden, PartError> {
    let mut hidden = Hidden::default();
    let (mut is_inside, mut row, mut column) = (false, 0, 0);
    let is_invisible = |element: &BytesStart<'_>| {
        attribute(element, "visibility").is_some_and(|value| value == "collapse" || value == "filter")
    };
    elements(archive, "content.xml", |element| match element.local_name().as_ref() {
        "table" => {
            is_inside = attribute(element, "name").is_some_and(|name| name == sheet);
            (row, column) = (0, 0);
        }
        "table-row" if is_inside => {
            let last = row + number(element, "number-rows-repeated").unwrap_or(1);
            if is_invisible(element) {
                hidden.rows.add(row + 1, last);
            }
            row = last;
        }
        "table-column" if is_inside => {
            let last = column + number(element, "number-columns-repeated").unwrap_or(1);
            if is_invisible(element) {
                hidden.columns.add(column + 1, last);
            }
            column = last;
        }
        _ => {}
    })?;
    Ok(hidden)
}

/// Looks into the sheet of an `.xls` that stands at an index. `stream` is its workbook stream (MS-XLS 2.1.4).
pub(super) fn in_xls(stream: &[u8], index: usize) -> Hidden {
    const ROW: u16 = 0x0208;
    const COLUMNS: u16 = 0x007D;
    let mut hidden = Hidden::default();
    for (kind, data) in biff_records::sheets(stream).nth(index).into_iter().flatten() {
        match kind {
            ROW if word(data, 12) & 0x20 != 0 => {
                let row = u64::from(word(data, 0)) + 1;
                hidden.rows.add(row, row);
            }
            COLUMNS if word(data, 8) & 1 != 0 => {
                hidden.columns.add(u64::from(word(data, 0)) + 1, u64::from(word(data, 2)) + 1);
            }
            _ => {}
        }
    }
    hidden
}

/// The part of an `.xlsx` that holds a sheet: the package names the workbook, which names the sheet's id, which the
/// workbook's relations lead to a part.
fn part_of_sheet(archive: &mut Archive<'_>, sheet: &str) -> Result<Option<String>, PartError> {
    let Some(workbook) = workbook(archive)? else { return Ok(None) };
    let mut id = None;
    elements(archive, &workbook, |element| {
        if element.local_name().as_ref() == "sheet" && attribute(element, "name").is_some_and(|name| name == sheet) {
            id = attribute(element, "id");
        }
    })?;
    let Some(id) = id else { return Ok(None) };
    let (folder, name) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
    let relations = format!("{folder}/_rels/{name}.rels");
    let folder = format!("{folder}/");
    target(archive, &folder, relations.trim_start_matches('/'), |relation| {
        attribute(relation, "Id").is_some_and(|other| other == id)
    })
}
