//! What the rows of a run came to: counted once, and kept with the run.

use crate::app::CommandError;
use crate::app::output::report_rows::ReportRows;
use crate::app::runs::recorded_rows::RecordedRows;
use crate::ledger::{Ledger, LedgerError, RunRecord, RunTotals};
use crate::plan::PaidSeats;
use crate::report::{Counts, RowTotals};

/// What the rows of a run came to, from what was kept or by counting.
pub(crate) fn of_run(ledger: &Ledger, record: &RunRecord) -> Result<RunTotals, LedgerError> {
    if let Some(totals) = &record.totals {
        return Ok(totals.clone());
    }
    let mut counted = RowTotals::default();
    RecordedRows::new(ledger, record, record.ending()).each(&mut |row| counted.add(row))?;
    from_rows(ledger, record, &counted.counts, counted.seat_counter.read().total())
}

/// Keeps with each run that is finished what its rows came to, where that is not kept yet.
pub(crate) fn keep(ledger: &Ledger, counted: &[(RunRecord, RunTotals)]) -> Result<(), CommandError> {
    for (record, totals) in counted.iter().filter(|(record, _)| record.totals.is_none() && !record.is_unfinished()) {
        ledger.keep_totals(record, totals)?;
    }
    Ok(())
}

/// What is kept of rows that were counted.
pub(crate) fn from_rows(
    ledger: &Ledger,
    record: &RunRecord,
    counts: &Counts,
    seats: PaidSeats,
) -> Result<RunTotals, LedgerError> {
    Ok(RunTotals {
        counts: counts.each().filter(|(_, count)| *count > 0).collect(),
        actions: ledger.views().actions_of(record.id)?,
        seats_freed: seats.freed.certain,
        seats_taken: seats.taken.certain,
    })
}
