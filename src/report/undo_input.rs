//! The input that undoes a run, as a table.

use std::io::{self, Write};

use super::{SheetFormat, Table};
use crate::model::Attributes;
use crate::undo::{Undo, UndoRow};

/// The columns of an undo's input. All but the name and the reason are fields that an input knows.
const COLUMNS: [&str; 14] = [
    "user_id",
    "email",
    "name",
    "action",
    "plan_id",
    "seat_type",
    "admin",
    "licensed_sheet_creator",
    "group_admin",
    "resource_viewer",
    "first_name",
    "last_name",
    "reason",
    "result_key",
];

/// Writes the input that undoes a run.
///
/// # Errors
/// What the output says.
pub fn write_undo<W: Write + Send>(undo: &Undo, output: W, form: SheetFormat) -> io::Result<W> {
    let mut table = Table::begin(output, form, COLUMNS, &[])?;
    for row in &undo.rows {
        table.write_cells(cells(row).iter().map(String::as_str))?;
    }
    table.finish()
}

fn cells(row: &UndoRow) -> [String; COLUMNS.len()] {
    let none = Attributes::default();
    let set = row.job.action.attributes().unwrap_or(&none);
    let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string()).unwrap_or_default();
    [
        row.job.user.to_string(),
        row.email.clone().unwrap_or_default(),
        row.name.clone().unwrap_or_default(),
        row.job.action.name().to_string(),
        row.job.action.plan().map(|plan| plan.to_string()).unwrap_or_default(),
        row.job.action.seat().map(|seat| seat.to_string()).unwrap_or_default(),
        flag(set.admin),
        flag(set.licensed_sheet_creator),
        flag(set.group_admin),
        flag(set.resource_viewer),
        set.first_name.clone().unwrap_or_default(),
        set.last_name.clone().unwrap_or_default(),
        row.reason.clone(),
        row.job.key().to_string(),
    ]
}
