//! Rows: nothing of a file is lost or made up between its bytes and its cells, and each row has its number.

use seatrun::input::Options;

use super::table::is_space;
use super::{Line, Table, options};

/// Reads the file below a header of each delimiter, and compares with the `csv` crate and with a count of its own.
pub(crate) fn rows(file: &[u8]) {
    let Ok(body) = std::str::from_utf8(file) else { return };
    if body.contains('\0') {
        return;
    }
    for delimiter in [',', ';', '\t', '|'] {
        check(body, delimiter);
    }
}

fn check(body: &str, delimiter: char) {
    let header = format!("user_id{delimiter}action\n");
    let options = Options { delimiter: u8::try_from(delimiter).ok(), ..options() };
    let text = format!("{header}{body}");
    let mut records = records(body, delimiter);
    records.retain(|(_, record)| !is_blank(record));
    let lines = match Table::read(text.as_bytes(), &options) {
        Ok((table, _)) => table.lines,
        Err(error) => return assert!(records.is_empty(), "{error}: {records:?}"),
    };
    // A row that holds nothing but a stray quote is told of, though there is nothing in it to see.
    let lines: Vec<_> = lines.iter().filter(|line| !line.is_blank()).collect();
    let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, records.iter().map(|(number, _)| *number).collect::<Vec<_>>(), "{text:?}");
    let written: String =
        lines.iter().flat_map(|line| line.cells.iter()).flat_map(|cell| letters(cell, delimiter)).collect();
    assert_eq!(written, letters(body, delimiter).collect::<String>(), "{text:?}");
    compare_with_csv(&text, delimiter, &lines);
}

/// What a cell shows and no part of the dialect is.
fn letters(text: &str, delimiter: char) -> impl Iterator<Item = char> {
    text.chars().filter(move |letter| !is_space(*letter) && *letter != delimiter && *letter != '"')
}

fn compare_with_csv(text: &str, delimiter: char, lines: &[&Line]) {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or_default())
        .from_reader(text.as_bytes());
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let records: Vec<_> = reader.records().map(|record| cells(&record.unwrap())).collect();
    let records: Vec<_> = records.iter().filter(|record| !record.iter().all(|cell| is_blank(cell))).collect();
    assert_eq!(records.len(), lines.len(), "{text:?}");
    for (record, line) in records.into_iter().zip(lines) {
        // Space behind a closing quote is no part of the cell, and the `csv` crate takes it for one.
        let is_same = |(one, other): (&String, &String)| {
            one == other || one.trim_end_matches(is_space) == other.trim_end_matches(is_space)
        };
        assert_eq!(record.len(), line.cells.len(), "{record:?} {line:?}");
        assert!(record.iter().zip(&line.cells).all(is_same), "{record:?} {line:?}");
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// The records of a text below one row, with the numbers that a spreadsheet shows, delimiters and quotes taken out: a
/// quote counts only at the beginning of a cell.
fn records(text: &str, delimiter: char) -> Vec<(u64, String)> {
    let mut records = vec![(2, String::new())];
    let (mut is_quoted, mut at_start) = (false, true);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                records.last_mut().unwrap().1.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if at_start => (is_quoted, at_start) = (true, false),
            _ if is_quoted => records.last_mut().unwrap().1.push(letter),
            '\n' | '\r' => {
                if letter == '\r' {
                    letters.next_if_eq(&'\n');
                }
                let number = records.last().unwrap().0 + 1;
                records.push((number, String::new()));
                at_start = true;
            }
            _ if letter == delimiter => at_start = true,
            _ => {
                records.last_mut().unwrap().1.push(letter);
                at_start = false;
            }
        }
    }
    records
}
