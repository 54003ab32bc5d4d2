//! What makes a whole file unusable: each error names what, where, and what to do next.
//!
//! A row can never be the reason for one of these; a row's troubles are its own [complaints](super::RowError).

use super::{Among, Zeros};
use crate::tabular::cell_text::{list, quote};
use crate::tabular::delimiter_name;
use crate::tabular::read::{ErrorSource, FileError};

/// Why a file gives no rows at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The file holds no table that can be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A header and nothing below it.
    #[error("the input has a header (row {header_row}) and no row below it")]
    NoRows {
        /// The row that holds the header.
        header_row: u64,
    },
    /// `--header-row` names a row that is not there or holds nothing.
    #[error("row {0} was to be the header, and holds nothing")]
    NoSuchHeader(u64),
    /// A quote in the header is not closed where it should be.
    #[error(
        "the quote that opens column {column} of the header (row {header_row}) is not closed in front of a delimiter"
    )]
    BadHeader {
        /// The row that was taken for the header.
        header_row: u64,
        /// Number of the column, from 1.
        column: usize,
    },
    /// No column says whom a row is about.
    #[error(
        "row {header_row} is not a header with a `user_id` or `email` column: {}it reads {found}",
        delimiter.map(|delimiter| format!("separated by {}, ", delimiter_name(delimiter))).unwrap_or_default()
    )]
    NoUsableColumn {
        /// The row that was taken for the header.
        header_row: u64,
        /// By what its cells were separated; none in a workbook.
        delimiter: Option<u8>,
        /// Its cells.
        found: String,
        /// The likeliest way out.
        hint: String,
    },
    /// Two columns of one name.
    #[error("columns {} ({}) and {} ({}) both hold `{field}`", first.0, quote(&first.1), second.0, quote(&second.1))]
    DuplicateColumns {
        /// The field's name.
        field: &'static str,
        /// Number (from 1) and header of the first.
        first: (usize, String),
        /// Number and header of the second.
        second: (usize, String),
    },
    /// `--map`, or `[columns]` of the settings, names a column that is not there.
    #[error("`{field}` is to be read from a column {}, and there is none", quote(column))]
    NoSuchColumn {
        /// The field's name.
        field: &'static str,
        /// The column that was named.
        column: String,
        /// The columns that there are.
        found: String,
    },
    /// `--map` gives one field two columns, or one column to two fields.
    #[error("--map {}={} contradicts --map {}={}", first.0, first.1, second.0, second.1)]
    MapContradiction {
        /// Field and column of the first.
        first: (&'static str, String),
        /// Field and column of the second.
        second: (&'static str, String),
    },
    /// Neither the sheet nor the user says what is to be done.
    #[error("no action: the input has no `action` column, and neither --action nor the settings name one")]
    NoAction {
        /// Columns of the sheet that say what was.
        was: Vec<String>,
        /// A column that may be meant to say what is to be done.
        near: Option<String>,
    },
    /// `--only`, and nothing to choose by.
    #[error("--only chooses by the `result_status` column of a report, and the input has none")]
    OnlyWithoutStatus,
    /// The user ids went through a spreadsheet that rounded them.
    #[error(
        "a spreadsheet has rounded the user ids: in all {} rows that {} it ends in zeros (the first is `{}` in row {}), so \
         these are the ids of other users",
        .0.rows,
        match .0.among {
            Among::All | Among::Many(_) => "have one of 16 or more digits",
            Among::Numbers => "keep one of 16 digits as a number",
        },
        .0.first_id,
        .0.first_row
    )]
    RoundedIds(Zeros),
    /// The user ids went through a program that counts in floating point.
    #[error(
        "a program that counts in floating point has rounded the user ids: in all {} rows that have one above \
         9007199254740992 it is what such a program makes of ids (the first is `{}` in row {}), so these are the ids of \
         other users",
        .0.rows, .0.first_id, .0.first_row
    )]
    FloatedIds(Zeros),
    /// User ids went through a spreadsheet that rounded them, and rows without a key have nothing else.
    #[error(
        "a spreadsheet has rounded the user ids, as row {witness} shows, whose key still knows the right one: `{}` in row \
         {}, which has no key, is the id of another user",
        .zeros.first_id, .zeros.first_row
    )]
    RoundedBesideKeys {
        /// The rows without a key whose ids end in zeros.
        zeros: Zeros,
        /// The row that shows it.
        witness: u64,
    },
}

impl InputError {
    /// Who has to change something.
    pub const fn source(&self) -> ErrorSource {
        match self {
            Self::File(error) => error.source(),
            Self::NoSuchHeader(_)
            | Self::NoSuchColumn { .. }
            | Self::MapContradiction { .. }
            | Self::OnlyWithoutStatus => ErrorSource::CommandLine,
            Self::NoRows { .. }
            | Self::BadHeader { .. }
            | Self::NoUsableColumn { .. }
            | Self::DuplicateColumns { .. }
            | Self::NoAction { .. }
            | Self::RoundedIds(_)
            | Self::FloatedIds(_)
            | Self::RoundedBesideKeys { .. } => ErrorSource::Input,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::File(error) => error.hint(),
            Self::NoRows { .. } => "was the export filtered, or cut off?".to_owned(),
            Self::NoSuchHeader(_) => "count rows as a spreadsheet shows them, blank ones included".to_owned(),
            Self::BadHeader { .. } => "take the stray quote out, or write it twice inside a quoted name".to_owned(),
            Self::NoUsableColumn { hint, .. } => hint.clone(),
            Self::DuplicateColumns { field, first, second } if first.1.trim() == second.1.trim() => {
                format!("rename or delete one of them, so that one column says `{field}`")
            }
            Self::DuplicateColumns { field, first, .. } => {
                format!("delete one of them, or say which one counts: --map {field}={:?}", first.1.trim())
            }
            // By its own name the field could be anybody's, so nothing but a word from the user will do.
            Self::NoSuchColumn { field, found, .. } => {
                format!("--map {field}=COLUMN says which it is, over [columns] of the settings; the columns are {found}")
            }
            Self::MapContradiction { .. } => "one column can hold one field, and one field one column".to_owned(),
            Self::NoAction { near: Some(near), .. } => {
                format!("did you mean `action`? Rename {}, or say --map action={near:?}", quote(near))
            }
            Self::NoAction { was, near: None } if was.is_empty() => "say --action downgrade (or another)".to_owned(),
            Self::NoAction { was, near: None } => format!(
                "{} what was, and an export is not an order: say --action downgrade --seat-type VIEWER (or another), \
                 or add a column `action`",
                says(was),
            ),
            Self::RoundedIds(_) => {
                "export again with the id column as text, or name users by email; if the ids truly are so, say \
                 --ids-are-exact"
                    .to_owned()
            }
            Self::FloatedIds(_) => {
                "have the program that wrote the file treat ids as text (JavaScript, jq and spreadsheets count so), or name \
                 users by email; if the ids truly are so, say --ids-are-exact"
                    .to_owned()
            }
            Self::RoundedBesideKeys { zeros, .. } => format!(
                "put the right id there, in a column that is formatted as text{}; if the id truly is so, say \
                 --ids-are-exact",
                if zeros.rows > 1 {
                    format!(", and so in {} more rows without a key", zeros.rows - 1)
                } else {
                    String::new()
                },
            ),
            Self::OnlyWithoutStatus => "leave --only out, or give the report of the earlier run".to_owned(),
        }
    }
}

fn says(columns: &[String]) -> String {
    format!("{} {}", list(columns), if columns.len() == 1 { "says" } else { "say" })
}
