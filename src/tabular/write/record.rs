//! Records: cells as one line of CSV, as a report and the ledger hold them, and back.

/// Cells as one CSV record, without the line's end; [`Row::from_record`](crate::tabular::read::Row::from_record) reads it.
pub fn record<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut line = String::new();
    let mut count = 0;
    for cell in cells {
        if count > 0 {
            line.push(',');
        }
        push_cell(&mut line, cell, |byte| byte == b',');
        count += 1;
    }
    // One empty cell is not the same as no cell.
    if count == 1 && line.is_empty() { "\"\"".to_owned() } else { line }
}

/// Appends a cell, in quotes where it holds quotes, line breaks or what `separates` cells. Reports have twenty times a
/// million cells.
pub(super) fn push_cell(line: &mut String, text: &str, separates: impl Fn(u8) -> bool) {
    let is_special = |byte: u8| matches!(byte, b'"' | b'\r' | b'\n') || separates(byte);
    // Looked at to the end rather than to the first, so that many bytes are seen in one step.
    if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        line.push_str(text);
        return;
    }
    line.push('"');
    for (at, piece) in text.split('"').enumerate() {
        line.push_str(if at > 0 { "\"\"" } else { "" });
        line.push_str(piece);
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tabular::read::Row;

    proptest! {
        #[test]
        fn cells_come_out_of_a_record_as_they_went_in(
            table in proptest::collection::vec("[a-z,;\"\r\n é']{0,6}|\\PC{0,6}", 0..6),
        ) {
            let record = record(table.iter().map(String::as_str));
            let back: Vec<_> = Row::from_record(&record).cells().map(str::to_owned).collect();
            prop_assert_eq!(&back, &table);
            // What the ledger was given before is read as well.
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&table).unwrap();
            let others = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(others.trim_end_matches('\n'), if table.is_empty() { "\"\"" } else { &record });
        }
    }
}
