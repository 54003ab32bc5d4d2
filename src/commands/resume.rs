//! `seatrun resume`: carries on a run from the ledger alone, whatever became of its input.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

use crate::app::account::{budget, lock};
use crate::app::context::Context;
use crate::app::interrupt::Signals;
use crate::app::output::spare_files::SpareFiles;
use crate::app::output::summary_file;
use crate::app::preflight::drift::{self, Drift};
use crate::app::preflight::{expectations, skip_protected};
use crate::app::runs::execute::Work;
use crate::app::runs::resumption::{Resumption, finish, left, outputs, settings};
use crate::app::runs::unfinished::{choose, choose_unattended};
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::console::Console;
use crate::ledger::{Ledger, clock};
use crate::model::RetryRefused;

/// Runs `seatrun resume`.
pub(super) async fn resume(console: &Console, arguments: cli::Resume) -> Result<Exit, CommandError> {
    let began = Instant::now();
    let context = Context::new(console, arguments.flags(), arguments.connection.target())?;
    summary_file::begin(&context, None)?;
    let mut signals = Signals::listen(&context)?;
    let mut ledger = Ledger::open(&context.state_folder())?;
    ledger.refuse_structural_damage()?;
    let record = if arguments.if_unfinished {
        let Some(record) = choose_unattended(&ledger)? else {
            return Ok(summary_file::finish_early(console, Exit::Fine, "no run was interrupted"));
        };
        record
    } else {
        choose(&ledger, arguments.run.as_deref())?
    };
    let settings = settings(&context, &record.run.settings);
    summary_file::begin_again(settings.summary.as_deref().map(Path::new))?;
    let deadline = context.deadline();
    let patience = context.settings.wait.value.get();
    // The jobs are read only once nobody else works on them.
    let lock = lock::take(&context, &record.run.account, &record.run.input, patience);
    let lock = signals.run_until_interrupted(began, deadline, lock).await?;
    ledger.watch(&lock)?;
    let record = choose(&ledger, Some(&record.run.name))?;
    let outputs = outputs(&context, &settings, &record.run.name)?;
    outputs.report.check_rows(|| record.rows)?;
    let refused = if arguments.retry_failed { RetryRefused::Yes } else { RetryRefused::No };
    let (left, changed) = left(&ledger, &record, refused)?;
    if left.is_empty() {
        return finish(&context, ledger, &record, &outputs, began);
    }
    let resumption = Resumption { context: &context, arguments: &arguments, ledger: &ledger, record: &record };
    let preparations = resumption.prepare(&settings, &left);
    let (api, directory) = signals.run_until_interrupted(began, deadline, preparations).await?;
    let (left, spared) = skip_protected::spare(left, &expectations::protected(&context.settings), &directory);
    let (assignments, mut revivals) =
        drift::partition_remaining(left, changed, &directory, Drift::of(arguments.accept_drift));
    revivals.extend(spared);
    let spare_files = SpareFiles::open()?;
    ledger.begin_session(record.id, clock::now(), &revivals)?;
    let work = Work {
        context: &context,
        client: api.client.clone(),
        pace: budget::pace(&context, Some(&ledger), &api.base_url, NonZeroU32::new(settings.rate))?,
        ledger,
        run: record.run.name.clone(),
        settings,
        assignments,
        deadline,
        signals,
        began,
        outputs,
        spare_files,
    };
    work.carry_out().await
}
