//! What keeps a file from being read as a table: each error names what, where, and what to do next.

use std::fmt::Display;

use crate::tabular::cell_text::{list, on_one_line, quote};

/// Why the cells of a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Nothing, or nothing but white space.
    #[error("the input is empty")]
    Empty,
    /// The bytes of some other kind of file.
    #[error("the input is {kind}, and neither CSV nor a workbook")]
    NotText {
        /// What they are.
        kind: &'static str,
        /// How to get at the rows.
        hint: &'static str,
    },
    /// A workbook that only opens with a password.
    #[error("the workbook is protected with a password")]
    Encrypted,
    /// A workbook that is not put together as workbooks are.
    #[error("the input looks like a workbook and cannot be read as one: {0}")]
    DamagedWorkbook(String),
    /// More would be made of it than memory holds.
    #[error("the workbook holds more than {limit} {what}")]
    TooLarge {
        /// The most that is read.
        limit: u64,
        /// Of what.
        what: &'static str,
    },
    /// Sheets without a single cell.
    #[error("there is nothing in {}", sheets(.0))]
    EmptySheets(Vec<String>),
    /// Several sheets, and nobody says which one.
    #[error("the workbook has {} sheets that hold something: {}", .0.len(), list(.0))]
    SeveralSheets(Vec<String>),
    /// All sheets that hold anything are hidden.
    #[error("what the workbook holds is hidden, in {}", sheets(.0))]
    HiddenSheets(Vec<String>),
    /// `--sheet` names none.
    #[error("the workbook has no sheet {}", quote(named))]
    NoSuchSheet {
        /// What the user named.
        named: String,
        /// The sheet that may be meant.
        near: Option<String>,
        /// The sheets that there are.
        found: Vec<String>,
    },
    /// An option that says how text is written, and a workbook.
    #[error("{0} says how a text file is written, and the input is a workbook")]
    OptionForText(&'static str),
    /// `--sheet`, and text.
    #[error("--sheet chooses a sheet of a workbook, and the input is text")]
    SheetOfText,
    /// A byte that no text holds.
    #[error("byte {byte} (in row {row}) is NUL, so the input is not text")]
    Nul {
        /// Offset from the start of the file, from 0.
        byte: usize,
        /// The row it stands in.
        row: u64,
        /// Another encoding in which it would be text.
        hint: &'static str,
    },
    /// A byte that is none of the encoding's.
    #[error("byte {byte} (in row {row}) is not {encoding}: {shown}")]
    NotDecodable {
        /// Offset from the start of the file, from 0.
        byte: usize,
        /// The row it stands in.
        row: u64,
        /// The encoding that was tried.
        encoding: &'static str,
        /// The bytes, in hexadecimal.
        shown: String,
    },
    /// `--encoding` names none.
    #[error("{} is not an encoding", quote(.0))]
    UnknownEncoding(String),
    /// `--delimiter` is a byte that cannot separate cells.
    #[error("`{}` cannot separate cells", char::from(*.0).escape_default())]
    BadDelimiter(u8),
}

/// Who has to change something: decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorSource {
    /// The command line or the settings: exit 2.
    CommandLine,
    /// The input: exit 3.
    Input,
}

impl FileError {
    /// Who has to change something.
    pub const fn source(&self) -> ErrorSource {
        match self {
            Self::UnknownEncoding(_)
            | Self::BadDelimiter(_)
            | Self::NoSuchSheet { .. }
            | Self::OptionForText(_)
            | Self::SheetOfText => ErrorSource::CommandLine,
            Self::Empty
            | Self::NotText { .. }
            | Self::Encrypted
            | Self::DamagedWorkbook(_)
            | Self::TooLarge { .. }
            | Self::EmptySheets(_)
            | Self::SeveralSheets(_)
            | Self::HiddenSheets(_)
            | Self::Nul { .. }
            | Self::NotDecodable { .. } => ErrorSource::Input,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Empty | Self::EmptySheets(_) => {
                "it needs a header such as `user_id,action,plan_id,seat_type` and a row for each user".to_owned()
            }
            Self::Encrypted => {
                "open it in a spreadsheet program, save a copy without the password, and run that".to_owned()
            }
            Self::DamagedWorkbook(_) => {
                "open it in a spreadsheet program, which may mend it, and save it again, or save \
                                         the sheet as `CSV UTF-8`"
                    .to_owned()
            }
            Self::TooLarge { .. } => {
                "a million ordinary rows hold far less: take out what is not needed, or save the sheet as \
                                      `CSV UTF-8`; the settings max_unpacked_size, max_different_texts, max_cells and max_text_size allow more"
                    .to_owned()
            }
            Self::SeveralSheets(names) => {
                format!("say which one, such as --sheet {:?}", names.first().map_or("", |name| name))
            }
            Self::HiddenSheets(names) => {
                format!("unhide it, or say --sheet {:?}", names.first().map_or("", |name| name))
            }
            Self::NoSuchSheet { near: Some(near), found, .. } => {
                format!("did you mean {}? The sheets are {}", quote(near), list(found))
            }
            Self::NoSuchSheet { near: None, found, .. } => format!("the sheets are {}", list(found)),
            Self::OptionForText(option) => format!("leave {option} out"),
            Self::SheetOfText => "leave --sheet out, or name the workbook".to_owned(),
            Self::NotText { hint, .. } | Self::Nul { hint, .. } => (*hint).to_owned(),
            Self::NotDecodable { encoding, .. } if *encoding == "UTF-8" => {
                "a CSV from Excel on Windows is often read with --encoding windows-1252; or save it as `CSV UTF-8`"
                    .to_owned()
            }
            Self::NotDecodable { .. } => "name the encoding in which it was saved with --encoding".to_owned(),
            Self::UnknownEncoding(_) => {
                "common ones are utf-8, windows-1252, utf-16le, iso-8859-15, shift_jis, gb18030".to_owned()
            }
            Self::BadDelimiter(_) => "name one ASCII character that is neither a quote nor a line break".to_owned(),
        }
    }
}

fn sheets(names: &[String]) -> String {
    format!("{} {}", if names.len() == 1 { "sheet" } else { "the sheets" }, list(names))
}

/// Longest reason, in characters, why a workbook cannot be read: the parser quotes from it, and it may hold anything.
const LONGEST_REASON: usize = 160;

/// A workbook that its reader cannot make sense of, and why.
pub(super) fn damaged(error: impl Display) -> FileError {
    FileError::DamagedWorkbook(on_one_line(&error.to_string(), LONGEST_REASON))
}
