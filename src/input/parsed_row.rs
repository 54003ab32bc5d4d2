//! Entries: what a row is once it has been read: a job, or the reason why it is none.
//!
//! This decides the order of the questions. First whether the cells stand in their columns at all, then whether the row
//! is to run, then what it asks for. A row that is left out is not judged further; any other is read to the end, so that
//! all its complaints are told at once.

use crate::model::{Action, ActionName, Email, Status, UserId};
use crate::tabular::read::Row;

use super::action::{self, RowAction};
use super::result_key::{self, Key};
use super::row_parser::RowParser;
use super::{Field, RowError, Sheet, cell};

/// Whom a row is about, as far as the row says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// By id.
    Id(UserId),
    /// By primary email address; the id has to be looked up.
    Email(Email),
    /// By both, which must be the same user's.
    Both(UserId, Email),
}

impl Subject {
    /// The address that the row gives.
    pub const fn email(&self) -> Option<&Email> {
        match self {
            Self::Id(_) => None,
            Self::Email(email) | Self::Both(_, email) => Some(email),
        }
    }
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedRow {
    /// A wanted effect.
    Job {
        /// On whom.
        subject: Subject,
        /// What.
        action: Action,
        /// What its user should know of the row.
        notes: Vec<String>,
    },
    /// A wanted effect in a plan that neither the row nor the options name. With the plan in hand,
    /// [`Sheet::with_plan`] makes a job of it; without, [`Sheet::no_plan`] says what it lacks.
    MissingPlan {
        /// On whom.
        subject: Subject,
        /// What.
        action: ActionName,
    },
    /// Left out on purpose: `SKIPPED`.
    Skipped {
        /// Of whom, where the row can be read so far.
        subject: Option<Subject>,
        /// Why.
        reason: String,
    },
    /// `INVALID`.
    Invalid {
        /// Everything that is wrong with it; never empty.
        errors: Vec<RowError>,
    },
}

/// Reads a row.
pub(super) fn read(sheet: &Sheet, row: &Row) -> ParsedRow {
    let mut parser = RowParser::new(sheet, row);
    parser.check_shape();
    if parser.is_sound() {
        if let Some(reason) = left_out(&mut parser) {
            return ParsedRow::Skipped { subject: subject_if_sound(sheet, row), reason };
        }
        match result_key::key(&mut parser) {
            Key::Absent => return by_columns(parser),
            Key::Job(job) => {
                let subject = result_key::subject(&mut parser, &job);
                return finish(parser, Some(subject), RowAction::Do(job.action));
            }
            Key::Broken => {}
        }
    }
    finish(parser, None, RowAction::Unclear)
}

fn by_columns(mut parser: RowParser<'_>) -> ParsedRow {
    let subject = parser.subject();
    let order = action::read(&mut parser);
    finish(parser, subject, order)
}

fn finish(mut parser: RowParser<'_>, subject: Option<Subject>, order: RowAction) -> ParsedRow {
    if parser.is_sound() {
        match (subject, order) {
            (Some(subject), RowAction::Do(action)) => {
                return ParsedRow::Job { subject, action, notes: parser.into_notes() };
            }
            (Some(subject), RowAction::MissingPlan(action)) => return ParsedRow::MissingPlan { subject, action },
            // The readers complain of everything they cannot read, so this is a hole in one of them; no row may fall
            // through it.
            (None, _) | (Some(_), RowAction::Unclear) => parser.complain_of_row(
                "the row cannot be understood, and why was not noticed".to_owned(),
                "this is a bug in seatrun: please report it with this row",
            ),
        }
    }
    ParsedRow::Invalid { errors: parser.into_complaints() }
}

fn subject_if_sound(sheet: &Sheet, row: &Row) -> Option<Subject> {
    subject(sheet, row).ok()
}

/// Whom a row is about, whatever it orders.
pub(super) fn subject(sheet: &Sheet, row: &Row) -> Result<Subject, Vec<RowError>> {
    let mut parser = RowParser::new(sheet, row);
    let subject = match result_key::key(&mut parser) {
        Key::Absent => parser.subject(),
        Key::Job(job) => Some(result_key::subject(&mut parser, &job)),
        Key::Broken => None,
    };
    match subject {
        Some(subject) if parser.is_sound() => Ok(subject),
        Some(_) | None => Err(parser.into_complaints()),
    }
}

/// What is wrong with the cell that should say whether the row is approved.
pub(super) fn unclear_approval(sheet: &Sheet, row: &Row) -> Option<RowError> {
    let mut parser = RowParser::new(sheet, row);
    parser.approval();
    parser.into_complaints().pop()
}

/// Why the row is not to run, if it is not.
fn left_out(parser: &mut RowParser<'_>) -> Option<String> {
    if let Some(only) = &parser.options.only {
        let text = parser.cell(Field::ResultStatus);
        let status = text.and_then(|text| text.parse::<Status>().ok());
        if !status.is_some_and(|status| only.contains(&status)) {
            let was = match (status, text) {
                (Some(status), _) => format!("it was {status}"),
                (None, Some(text)) => format!("its status, {}, is none that is known", cell::quote(text)),
                (None, None) => "it has no status".to_owned(),
            };
            let names: Vec<_> = only.iter().map(|status| status.name()).collect();
            return Some(format!("{was}, and --only asks for {}", names.join(", ")));
        }
    }
    if parser.is_skipped_as_hidden() {
        return Some("hidden or filtered out in the workbook, and --visible-only skips such rows".to_owned());
    }
    parser.columns.at(Field::Approved)?;
    if parser.cell(Field::Approved).is_none() {
        return Some("not approved".to_owned());
    }
    match parser.approval() {
        Some(false) => Some("not approved".to_owned()),
        Some(true) | None => None,
    }
}
