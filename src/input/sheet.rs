//! Sheet: a file that could be read, its header understood, its rows ready to be gone through as often as needed.
//!
//! This decides where the header stands and refuses what has none. It holds the decoded text once and one row at a time;
//! what a row means is decided in [`parsed_row`](super::parsed_row).

use crate::model::{Job, JobKey, Outcome, PlanId, ReportedSeat, Seat, Status};
use crate::tabular::cell_text::list;
use crate::tabular::read::{Contents, FileError, FileOptions, Hidden, Origin, QuoteFault, Row, RowChunks, Rows};
use crate::tabular::{DELIMITERS, Dialect, delimiter_name, delimiter_of_header};

use super::columns::{self, Columns};
use super::rounding::{self, RoundingVerdict};
use super::{
    Field, HiddenRows, IdTrust, InputError, LostSignatures, Options, ParsedRow, RowError, Subject, Warning, cell,
    lost_signatures, parsed_row,
};

/// How many rows are looked at when the first one is no header.
const ROWS_SEARCHED_FOR_HEADER: usize = 20;

/// A file that could be read: its text, its dialect, its header. Of a workbook, it is one sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    text: String,
    /// The byte behind the header.
    body: usize,
    header_row: u64,
    dialect: Dialect,
    origin: Origin,
    columns: Columns,
    options: Options,
    warnings: Vec<Warning>,
    /// The rows and columns that nobody sees.
    hidden: Hidden,
}

impl Sheet {
    /// Reads the bytes of a file as far as its header.
    ///
    /// # Errors
    /// [`InputError`] for what makes the file as a whole unusable, or contradicts the options; never for a row.
    pub fn read(bytes: Vec<u8>, options: &Options) -> Result<Self, InputError> {
        let Options { delimiter: said, encoding, sheet, limits, .. } = options;
        let file_options =
            FileOptions { delimiter: *said, encoding: encoding.as_deref(), sheet: sheet.as_deref(), limits: *limits };
        let contents = Contents::read(bytes, &file_options)?;
        let text = contents.text.as_str();
        let (begin, rows_before) = header_place(text, contents.start, options.header_row)?;
        let delimiter = delimiter(&text[begin..], contents.delimiter)?;
        let mut rows = Rows::new(text, delimiter).starting_at(begin, rows_before);
        let header = rows.next().ok_or(FileError::Empty)?;
        let header_row = header.number;
        refuse_bad_quotes(&header)?;
        let mut names: Vec<_> = header.cells().map(str::to_owned).collect();
        names.resize(names.len().max(contents.width), String::new());
        let columns = Columns::find(names, &options.map, &contents.origin)?;
        if !columns.name_users() {
            let delimiter = matches!(contents.origin, Origin::Text).then_some(delimiter);
            let hint = way_out(&text[contents.start..], &columns, header_row, &contents.origin);
            return Err(InputError::NoUsableColumn { header_row, delimiter, found: listed(&columns), hint });
        }
        columns.check(options)?;
        let body = rows.offset();
        if rows.next().is_none() {
            return Err(InputError::NoRows { header_row });
        }
        let dialect = contents.dialect(delimiter, begin..body);
        let hidden_columns = columns.hidden(&contents.hidden);
        let overruled =
            contents.overruled.map(|named| Warning::MarkOverEncoding { named, found: dialect.encoding.name() });
        let warnings = overruled.into_iter().chain(hidden_columns).chain(columns.warnings(options)).collect();
        let Contents { text, origin, hidden, .. } = contents;
        let mut sheet =
            Self { text, body, header_row, dialect, origin, columns, options: options.clone(), warnings, hidden }
                .judged()?;
        sheet.warnings.extend(sheet.hidden_rows());
        Ok(sheet)
    }

    /// What is to be said of rows that hold something and that nobody sees.
    fn hidden_rows(&self) -> Option<Warning> {
        if self.hidden.has_no_rows() || self.options.hidden_rows == HiddenRows::Skipped {
            return None;
        }
        let mut numbers = self.rows().map(|row| row.number).filter(|number| self.hidden.has_row(*number));
        let first_row = numbers.next()?;
        Some(Warning::HiddenRows { rows: 1 + numbers.count() as u64, first_row })
    }

    /// Refuses the sheet, or warns of it, where its ids look rounded and nobody insists on them.
    fn judged(mut self) -> Result<Self, InputError> {
        let judgement = match self.options.ids {
            IdTrust::Exact => RoundingVerdict::Exact,
            IdTrust::Judged => rounding::judge(&self),
        };
        match judgement {
            RoundingVerdict::Exact => {}
            RoundingVerdict::Suspicious(zeros) => self.warnings.push(Warning::RoundedIds(zeros)),
            RoundingVerdict::FloatRounded(zeros) => return Err(InputError::FloatedIds(zeros)),
            RoundingVerdict::Rounded(zeros) => return Err(InputError::RoundedIds(zeros)),
            RoundingVerdict::ProvenByKey { zeros, witness } => {
                return Err(InputError::RoundedBesideKeys { zeros, witness });
            }
        }
        Ok(self)
    }

    /// The same sheet with a plan for the rows that name none, when neither the rows nor the options do.
    #[must_use]
    pub fn with_plan(mut self, plan: PlanId) -> Self {
        self.options.plan_id = Some(plan);
        self
    }

    /// What is to be said once about the file.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Every cell of the header as it was.
    pub fn header(&self) -> &[String] {
        self.columns.header()
    }

    /// The row that holds the header, as a spreadsheet numbers it.
    pub const fn header_row(&self) -> u64 {
        self.header_row
    }

    /// The columns that a report carries along, by index: all but those of an earlier report, which the next replaces.
    pub fn carried(&self) -> &[usize] {
        self.columns.carried()
    }

    /// How the file is written. A workbook passes for the CSV that Excel writes: UTF-8 with a byte order mark, commas, and
    /// CRLF.
    pub const fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The rows below the header that hold anything. A second pass gives what the first one gave.
    pub fn rows(&self) -> Rows<'_> {
        let rows = Rows::new(&self.text, self.dialect.delimiter).starting_at(self.body, self.header_row);
        rows.unescaped(self.columns.formulas())
    }

    /// The same rows, `length` at a time. Going through the chunks without going through their rows costs little.
    pub fn chunks(&self, length: usize) -> RowChunks<'_> {
        RowChunks::new(self.rows(), length)
    }

    /// What a row orders, or everything that is wrong with it.
    pub fn parse(&self, row: &Row) -> ParsedRow {
        parsed_row::read(self, row)
    }

    /// Whether nobody sees a row, because it is hidden or filtered out.
    pub fn is_hidden(&self, row: &Row) -> bool {
        self.hidden.has_row(row.number)
    }

    /// Whether rows that nobody sees may change users.
    pub const fn refuses_hidden_rows(&self) -> bool {
        matches!(self.options.hidden_rows, HiddenRows::Refused) && !self.hidden.has_no_rows()
    }

    /// What is wrong with the cell that should say whether a row is approved; none where it says yes, no or nothing.
    pub fn unclear_approval(&self, row: &Row) -> Option<RowError> {
        parsed_row::unclear_approval(self, row)
    }

    /// Whom a row is about, whatever it orders.
    ///
    /// # Errors
    /// Everything that is wrong with the cells that say so.
    pub fn subject(&self, row: &Row) -> Result<Subject, Vec<RowError>> {
        parsed_row::subject(self, row)
    }

    /// The complaint that an [`ParsedRow::MissingPlan`] becomes when no plan can be found for it.
    pub fn no_plan(&self, row: u64) -> RowError {
        RowError {
            row,
            column: self.columns.name_of(Field::PlanId).map(str::to_owned),
            message: "no plan_id, and the action is done in a plan".to_owned(),
            hint: Some("add it to the row, or say --plan-id for all rows that name none".to_owned()),
        }
    }

    /// The seat that the user had when the sheet was exported, where the sheet is an export. A seat that no document
    /// names is carried as it was written.
    pub fn seat_was(&self, row: &Row) -> Option<ReportedSeat> {
        let text = cell::trim(row.cell(self.columns.seat_was()?));
        let seat = || text.parse::<Seat>().map_or_else(|_| ReportedSeat::Other(text.to_owned()), ReportedSeat::Known);
        (!text.is_empty()).then(seat)
    }

    /// Whether the rows are those of reviews, each with its signature.
    pub const fn is_signed(&self) -> bool {
        self.columns.at(Field::ResultSignature).is_some()
    }

    /// Why the sheet is a review that has lost its signatures, if it is one.
    pub fn lost_signatures(&self) -> Option<LostSignatures> {
        lost_signatures::find(self)
    }

    /// Whether a column says which rows may run.
    pub const fn is_approvable(&self) -> bool {
        self.columns.at(Field::Approved).is_some()
    }

    /// The job of the row's key, whatever its other cells say: what is not run keeps its key, or else a report that is
    /// read again would believe cells that the key contradicts.
    pub fn keyed_job(&self, row: &Row) -> Option<Job> {
        let text = row.cell(self.columns.at(Field::ResultKey)?);
        cell::bare(text).parse().ok().map(JobKey::into_job)
    }

    /// The text of the row's signature; empty where there is none.
    pub fn signature<'r>(&self, row: &'r Row) -> &'r str {
        self.columns.at(Field::ResultSignature).map_or("", |column| cell::bare(row.cell(column)))
    }

    /// The seat that an earlier report or review says its user held.
    pub fn seat_before(&self, row: &Row) -> Option<ReportedSeat> {
        let text = cell::trim(row.cell(self.columns.at(Field::ResultSeatBefore)?));
        (!text.is_empty()).then(|| ReportedSeat::from_api(text))
    }

    /// Whether the row says of itself that it was reviewed and would have been sent, signed or not.
    pub fn was_planned(&self, row: &Row) -> bool {
        let text = self.columns.at(Field::ResultStatus).map(|column| cell::trim(row.cell(column)));
        text.and_then(|text| text.parse().ok()) == Some(Status::Planned)
    }

    /// How the row ended in the report or review that it comes from, as far as the row says.
    pub fn earlier_outcome(&self, row: &Row) -> Option<Outcome> {
        let cell = |field| self.columns.at(field).map_or("", |column| cell::trim(row.cell(column)));
        let status = cell(Field::ResultStatus).parse().ok()?;
        let hint = Some(cell(Field::ResultHint).to_owned()).filter(|hint| !hint.is_empty());
        Some(Outcome { hint, ..Outcome::of_row(status, cell(Field::ResultMessage)) })
    }

    /// The row's number in the sheet that was reviewed, as far as the row says it.
    pub fn reviewed_row(&self, row: &Row) -> Option<u64> {
        cell::trim(row.cell(self.columns.at(Field::ResultRow)?)).parse().ok()
    }

    /// The complaint about a row's signature.
    pub fn bad_signature(&self, row: &Row, message: String, hint: String) -> RowError {
        let column = self.columns.name_of(Field::ResultSignature).map(str::to_owned);
        RowError { row: row.number, column, message, hint: Some(hint) }
    }

    /// The column in which rows are approved.
    pub const fn approved(&self) -> Option<usize> {
        self.columns.at(Field::Approved)
    }

    /// Which misbehaviour the row asks of a rehearsal.
    pub fn sandbox_fault<'r>(&self, row: &'r Row) -> Option<&'r str> {
        let text = cell::trim(row.cell(self.columns.at(Field::SandboxFault)?));
        (!text.is_empty()).then_some(text)
    }

    /// Whether a row has a cell for every column of the header. In a workbook it has, because none can have moved: those
    /// that are missing at its end are empty.
    pub(super) fn is_whole(&self, row: &Row) -> bool {
        match self.origin {
            Origin::Text => row.width() == self.columns.header().len(),
            Origin::Workbook(_) => true,
        }
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) const fn columns(&self) -> &Columns {
        &self.columns
    }

    pub(super) const fn options(&self) -> &Options {
        &self.options
    }
}

/// The byte at which the header begins, looked for from `start`, and how many rows stand before it.
fn header_place(text: &str, start: usize, header_row: Option<u64>) -> Result<(usize, u64), InputError> {
    // What separates cells is not known yet, and matters little for where rows begin.
    let mut rows = Rows::new(text, DELIMITERS[0]).starting_at(start, 0);
    let found = rows.by_ref().find(|row| header_row.is_none_or(|wanted| row.number >= wanted));
    match (found, header_row) {
        (Some(row), Some(wanted)) if row.number != wanted => Err(InputError::NoSuchHeader(wanted)),
        (Some(row), _) => Ok((rows.begin(), row.number - 1)),
        (None, Some(wanted)) => Err(InputError::NoSuchHeader(wanted)),
        (None, None) => Err(FileError::Empty.into()),
    }
}

/// What separates the cells of the header: what somebody says, else what the header shows.
fn delimiter(header: &str, said: Option<u8>) -> Result<u8, FileError> {
    match said {
        Some(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | b'\0') => Ok(byte),
        Some(byte) => Err(FileError::BadDelimiter(byte)),
        None => Ok(delimiter_of_header(header, |name| Field::of_header(name).is_some())),
    }
}

fn refuse_bad_quotes(header: &Row) -> Result<(), InputError> {
    match header.fault() {
        None => Ok(()),
        Some(
            QuoteFault::NeverClosed { cell, .. } | QuoteFault::Swallows { cell, .. } | QuoteFault::TextBehind { cell },
        ) => Err(InputError::BadHeader { header_row: header.number, column: cell + 1 }),
    }
}

fn listed(columns: &Columns) -> String {
    const MOST: usize = 12;
    let header: Vec<_> = columns.header().iter().filter(|name| !cell::is_blank(name)).collect();
    let shown = list(&header[..header.len().min(MOST)]);
    if header.len() > MOST { format!("{shown} and {} more", header.len() - MOST) } else { shown }
}

/// What its user can do about a header that names no users: offered, never done.
fn way_out(text: &str, columns: &Columns, header_row: u64, origin: &Origin) -> String {
    let by = |delimiter: &u8| Rows::new(text, *delimiter).find(|row| row.number >= header_row);
    if let Some(delimiter) = DELIMITERS.into_iter().find(|byte| by(byte).is_some_and(|row| names_users(&row))) {
        return match origin {
            Origin::Text => {
                let name = delimiter_name(delimiter);
                format!("separated by {name} it names users: say --delimiter {:?}", char::from(delimiter))
            }
            Origin::Workbook(_) => {
                "all columns stand in one: have the spreadsheet program split it into columns, or run \
                                    the CSV that it was made of"
                    .to_owned()
            }
        };
    }
    if let Some((number, names)) = likelier_header(text, header_row) {
        return format!("row {number} looks like the header ({names}): if it is, say --header-row {number}");
    }
    if let Some(column) = columns.bare_id() {
        let shown = cell::quote(column);
        return format!("if {shown} holds Smartsheet's user ids, say --map user_id={}", shown.trim_matches('`'));
    }
    let header = columns.header();
    if let Some(value) = header.iter().map(|name| cell::trim(name)).find(|name| is_data(name)) {
        return format!("{} looks like data: the sheet needs a row with the column names above it", cell::quote(value));
    }
    let near = header.iter().find_map(|name| {
        let field = columns::nearest(name).filter(|field| matches!(field, Field::UserId | Field::Email))?;
        Some((field, name.trim()))
    });
    match near {
        Some((field, name)) => {
            format!("did you mean `{field}`? Rename {}, or say --map {field}={name:?}", cell::quote(name))
        }
        None => "name the column that says who: --map user_id=COLUMN or --map email=COLUMN".to_owned(),
    }
}

/// A row below the first that names users, by any delimiter.
fn likelier_header(text: &str, header_row: u64) -> Option<(u64, String)> {
    let mut found: Vec<_> = DELIMITERS
        .into_iter()
        .filter_map(|delimiter| {
            let mut rows = Rows::new(text, delimiter).take(ROWS_SEARCHED_FOR_HEADER);
            let row = rows.find(|row| row.number > header_row && names_users(row))?;
            let names: Vec<_> = row.cells().map(str::trim).filter(|name| !name.is_empty()).take(4).collect();
            Some((row.number, list(&names)))
        })
        .collect();
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().next()
}

fn names_users(row: &Row) -> bool {
    let names = |name: &str| matches!(Field::of_header(name), Some(Field::UserId | Field::Email | Field::ResultKey));
    row.cells().any(names)
}

fn is_data(text: &str) -> bool {
    text.contains('@') || (text.len() > 5 && text.bytes().all(|byte| byte.is_ascii_digit()))
}
