//! Row parser: one row while it is read, its cells by field and everything there is to complain about.
//!
//! It collects and decides nothing: a reader asks it for a cell, and an error that is found here never ends it.

use crate::model::{Email, UserId};
use crate::tabular::read::{Flaw, Origin, QuoteFault, Row};

use super::cell::{self, Unreadable};
use super::columns::Columns;
use super::{Field, HiddenRows, IdTrust, Options, RowError, Sheet, Subject, approved};

/// Smartsheet's ids have some sixteen digits; numbers that people write have fewer than thirteen.
const SHORTEST_ID: u64 = 1_000_000_000_000;

/// One row while it is read.
pub(super) struct RowParser<'a> {
    pub(super) columns: &'a Columns,
    pub(super) options: &'a Options,
    sheet: &'a Sheet,
    row: &'a Row,
    complaints: Vec<RowError>,
    notes: Vec<String>,
}

impl<'a> RowParser<'a> {
    pub(super) const fn new(sheet: &'a Sheet, row: &'a Row) -> Self {
        Self {
            columns: sheet.columns(),
            options: sheet.options(),
            sheet,
            row,
            complaints: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What a field's cell says, without the space around it; none where it says nothing.
    pub(super) fn cell(&self, field: Field) -> Option<&'a str> {
        let text = cell::trim(self.row.cell(self.columns.at(field)?));
        (!text.is_empty()).then_some(text)
    }

    /// What a cell says that may hold any text.
    pub(super) fn text(&mut self, field: Field) -> Option<String> {
        self.value(field, |text| cell::refuse_foreign_quotes(text).map(|()| text.to_owned()))
    }

    /// Whether nobody sees the row, and only what can be seen is to run.
    pub(super) fn is_skipped_as_hidden(&self) -> bool {
        self.options.hidden_rows == HiddenRows::Skipped && self.sheet.is_hidden(self.row)
    }

    /// Whether the row is approved; none where its cell says nothing that is understood. Of this cell, what nobody sees
    /// counts, too.
    pub(super) fn approval(&mut self) -> Option<bool> {
        let whole = self.row.cell(self.columns.at(Field::Approved)?);
        self.value(Field::Approved, |_| approved::read(whole))
    }

    /// Reads a field's cell, where it says anything, and complains of what cannot be read.
    pub(super) fn value<Value>(
        &mut self,
        field: Field,
        reader: impl FnOnce(&str) -> Result<Value, Unreadable>,
    ) -> Option<Value> {
        let text = self.cell(field)?;
        let read = match self.flaw(field) {
            Some(flaw) => Err(cell::flawed(text, flaw)),
            None => cell::refuse_error(text).and_then(|()| reader(text)),
        };
        match read {
            Ok(value) => Some(value),
            Err(Unreadable { message, hint }) => {
                self.complain(field, message, hint.as_deref());
                None
            }
        }
    }

    /// What is wrong with a field's cell, beyond what its text tells.
    fn flaw(&self, field: Field) -> Option<Flaw> {
        let flaw = self.sheet.origin().flaw(self.row.number, self.columns.at(field)?)?;
        match (flaw, field, self.options.ids) {
            (Flaw::LostDigits | Flaw::Uncalculated | Flaw::Unshown, _, _)
            | (Flaw::PerhapsLostDigit, Field::PlanId, IdTrust::Judged) => Some(flaw),
            // User ids are judged all together.
            (Flaw::PerhapsLostDigit, _, _) => None,
        }
    }

    /// Complains of a field's cell, or of the row where the sheet has no such column.
    pub(super) fn complain(&mut self, field: Field, message: String, hint: Option<&str>) {
        let column = self.columns.name_of(field).map(str::to_owned);
        self.complaints.push(RowError { row: self.row.number, column, message, hint: hint.map(str::to_owned) });
    }

    /// Complains of the row as a whole.
    pub(super) fn complain_of_row(&mut self, message: String, hint: &str) {
        self.complaints.push(RowError { row: self.row.number, column: None, message, hint: Some(hint.to_owned()) });
    }

    fn complain_of_cell(&mut self, index: usize, message: String, hint: &str) {
        let column = self.columns.header().get(index).map(|name| name.trim().to_owned());
        self.complaints.push(RowError { row: self.row.number, column, message, hint: Some(hint.to_owned()) });
    }

    /// Notes something about a row that runs all the same.
    pub(super) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    pub(super) fn into_notes(self) -> Vec<String> {
        self.notes
    }

    pub(super) fn into_complaints(self) -> Vec<RowError> {
        self.complaints
    }

    /// Whether there is nothing to complain about, so far.
    pub(super) const fn is_sound(&self) -> bool {
        self.complaints.is_empty()
    }

    /// Whom the row is about.
    pub(super) fn subject(&mut self) -> Option<Subject> {
        let is_silent = self.cell(Field::UserId).is_none() && self.cell(Field::Email).is_none();
        if is_silent {
            let columns: Vec<_> =
                [Field::UserId, Field::Email].into_iter().filter_map(|field| self.columns.name_of(field)).collect();
            let message = match columns.as_slice() {
                [] => "the row does not say whom it is about".to_owned(),
                [_] => "is empty, so the row does not say whom it is about".to_owned(),
                _ => "is empty, and so is the email: the row does not say whom it is about".to_owned(),
            };
            let field = if self.columns.at(Field::UserId).is_some() { Field::UserId } else { Field::Email };
            self.complain(field, message, Some("fill in the user's id or email address, or delete the row"));
            return None;
        }
        let id = self.value(Field::UserId, cell::id);
        let email = self.email();
        match (id, email) {
            (Some(id), Some(email)) => Some(Subject::Both(id, email)),
            (Some(id), None) => Some(Subject::Id(id)),
            (None, Some(email)) => Some(Subject::Email(email)),
            (None, None) => None,
        }
    }

    /// The email address of the row, where it names one.
    pub(super) fn email(&mut self) -> Option<Email> {
        self.value(Field::Email, cell::email)
    }

    /// Complains of a row whose cells may not stand in the columns they belong to.
    pub(super) fn check_shape(&mut self) {
        if let Some(fault) = self.row.fault() {
            self.complain_of_quotes(fault);
            return;
        }
        let (width, expected) = (self.row.width(), self.columns.header().len());
        if !self.sheet.is_whole(self.row) {
            let message = format!("has {width} cells, and the header has {expected}");
            self.complain_of_row(message, "quote a value that holds the delimiter, and keep empty cells at the end");
            return;
        }
        self.check_shown();
        if let Some((index, line)) = self.swallowed_row() {
            let message = format!("holds what looks like a row of its own: {}", cell::quote(line));
            self.complain_of_cell(index, message, "look for a quote too many in front of it");
        }
    }

    /// Complains of formulas that may only seem to say nothing: a default would take the place of what they mean.
    fn check_shown(&mut self) {
        if matches!(self.sheet.origin(), Origin::Text) {
            return;
        }
        for field in Field::WRITTEN.iter().copied() {
            if self.flaw(field) == Some(Flaw::Unshown) {
                let Unreadable { message, hint } = cell::flawed("", Flaw::Unshown);
                self.complain(field, message, hint.as_deref());
            }
        }
    }

    fn complain_of_quotes(&mut self, fault: QuoteFault) {
        const REMEDY: &str = "take the stray quote out, or write it twice inside a quoted cell";
        match fault {
            QuoteFault::NeverClosed { cell, breaks } => {
                let message = format!(
                    "opens a quote that is never closed: the rest of the file ({breaks} line breaks) went into this cell"
                );
                self.complain_of_cell(cell, message, REMEDY);
            }
            QuoteFault::Swallows { cell, breaks } => {
                let message = format!("holds {breaks} line breaks: a quote too many has swallowed the rows below");
                self.complain_of_cell(cell, message, REMEDY);
            }
            QuoteFault::TextBehind { cell } => {
                let shown = cell::quote(self.row.cell(cell));
                self.complain_of_cell(cell, format!("has text behind its closing quote: {shown}"), REMEDY);
            }
        }
    }

    /// A line inside a cell that would be a row with a readable user: a quote that was opened by mistake and closed by
    /// chance hides rows without a trace.
    fn swallowed_row(&self) -> Option<(usize, &'a str)> {
        let (row, width) = (self.row, self.columns.header().len());
        let delimiter = char::from(self.sheet.dialect().delimiter);
        if width < 2 {
            return None;
        }
        let is_row = |line: &str| {
            let cells = line.split(delimiter).count();
            let at = |field| self.columns.at(field).and_then(|index| line.split(delimiter).nth(index));
            // The last line is cut where a quote happens to stand. A short number in front of a comma is no user yet.
            let shortest = if cells == width { 1 } else { SHORTEST_ID };
            let is_user = |text: &str| cell::id::<UserId>(text).is_ok_and(|id| id.get() >= shortest);
            cells > 1
                && (at(Field::UserId).is_some_and(is_user)
                    || at(Field::Email).is_some_and(|text| Email::new(cell::bare(text)).is_some()))
        };
        (0..row.width()).find_map(|index| {
            let (_, below) = row.cell(index).split_once(['\n', '\r'])?;
            Some((index, below.split(['\n', '\r']).find(|line| is_row(line))?))
        })
    }
}
