//! `seatrun history`: past runs, the rows of one, everything ever done to one user.

use crate::app::context::Context;
use crate::app::history::listing::ListingFormat;
use crate::app::history::{prune, rows, runs};
use crate::app::{CommandError, Exit};
use crate::cli::{self, HistoryCommand};
use crate::console::Console;
use crate::ledger::Ledger;
use crate::settings::ApiTarget;

/// Runs `seatrun history`.
pub(super) fn history(console: &Console, arguments: &cli::History) -> Result<Exit, CommandError> {
    if let Some(HistoryCommand::Prune(prune)) = &arguments.command {
        let (context, mut ledger) = open(console, &prune.ledger)?;
        return prune::prune(&context, &mut ledger, prune);
    }
    let (_, ledger) = open(console, &arguments.ledger)?;
    let format = ListingFormat::from_flag(arguments.json);
    match (&arguments.run, &arguments.user) {
        (_, Some(user)) => rows::of_user(&ledger, user, format),
        (Some(run), None) => rows::of_run(&ledger, run, format),
        (None, None) => runs::list(&ledger, arguments.number, format),
    }
}

fn open(console: &Console, arguments: &cli::LedgerArgs) -> Result<(Context, Ledger), CommandError> {
    let target = if arguments.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let context = Context::new(console, arguments.flags(), target)?;
    let ledger = Ledger::open(&context.state_folder())?;
    Ok((context, ledger))
}
