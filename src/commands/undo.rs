//! `seatrun undo`: writes an input whose run puts back what a run has changed, from the ledger alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::account::lock;
use crate::app::command_line;
use crate::app::context::Context;
use crate::app::history::people;
use crate::app::output::destination::{Destination, Kind};
use crate::app::output::replaceable::Keep;
use crate::app::runs::execute::record_written_file;
use crate::app::{CommandError, Exit};
use crate::cli::{self, Stream};
use crate::console::Console;
use crate::input::Subject;
use crate::ledger::{FileKind, Ledger, LedgerError, RowRecord, RunRecord};
use crate::model::{RetryRefused, UserId};
use crate::report::write_undo;
use crate::settings::ApiTarget;
use crate::undo::{Change, Undo, certainty, undo as way_back};

/// Runs `seatrun undo`.
pub(super) async fn undo(console: &Console, arguments: cli::Undo) -> Result<Exit, CommandError> {
    let target = if arguments.ledger.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let context = Context::new(console, arguments.ledger.flags(), target)?;
    let ledger = Ledger::open(&context.state_folder())?;
    let record = choose(&ledger, &arguments)?;
    let place = place(&context, arguments.output.as_ref(), &record)?;
    // What is still under way cannot be undone yet.
    let lock = lock::take(&context, &record.run.account, &record.run.input, Duration::ZERO).await;
    let _lock = lock.map_err(|failure| {
        if failure.exit == Exit::Locked { failure.hint("wait for it to end, then undo") } else { failure }
    })?;
    let record = ledger.views().run(&record.run.name)?;
    ledger.refuse_damage_of_small_file()?;
    let (mut changes, left) = changes(&context, &ledger, &record)?;
    if !arguments.user.is_empty() {
        let users = arguments.user.iter().map(|query| people::users(&ledger, query)).collect::<Result<Vec<_>, _>>()?;
        changes.retain(|change| users.iter().any(|users| users.contains(&change.job.user)));
    }
    let undo = way_back(&record.run.name, &changes, Timestamp::now());
    if left > 0 {
        let name = &record.run.name;
        context.console.warn(&format!(
            "run {name} is not finished, and `{} {name}` would take up {left} of its rows: to undo those, too, resume first",
            context.resume_command()
        ));
    }
    warn_of_others(&context, &ledger, &record, &changes)?;
    let form = place.form(record.run.settings.dialect);
    let sum = place.write(&context.signals, |output| write_undo(&undo, output, form).map(drop)).map_err(|error| {
        let name = place.name().unwrap_or_else(|| "standard output".to_owned());
        CommandError::new(Exit::NoReport, format!("{name} cannot be written: {error}"))
    })?;
    if let Destination::File(path) = &place {
        record_written_file(&context, path, &sum, FileKind::Other);
    }
    conclude(&context, &record, &undo, &place);
    Ok(if undo.not_undoable.is_empty() { Exit::Fine } else { Exit::SomeRows })
}

/// The run that was named, else the newest that has changed one of the users, else the newest.
fn choose(ledger: &Ledger, arguments: &cli::Undo) -> Result<RunRecord, CommandError> {
    let run = arguments.run.as_deref();
    if run.is_none() && !arguments.user.is_empty() {
        return newest_of(ledger, &arguments.user);
    }
    ledger.views().named(run.unwrap_or("latest")).map_err(|error| match (run, &error) {
        (None, LedgerError::NoSuchRun(_)) => {
            CommandError::refused(format!("there is no run in {}", ledger.path().display()))
                .hint("`seatrun run INPUT` starts one")
        }
        _ => error.into(),
    })
}

/// The newest run that has changed, or may have changed, one of some users.
fn newest_of(ledger: &Ledger, queries: &[Subject]) -> Result<RunRecord, CommandError> {
    let mut runs = Vec::new();
    for query in queries {
        for user in people::users(ledger, query)? {
            let rows = ledger.views().rows_of_user(user)?.into_iter();
            runs.extend(rows.filter_map(|(record, row)| change(row).map(|_| record)));
        }
    }
    runs.into_iter().max_by_key(|record| record.id).ok_or_else(|| {
        CommandError::refused("no run has changed these users").hint("`seatrun history --user USER` says what was done")
    })
}

/// Where the file goes: neither over the run's input nor over its report.
fn place(context: &Context, stream: Option<&Stream>, record: &RunRecord) -> Result<Destination, CommandError> {
    let settings = &record.run.settings;
    let input = settings.input_path.as_deref().map(Path::new);
    let place = match stream {
        Some(stream) => Destination::of_table(stream, "file", "--output", input)?,
        None => Destination::of_input(input, Kind::Undo, Keep::Other, context.written_files().as_ref())?,
    };
    if place.is(Path::new(&settings.report)) {
        let message = format!("the file would replace the report of the run, {}", settings.report);
        return Err(CommandError::new(Exit::Usage, message).hint("name another file with --output"));
    }
    Ok(place)
}

/// What a run has changed, or may have changed, and how many of its rows a resumed run would still change.
fn changes(context: &Context, ledger: &Ledger, record: &RunRecord) -> Result<(Vec<Change>, usize), CommandError> {
    let (mut changes, mut left) = (Vec::new(), 0);
    ledger.views().each_row(record.id, |row| {
        if row.is_damaged {
            context.console.warn(&format!(
                "the record of row {} in the ledger is damaged: what it changed is not undone",
                row.number
            ));
        }
        let changes_users = row.job.as_ref().is_some_and(|job| job.action.name().changes());
        let is_left = record.is_unfinished() && row.state.revived(RetryRefused::No).is_some();
        left += usize::from(changes_users && is_left);
        changes.extend(change(row));
    })?;
    Ok((changes, left))
}

fn change(row: RowRecord) -> Option<Change> {
    let certainty = certainty(row.state, row.attempts)?;
    let job = row.job.filter(|job| job.action.name().changes())?;
    let at = row.began.or(row.touched)?;
    Some(Change { row: row.number, job, before: row.before, at, certainty })
}

/// Says which other runs have changed the same users since: an undo puts back what was before this one.
fn warn_of_others(
    context: &Context,
    ledger: &Ledger,
    record: &RunRecord,
    changes: &[Change],
) -> Result<(), CommandError> {
    if context.is_sandbox_run() {
        // Every rehearsal has a world of its own.
        return Ok(());
    }
    let users: BTreeSet<_> = changes.iter().map(|change| change.job.user).collect();
    let mut others: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
    for past_change in ledger.views().past_changes_since(&record.run.account, record.run.started, &users)? {
        if past_change.run != record.run.name
            && past_change.job.action.name().changes()
            && users.contains(&past_change.job.user)
        {
            others.entry(past_change.run).or_default().insert(past_change.job.user);
        }
    }
    for (run, users) in others {
        context.console.warn(&format!(
            "run {run} has changed {} of these users since: the undo puts back what was before run {}",
            users.len(),
            record.run.name
        ));
    }
    Ok(())
}

/// Says what stays, what is put back, and what to do next.
fn conclude(context: &Context, record: &RunRecord, undo: &Undo, place: &Destination) {
    let console = &context.console;
    for kept in &undo.not_undoable {
        console.warn(&format!("row {}, user {}, cannot be undone: {}", kept.row, kept.user, kept.reason));
    }
    let name = &record.run.name;
    if undo.rows.is_empty() {
        let what = if undo.not_undoable.is_empty() { "nothing" } else { "nothing that can be undone" };
        return console.say(&format!("run {name} has changed {what}"));
    }
    if let Some(until) = undo.until {
        let until = until.strftime("%Y-%m-%d %H:%MZ");
        console
            .say(&format!("undo it before {until}: after that the first of these users can no longer be reactivated"));
    }
    let rows = undo.rows.len();
    let plural = if rows == 1 { "" } else { "s" };
    let file = place.name().unwrap_or_else(|| "standard output".to_owned());
    console.say(&format!("{rows} row{plural} to undo run {name}: {file}"));
    let next = place.name().unwrap_or_else(|| "FILE".to_owned());
    let look = context.again(&["run", &command_line::file(&next), "--dry-run"]);
    console.say(&format!("look at it first: {look}"));
}
