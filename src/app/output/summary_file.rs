//! The summary for machines (`--summary-json`): replaced at the start of a run by the word that it is running, and
//! written at every ending, however early, so that yesterday's never passes for today's.
//!
//! A wrong command line and wrong settings end a command before anybody has said where the summary goes. It is then
//! found from the flag as it was typed, else from `SEATRUN_SUMMARY_JSON`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::app::context::Context;
use crate::app::notify;
use crate::app::output::destination::{Destination, Kind};
use crate::app::output::temp_file::Access;
use crate::app::{CommandError, Exit};
use crate::cli::{OutputArgs, Stream};
use crate::console::{Console, visible_json};
use crate::engine::SignalCount;
use crate::plan::{PaidSeatsByPlan, Reasons};
use crate::report::{Counts, QuotedAddresses, RunFacts, StopNotice, Summary};
use crate::settings::Environment;

/// The variable that says where the summary goes.
const VARIABLE: &str = "SEATRUN_SUMMARY_JSON";
const FLAG: &str = "--summary-json";

/// The summary of this process, which carries out one command.
static SUMMARY: Mutex<SummaryFile> = Mutex::new(SummaryFile { stage: Stage::NotBegun, facts: RunFacts::NONE });

#[derive(Debug)]
struct SummaryFile {
    stage: Stage,
    facts: RunFacts,
}

/// How far the summary has come.
#[derive(Debug)]
enum Stage {
    /// Nobody has said where it goes.
    NotBegun,
    /// It goes there, if one is wanted, and the command is under way.
    Running { target: Option<Destination>, input: String, began: Instant, started: Timestamp },
    /// It is written, or nobody wants one.
    Finished,
}

fn summary() -> MutexGuard<'static, SummaryFile> {
    SUMMARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Replaces the summary by the word that the command is running.
///
/// # Errors
/// It cannot be written there, or something else goes there.
pub(crate) fn begin(context: &Context, input: Option<&Stream>) -> Result<(), CommandError> {
    let (began, started) = (Instant::now(), Timestamp::now());
    let name = match input {
        Some(Stream::File(path)) => path.display().to_string(),
        Some(Stream::Standard) => "standard input".to_owned(),
        None => String::new(),
    };
    summary().stage = Stage::Finished;
    let target = target(&context.output(), input)?;
    if let Some(target @ Destination::File(_)) = &target {
        write(target, &SignalCount::default(), &RunFacts::running_json(started)).map_err(|error| {
            CommandError::refused(unwritten(target, &error)).hint(format!("name another with {FLAG}"))
        })?;
    }
    summary().stage = Stage::Running { target, input: name, began, started };
    Ok(())
}

/// Writes the summary where the run that is carried on wrote it, unless another place was named.
///
/// # Errors
/// It cannot be written there.
pub(crate) fn begin_again(recorded: Option<&Path>) -> Result<(), CommandError> {
    if let (Stage::Running { target: target @ None, started, .. }, Some(path)) = (&mut summary().stage, recorded) {
        let again = Destination::File(path.to_owned());
        write(&again, &SignalCount::default(), &RunFacts::running_json(*started)).map_err(|error| {
            CommandError::refused(unwritten(&again, &error)).hint(format!("name another with {FLAG}"))
        })?;
        *target = Some(again);
    }
    Ok(())
}

fn target(output: &OutputArgs, input: Option<&Stream>) -> Result<Option<Destination>, CommandError> {
    let Some(stream) = &output.summary_json else { return Ok(None) };
    let input = match input {
        Some(Stream::File(path)) => Some(path.as_path()),
        Some(Stream::Standard) | None => None,
    };
    let target = Destination::named(stream, "summary", FLAG, input)?;
    let usual = [Kind::Report, Kind::Review].map(|kind| Stream::File(Destination::usual_name(input, kind)));
    let reports: Vec<_> = output.report.iter().chain(&usual).collect();
    for (what, flag, others) in [("report", FLAG, reports), ("page", "--html", output.html.iter().collect())] {
        let is_taken = |other: &&Stream| match other {
            Stream::Standard => target == Destination::Standard,
            Stream::File(path) => target.is(path),
        };
        if others.iter().any(is_taken) {
            let message = format!("the {what} and the summary would go to the same place");
            return Err(CommandError::new(Exit::Usage, message).hint(format!("name another with {flag}")));
        }
    }
    Ok(Some(target))
}

/// Takes note of something for the summary.
pub(crate) fn note(add: impl FnOnce(&mut RunFacts)) {
    add(&mut summary().facts);
}

/// Takes note of why the command ends as it does.
pub(crate) fn note_stop(error: &CommandError) {
    note(|facts| {
        facts.stop =
            Some(StopNotice { reason: error.message.clone(), hint: error.hint.clone(), guard: error.guard.clone() });
    });
}

/// Writes the summary of a command that has come to its end. What goes wrong is said.
///
/// # Errors
/// It could not be written.
pub(crate) fn finish(context: &Context, end: &Summary<'_>) -> io::Result<()> {
    let mut summary = summary();
    let stage = std::mem::replace(&mut summary.stage, Stage::Finished);
    let Stage::Running { target, .. } = stage else { return Ok(()) };
    let place = Place { console: &context.console, signals: &context.signals, target: target.as_ref() };
    place.end_with(end, &summary.facts)
}

/// Writes the summary of a command that failed before it came to its end. `typed` is where the command line says that it
/// goes.
pub(crate) fn fail(console: &Console, error: &CommandError, typed: Option<Stream>) {
    let stage = std::mem::replace(&mut summary().stage, Stage::Finished);
    let (target, input, took, started) = match stage {
        Stage::Running { target, input, began, started } => (target, input, began.elapsed(), started),
        Stage::NotBegun => (found(console, typed), String::new(), Duration::ZERO, Timestamp::now()),
        Stage::Finished => return,
    };
    note_stop(error);
    // The program ends with what failed first.
    let place = Place { console, signals: &SignalCount::default(), target: target.as_ref() };
    let _ = place.write_end(&input, started, took, error.exit);
}

/// Writes the summary of a command that found nothing to do, and says how the program then ends.
pub(crate) fn finish_early(console: &Console, exit: Exit, why: &str) -> Exit {
    let stage = std::mem::replace(&mut summary().stage, Stage::Finished);
    let Stage::Running { target, input, began, started } = stage else { return exit };
    note(|facts| facts.stop = Some(StopNotice { reason: why.to_owned(), hint: None, guard: None }));
    let place = Place { console, signals: &SignalCount::default(), target: target.as_ref() };
    place.write_end(&input, started, began.elapsed(), exit).map_or_else(|_| exit.unwritten(), |()| exit)
}

/// Where the end of a command is told.
struct Place<'a> {
    console: &'a Console,
    signals: &'a SignalCount,
    target: Option<&'a Destination>,
}

impl Place<'_> {
    /// Writes the summary of a command that came to no rows.
    fn write_end(&self, input: &str, started: Timestamp, took: Duration, exit: Exit) -> io::Result<()> {
        let end = Summary {
            run: None,
            input,
            report: None,
            counts: Counts::default(),
            reasons: &Reasons::default(),
            missing_users: 0,
            money: &PaidSeatsByPlan::default(),
            traffic: None,
            ending: None,
            started,
            took,
            exit_code: exit.code(),
        };
        let facts = summary().facts.clone();
        self.end_with(&end, &facts)
    }

    /// Tells everybody who wants to know how the command has ended.
    fn end_with(&self, end: &Summary<'_>, facts: &RunFacts) -> io::Result<()> {
        let json = |addresses| end.json(facts, Timestamp::now(), addresses);
        let written = self.target.map_or(Ok(()), |target| {
            let written = write(target, self.signals, &json(QuotedAddresses::Hidden));
            written.inspect_err(|error| self.console.error(&unwritten(target, error), None))
        });
        self.console.event("run_finished", json(QuotedAddresses::Hidden));
        // The summary could not be written, which is an ending of its own.
        let exit_code = if written.is_err() && end.exit_code <= 1 { Exit::NoReport.code() } else { end.exit_code };
        notify::end(exit_code, json);
        written
    }
}

/// Writes the summary of a command that a bug ended. What is not under way has none.
pub(crate) fn give_up(console: &Console) {
    if matches!(summary().stage, Stage::Running { .. }) {
        fail(
            console,
            &CommandError::new(Exit::Bug, "a bug in seatrun").hint("please report what it says on standard error"),
            None,
        );
    }
}

/// Where the words of a command line that could not be understood say that the summary goes.
pub(crate) fn typed(words: &[OsString]) -> Option<Stream> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let word = word.to_str().unwrap_or_default();
        if word == FLAG {
            return words.next().map(|place| Stream::from(place.clone()));
        }
        if let Some(place) = word.strip_prefix(FLAG).and_then(|rest| rest.strip_prefix('=')) {
            return Some(Stream::from(OsString::from(place)));
        }
    }
    None
}

/// Where the summary goes of a command that came to no settings. Nobody has checked then what else goes there, so only a
/// summary is replaced.
fn found(console: &Console, typed: Option<Stream>) -> Option<Destination> {
    let stream = typed.or_else(|| Environment::from_process().stream(VARIABLE))?;
    let is_free = match &stream {
        Stream::Standard => true,
        Stream::File(path) => !path.exists() || is_summary(path),
    };
    let target = is_free.then(|| Destination::named(&stream, "summary", FLAG, None))?;
    target.map_err(|error| console.error(&error.message, error.hint.as_deref())).ok()
}

fn is_summary(path: &Path) -> bool {
    let mut first = [0];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read(&mut first)).is_ok_and(|_| matches!(first, [0 | b'{']))
}

fn write(target: &Destination, signals: &SignalCount, json: &serde_json::Value) -> io::Result<()> {
    let json = format!("{json:#}\n");
    target.write_for(Access::Public, signals, |output| output.write_all(visible_json(&json).as_bytes())).map(drop)
}

fn unwritten(target: &Destination, error: &io::Error) -> String {
    let name = target.name().unwrap_or_default();
    format!("the summary {name} could not be written: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_found_among_words_that_make_no_sense() {
        let table: [(&[&str], Option<&str>); 5] = [
            (&["seatrun", "run", "--bogus", "--summary-json", "s.json"], Some("s.json")),
            (&["seatrun", "run", "--summary-json=s.json", "--rate", "fast"], Some("s.json")),
            (&["seatrun", "run", "--summary-json", "-"], Some("-")),
            (&["seatrun", "run", "--summary-json"], None),
            (&["seatrun", "run", "--summary-jsonx", "s.json"], None),
        ];
        for (words, expected) in table {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            assert_eq!(typed(&words).map(|place| place.to_string()).as_deref(), expected, "{words:?}");
        }
    }
}
