//! The way out where a header names no users: what its user can say to have the sheet read.

use super::columns::{self, Columns};
use super::{Field, cell};
use crate::tabular::cell_text::list;
use crate::tabular::read::{Origin, Row, Rows};
use crate::tabular::{DELIMITERS, delimiter_name};

/// How many rows are looked at when the first one is not a header.
const ROWS_SEARCHED_FOR_HEADER: usize = 20;

/// What its user can do about a header that names no users: offered, never done.
pub(super) fn way_out(text: &str, columns: &Columns, header_row: u64, origin: &Origin) -> String {
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
    let holding = || {
        let named = |name: &String| Some((columns::known_word_in(name)?, name.trim().to_owned()));
        header.iter().find_map(named).filter(|(field, _)| matches!(field, Field::UserId | Field::Email))
    };
    match near {
        Some((field, name)) => {
            format!("did you mean `{field}`? Rename {}, or say --map {field}={name:?}", cell::quote(name))
        }
        None => match holding() {
            Some((field, name)) => {
                let what = if field == Field::Email { "email addresses" } else { "Smartsheet's user ids" };
                format!("if {} holds {what}, say --map {field}={name:?}", cell::quote(&name))
            }
            None => "name the column that says who: --map user_id=COLUMN or --map email=COLUMN".to_owned(),
        },
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
