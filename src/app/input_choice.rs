//! What a run reads tonight: the file that was named, or the newest of those that match a pattern; and whether a night
//! without any is a good one.
//!
//! It decides which file is meant and whether it is fresh enough. What the file holds, [`Source`] reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::app::context::Context;
use crate::app::output::destination::absolute;
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::cli::Stream;
use crate::input::{InputError, Options};
use crate::ledger::Ledger;
use crate::settings::{Setting, Tolerance, duration};

/// What there is to do.
pub(crate) enum InputChoice {
    /// Rows to work on.
    Rows(Box<Source>),
    /// Nothing, which is well; in words, why.
    Nothing(String),
}

/// Finds the input and reads it.
///
/// # Errors
/// It is missing, empty or old, and nobody said that this is well; or it cannot be read.
pub(crate) fn open(context: &Context, input: &Stream, options: &Options) -> Result<InputChoice, CommandError> {
    let chosen = match input {
        Stream::Standard => input.clone(),
        Stream::File(path) => match choose(context, path)? {
            Ok(path) => Stream::File(path),
            Err(missing) => return Ok(InputChoice::Nothing(missing)),
        },
    };
    refuse_old(context, &chosen)?;
    match Source::try_read(context, &chosen, options)? {
        Ok(source) => Ok(InputChoice::Rows(Box::new(source))),
        Err((name, InputError::NoRows { .. })) if context.settings.if_empty.value == Tolerance::Ok => {
            Ok(InputChoice::Nothing(format!("{name} has a header and no rows")))
        }
        Err((name, error)) => {
            let hint = matches!(error, InputError::NoRows { .. })
                .then(|| format!("{} If such a night is a good one, say --if-empty ok", error.hint()));
            let failure = CommandError::from(error);
            let message = format!("{name}: {}", failure.message);
            Err(CommandError { message, hint: hint.or(failure.hint.clone()), ..failure })
        }
    }
}

/// The file that is meant, or in words what is missing where that is well. What is there under the very name is no
/// pattern, whatever letters it has.
fn choose(context: &Context, path: &Path) -> Result<Result<PathBuf, String>, CommandError> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(Ok(path.to_owned()));
    }
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
    let missing = match pattern {
        Some(pattern) => match newest(context, pattern)? {
            Some(newest) => return Ok(Ok(newest)),
            None => format!("no file matches {pattern}"),
        },
        None => format!("there is no {}", path.display()),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).filter(|_| pattern.is_none());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        // A share that is not mounted is not a night without leavers.
        return Err(CommandError::refused(format!("{missing}, because there is no folder {}", folder.display()))
            .hint("check the path; is a share not mounted?"));
    }
    match context.settings.if_missing.value {
        Tolerance::Ok => Ok(Err(missing)),
        Tolerance::Error => Err(CommandError::refused(missing)
            .hint("check the path. If a night without an input is a good one, say --if-missing ok")),
    }
}

/// A file that matches, and when it was last changed.
struct Match {
    path: PathBuf,
    changed: SystemTime,
}

/// The newest file that matches a pattern. The others are named if no run has read them, because nobody else will.
fn newest(context: &Context, pattern: &str) -> Result<Option<PathBuf>, CommandError> {
    let mut matches = matches(pattern)?;
    matches.sort_by(|one, other| (other.changed, &other.path).cmp(&(one.changed, &one.path)));
    let Some((newest, others)) = matches.split_first() else { return Ok(None) };
    if !others.is_empty() {
        let count = matches.len();
        context.console.say(&format!("{} is the newest of {count} files that match {pattern}", newest.path.display()));
    }
    let ledger = Ledger::open(&context.state_folder()).ok();
    let unread: Vec<_> = others.iter().filter(|other| !was_read(ledger.as_ref(), other)).collect();
    if let Some((first, rest)) = unread.split_first() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let listed: Vec<_> = unread.iter().take(5).map(|unread| unread.path.display().to_string()).collect();
        let names = if unread.len() <= 5 { listed.join(", ") } else { format!("{}{more}", first.path.display()) };
        let (match_, them) = if unread.len() == 1 { ("matches", "it") } else { ("match", "them") };
        context.console.warn(&format!("no run has read {names}, which also {match_} {pattern}: run {them} by name"));
    }
    Ok(Some(newest.path.clone()))
}

/// The files that match. What seatrun writes beside an input does not, unless the pattern asks for it.
fn matches(pattern: &str) -> Result<Vec<Match>, CommandError> {
    const WRITTEN: [&str; 3] = [".report.", ".review.", ".undo."];
    let wrong = |error: glob::PatternError| {
        CommandError::new(Exit::Usage, format!("{pattern} is not a pattern: {error}"))
            .hint("`*` stands for any letters, `?` for one; a name with such letters is found as it is")
    };
    let names = glob::glob(pattern).map_err(wrong)?;
    let is_asked_for = |name: &str| WRITTEN.iter().all(|part| !name.contains(part) || pattern.contains(part));
    let found = names.filter_map(Result::ok).filter_map(|path| {
        let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let name = path.file_name()?.to_string_lossy().into_owned();
        is_asked_for(&name).then_some(())?;
        Some(Match { changed: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), path })
    });
    Ok(found.collect())
}

/// Whether a run has read the file as it is.
fn was_read(ledger: Option<&Ledger>, file: &Match) -> bool {
    let path = absolute(&file.path);
    let changed = Timestamp::try_from(file.changed).unwrap_or(Timestamp::MAX);
    let runs = ledger.and_then(|ledger| ledger.views().runs().ok()).unwrap_or_default();
    runs.iter().any(|record| record.run.settings.input_path.as_ref() == Some(&path) && record.run.started >= changed)
}

/// Refuses a file that was last changed too long ago: yesterday's export is not tonight's.
fn refuse_old(context: &Context, input: &Stream) -> Result<(), CommandError> {
    let (Some(Setting { value: most, origin }), Stream::File(path)) = (&context.settings.max_age, input) else {
        return Ok(());
    };
    let age = fs::metadata(path).and_then(|metadata| metadata.modified()).ok().and_then(|at| at.elapsed().ok());
    match age.filter(|age| age > most) {
        None => Ok(()),
        Some(age) => Err(CommandError::refused(format!(
            "{} was last changed {} ago, and {origin} allows {}",
            path.display(),
            duration::format(Duration::from_secs(age.as_secs().max(1) / 60 * 60)),
            duration::format(*most),
        ))
        .hint("has the export of tonight failed? Raise --max-age if it is meant")),
    }
}
