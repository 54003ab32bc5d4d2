//! Columns: neither their order nor the spelling of their names changes what a row says, and `--map` is obeyed.

use seatrun::input::{Field, InputError, Options};
use seatrun::model::normalize_name;

use super::dialect::Choice;
use super::{Line, Table, options};

/// At most so many columns are mapped in turn.
const MOST_MAPPED: usize = 8;

/// Reads the file with its columns moved about and their names written in other ways, and with each one mapped.
pub(crate) fn columns(file: &[u8]) {
    let Ok((table, _)) = Table::read(file, &options()) else { return };
    let width = table.header.len();
    // A line inside a cell can look like a row, or not, by the order of the columns.
    let is_plain =
        |line: &&Line| line.cells.len() == width && !line.cells.iter().any(|cell| cell.contains(['\n', '\r']));
    let rows: Vec<_> = table.lines.iter().filter(is_plain).filter(|line| !line.is_blank()).collect();
    if rows.is_empty() {
        return;
    }
    let rows: Vec<_> = rows.into_iter().map(|line| line.cells.clone()).collect();
    let plain = write(&table.header, &rows);
    let (expected, _) = read(&plain, &options()).unwrap_or_else(|error| panic!("{error}"));

    let mut choice = Choice::of(file);
    let order: Vec<_> = shuffled(width, &mut choice);
    let moved = |cells: &Vec<String>| order.iter().map(|column| cells[*column].clone()).collect::<Vec<_>>();
    let names: Vec<_> = moved(&table.header).iter().map(|name| respelt(name, &mut choice)).collect();
    let other = write(&names, &rows.iter().map(moved).collect::<Vec<_>>());
    let (found, _) = read(&other, &options()).unwrap_or_else(|error| panic!("{error}\n{names:?}"));
    let tell = |table: &Table| table.lines.iter().map(Line::meaning).collect::<Vec<_>>();
    assert_eq!(tell(&found), tell(&expected), "{names:?}");

    // A field that is mapped to no name is ignored.
    for column in (0..width.min(MOST_MAPPED)).filter(|column| !expected.header[*column].is_empty()) {
        check_mapped(&plain, column, &expected.header);
    }
}

fn check_mapped(file: &[u8], column: usize, header: &[String]) {
    let options = Options { map: vec![(Field::UserId, header[column].clone())], ..options() };
    match read(file, &options) {
        Ok((table, _)) => {
            let has_key = header.iter().any(|name| normalize_name(name).contains("resultkey"));
            table.lines.iter().filter(|_| !has_key).for_each(|line| line.check_id(column));
        }
        Err(InputError::DuplicateColumns { first, second, .. }) => {
            assert!(first.0 < second.0 && second.0 <= header.len(), "{first:?}, {second:?}");
            assert_eq!((&first.1, &second.1), (&header[first.0 - 1], &header[second.0 - 1]));
        }
        Err(error) => panic!("--map user_id={:?}: {error}", header[column]),
    }
}

/// The name of a known column, in other case and spacing; any other as it is.
fn respelt(name: &str, choice: &mut Choice) -> String {
    if name.parse::<Field>().is_err() {
        return name.to_owned();
    }
    let mut spelt = String::new();
    for letter in name.chars() {
        spelt.push(if choice.below(2) == 0 { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
        spelt.push_str(choice.among(&["", "", "", " ", "_", "-", "\u{a0}"]));
    }
    spelt
}

fn shuffled(count: usize, choice: &mut Choice) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    for place in (1..count).rev() {
        order.swap(place, choice.below(place + 1));
    }
    order
}

fn write(header: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    // Quoted throughout, so that a first cell with a byte order mark is not taken for the file's.
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

fn read(file: &[u8], options: &Options) -> Result<(Table, seatrun::input::Sheet), InputError> {
    Table::read(file, &Options { delimiter: Some(b','), ..options.clone() })
}
