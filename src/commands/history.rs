//! `seatrun history`: past runs, the rows of one, everything ever done to one user.

use crate::app::context::Context;
use crate::app::history::listing::ListingFormat;
use crate::app::history::{prune, rows, runs};
use crate::app::{CommandError, Exit};
use crate::cli::{self, HistoryCommand};
use crate::ledger::Ledger;
use crate::settings::ApiTarget;

/// Runs `seatrun history`.
pub(super) fn history(arguments: &cli::History) -> Result<Exit, CommandError> {
    if let Some(HistoryCommand::Prune(prune)) = &arguments.command {
        let (context, mut ledger) = open(&prune.ledger)?;
        return prune::prune(&context, &mut ledger, prune);
    }
    let (_, ledger) = open(&arguments.ledger)?;
    let format = ListingFormat::from_flag(arguments.json);
    match (&arguments.run, &arguments.user) {
        (_, Some(user)) => rows::of_user(&ledger, user, format),
        (Some(run), None) => rows::of_run(&ledger, run, format),
        (None, None) => runs::list(&ledger, arguments.number, format),
    }
}

fn open(arguments: &cli::LedgerArgs) -> Result<(Context, Ledger), CommandError> {
    let target = if arguments.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let context = Context::new(arguments.flags(), target)?;
    let ledger = Ledger::open(&context.state_folder())?;
    Ok((context, ledger))
}
