//! People: how the page names whom a row is about, by what the row says of them, and else by what the API said.

use crate::model::{Attributes, Email};
use crate::report::ReportRow;

/// The columns of an input that say whom a row is about, by their places.
#[derive(Debug, Clone, Default)]
pub struct PersonColumns {
    /// The user's id.
    pub id: Option<usize>,
    /// The user's address.
    pub email: Option<usize>,
    /// The user's name: one column, or several in the order in which they are read.
    pub name: Vec<usize>,
}

impl PersonColumns {
    /// What the row says in place of an id.
    pub(super) fn id<'r>(&self, row: &'r ReportRow<'_>) -> &'r str {
        cell(row, self.id)
    }

    /// The address.
    pub(super) fn email<'r>(&self, row: &'r ReportRow<'_>) -> &'r str {
        let said = cell(row, self.email);
        let known = row.person.and_then(|person| person.email.as_ref()).map(Email::as_str);
        if said.trim().is_empty() { known.unwrap_or(said) } else { said }
    }

    /// The name.
    pub(super) fn name(&self, row: &ReportRow<'_>) -> String {
        let said = joined(self.name.iter().map(|column| row.input.cell(*column)));
        let known = || row.person.map(|person| full_name(&person.attributes)).unwrap_or_default();
        if said.is_empty() { known() } else { said }
    }
}

fn full_name(attributes: &Attributes) -> String {
    joined([&attributes.first_name, &attributes.last_name].into_iter().flatten().map(String::as_str))
}

fn joined<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ")
}

fn cell<'r>(row: &'r ReportRow<'_>, column: Option<usize>) -> &'r str {
    column.map_or("", |column| row.input.cell(column))
}
