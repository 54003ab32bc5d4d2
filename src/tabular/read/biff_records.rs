//! Records: the parts of an old workbook (`.xls`), as far as this program looks at them itself.
//!
//! Calamine reads the cells. It believes whatever place a cell names and makes room for every one up to there, so a
//! damaged place takes all the memory that there is, which no program survives: places are checked here before.

/// A sheet of an old workbook has so many rows and columns at most (MS-XLS 2.5.53, 2.5.197).
const MOST_ROWS: u32 = 1 << 16;
const MOST_COLUMNS: u32 = 1 << 8;

const BOUND_SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const DIMENSIONS: u16 = 0x0200;
/// Several numbers in adjacent cells; the last two bytes are the last column.
const MUL_RK: u16 = 0x00BD;
/// Number, label, rich string, boolean or error, small number, string of the table, formula: row, column, and the rest.
const CELLS: [u16; 7] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, 0x0006];

/// The records of a stream (MS-XLS 2.1.4), each with its kind: two bytes of kind, two of length, and so many bytes.
#[derive(Debug, Clone)]
pub(super) struct Records<'b>(&'b [u8]);

impl<'b> Records<'b> {
    pub(super) const fn new(stream: &'b [u8]) -> Self {
        Self(stream)
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = (u16, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_at_checked(4)?;
        let (data, rest) = rest.split_at_checked(usize::from(word(head, 2)))?;
        self.0 = rest;
        Some((word(head, 0), data))
    }
}

/// The sheets of a workbook stream, in its order.
pub(super) fn sheets(stream: &[u8]) -> impl Iterator<Item = Sheet<'_>> {
    let begins = Records::new(stream).filter(|(kind, _)| *kind == BOUND_SHEET).map(|(_, sheet)| double_word(sheet, 0));
    begins.map(|begin| Sheet {
        records: Records::new(stream.get(begin as usize..).unwrap_or_default()),
        depth: 0,
        has_ended: false,
    })
}

/// The records of a sheet up to its end, those of the charts in it left out.
#[derive(Debug, Clone)]
pub(super) struct Sheet<'b> {
    records: Records<'b>,
    /// Charts in a sheet are told between a begin and an end of their own.
    depth: u32,
    has_ended: bool,
}

impl<'b> Iterator for Sheet<'b> {
    type Item = (u16, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.has_ended {
            let (kind, data) = self.records.next()?;
            match kind {
                BEGIN => self.depth += 1,
                END if self.depth <= 1 => self.has_ended = true,
                END => self.depth -= 1,
                _ if self.depth <= 1 => return Some((kind, data)),
                _ => {}
            }
        }
        None
    }
}

/// Whether every cell stands where a sheet of this format has one.
pub(super) fn are_in_place(stream: &[u8]) -> bool {
    sheets(stream).flatten().all(|(kind, data)| match kind {
        DIMENSIONS => are_dimensions(data),
        MUL_RK => is_column(word(data, 2)) && is_column(word(data, data.len().saturating_sub(2))),
        _ if CELLS.contains(&kind) => is_column(word(data, 2)),
        _ => true,
    })
}

fn is_column(index: u16) -> bool {
    u32::from(index) < MOST_COLUMNS
}

/// First row, row behind the last, first column, column behind the last; rows take two bytes in versions before 8.
fn are_dimensions(data: &[u8]) -> bool {
    let (first_row, end_row, columns) = match data.len() {
        10 => (u32::from(word(data, 0)), u32::from(word(data, 2)), 4),
        _ => (double_word(data, 0), double_word(data, 4), 8),
    };
    let end_column = u32::from(word(data, columns + 2));
    first_row <= end_row && end_row <= MOST_ROWS && end_column <= MOST_COLUMNS
}

/// The number in two bytes; 0 where they are missing.
pub(super) fn word(data: &[u8], at: usize) -> u16 {
    data.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes).unwrap_or_default()
}

/// The number in four bytes; 0 where they are missing.
fn double_word(data: &[u8], at: usize) -> u32 {
    data.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, words: &[u16]) -> Vec<u8> {
        let length = u16::try_from(words.len() * 2).unwrap();
        [kind, length].into_iter().chain(words.iter().copied()).flat_map(u16::to_le_bytes).collect()
    }

    /// A workbook whose only sheet holds these records, behind a chart with a cell that is none.
    fn workbook(records: &[Vec<u8>]) -> Vec<u8> {
        let chart = [record(BEGIN, &[]), record(0x0203, &[0, 999]), record(END, &[])].concat();
        let sheet = [&record(BEGIN, &[]), &chart, &records.concat(), &record(END, &[])].map(Vec::as_slice).concat();
        [record(BOUND_SHEET, &[12, 0, 0, 0]), sheet, record(0x0203, &[0, 999])].concat()
    }

    #[test]
    fn a_cell_beyond_the_end_of_every_sheet_is_found() {
        let table = [
            (record(0x0203, &[65_535, 255]), true),
            (record(0x0203, &[0, 256]), false),
            (record(0x00FD, &[0, 59_000]), false),
            (record(0x0006, &[0, 0xFFFF]), false),
            (record(MUL_RK, &[0, 1, 0, 0, 0, 255]), true),
            (record(MUL_RK, &[0, 1, 0, 0, 0, 256]), false),
            (record(DIMENSIONS, &[0, 0, 0, 1, 0, 256, 0]), true),
            (record(DIMENSIONS, &[0, 0, 1, 1, 0, 256, 0]), false),
            (record(DIMENSIONS, &[0, 0, 0, 1, 0, 257, 0]), false),
            (record(DIMENSIONS, &[5, 0, 4, 0, 0, 1, 0]), false),
            (record(DIMENSIONS, &[0, 0, 0, 0, 0, 0, 0]), true),
            (record(DIMENSIONS, &[0, 9, 0, 256, 0]), true),
            (record(DIMENSIONS, &[0, 9, 0, 257, 0]), false),
            (record(0x1234, &[0, 999]), true),
        ];
        for (record, expected) in table {
            assert_eq!(are_in_place(&workbook(std::slice::from_ref(&record))), expected, "{record:?}");
        }
    }

    #[test]
    fn records_that_are_cut_off_end_the_search() {
        let whole = workbook(&[record(0x0203, &[0, 256])]);
        for length in 0..whole.len() {
            let _ = are_in_place(&whole[..length]);
        }
        assert!(are_in_place(&[]));
    }
}
