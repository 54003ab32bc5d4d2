//! Forgetting old runs, while no run is in progress.

use jiff::{SignedDuration, Timestamp};

use crate::app::context::Context;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::ledger::{AccountLock, Holder, Ledger, LockError, UnfinishedRuns};

/// Forgets the runs that are old enough.
///
/// # Errors
/// When a run is in progress in this state folder, or the ledger cannot be used.
pub(crate) fn prune(context: &Context, ledger: &mut Ledger, arguments: &cli::Prune) -> Result<Exit, CommandError> {
    let now = Timestamp::now();
    let age = SignedDuration::try_from(arguments.older_than).unwrap_or(SignedDuration::MAX);
    let limit = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let holder = Holder { pid: std::process::id(), since: now, input: "history prune".to_owned() };
    let _locks = AccountLock::take_all(&context.state_folder(), &holder).map_err(|error| match error {
        LockError::Held(_) => CommandError::new(Exit::Locked, error.to_string()).hint("wait for it to end, then prune"),
        LockError::Untrusted { .. } | LockError::Unusable { .. } => error.into(),
    })?;
    let unfinished = if arguments.unfinished { UnfinishedRuns::Forgotten } else { UnfinishedRuns::Kept };
    let pruned = ledger.prune(limit, unfinished)?;
    let runs = |count: usize| format!("{count} run{}", if count == 1 { "" } else { "s" });
    context.console.say(&format!("{} forgotten", runs(pruned.forgotten)));
    if pruned.unfinished > 0 {
        context.console.say(&format!(
            "kept {} that old and not finished: `seatrun history` lists them, --unfinished forgets them, too",
            runs(pruned.unfinished)
        ));
    }
    Ok(Exit::Fine)
}
