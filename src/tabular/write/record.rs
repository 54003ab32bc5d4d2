//! Records: cells as one line of CSV, as the ledger holds them.

/// Room that is made for most records beforehand, in bytes.
const USUAL_RECORD: usize = 1 << 9;

/// Cells as one CSV record, without the line's end; [`Row::from_record`](crate::tabular::read::Row::from_record) reads it.
pub fn record<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut cells = cells.into_iter().peekable();
    // One empty cell is not the same as no cell.
    if cells.peek().is_none() {
        return String::new();
    }
    let mut writer = csv::WriterBuilder::new().buffer_capacity(USUAL_RECORD).from_writer(Vec::new());
    // What is written to is memory, which takes everything.
    let written = writer.write_record(cells).map(|()| writer.into_inner().unwrap_or_default()).unwrap_or_default();
    let mut line = String::from_utf8(written).unwrap_or_default();
    line.truncate(line.trim_end_matches('\n').len());
    line
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
