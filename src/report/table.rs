//! The report as a table: the input's columns as they were, then what became of each row.

use std::io::{self, Write};

use super::ReportRow;
use super::column::Column;
use crate::model::Status;
use crate::tabular::write::{CellStyle, SheetFormat, SheetWriter, WorkbookExtras};

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

    /// Gives a workbook what it has beside its rows.
    pub fn add(&mut self, extras: WorkbookExtras) {
        self.sheet.add(extras);
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

    /// Writes one row: the cells that it carries, and what became of it.
    ///
    /// # Errors
    /// What the output says.
    pub fn write<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>, row: &ReportRow<'_>) -> io::Result<()> {
        for cell in cells {
            self.sheet.cell(cell, CellStyle::Plain)?;
        }
        for column in self.columns {
            self.sheet.cell(column.text(row, &mut self.scratch), column.style(row))?;
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

impl Column {
    /// How its cell is shown.
    const fn style(self, row: &ReportRow<'_>) -> CellStyle {
        match self {
            Self::Status => coloured(row.outcome.status),
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
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Outcome, Reason};
    use crate::report::tests::report_row;
    use crate::tabular::Dialect;

    #[test]
    fn a_line_carries_the_cells_as_they_were_and_every_result() {
        let mut outcome = Outcome::new(Status::Failed, Reason::Answered, "no, \"thanks\"");
        outcome.error_code = Some(1014);
        outcome.http_status = Some(403);
        let row = ReportRow {
            attempts: 2,
            began: Some(Timestamp::from_millisecond(1_700_000_000_123).unwrap()),
            run: Some("r1"),
            key: Some("u1:deactivate:abc".into()),
            ..report_row(7, outcome)
        };
        let form = SheetFormat::Csv(Dialect::default());
        let mut table = Table::begin(Vec::new(), form, ["user_id", "note"], Column::REPORT).unwrap();
        table.write(["1", "two\nlines"], &row).unwrap();
        let text = String::from_utf8(table.finish().unwrap()).unwrap();
        let expected = "user_id,note,result_row,result_status,result_code,result_message,result_hint,\
            result_http_status,result_error_code,result_ref_id,result_attempts,result_seat_before,result_seat_after,\
            result_started_at,result_finished_at,result_run_id,result_key\n\
            1,\"two\nlines\",7,FAILED,,\"no, \"\"thanks\"\"\",,403,1014,,2,,,2023-11-14T22:13:20.123Z,,r1,u1:deactivate:abc\n";
        assert_eq!(text, expected);
    }
}
