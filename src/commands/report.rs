//! `seatrun report`: writes the report of a run again, from the ledger.

use std::path::Path;

use crate::app::context::Context;
use crate::app::output::destination::{Destination, Destinations};
use crate::app::output::page;
use crate::app::output::report_rows::WrittenReport;
use crate::app::runs::execute::write_report;
use crate::app::runs::recorded_rows::RecordedRows;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::ledger::Ledger;
use crate::settings::ApiTarget;

/// Runs `seatrun report`.
pub(super) fn report(arguments: &cli::Report) -> Result<Exit, CommandError> {
    let target = if arguments.ledger.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let context = Context::new(arguments.ledger.flags(), target)?;
    let ledger = Ledger::open(&context.state_folder())?;
    let record = ledger.views().named(&arguments.run)?;
    ledger.refuse_damage_of_small_file()?;
    let input = record.run.settings.input_path.as_deref().map(Path::new);
    let target = match &arguments.report {
        Some(stream) => Destination::of_report(stream, input)?,
        None => Destination::again(&record.run.settings.report, context.written_files().as_ref(), &context.console)?,
    };
    target.check_rows(|| record.rows)?;
    let affected = cli::OutputArgs { html: arguments.html.clone(), ..cli::OutputArgs::default() };
    let outputs = Destinations::new(target, &affected, input)?;
    let rows = RecordedRows::new(&ledger, &record, record.ending());
    let WrittenReport { totals, sha256 } = write_report(&context, &rows, &outputs.report)?;
    sha256.map_err(|error| CommandError::new(Exit::NoReport, format!("the report could not be written: {error}")))?;
    let name = outputs.report.name();
    if let Some(name) = &name {
        context.console.say(&format!("{} rows of run {}: {name}", totals.counts.rows(), record.run.name));
    }
    if let Some(target) = &outputs.page {
        let page = page::of_run(&context, &rows, name.as_deref(), None, target);
        return Ok(page.map_or(Exit::NoReport, |()| Exit::Fine));
    }
    Ok(Exit::Fine)
}
