//! Records: cells as one line of text, as the ledger keeps them, and back.

/// Cells as one CSV record, without the line's end.
pub fn record<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut cells = cells.into_iter().peekable();
    if cells.peek().is_none() {
        // The library would write one empty cell.
        return String::new();
    }
    let mut csv = csv::Writer::from_writer(Vec::new());
    let written = csv.write_record(cells).map_err(|_| ()).and_then(|()| csv.into_inner().map_err(|_| ()));
    // Writing to memory cannot fail, and cells that are text give text.
    let mut text = written.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    text.truncate(text.trim_end_matches('\n').len());
    text
}

/// The cells of one [`record`].
pub fn cells(record: &str) -> csv::StringRecord {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(record.len().max(1))
        .from_reader(record.as_bytes());
    let mut cells = csv::StringRecord::new();
    // Reading from memory cannot fail, and a record that is text has cells that are text.
    let _ = reader.read_record(&mut cells);
    cells
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cells_come_out_of_a_record_as_they_went_in(
            table in proptest::collection::vec("[a-z,;\"\r\n é']{0,6}|\\PC{0,6}", 0..6),
        ) {
            let record = record(table.iter().map(String::as_str));
            let back: Vec<_> = cells(&record).iter().map(str::to_owned).collect();
            prop_assert_eq!(back, table);
        }
    }
}
