//! Rows with a key: reports and reviews that come back, perhaps through a spreadsheet that rounded every id in them.
//!
//! The key says who, what and how; the cells beside it must not say otherwise. A cell that a spreadsheet has rounded is
//! no contradiction, an edited one is, and then nobody can tell which of the two is meant: neither runs.

use std::fmt::Display;

use crate::model::{Action, Job, JobKey};

use super::reading::Reading;
use super::{Field, Subject, cell, number, order};

/// What the key column of a row says.
pub(super) enum Key {
    /// There is none: the row is read by its other columns.
    Absent,
    /// The row is this job.
    Job(Job),
    /// There is one, and it is damaged; the reading has the complaint.
    Broken,
}

/// Reads the key of a row.
pub(super) fn key(reading: &mut Reading<'_>) -> Key {
    let Some(text) = reading.cell(Field::ResultKey) else { return Key::Absent };
    match cell::bare(text).parse::<JobKey>() {
        Ok(key) => Key::Job(key.into_job()),
        Err(error) => {
            let message = format!("{} is not a key of a report: {error}", cell::quote(text));
            let hint = match reading.columns.at(Field::ResultSignature) {
                Some(_) => "copy the cell from the review again",
                None => "copy the cell from the report again, or empty it to have the row read by its other columns",
            };
            reading.complain(Field::ResultKey, message, Some(hint));
            Key::Broken
        }
    }
}

/// Whom a keyed row is about; complains of every cell that contradicts the key.
pub(super) fn subject(reading: &mut Reading<'_>, job: &Job) -> Subject {
    check_id(reading, Field::UserId, job.user.get());
    check_action(reading, &job.action);
    if let Some(plan) = job.action.plan() {
        check_id(reading, Field::PlanId, plan.get());
    }
    match reading.email() {
        Some(email) => Subject::Both(job.user, email),
        None => Subject::Id(job.user),
    }
}

fn check_id(reading: &mut Reading<'_>, field: Field, exact: u64) {
    let Some(text) = reading.cell(field) else { return };
    if !number::shows(cell::bare(text), exact) {
        contradiction(reading, field, text, &exact);
    }
}

fn check_action(reading: &mut Reading<'_>, action: &Action) {
    let name = reading.value(Field::Action, order::read_action);
    if let Some(name) = name.filter(|name| *name != action.name()) {
        contradiction(reading, Field::Action, name.name(), &action.name());
    }
    if let Some(wanted) = action.seat() {
        let seat = reading.value(Field::SeatType, order::read_seat);
        if let Some(seat) = seat.filter(|seat| !seat.is_same(wanted)) {
            contradiction(reading, Field::SeatType, seat.name(), &wanted);
        }
    }
    match action {
        Action::Update(_) => {
            order::note_seat(reading, action.name());
            check_attributes(reading, action);
        }
        Action::Downgrade { .. } | Action::Upgrade { .. } => order::note_attributes(reading, action.name()),
        Action::Deactivate | Action::Reactivate | Action::Remove { .. } | Action::Plans => {
            order::note_seat(reading, action.name());
            order::note_attributes(reading, action.name());
        }
    }
}

/// An update's cells say the same as its key, emptied ones included: an emptied cell is how a person takes an attribute
/// out. Columns that are gone say nothing.
fn check_attributes(reading: &mut Reading<'_>, action: &Action) {
    let Action::Update(wanted) = action else { return };
    let columns = reading.columns;
    let is_there = |field: &Field| columns.at(*field).is_some();
    let flags = [
        (Field::Admin, wanted.admin),
        (Field::LicensedSheetCreator, wanted.licensed_sheet_creator),
        (Field::GroupAdmin, wanted.group_admin),
        (Field::ResourceViewer, wanted.resource_viewer),
    ];
    let names = [(Field::FirstName, &wanted.first_name), (Field::LastName, &wanted.last_name)];
    for (field, wanted) in flags.into_iter().filter(|(field, _)| is_there(field)) {
        if reading.value(field, cell::flag) != wanted {
            contradicts(reading, field, wanted.map(|flag| flag.to_string()));
        }
    }
    for (field, wanted) in names.into_iter().filter(|(field, _)| is_there(field)) {
        // The key proves that this is a name, however it looks.
        if reading.cell(field) != wanted.as_deref() {
            contradicts(reading, field, wanted.clone());
        }
    }
}

fn contradicts(reading: &mut Reading<'_>, field: Field, wanted: Option<String>) {
    let text = reading.cell(field).unwrap_or_default();
    contradiction(reading, field, text, &wanted.unwrap_or_else(|| "left as it is".to_owned()));
}

fn contradiction(reading: &mut Reading<'_>, field: Field, said: &str, wanted: &dyn Display) {
    let key = reading.columns.name_of(Field::ResultKey).unwrap_or_default();
    let said = if said.is_empty() { "an empty cell".to_owned() } else { cell::quote(said) };
    let message = format!("{said} contradicts {}, which says {}", cell::quote(key), cell::quote(&wanted.to_string()));
    let hint = match reading.columns.at(Field::ResultSignature) {
        Some(_) => "a review runs as it was reviewed: put back what it was, or change the input and review that again",
        None => {
            "to run what the columns say, empty the key; to run what the key says, empty this cell or put back what it was"
        }
    };
    reading.complain(field, message, Some(hint));
}
