//! What is said about an input that was read: complaints make a row invalid, warnings are said once for the file.
//!
//! Words only. A complaint names what, where and what to do next; deciding whether there is one is the readers' part.

use std::fmt;

use super::{Among, Zeros};
use crate::tabular::cell_text::{list, quote};

/// Why a row could not become a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row, as a spreadsheet numbers it.
    pub row: u64,
    /// The column, by its header as the file writes it; none when the row as a whole is meant.
    pub column: Option<String>,
    /// What is wrong, with the value in it.
    pub message: String,
    /// What to do about it, where the message does not say so by itself.
    pub hint: Option<String>,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(column) = &self.column {
            write!(f, ", column {}", quote(column))?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Something about the file that its user should know and that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The sheet has no action column, so what it says of seats and roles was read as the past.
    ReadAsExport {
        /// The columns that were read so, as the file writes them.
        columns: Vec<String>,
    },
    /// The sheet has an action column, so its seat column was read as an order.
    ReadAsOrder {
        /// The seat column, as the file writes it.
        column: String,
    },
    /// Attribute columns stand in a sheet whose only action is no update.
    AttributesIgnored {
        /// The columns, as the file writes them.
        columns: Vec<String>,
    },
    /// A header that is nearly the name of a field that no column holds.
    NearMiss {
        /// The header, as the file writes it.
        column: String,
        /// The field's name.
        field: &'static str,
    },
    /// A bare `ID`, which was not taken for the user's.
    BareId {
        /// The header, as the file writes it.
        column: String,
    },
    /// Rows are approved, and nothing tells what they were when they were.
    Unsigned {
        /// The column that says so, as the file writes it.
        column: String,
    },
    /// A byte order mark contradicts `--encoding`, and was believed.
    MarkOverEncoding {
        /// What the user named.
        named: String,
        /// What the mark says.
        found: &'static str,
    },
    /// Rows of a workbook hold something and cannot be seen in it.
    HiddenRows {
        /// How many.
        rows: u64,
        /// The first of them.
        first_row: u64,
    },
    /// Columns of a workbook hold a field and cannot be seen in it.
    HiddenColumns {
        /// The columns, as the file writes them.
        columns: Vec<String>,
    },
    /// All user ids end in zeros where a spreadsheet would have put them, which may yet be chance.
    RoundedIds(Zeros),
}

/// How much a warning weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningWeight {
    /// It says how the sheet was read, which is as usual for sheets of its kind.
    Note,
    /// Something may be wrong with the sheet.
    Warning,
}

impl Warning {
    /// How much it weighs: a sheet that is read as it is every night does not want anybody's attention.
    pub const fn weight(&self) -> WarningWeight {
        match self {
            Self::ReadAsExport { .. } | Self::ReadAsOrder { .. } => WarningWeight::Note,
            Self::AttributesIgnored { .. }
            | Self::NearMiss { .. }
            | Self::BareId { .. }
            | Self::Unsigned { .. }
            | Self::MarkOverEncoding { .. }
            | Self::HiddenRows { .. }
            | Self::HiddenColumns { .. }
            | Self::RoundedIds(_) => WarningWeight::Warning,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadAsExport { columns } => write!(
                f,
                "the sheet has no `action` column, so it was read as an export: {} {} what was, and order nothing; the \
                 order comes from --action, --seat-type and the settings",
                list(columns),
                if columns.len() == 1 { "says" } else { "say" },
            ),
            Self::ReadAsOrder { column } => {
                write!(f, "the sheet has an `action` column, so {} says what is wanted, not what was", quote(column))
            }
            Self::AttributesIgnored { columns } => {
                write!(f, "{} ignored: only an update sets attributes", are(columns))
            }
            Self::NearMiss { column, field } => {
                write!(f, "{} is not a column that is understood: did you mean `{field}`?", quote(column))
            }
            Self::BareId { column } => write!(
                f,
                "{} may be anybody's number and was not taken for the user's id: if it is, say --map user_id={column}",
                quote(column),
            ),
            Self::Unsigned { column } => write!(
                f,
                "only rows that say yes in {} run, but the sheet is not signed as a review is, so nothing tells whether \
                 they were changed after they were approved",
                quote(column),
            ),
            Self::MarkOverEncoding { named, found } => {
                write!(f, "the file's byte order mark says {found}, so --encoding {named} was not used")
            }
            Self::HiddenRows { rows, first_row } => write!(
                f,
                "{rows} {} hidden or filtered out in the workbook (the first is row {first_row}), and read all the same: \
                 --visible-only skips them",
                if *rows == 1 { "row is" } else { "rows are" },
            ),
            Self::HiddenColumns { columns } => {
                write!(f, "{} hidden in the workbook, and read all the same", are(columns))
            }
            Self::RoundedIds(Zeros { among, rows, first_row, first_id }) => {
                let plural = if *rows == 1 { "" } else { "s" };
                match among {
                    Among::All => write!(f, "every user id of 16 or more digits ends in zeros ({rows} row{plural}")?,
                    Among::Numbers => {
                        write!(
                            f,
                            "every user id that is kept as a number of 16 digits ends in zero ({rows} row{plural}"
                        )?;
                    }
                    Among::Many(all) => write!(f, "{rows} of {all} user ids of 16 or more digits end in zeros (")?,
                }
                let separator = if matches!(among, Among::Many(_)) { "" } else { "; " };
                write!(
                    f,
                    "{separator}the first is `{first_id}` in row {first_row}): a spreadsheet may have rounded them, so check \
                     that these are the users you mean",
                )
            }
        }
    }
}

/// The columns, and the verb that goes with their number.
pub(super) fn are<Text: AsRef<str>>(columns: &[Text]) -> String {
    format!("{} {}", list(columns), if columns.len() == 1 { "is" } else { "are" })
}
