//! Workbooks: `.xlsx`, `.xlsm`, `.xls` and `.ods`, told by their content; one of their sheets is read as the rows that a
//! text file would hold.
//!
//! This decides which sheet that is, and never guesses: where several hold something, the user has to say. Calamine
//! reads the cells; what they become is decided in [`workbook_cells`](super::workbook_cells).

use std::fmt::Display;
use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx};

use super::error::damaged;
use super::hidden::{self, Hidden};
use super::workbook_cells::{Content, MISPLACED, WorkbookCells};
use super::xlsx_package::{self, Archive};
use super::{FileError, Limits, biff_records, limits};
use crate::tabular::catch_panic::catch_panic;
use crate::tabular::write::ROWS_SHEET;

/// How a zip archive begins, which all newer workbooks are; the second is an empty one.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// How a compound file begins, in which older Office programs store everything, and newer ones what has a password.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";

/// Likeness from which a sheet's name is taken for the one that was meant (Jaro-Winkler, 0 to 1).
const NEARLY: f64 = 0.8;

/// Whether the bytes may be those of a workbook, and are no text.
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(COMPOUND) || ZIP.into_iter().any(|magic| bytes.starts_with(magic))
}

/// The sheet of a workbook that is to be read.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Its cells.
    pub(super) cells: WorkbookCells,
    /// What of it nobody sees.
    pub(super) hidden: Hidden,
}

/// Reads the sheet that the user names, else the one that seatrun has written, else the only visible one that holds
/// anything.
///
/// # Errors
/// No such sheet, several of them, nothing in it; a workbook that cannot be read.
pub(super) fn read(bytes: &[u8], named: Option<&str>, limits: &Limits) -> Result<Chosen, FileError> {
    catch_panic(|| chosen(bytes, named, limits)).unwrap_or_else(|| Err(damaged("its parts do not fit together")))
}

fn chosen(bytes: &[u8], named: Option<&str>, limits: &Limits) -> Result<Chosen, FileError> {
    let (mut book, limits) = Book::open(bytes, limits)?;
    let limits = &limits;
    let (sheet, cells) = match named {
        Some(named) => book.named(named, limits)?,
        None => book.only(limits)?,
    };
    Ok(Chosen { cells, hidden: book.hidden(&sheet)? })
}

type File<'b> = Cursor<&'b [u8]>;

enum Book<'b> {
    Xlsx(Box<Xlsx<File<'b>>>, Archive<'b>),
    Ods(Box<Ods<File<'b>>>, Archive<'b>),
    Xls(Box<Xls<File<'b>>>, Vec<u8>),
}

impl<'b> Book<'b> {
    /// Opens a workbook, with the limits that one of its size has.
    fn open(bytes: &'b [u8], limits: &Limits) -> Result<(Self, Limits), FileError> {
        if bytes.starts_with(COMPOUND) {
            return Ok((Self::open_compound(bytes)?, limits.of_workbook(bytes.len() as u64)));
        }
        let mut archive = Archive::new(Cursor::new(bytes)).map_err(damaged)?;
        let has = |part: &str| archive.file_names().flatten().any(|name| name.eq_ignore_ascii_case(part));
        let is_binary = has("xl/workbook.bin");
        let (is_xlsx, is_ods) = (has("[Content_Types].xml"), has("mimetype"));
        let unpacked = limits::check_unpacked(&mut archive, limits)?;
        let limits = limits.of_workbook(unpacked);
        if is_binary {
            Err(FileError::NotText { kind: "a binary workbook (.xlsb)", hint: "save it as .xlsx, and run that" })
        } else if is_xlsx {
            limits::check_shared_texts(&mut archive, unpacked, &limits)?;
            let book = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
            Ok((Self::Xlsx(Box::new(book), archive), limits))
        } else if is_ods {
            // Read here first: what does not end as XML does, calamine would wait for for ever.
            limits::check_ods(&mut archive, &limits)?;
            match Ods::new(Cursor::new(bytes)) {
                Ok(book) => Ok((Self::Ods(Box::new(book), archive), limits)),
                Err(OdsError::Password) => Err(FileError::Encrypted),
                Err(OdsError::InvalidMime(_)) => Err(NO_WORKBOOK),
                Err(error) => Err(damaged(error)),
            }
        } else {
            Err(FileError::NotText { kind: "a zip archive", hint: "unpack it, and run the file that is in it" })
        }
    }

    fn open_compound(bytes: &'b [u8]) -> Result<Self, FileError> {
        let mut parts = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
        // An `.xlsx` with a password is a compound file in which the real one is encrypted.
        if parts.exists("/EncryptedPackage") {
            return Err(FileError::Encrypted);
        }
        let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| parts.is_stream(name)) else {
            return Err(NO_WORKBOOK);
        };
        let mut records = Vec::new();
        let mut stream = parts.open_stream(name).map_err(damaged)?;
        stream.read_to_end(&mut records).map_err(damaged)?;
        if !biff_records::are_in_place(&records) {
            return Err(damaged(MISPLACED));
        }
        match Xls::new(Cursor::new(bytes)) {
            Ok(book) => Ok(Self::Xls(Box::new(book), records)),
            Err(XlsError::Password) => Err(FileError::Encrypted),
            Err(error) => Err(damaged(error)),
        }
    }

    /// The sheets that have cells, in the order of the workbook.
    fn sheets(&self) -> Vec<calamine::Sheet> {
        let sheets = match self {
            Self::Xlsx(book, _) => book.sheets_metadata(),
            Self::Ods(book, _) => book.sheets_metadata(),
            Self::Xls(book, _) => book.sheets_metadata(),
        };
        sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect()
    }

    /// The sheet of a name, whose case does not matter, as it does not to spreadsheet programs.
    fn named(&mut self, wish: &str, limits: &Limits) -> Result<(String, WorkbookCells), FileError> {
        let names: Vec<_> = self.sheets().into_iter().map(|sheet| sheet.name).collect();
        let wanted = wish.trim().to_lowercase();
        let Some(name) = names.iter().find(|name| name.trim().to_lowercase() == wanted) else {
            let likeness = |name: &String| strsim::jaro_winkler(&name.to_lowercase(), &wanted);
            let near = names.iter().filter(|name| likeness(name) >= NEARLY);
            let near = near.max_by(|one, other| likeness(one).total_cmp(&likeness(other))).cloned();
            return Err(FileError::NoSuchSheet { named: wish.to_owned(), near, found: names });
        };
        let cells = self.cells(name, limits)?;
        if cells.is_blank() {
            return Err(FileError::EmptySheets(vec![name.clone()]));
        }
        Ok((name.clone(), cells))
    }

    /// The only visible sheet that holds anything, or the one that seatrun has written.
    fn only(&mut self, limits: &Limits) -> Result<(String, WorkbookCells), FileError> {
        let sheets = self.sheets();
        if sheets.is_empty() {
            return Err(NO_WORKBOOK);
        }
        let (mut visible, mut unseen) = (Vec::new(), Vec::new());
        for calamine::Sheet { name, visible: state, .. } in &sheets {
            let cells = self.cells(name, limits)?;
            match state {
                _ if cells.is_blank() => {}
                SheetVisible::Visible => visible.push((name.clone(), cells)),
                SheetVisible::Hidden | SheetVisible::VeryHidden => unseen.push(name.clone()),
            }
        }
        // Of the workbooks that seatrun writes, this is the sheet with the rows.
        if let Some(at) = visible.iter().position(|(name, _)| name == ROWS_SHEET) {
            return Ok(visible.swap_remove(at));
        }
        match visible.pop() {
            Some(only) if visible.is_empty() => Ok(only),
            Some((last, _)) => {
                let names = visible.into_iter().map(|(name, _)| name).chain([last]).collect();
                Err(FileError::SeveralSheets(names))
            }
            None if unseen.is_empty() => {
                Err(FileError::EmptySheets(sheets.into_iter().map(|sheet| sheet.name).collect()))
            }
            None => Err(FileError::HiddenSheets(unseen)),
        }
    }

    fn cells(&mut self, sheet: &str, limits: &Limits) -> Result<WorkbookCells, FileError> {
        match self {
            Self::Xlsx(book, archive) => {
                let zeros = if xlsx_package::is_to_be_calculated(archive).map_err(damaged)? {
                    Zeros::Placeholders
                } else {
                    Zeros::Values
                };
                streamed(book, sheet, zeros, limits)
            }
            Self::Ods(book, _) => ranged(book.as_mut(), sheet, limits),
            Self::Xls(book, _) => ranged(book.as_mut(), sheet, limits),
        }
    }

    fn hidden(&mut self, sheet: &str) -> Result<Hidden, FileError> {
        match self {
            Self::Xlsx(_, archive) => hidden::in_xlsx(archive, sheet).map_err(damaged),
            Self::Ods(_, archive) => hidden::in_ods(archive, sheet).map_err(damaged),
            Self::Xls(book, records) => {
                let index = book.sheets_metadata().iter().position(|other| other.name == sheet);
                Ok(index.map(|index| hidden::in_xls(records, index)).unwrap_or_default())
            }
        }
    }
}

/// What a zero is that stands where a formula has its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zeros {
    /// Its value.
    Values,
    /// What libraries write that calculate nothing, in a workbook that is to be calculated when it is opened.
    Placeholders,
}

/// The cells of a sheet of an `.xlsx`, one at a time: a single cell far away from the others would take all memory in a
/// [`Range`].
fn streamed(book: &mut Xlsx<File<'_>>, sheet: &str, zeros: Zeros, limits: &Limits) -> Result<WorkbookCells, FileError> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut cells = WorkbookCells::new(*limits);
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        let is_uncalculated = cell.formula.is_some()
            && match cell.value {
                DataRef::Empty => true,
                DataRef::Float(number) => number == 0.0 && zeros == Zeros::Placeholders,
                DataRef::Int(number) => number == 0 && zeros == Zeros::Placeholders,
                DataRef::String(_)
                | DataRef::SharedString(_)
                | DataRef::Bool(_)
                | DataRef::DateTime(_)
                | DataRef::DateTimeIso(_)
                | DataRef::DurationIso(_)
                | DataRef::Error(_) => false,
            };
        let content = if is_uncalculated { Content::Uncalculated } else { Content::Value(cell.value.into()) };
        cells.push(cell.pos.0, cell.pos.1, &content)?;
    }
    Ok(cells)
}

/// The cells of a sheet of an older format.
fn ranged<'b, Book>(book: &mut Book, sheet: &str, limits: &Limits) -> Result<WorkbookCells, FileError>
where
    Book: Reader<File<'b>, Error: Display>,
{
    let values: Range<Data> = book.worksheet_range(sheet).map_err(damaged)?;
    let formulas = book.worksheet_formula(sheet).map_err(damaged)?;
    let mut placed: Vec<_> =
        absolute(&values).map(|(row, column, data)| (row, column, Content::Value(data.clone()))).collect();
    // Sheets are often filled with formulas down to rows in which there is nothing to show yet.
    let shows_nothing = |data: &Data| *data == Data::Empty || *data == Data::String(String::new());
    let unshown: Vec<_> = absolute(&formulas)
        .filter(|(row, column, _)| values.get_value((*row, *column)).is_none_or(shows_nothing))
        .map(|(row, column, _)| (row, column, Content::Unshown))
        .collect();
    placed.retain(|(_, _, content)| !matches!(content, Content::Value(data) if shows_nothing(data)));
    placed.extend(unshown);
    placed.sort_by_key(|(row, column, _)| (*row, *column));
    let mut cells = WorkbookCells::new(*limits);
    for (row, column, content) in placed {
        cells.push(row, column, &content)?;
    }
    Ok(cells)
}

/// The cells of a range that hold anything, each with its row and column in the sheet.
fn absolute<Value: calamine::CellType>(range: &Range<Value>) -> impl Iterator<Item = (u32, u32, &Value)> {
    let (top, left) = range.start().unwrap_or_default();
    let place = move |first: u32, index: usize| first.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
    range.used_cells().map(move |(row, column, value)| (place(top, row), place(left, column), value))
}

const NO_WORKBOOK: FileError =
    FileError::NotText { kind: "an Office document without sheets", hint: "run the spreadsheet, or a CSV" };
