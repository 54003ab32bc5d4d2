//! A listing: what a command lists of users or plans, as a table or as JSON, on standard output or in a file.
//!
//! It decides the form and the place. What is listed, the commands decide.

use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use crate::app::output::destination::Destination;
use crate::app::output::temp_file::Access;
use crate::app::{CommandError, Exit};
use crate::cli::ListingArgs;
use crate::console::visible_json;
use crate::report::{SheetFormat, Table};
use crate::tabular::Dialect;

/// Where a listing goes, and in which form.
#[derive(Debug)]
pub(crate) struct Listing {
    destination: Destination,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Table(SheetFormat),
    Json,
}

impl Listing {
    /// The place and the form that were asked for. `input` is a file that the command reads, which nothing replaces.
    pub(crate) fn new(arguments: &ListingArgs, input: Option<&Path>) -> Result<Self, CommandError> {
        let destination = match (&arguments.output, arguments.json) {
            (None, _) => Destination::Standard,
            (Some(stream), false) => Destination::of_table(stream, "list", "--output", input)?,
            (Some(stream), true) => Destination::named(stream, "list", "--output", input)?,
        };
        let format = destination.form(Dialect::default());
        let form = match (arguments.json, format) {
            (false, format) => Form::Table(format),
            (true, SheetFormat::Csv(_)) => Form::Json,
            (true, SheetFormat::Workbook) => {
                let failure = CommandError::new(Exit::Usage, "--json cannot be written to a workbook");
                return Err(failure.hint("name a file that ends in .json with --output, or leave --json out"));
            }
        };
        Ok(Self { destination, form })
    }

    /// Writes rows of texts, booleans and nulls below the names of their columns, or `json` of them.
    pub(crate) fn write<const N: usize>(
        &self,
        columns: [&str; N],
        rows: &[[Value; N]],
        json: impl FnOnce() -> Value,
    ) -> Result<(), CommandError> {
        let written = self.destination.write_listing(Access::Private, |output| match self.form {
            Form::Table(format) => write_table(output, format, columns, rows),
            Form::Json => writeln!(output, "{}", visible_json(&format!("{:#}", json()))),
        });
        let failed = |error| CommandError::new(Exit::NoReport, format!("the list could not be written: {error}"));
        written.map(drop).map_err(failed)
    }
}

/// The rows as JSON objects, by the names of their columns.
pub(crate) fn objects<const N: usize>(columns: [&str; N], rows: &[[Value; N]]) -> Value {
    let object = |row: &[Value; N]| columns.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned()).collect();
    rows.iter().map(|row| Value::Object(object(row))).collect()
}

fn write_table<const N: usize>(
    output: &mut (dyn Write + Send),
    format: SheetFormat,
    columns: [&str; N],
    rows: &[[Value; N]],
) -> io::Result<()> {
    let mut table = Table::begin(output, format, columns, &[])?;
    for row in rows {
        let cells = row.each_ref().map(|cell| match cell {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => cell.to_string(),
        });
        table.write_cells(cells.iter().map(String::as_str))?;
    }
    table.finish().map(drop)
}
