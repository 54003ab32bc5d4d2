//! The report as a table: the input's columns as they were, then what became of each row.

use std::io::{self, Write};

use jiff::Timestamp;

use super::column::Column;
use crate::model::{Outcome, Signature, Status};
use crate::tabular::write::{CellStyle, CsvLines, SheetFormat, SheetWriter};

/// What is said of one row.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Change requests that were sent for it.
    pub attempts: u32,
    /// When the first began.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// The run; none in a dry run.
    pub run: Option<&'a str>,
    /// The job as text that no spreadsheet will round; none for a row that is no job.
    pub key: Option<String>,
    /// What tells a row of a review from any other; none in a report.
    pub signature: Option<Signature<'a>>,
}

/// A table that is being written.
pub struct Table<W: Write> {
    sheet: SheetWriter<W>,
    columns: &'static [Column],
    scratch: String,
}

impl<W: Write + Send> Table<W> {
    /// A table whose rows carry the columns of `header` and then say what `columns` ask for.
    ///
    /// # Errors
    /// What the output says.
    pub fn begin<'c>(
        output: W,
        format: SheetFormat,
        header: impl IntoIterator<Item = &'c str>,
        columns: &'static [Column],
    ) -> io::Result<Self> {
        let mut sheet = SheetWriter::new(output, format)?;
        for name in header.into_iter().chain(columns.iter().map(|column| column.name())) {
            sheet.cell(name, CellStyle::Header)?;
        }
        sheet.end_row()?;
        Ok(Self { sheet, columns, scratch: String::new() })
    }

    /// An empty section of the table; `None` for a workbook, whose rows are written one after the other.
    pub fn section(&self) -> Option<Section> {
        let lines = self.sheet.new_lines()?;
        Some(Section { lines, columns: self.columns, scratch: String::new() })
    }

    /// Appends the rows of a section.
    ///
    /// # Errors
    /// What the output says.
    pub fn append(&mut self, section: &Section) -> io::Result<()> {
        self.sheet.append(&section.lines)
    }

    /// Writes one row of a table that says nothing beside its cells.
    ///
    /// # Errors
    /// What the output says.
    pub fn write_cells<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> io::Result<()> {
        for cell in cells {
            self.sheet.cell(cell, CellStyle::Plain)?;
        }
        self.sheet.end_row()
    }

    /// Writes one row: the carried cells as they were, and the line about it.
    ///
    /// # Errors
    /// What the output says.
    pub fn write<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>, line: &Line<'_>) -> io::Result<()> {
        for cell in cells {
            self.sheet.cell(cell, CellStyle::Plain)?;
        }
        for column in self.columns {
            self.sheet.cell(column.text(line, &mut self.scratch), column.style(line))?;
        }
        self.sheet.end_row()
    }

    /// Ends the table and gives the output back.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(self) -> io::Result<W> {
        self.sheet.finish()
    }
}

/// More bytes than most rows of a report have.
const USUAL_ROW: usize = 400;

/// Rows of a table that are put into words apart from it, on another thread perhaps, and appended later.
#[derive(Debug, Clone)]
pub struct Section {
    lines: CsvLines,
    columns: &'static [Column],
    scratch: String,
}

impl Section {
    /// Makes room for so many rows, so that the text is not moved about while it grows.
    pub fn expect(&mut self, rows: usize) {
        self.lines.reserve(rows * USUAL_ROW);
    }

    /// Puts one row into words: the carried cells as they were, and the line about it.
    pub fn write<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>, line: &Line<'_>) {
        for cell in cells {
            self.lines.cell(cell);
        }
        for column in self.columns {
            self.lines.cell(column.text(line, &mut self.scratch));
        }
        self.lines.end_row();
    }
}

impl Column {
    /// How its cell is shown.
    const fn style(self, line: &Line<'_>) -> CellStyle {
        match self {
            Self::Status => coloured(line.outcome.status),
            Self::Key => CellStyle::Whole(NO_KEY),
            Self::Row
            | Self::Code
            | Self::Message
            | Self::Hint
            | Self::HttpStatus
            | Self::ErrorCode
            | Self::RefId
            | Self::Attempts
            | Self::SeatBefore
            | Self::SeatAfter
            | Self::StartedAt
            | Self::FinishedAt
            | Self::RunId
            | Self::Signature => CellStyle::Plain,
        }
    }
}

/// The colours of a status. Its cell says it in words, so that nobody needs them.
const fn coloured(status: Status) -> CellStyle {
    let (paper, ink) = match status {
        Status::Success | Status::Unchanged => (0x00C6_EFCE, 0x0000_6100),
        Status::PartialSuccess | Status::Unknown | Status::NotAttempted => (0x00FF_EB9C, 0x007F_4F00),
        Status::Failed | Status::Invalid | Status::Blocked => (0x00FF_C7CE, 0x009C_0006),
        Status::Skipped => (0x00ED_EDED, 0x0040_4040),
        Status::Planned => (0x00DD_EBF7, 0x001F_4E78),
    };
    CellStyle::Coloured { paper, ink }
}

/// In place of a key that is too long for a workbook: part of a key is no key, and this is none either.
const NO_KEY: &str = "the key is too long for a workbook: write the report as .csv";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;
    use crate::tabular::Dialect;

    #[test]
    fn a_line_carries_the_cells_as_they_were_and_every_result() {
        let mut outcome = Outcome::new(Status::Failed, Reason::Answered, "no, \"thanks\"");
        outcome.error_code = Some(1014);
        outcome.http_status = Some(403);
        let line = Line {
            row: 7,
            outcome,
            attempts: 2,
            began: Some(Timestamp::from_millisecond(1_700_000_000_123).unwrap()),
            finished: None,
            run: Some("r1"),
            key: Some("u1:deactivate:abc".into()),
            signature: None,
        };
        let form = SheetFormat::Csv(Dialect::default());
        let mut table = Table::begin(Vec::new(), form, ["user_id", "note"], Column::REPORT).unwrap();
        table.write(["1", "two\nlines"], &line).unwrap();
        let text = String::from_utf8(table.finish().unwrap()).unwrap();
        let expected = "user_id,note,result_row,result_status,result_code,result_message,result_hint,\
            result_http_status,result_error_code,result_ref_id,result_attempts,result_seat_before,result_seat_after,\
            result_started_at,result_finished_at,result_run_id,result_key\n\
            1,\"two\nlines\",7,FAILED,,\"no, \"\"thanks\"\"\",,403,1014,,2,,,2023-11-14T22:13:20.123Z,,r1,u1:deactivate:abc\n";
        assert_eq!(text, expected);
    }
}
