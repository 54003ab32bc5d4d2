//! `seatrun report`: writes the report of a run again, from the ledger.

use std::path::Path;

use super::context::Context;
use super::target::{Outputs, Target};
use super::work::{Written, write_report};
use super::{Exit, Failure, page};
use crate::cli;
use crate::ledger::Ledger;
use crate::settings::ApiTarget;

/// Runs `seatrun report`.
pub(super) fn report(arguments: &cli::Report) -> Result<Exit, Failure> {
    let target = if arguments.ledger.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let context = Context::new(arguments.ledger.flags(), target)?;
    let ledger = Ledger::open(&context.state_folder())?;
    let record = ledger.views().run(&arguments.run)?;
    let input = record.run.settings.input_path.as_deref().map(Path::new);
    let target = match &arguments.report {
        Some(stream) => Target::of_report(stream, input)?,
        None => Target::again(&record.run.settings.report, context.memory().as_ref(), &context.console)?,
    };
    target.check_rows(|| record.rows)?;
    let wanted = cli::OutputArgs { html: arguments.html.clone(), ..cli::OutputArgs::default() };
    let outputs = Outputs::new(target, &wanted, input)?;
    let Written { sums, written } = write_report(&context, &ledger, &record, record.ending(), &outputs.report)?;
    written.map_err(|error| Failure::new(Exit::NoReport, format!("the report could not be written: {error}")))?;
    let name = outputs.report.name();
    if let Some(name) = &name {
        context.console.say(&format!("{} rows of run {}: {name}", sums.counts.rows(), record.run.name));
    }
    if let Some(target) = &outputs.page {
        page::of_run(&context, &ledger, &record, record.ending(), name.as_deref(), target);
    }
    Ok(Exit::Fine)
}
