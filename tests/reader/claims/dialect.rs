//! Dialects: a file that was read, written again by somebody else in any dialect, says the same.

use csv::{QuoteStyle, Terminator};
use seatrun::input::Options;
use seatrun::tabular::{Bom, LineEnding, SeparatorLine, formula_escape};

use super::{Line, Table, options};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const LINE_ENDINGS: [(LineEnding, Terminator, &str); 3] = [
    (LineEnding::Lf, Terminator::Any(b'\n'), "\n"),
    (LineEnding::CrLf, Terminator::CRLF, "\r\n"),
    (LineEnding::Cr, Terminator::Any(b'\r'), "\r"),
];
const QUOTES: [QuoteStyle; 3] = [QuoteStyle::Necessary, QuoteStyle::Always, QuoteStyle::NonNumeric];

/// Reads the file, writes it in a dialect that its bytes choose, and reads that.
pub(crate) fn dialect(file: &[u8]) {
    let Ok((table, sheet)) = Table::read(file, &options()) else { return };
    // The cells of a report stand behind guards, and are read without.
    let is_report = sheet.carried().len() < sheet.header().len();
    let written = |cell: &String| if is_report { formula_escape::escape(cell).into_owned() } else { cell.clone() };
    let mut choice = Choice::of(file);
    let delimiter = choice.among(&DELIMITERS);
    let (line_ending, terminator, ending) = choice.among(&LINE_ENDINGS);
    let quotes = choice.among(&QUOTES);
    let separator_line = choice.among(&[SeparatorLine::Absent, SeparatorLine::Present]);
    let (name, mark, encode) = choice.among(&[
        ("UTF-8", Bom::Absent, (|text| text.as_bytes().to_vec()) as fn(&str) -> Vec<u8>),
        ("UTF-8", Bom::Present, |text| format!("\u{feff}{text}").into()),
        ("UTF-16LE", Bom::Present, |text| utf16(text, u16::to_le_bytes)),
        ("UTF-16BE", Bom::Present, |text| utf16(text, u16::to_be_bytes)),
    ]);
    // A first cell that begins with a byte order mark cannot be told from a file that does.
    if table.header[0].starts_with('\u{feff}') {
        return;
    }
    let rows: Vec<_> = table.lines.iter().filter(|line| !line.is_blank()).map(|line| &line.cells).collect();
    if rows.is_empty() {
        return;
    }
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .terminator(terminator)
        .quote_style(quotes)
        .from_writer(Vec::new());
    writer.write_record(table.header.iter().map(written)).unwrap();
    for row in &rows {
        writer.write_record(row.iter().map(written)).unwrap();
    }
    let mut text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    if separator_line == SeparatorLine::Present {
        text.insert_str(0, &format!("sep={}{ending}", char::from(delimiter)));
    }
    // Names of columns that hold delimiters may look like more columns, and then a person has to say which one counts.
    let is_plain = |name: &String| !name.contains([',', ';', '\t', '|', '"', '\n', '\r']);
    let is_told = !table.header.iter().all(is_plain) || table.header.len() == 1;
    let named = Options { delimiter: is_told.then_some(delimiter), ..options() };
    let (again, sheet) = Table::read(&encode(&text), &named).unwrap_or_else(|error| panic!("{error}\n{text:?}"));
    let found = sheet.dialect();
    assert_eq!(
        (found.encoding.name(), found.mark, found.delimiter, found.line_ending, found.separator_line),
        (name, mark, delimiter, line_ending, separator_line),
        "{text:?}"
    );
    assert_eq!((again.header_row, &again.header), (1, &table.header), "{text:?}");
    let cells: Vec<_> = again.lines.iter().map(|Line { number, cells, .. }| (*number, cells)).collect();
    assert_eq!(cells, (2..).zip(rows).collect::<Vec<_>>(), "{text:?}");
}

/// Choices that the bytes of a file make, so that the same file makes the same ones again.
pub(crate) struct Choice(u64);

impl Choice {
    pub(crate) fn of(file: &[u8]) -> Self {
        // FNV-1a.
        Self(
            file.iter()
                .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = limit as u64;
        let chosen = (self.0 >> 16) % limit;
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(chosen).unwrap()
    }

    pub(crate) fn among<Value: Copy>(&mut self, values: &[Value]) -> Value {
        values[self.below(values.len())]
    }
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect()
}
