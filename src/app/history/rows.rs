//! The rows of a run, and everything ever done to a user.

use serde_json::{Value, json};

use super::listing::{ListingFormat, StreamedListing, shortened};
use super::people;
use crate::app::runs::recorded_rows::outcome_of;
use crate::app::{CommandError, Exit};
use crate::console::visible_line;
use crate::input::{Row, Subject};
use crate::ledger::{Ledger, RowRecord, RunRecord};
use crate::model::{Job, Outcome, Status, StopReason};

/// Columns whose cell says why a row is there.
const REASONS: [&str; 5] = ["reason", "note", "notes", "comment", "ticket"];

/// Lists the rows of a run.
pub(crate) fn of_run(ledger: &Ledger, run: &str, format: ListingFormat) -> Result<Exit, CommandError> {
    let views = ledger.views();
    let record = views.named(run)?;
    ledger.refuse_damage_of_small_file()?;
    let mut listing = StreamedListing::new();
    match format {
        ListingFormat::Json => {
            views.each_row(record.id, |row| listing.object(&object(&record, &row)))?;
            listing.end_array();
        }
        ListingFormat::Text => {
            let headings = ["ROW", "USER", "ACTION", "STATUS", "ATTEMPTS", "MESSAGE"].map(str::to_owned);
            // Once for the widths of the columns, and once for the lines.
            let mut widths = headings.each_ref().map(|cell| cell.chars().count());
            views.each_row(record.id, |row| {
                for (width, cell) in widths.iter_mut().zip(cells(&row, record.ending())) {
                    *width = (*width).max(cell.chars().count());
                }
            })?;
            listing.line(&line(&headings, &widths));
            views.each_row(record.id, |row| listing.line(&line(&cells(&row, record.ending()), &widths)))?;
        }
    }
    listing.finish()
}

/// Lists everything that was ever done to a user, the newest first.
pub(crate) fn of_user(ledger: &Ledger, asked: &Subject, format: ListingFormat) -> Result<Exit, CommandError> {
    ledger.refuse_damage_of_small_file()?;
    let users = people::users(ledger, asked)?;
    let mut found = Vec::new();
    for user in &users {
        found.extend(ledger.views().rows_of_user(*user)?);
    }
    found.sort_by_key(|(record, _)| std::cmp::Reverse(record.id));
    let mut listing = StreamedListing::new();
    match format {
        ListingFormat::Json => {
            for (record, row) in &found {
                listing.object(&object(record, row));
            }
            listing.end_array();
        }
        ListingFormat::Text => {
            for (record, row) in &found {
                for line in paragraph(record, row) {
                    listing.line(&line);
                }
            }
        }
    }
    listing.finish()
}

/// One thing that was done to a user: when and what, by whom and from where, and why.
fn paragraph(record: &RunRecord, row: &RowRecord) -> Vec<String> {
    let outcome = outcome_of(row, record.ending());
    let at = row.began.unwrap_or(record.run.started).strftime("%Y-%m-%d %H:%M");
    let what = row.job.as_ref().map(|job| job.action.to_string()).unwrap_or_default();
    let who = row.job.as_ref().map(|job| job.user.to_string()).unwrap_or_default();
    let address = row.before.email.as_deref().map(|email| format!(" ({email})")).unwrap_or_default();
    let seats = match (&outcome.seat_before, seat_after(row, &outcome)) {
        (None, None) => String::new(),
        (Some(before), None) => format!("seat before: {before}; "),
        (None, Some(after)) => format!("seat after: {after}; "),
        (Some(before), Some(after)) => format!("seat before: {before}, after: {after}; "),
    };
    let mut lines = vec![
        format!("{at}  {}  {what}", outcome.status.name()),
        format!("  user {who}{address}"),
        format!("  by {}", record.run.who),
        format!("  from row {} of {}, run {}", row.number, record.run.input, record.run.name),
        format!("  {seats}{}", outcome.message),
    ];
    lines.extend(reason(record, row).map(|reason| format!("  reason: {reason}")));
    lines.iter().map(|line| shortened(&visible_line(line), 160)).collect()
}

/// The seat after a row: what was read, or else what follows from how the row ended.
fn seat_after(row: &RowRecord, outcome: &Outcome) -> Option<String> {
    let asked = || Some(row.job.as_ref()?.action.seat()?.to_string());
    match (&outcome.seat_after, outcome.status) {
        (Some(read), _) => Some(read.to_string()),
        (None, Status::Success) => asked(),
        (None, Status::Unchanged | Status::Skipped) => outcome.seat_before.as_ref().map(ToString::to_string),
        (None, _) => None,
    }
}

/// What the input says about why the row is there.
fn reason(record: &RunRecord, row: &RowRecord) -> Option<String> {
    let (header, cells) = (Row::from_record(&record.run.header), Row::from_record(&row.cells));
    let is_reason = |name: &str| REASONS.iter().any(|known| name.trim().eq_ignore_ascii_case(known));
    let found = header.cells().zip(cells.cells()).find(|(name, cell)| is_reason(name) && !cell.trim().is_empty());
    found.map(|(_, cell)| cell.trim().to_owned())
}

fn object(record: &RunRecord, row: &RowRecord) -> Value {
    let outcome = outcome_of(row, record.ending());
    let job = row.job.as_ref();
    json!({
        "run": record.run.name,
        "run_started_at": record.run.started.to_string(),
        "who": record.run.who,
        "input": record.run.input,
        "row": row.number,
        "user_id": job.map(|job| job.user.to_string()),
        "email": row.before.email,
        "name": row.before.name,
        "action": job.map(|job| job.action.name().name()),
        "plan_id": job.and_then(|job| job.action.plan()).map(|plan| plan.to_string()),
        "seat_type": job.and_then(|job| job.action.seat()),
        "key": job.map(|job| job.key().to_string()),
        "status": outcome.status,
        "message": outcome.message,
        "hint": outcome.hint,
        "reason": reason(record, row),
        "result_code": outcome.result_code,
        "http_status": outcome.http_status,
        "error_code": outcome.error_code,
        "ref_id": outcome.ref_id,
        "seat_before": outcome.seat_before,
        "seat_after": seat_after(row, &outcome),
        "attempts": row.attempts,
        "started_at": row.began.map(|at| at.to_string()),
        "finished_at": row.touched.filter(|_| row.state.is_settled()).map(|at| at.to_string()),
    })
}

fn cells(row: &RowRecord, ending: Option<&StopReason>) -> [String; 6] {
    let outcome = outcome_of(row, ending);
    let job = |words: &dyn Fn(&Job) -> String| row.job.as_ref().map(words).unwrap_or_default();
    let cells = [
        row.number.to_string(),
        job(&|job| job.user.to_string()),
        job(&|job| job.action.to_string()),
        outcome.status.name().to_owned(),
        row.attempts.to_string(),
        outcome.message,
    ];
    cells.map(|cell| visible_line(&cell).into_owned())
}

/// Cells in columns as wide as their widest; the last is as long as it is.
fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    padded.join("  ")
}
