//! The rows of a report as one stream, whether a plan makes them or the ledger: report, page and summary are written from
//! it. Going through the rows again gives the same.

use std::io;

use crate::app::output::destination::Destination;
use crate::input::Row;
use crate::ledger::LedgerError;
use crate::report::{Column, ReportRow, RowTotals, Table};
use crate::tabular::Dialect;
use crate::tabular::write::WorkbookExtras;

/// Where the rows of a report come from.
pub(crate) trait ReportRows {
    /// What a table of the rows looks like.
    fn layout(&self) -> &Layout;

    /// Calls `each` with every row, in the order of the input.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn each(&self, each: &mut dyn FnMut(&ReportRow<'_>)) -> Result<(), LedgerError>;
}

/// What a table of report rows looks like.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Each column before those of the result: its header, and what it carries.
    pub(crate) carried: Vec<(String, CarriedCell)>,
    /// The columns of the result.
    pub(crate) columns: &'static [Column],
    /// How the input is written, and so how a CSV of the rows is.
    pub(crate) dialect: Dialect,
    /// What a workbook of the rows has beside them.
    pub(crate) extras: WorkbookExtras,
}

/// What a table carries from the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CarriedCell {
    /// The cell of a column of the input.
    Input(usize),
    /// The approval of the row.
    Approval,
}

impl CarriedCell {
    fn text<'r>(self, row: &'r ReportRow<'_>) -> &'r str {
        match self {
            Self::Input(column) => row.input.cell(column),
            Self::Approval => row.approved,
        }
    }
}

impl Layout {
    /// The layout of the report of a run, whose rows carry everything under `header`.
    pub(crate) fn of_report(header: &Row, dialect: Dialect) -> Self {
        let carried = header.cells().enumerate().map(|(at, name)| (name.to_owned(), CarriedCell::Input(at))).collect();
        Self { carried, columns: Column::REPORT, dialect, extras: WorkbookExtras::default() }
    }
}

/// A report that was written, or not.
#[derive(Debug)]
pub(crate) struct WrittenReport {
    /// What all rows come to, even when writing broke off.
    pub(crate) totals: RowTotals,
    /// What writing came to: the SHA-256 of the report, in hexadecimal.
    pub(crate) sha256: io::Result<String>,
}

/// Writes the report.
///
/// # Errors
/// When the rows cannot be read.
pub(crate) fn write_report(rows: &dyn ReportRows, target: &Destination) -> Result<WrittenReport, LedgerError> {
    let (mut totals, mut read) = (RowTotals::default(), Ok(()));
    let sha256 = target.write(|output| {
        let Layout { carried, columns, dialect, extras } = rows.layout();
        let header = carried.iter().map(|(name, _)| name.as_str());
        let mut table = Table::begin(output, target.form(*dialect), header, columns)?;
        table.add(extras.clone());
        let mut written = Ok(());
        read = rows.each(&mut |row| {
            totals.add(row);
            if written.is_ok() {
                written = table.write(carried.iter().map(|(_, cell)| cell.text(row)), row);
            }
        });
        if read.is_err() {
            // Half a report must not take the place of a whole one.
            return Err(io::Error::other("the ledger could not be read to its end"));
        }
        written.and_then(|()| table.finish().map(drop))
    });
    read?;
    if totals.counts.rows() == 0 {
        // Not even the beginning could be written, so nobody has counted yet.
        totals = count(rows)?;
    }
    Ok(WrittenReport { totals, sha256 })
}

/// What all rows come to.
///
/// # Errors
/// When the rows cannot be read.
pub(crate) fn count(rows: &dyn ReportRows) -> Result<RowTotals, LedgerError> {
    let mut totals = RowTotals::default();
    rows.each(&mut |row| totals.add(row))?;
    Ok(totals)
}
