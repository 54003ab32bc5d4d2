//! Tables: everything that the reader says of a file, and what must hold of it whatever the file is.

use seatrun::input::{Field, IdTrust, InputError, Options, ParsedRow, RowError, Sheet, Subject};
use seatrun::model::{ActionName, normalize_name};

/// What a row would say whose trouble the reader had overlooked.
const NO_REASON: &str = "the row cannot be understood, and why was not noticed";

/// A file that could be read.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) header_row: u64,
    pub(crate) header: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// A row of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) cells: Vec<String>,
    pub(crate) entry: ParsedRow,
}

/// Options under which as many files as possible are read to their rows.
pub(crate) fn options() -> Options {
    Options { action: Some(ActionName::Plans), ids: IdTrust::Exact, ..Options::default() }
}

impl Table {
    /// Reads a file to its end, and checks all that the reader says.
    pub(crate) fn read(bytes: &[u8], options: &Options) -> Result<(Self, Sheet), InputError> {
        let sheet = Sheet::read(bytes.to_vec(), options).inspect_err(check_refusal)?;
        let table = Self::of(&sheet);
        assert_eq!(table, Self::of(&sheet), "a second pass gives what the first one gave");
        assert!(sheet.chunks(2).flatten().eq(sheet.rows()), "chunks are the rows, some at a time");
        table.check(&sheet, options);
        Ok((table, sheet))
    }

    fn of(sheet: &Sheet) -> Self {
        let line = |row: seatrun::input::Row| Line {
            number: row.number,
            cells: row.cells().map(str::to_owned).collect(),
            entry: sheet.parse(&row),
        };
        Self {
            header_row: sheet.header_row(),
            header: sheet.header().to_vec(),
            lines: sheet.rows().map(line).collect(),
        }
    }

    fn check(&self, sheet: &Sheet, options: &Options) {
        assert!(self.lines.is_sorted_by(|one, next| one.number < next.number), "rows are numbered upwards");
        assert!(self.lines.first().is_some_and(|line| line.number > self.header_row), "rows stand below their header");
        assert!(sheet.carried().is_sorted_by(|one, next| one < next), "columns are carried in order");
        assert!(sheet.carried().iter().all(|column| *column < self.header.len()), "what is carried is in the header");
        assert!(sheet.warnings().iter().all(|warning| is_one_line(&warning.to_string())));
        let id_column = self.header.iter().position(|name| name.parse() == Ok(Field::UserId));
        let has_key = self.header.iter().any(|name| normalize_name(name).contains("resultkey"));
        for line in &self.lines {
            if let ParsedRow::Invalid { errors: complaints } = &line.entry {
                self.check_complaints(line.number, complaints);
            }
            if let (Some(column), true, false) = (id_column, options.map.is_empty(), has_key) {
                line.check_id(column);
            }
        }
    }

    fn check_complaints(&self, row: u64, complaints: &[RowError]) {
        assert!(!complaints.is_empty(), "row {row} is invalid for no reason");
        for complaint in complaints {
            assert_eq!(complaint.row, row, "{complaint}");
            let is_there = |column: &String| self.header.iter().any(|name| name.contains(column.as_str()));
            assert!(complaint.column.iter().all(is_there), "{complaint}");
            assert!(is_one_line(&complaint.message) && complaint.message != NO_REASON, "{complaint}");
            assert!(complaint.hint.iter().all(|hint| is_one_line(hint)), "{complaint}: {:?}", complaint.hint);
        }
    }
}

impl Line {
    /// The id that the row is about, where it was read from a column of ids.
    pub(crate) fn id(&self) -> Option<u64> {
        match &self.entry {
            ParsedRow::Job { subject: Subject::Id(id) | Subject::Both(id, _), .. }
            | ParsedRow::MissingPlan { subject: Subject::Id(id) | Subject::Both(id, _), .. }
            | ParsedRow::Skipped { subject: Some(Subject::Id(id) | Subject::Both(id, _)), .. } => Some(id.get()),
            ParsedRow::Job { subject: Subject::Email(_), .. }
            | ParsedRow::MissingPlan { subject: Subject::Email(_), .. }
            | ParsedRow::Skipped { subject: Some(Subject::Email(_)) | None, .. }
            | ParsedRow::Invalid { .. } => None,
        }
    }

    /// The row's number and what it says, without the names of its columns.
    pub(crate) fn meaning(&self) -> (u64, String) {
        let said = match &self.entry {
            ParsedRow::Job { subject, action, notes } => format!("{subject:?} {action:?}, {} notes", notes.len()),
            ParsedRow::MissingPlan { subject, action } => format!("{subject:?} {action:?} in no plan"),
            ParsedRow::Skipped { subject, reason } => format!("{subject:?} {reason}"),
            ParsedRow::Invalid { errors: complaints } => {
                let named = |column: &str| {
                    column.parse::<Field>().map_or_else(|_| normalize_name(column), |field| field.to_string())
                };
                let columns: Vec<_> =
                    complaints.iter().map(|complaint| complaint.column.as_deref().map(named)).collect();
                format!("{columns:?}")
            }
        };
        (self.number, said)
    }

    /// An id is the digits of its cell, all of them and no others.
    pub(crate) fn check_id(&self, column: usize) {
        let Some(id) = self.id() else { return };
        let cell = self.cells.get(column).map_or("", String::as_str);
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits.trim_start_matches('0'), id.to_string(), "row {}: an id was changed: {cell:?}", self.number);
    }

    /// Whether there is nothing in the row to see.
    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.chars().all(is_space))
    }
}

/// White space, and the marks without width that count as such.
pub(crate) fn is_space(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{2066}'..='\u{2069}')
}

fn check_refusal(error: &InputError) {
    assert!(is_one_line(&error.to_string()), "{error:?}");
    assert!(is_one_line(&error.hint()), "{error:?}: {}", error.hint());
}

fn is_one_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(['\n', '\r'])
}
