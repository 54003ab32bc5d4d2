//! The runs, newest first: as lines that fit 80 columns, with a second one where something is not well, or as JSON.

use serde_json::{Map, Value, json};

use super::listing::{ListingFormat, StreamedListing, shortened};
use super::totals;
use crate::app::{CommandError, Exit};
use crate::console::visible_line;
use crate::ledger::{Ledger, RunRecord, RunTotals};
use crate::model::{Status, StopReason};

/// Lists the newest runs, `number` at the most.
pub(crate) fn list(ledger: &Ledger, number: Option<usize>, format: ListingFormat) -> Result<Exit, CommandError> {
    let records = ledger.views().newest_runs(number.unwrap_or(usize::MAX))?;
    let counted = records
        .into_iter()
        .map(|record| totals::of_run(ledger, &record).map(|totals| (record, totals)))
        .collect::<Result<Vec<_>, _>>()?;
    totals::keep(ledger, &counted)?;
    let mut listing = StreamedListing::new();
    match format {
        ListingFormat::Json => {
            for (record, totals) in &counted {
                listing.object(&object(record, totals));
            }
            listing.end_array();
        }
        ListingFormat::Text => {
            listing.line(&line(["RUN", "STARTED", "BY", "ACTION", "ROWS", "FREED"]));
            for (record, totals) in &counted {
                listing.line(&run_line(record, totals));
                if let Some(trouble) = trouble(record, totals) {
                    listing.line(&format!("  {}", shortened(&visible_line(&trouble), WIDTH - 2)));
                }
            }
        }
    }
    listing.finish()
}

/// The widest line.
const WIDTH: usize = 80;

fn line([run, started, by, action, rows, freed]: [&str; 6]) -> String {
    let by = shortened(by, 12);
    format!("{run:<20}  {started:<16}  {by:<12}  {action:<10}  {rows:>6}  {freed:>5}")
}

fn run_line(record: &RunRecord, totals: &RunTotals) -> String {
    let action = match totals.actions.len() {
        0 => "-",
        1 => totals.actions.keys().next().map_or("-", String::as_str),
        _ => "mixed",
    };
    let started = record.run.started.strftime("%Y-%m-%d %H:%M").to_string();
    // The address without its domain, which is nearly always the same.
    let who = visible_line(record.run.who.split('@').next().unwrap_or_default());
    let (rows, freed) = (record.rows.to_string(), totals.seats_freed.to_string());
    line([&record.run.name, &started, &who, action, &rows, &freed])
}

/// What is not well about a run, and how it goes on.
fn trouble(record: &RunRecord, totals: &RunTotals) -> Option<String> {
    let mut parts: Vec<_> = Status::ALL
        .into_iter()
        .filter(|status| !status.is_fine())
        .filter_map(|status| Some(format!("{} {}", totals.counts.get(&status)?, status.name())))
        .collect();
    if record.ending() != Some(&StopReason::Finished) || record.superseded_by.is_some() {
        parts.push(ending_text(record));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How a run ended, in words.
pub(crate) fn ending_text(record: &RunRecord) -> String {
    match (&record.superseded_by, record.ending()) {
        (Some(run), _) => format!("taken over by {run}"),
        (None, Some(ending)) => ending.describe(),
        (None, None) => "in progress, or its process was killed".to_owned(),
    }
}

fn object(record: &RunRecord, totals: &RunTotals) -> Value {
    let count = |status: Status| totals.counts.get(&status).copied().unwrap_or_default();
    let counts: Map<_, _> =
        Status::ALL.into_iter().map(|status| (status.name().to_owned(), Value::from(count(status)))).collect();
    let ended = record.sessions.last().and_then(|session| session.ended);
    json!({
        "run": record.run.name,
        "input": record.run.input,
        "sha256": record.run.sha256,
        "account": record.run.account,
        "who": record.run.who,
        "report": record.run.settings.report,
        "started_at": record.run.started.to_string(),
        "ended_at": ended.map(|at| at.to_string()),
        "ending": record.ending(),
        "ending_text": ending_text(record),
        "finished": !record.is_unfinished(),
        "superseded_by": record.superseded_by,
        "reviews": record.run.reviews,
        "sessions": record.sessions.len(),
        "rows": record.rows,
        "counts": counts,
        "actions": totals.actions,
        "seats_freed": totals.seats_freed,
        "seats_taken": totals.seats_taken,
    })
}
