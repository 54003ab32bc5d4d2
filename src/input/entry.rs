//! Entries: what a row is once it has been read: a job, or the reason why it is none.
//!
//! This decides the order of the questions. First whether the cells stand in their columns at all, then whether the row
//! is to run, then what it asks for. A row that is left out is not judged further; any other is read to the end, so that
//! all its complaints are told at once.

use crate::model::{Action, ActionName, Email, Status, UserId};
use crate::tabular::read::Row;

use super::keyed::{self, Key};
use super::order::{self, Order};
use super::reading::Reading;
use super::{Complaint, Field, Sheet, cell};

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
pub enum Entry {
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
        complaints: Vec<Complaint>,
    },
}

/// Reads a row.
pub(super) fn read(sheet: &Sheet, row: &Row) -> Entry {
    let mut reading = Reading::new(sheet, row);
    reading.check_shape();
    if reading.is_sound() {
        if let Some(reason) = left_out(&mut reading) {
            return Entry::Skipped { subject: subject_if_sound(sheet, row), reason };
        }
        match keyed::key(&mut reading) {
            Key::Absent => return by_columns(reading),
            Key::Job(job) => {
                let subject = keyed::subject(&mut reading, &job);
                return finish(reading, Some(subject), Order::Do(job.action));
            }
            Key::Broken => {}
        }
    }
    finish(reading, None, Order::Unclear)
}

fn by_columns(mut reading: Reading<'_>) -> Entry {
    let subject = reading.subject();
    let order = order::read(&mut reading);
    finish(reading, subject, order)
}

fn finish(mut reading: Reading<'_>, subject: Option<Subject>, order: Order) -> Entry {
    if reading.is_sound() {
        match (subject, order) {
            (Some(subject), Order::Do(action)) => return Entry::Job { subject, action, notes: reading.into_notes() },
            (Some(subject), Order::WantsPlan(action)) => return Entry::MissingPlan { subject, action },
            // The readers complain of everything they cannot read, so this is a hole in one of them; no row may fall
            // through it.
            (None, _) | (Some(_), Order::Unclear) => reading.complain_of_row(
                "the row cannot be understood, and why was not noticed".to_owned(),
                "this is a bug in seatrun: please report it with this row",
            ),
        }
    }
    Entry::Invalid { complaints: reading.into_complaints() }
}

fn subject_if_sound(sheet: &Sheet, row: &Row) -> Option<Subject> {
    subject(sheet, row).ok()
}

/// Whom a row is about, whatever it orders.
pub(super) fn subject(sheet: &Sheet, row: &Row) -> Result<Subject, Vec<Complaint>> {
    let mut reading = Reading::new(sheet, row);
    let subject = match keyed::key(&mut reading) {
        Key::Absent => reading.subject(),
        Key::Job(job) => Some(keyed::subject(&mut reading, &job)),
        Key::Broken => None,
    };
    match subject {
        Some(subject) if reading.is_sound() => Ok(subject),
        Some(_) | None => Err(reading.into_complaints()),
    }
}

/// Why the row is not to run, if it is not.
fn left_out(reading: &mut Reading<'_>) -> Option<String> {
    if let Some(only) = &reading.options.only {
        let text = reading.cell(Field::ResultStatus);
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
    reading.columns.at(Field::Approved)?;
    if reading.cell(Field::Approved).is_none() {
        return Some("not approved".to_owned());
    }
    match reading.value(Field::Approved, cell::flag) {
        Some(false) => Some("not approved".to_owned()),
        Some(true) | None => None,
    }
}
