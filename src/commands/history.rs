//! `seatrun history`: past runs, the rows of one, everything ever done to one user.

use std::io::Write;

use serde_json::{Value, json};

use crate::app::context::Context;
use crate::app::history::prune;
use crate::app::runs::recorded_rows::outcome_of;
use crate::app::{CommandError, Exit};
use crate::cli::{self, HistoryCommand};
use crate::console::{standard_output, visible_json, visible_line};
use crate::ledger::{Ledger, RowRecord, RunRecord};
use crate::model::{StopReason, UserId};
use crate::report::Counts;
use crate::settings::ApiTarget;

/// Runs `seatrun history`.
pub(super) fn history(arguments: &cli::History) -> Result<Exit, CommandError> {
    if let Some(HistoryCommand::Prune(prune)) = &arguments.command {
        let (context, mut ledger) = open(&prune.ledger)?;
        return prune::prune(&context, &mut ledger, prune);
    }
    let (_, ledger) = open(&arguments.ledger)?;
    let text = match (&arguments.run, arguments.user) {
        (_, Some(user)) => of_user(&ledger, user, Form::of(arguments.json))?,
        (Some(run), None) => of_run(&ledger, run, Form::of(arguments.json))?,
        (None, None) => of_all(&ledger, Form::of(arguments.json))?,
    };
    let printed = standard_output().write_all(text.as_bytes());
    printed
        .map_err(|error| CommandError::new(Exit::NoReport, format!("standard output cannot be written: {error}")))?;
    Ok(Exit::Fine)
}

/// How a listing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

impl Form {
    const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    /// A listing of objects, or of lines below their headings.
    fn write(self, headings: &[&str], rows: Vec<(Value, Vec<String>)>) -> String {
        match self {
            Self::Json => {
                let objects: Vec<_> = rows.into_iter().map(|(object, _)| object).collect();
                visible_json(&format!("{:#}\n", Value::Array(objects))).into_owned()
            }
            Self::Text => table(headings, rows.into_iter().map(|(_, cells)| cells).collect()),
        }
    }
}

fn open(arguments: &cli::LedgerArgs) -> Result<(Context, Ledger), CommandError> {
    let target = if arguments.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let context = Context::new(arguments.flags(), target)?;
    let ledger = Ledger::open(&context.state_folder())?;
    Ok((context, ledger))
}

fn of_all(ledger: &Ledger, form: Form) -> Result<String, CommandError> {
    let views = ledger.views();
    let rows = views
        .runs()?
        .into_iter()
        .map(|record| {
            let mut counts = Counts::default();
            views.each_row(record.id, |row| counts.add(outcome_of(&row, record.ending()).status))?;
            Ok((run_object(&record, &counts), run_cells(&record, &counts)))
        })
        .collect::<Result<Vec<_>, CommandError>>()?;
    Ok(form.write(&["RUN", "STARTED", "ROWS", "RESULT", "INPUT", "ENDING"], rows))
}

fn run_object(record: &RunRecord, counts: &Counts) -> Value {
    let named = counts.each().map(|(status, count)| (status.name().to_owned(), Value::from(count)));
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
        "counts": named.collect::<serde_json::Map<_, _>>(),
    })
}

fn run_cells(record: &RunRecord, counts: &Counts) -> Vec<String> {
    let shown: Vec<_> = counts
        .each()
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {}", status.name()))
        .collect();
    vec![
        record.run.name.clone(),
        record.run.started.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        record.rows.to_string(),
        shown.join(", "),
        record.run.input.clone(),
        ending_text(record),
    ]
}

fn ending_text(record: &RunRecord) -> String {
    match (&record.superseded_by, record.ending()) {
        (Some(run), _) => format!("superseded by {run}"),
        (None, Some(ending)) => StopReason::describe(ending),
        (None, None) => "under way, or died without a word".to_owned(),
    }
}

fn of_run(ledger: &Ledger, run: &str, form: Form) -> Result<String, CommandError> {
    let views = ledger.views();
    let record = views.run(run)?;
    let mut rows = Vec::new();
    views.each_row(record.id, |row| {
        rows.push((row_object(run, &row, record.ending()), row_cells(&row, record.ending())));
    })?;
    Ok(form.write(&["ROW", "USER", "ACTION", "STATUS", "ATTEMPTS", "MESSAGE"], rows))
}

fn of_user(ledger: &Ledger, user: UserId, form: Form) -> Result<String, CommandError> {
    let rows = ledger
        .views()
        .rows_of_user(user)?
        .into_iter()
        .map(|(record, row)| {
            let mut cells = row_cells(&row, record.ending());
            let began = row.began.map(|at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()).unwrap_or_default();
            cells.splice(0..2, [record.run.name.clone(), began]);
            (row_object(&record.run.name, &row, record.ending()), cells)
        })
        .collect();
    Ok(form.write(&["RUN", "SENT", "ACTION", "STATUS", "ATTEMPTS", "MESSAGE"], rows))
}

fn row_object(run: &str, row: &RowRecord, ending: Option<&StopReason>) -> Value {
    let outcome = outcome_of(row, ending);
    json!({
        "run": run,
        "row": row.number,
        "user_id": row.job.as_ref().map(|job| job.user.to_string()),
        "action": row.job.as_ref().map(|job| job.action.name().name()),
        "plan_id": row.job.as_ref().and_then(|job| job.action.plan()).map(|plan| plan.to_string()),
        "seat_type": row.job.as_ref().and_then(|job| job.action.seat()),
        "key": row.job.as_ref().map(|job| job.key().to_string()),
        "status": outcome.status,
        "message": outcome.message,
        "hint": outcome.hint,
        "result_code": outcome.result_code,
        "http_status": outcome.http_status,
        "error_code": outcome.error_code,
        "ref_id": outcome.ref_id,
        "seat_before": outcome.seat_before,
        "seat_after": outcome.seat_after,
        "attempts": row.attempts,
        "started_at": row.began.map(|at| at.to_string()),
        "finished_at": row.touched.filter(|_| row.state.is_settled()).map(|at| at.to_string()),
    })
}

fn row_cells(row: &RowRecord, ending: Option<&StopReason>) -> Vec<String> {
    let outcome = outcome_of(row, ending);
    let job = |words: &dyn Fn(&crate::model::Job) -> String| row.job.as_ref().map(words).unwrap_or_default();
    vec![
        row.number.to_string(),
        job(&|job| job.user.to_string()),
        job(&|job| job.action.to_string()),
        outcome.status.name().to_owned(),
        row.attempts.to_string(),
        outcome.message,
    ]
}

/// Lines in columns as wide as their widest cell; the last is as long as it is.
fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let heading: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    let visible = |line: Vec<String>| line.iter().map(|cell| visible_line(cell).into_owned()).collect::<Vec<_>>();
    let lines: Vec<_> = std::iter::once(heading).chain(rows.into_iter().map(visible)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..headings.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
