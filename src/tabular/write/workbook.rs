//! Workbook: a sheet as `.xlsx`, every cell a text, so that no spreadsheet rounds an id or runs a formula.
//!
//! Control characters are written as Excel writes them (`_x0007_`). The library stamps the moment of writing into the
//! file, and keeps finished rows in a temporary file.

use std::io::{self, Write};

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, IgnoreError, Workbook, Worksheet, XlsxError,
};

use super::cell_style::CellStyle;
use super::workbook_extras::WorkbookExtras;
use crate::tabular::catch_panic::catch_panic;

/// The sheet that holds the rows. A workbook that has others, too, is read by it.
pub const ROWS_SHEET: &str = "seatrun";
/// The sheet that says what to do.
const GUIDE_SHEET: &str = "What to do";
/// How wide the lines of the guide are, in characters.
const GUIDE_WIDTH: u32 = 110;
/// Rows that a worksheet holds below its header.
pub const WORKSHEET_ROWS: u64 = 1_048_575;
/// Longest text of a cell, in the UTF-16 units by which spreadsheets count.
const LONGEST_TEXT: usize = 32_767;
/// The narrowest and the widest column, in characters.
const WIDTHS: (usize, usize) = (8, 60);
/// What the button of the filter takes of a header, in characters.
const BUTTON: usize = 3;

/// A workbook that is being written.
pub struct Book<W: Write> {
    output: W,
    workbook: Workbook,
    sheet: Worksheet,
    text: Format,
    header: Format,
    row: u32,
    column: u16,
    /// The length of the longest text of each column, in characters.
    widths: Vec<usize>,
    extras: WorkbookExtras,
}

impl<W: Write + Send> Book<W> {
    pub(super) fn new(output: W) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        // Where whoever writes the report says, which is its own folder.
        workbook.set_tempdir(tempfile::env::temp_dir()).map_err(io::Error::other)?;
        let mut sheet = unpanicked(|| workbook.new_worksheet_with_constant_memory())?;
        unpanicked(|| sheet.set_name(ROWS_SHEET)?.set_freeze_panes(1, 0).map(drop))?;
        // What a person types into such a cell stays a text, too.
        let text = Format::new().set_num_format("@");
        let header = text.clone().set_bold();
        Ok(Self {
            output,
            workbook,
            sheet,
            text,
            header,
            row: 0,
            column: 0,
            widths: Vec::new(),
            extras: WorkbookExtras::default(),
        })
    }

    pub(super) fn add(&mut self, extras: WorkbookExtras) {
        self.extras = extras;
    }

    pub(super) fn cell(&mut self, text: &str, style: CellStyle) -> io::Result<()> {
        let text = fitting(text, style);
        self.make_room(&text, style)?;
        let Self { sheet, row, column, header, .. } = self;
        unpanicked(|| match style {
            CellStyle::Header => sheet.write_string_with_format(*row, *column, text, header).map(drop),
            CellStyle::Coloured { paper, ink } => {
                sheet.write_string_with_format(*row, *column, text, &coloured(paper, ink)).map(drop)
            }
            CellStyle::Plain | CellStyle::Whole(_) => sheet.write_string(*row, *column, text).map(drop),
        })?;
        self.column += 1;
        Ok(())
    }

    pub(super) fn end_row(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    pub(super) fn finish(self) -> io::Result<W> {
        let Self { mut output, mut workbook, mut sheet, widths, extras, .. } = self;
        let last_row = self.row.saturating_sub(1);
        let last_column = u16::try_from(widths.len().saturating_sub(1)).map_err(io::Error::other)?;
        unpanicked(|| {
            sheet.autofilter(0, 0, last_row, last_column)?;
            // Ids are texts on purpose, and no warning should offer to make numbers of them.
            sheet.ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
            for (column, width) in (0..).zip(widths) {
                sheet.set_column_width(column, u32::try_from(width).unwrap_or(u32::MAX))?;
            }
            extras.put_into(&mut sheet, last_row, last_column)?;
            if !extras.guide.is_empty() {
                workbook.push_worksheet(extras.guide_sheet()?);
            }
            workbook.push_worksheet(sheet);
            workbook.save_to_writer(&mut output)
        })?;
        Ok(output)
    }

    /// Makes the column of the next cell a column of texts, and wide enough.
    fn make_room(&mut self, text: &str, style: CellStyle) -> io::Result<()> {
        let at = usize::from(self.column);
        if at == self.widths.len() {
            self.widths.push(WIDTHS.0);
            self.sheet.set_column_format(self.column, &self.text).map_err(io::Error::other)?;
        }
        if text.len() > self.widths[at] && self.widths[at] < WIDTHS.1 {
            let button = if style == CellStyle::Header { BUTTON } else { 0 };
            let length = text.chars().take(WIDTHS.1).count() + button;
            self.widths[at] = self.widths[at].max(length);
        }
        Ok(())
    }
}

impl WorkbookExtras {
    fn put_into(&self, sheet: &mut Worksheet, last_row: u32, last_column: u16) -> Result<(), XlsxError> {
        if let Some((column, words)) = self.choice.filter(|_| last_row > 0) {
            // Whoever writes the word in another language is asked whether it is meant, and not kept from it.
            let choice = DataValidation::new()
                .allow_list_strings(words)?
                .set_error_style(DataValidationErrorStyle::Warning)
                .set_error_title("Another word?")?
                .set_error_message(format!("Choose {}. Another word may not be understood.", words.join(" or ")))?;
            sheet.add_data_validation(1, column, last_row, column, &choice)?;
        }
        if self.folded > 0 {
            sheet.group_columns_collapsed((last_column + 1).saturating_sub(self.folded), last_column)?;
        }
        Ok(())
    }

    fn guide_sheet(&self) -> Result<Worksheet, XlsxError> {
        let (mut sheet, wrapped) = (Worksheet::new(), Format::new().set_text_wrap());
        sheet.set_name(GUIDE_SHEET)?.set_column_width(0, GUIDE_WIDTH)?;
        for (row, line) in (0..).zip(&self.guide) {
            sheet.write_string_with_format(row, 0, line, &wrapped)?;
        }
        Ok(sheet)
    }
}

/// The text as a cell can hold it. A NUL, which no format holds, is replaced as in a CSV.
fn fitting(text: &str, style: CellStyle) -> String {
    let text = text.replace('\0', "\u{fffd}");
    // Bytes are more than units, and quickly counted.
    if text.len() <= LONGEST_TEXT || text.encode_utf16().count() <= LONGEST_TEXT {
        return text;
    }
    if let CellStyle::Whole(instead) = style {
        return instead.to_owned();
    }
    let mut units = 1;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= LONGEST_TEXT
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

fn coloured(paper: u32, ink: u32) -> Format {
    Format::new().set_num_format("@").set_background_color(Color::RGB(paper)).set_font_color(Color::RGB(ink))
}

/// The library panics where its temporary file cannot be written, which is an error like any other.
fn unpanicked<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    const UNWRITTEN: &str = "the temporary file of the workbook cannot be written; TMPDIR names a folder for it";
    catch_panic(work).map_or_else(|| Err(io::Error::other(UNWRITTEN)), |result| result.map_err(io::Error::other))
}
