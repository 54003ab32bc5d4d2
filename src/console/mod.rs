//! The console: everything that is said on standard error, and the questions that are asked there.
//!
//! Progress, the log and plain words share one [`Screen`], so that none tears the others. Standard output is for data
//! and is not touched here. What is said may come from a server, a sheet or a file name: it is made visible here and
//! nowhere else, so that nothing of it steers the terminal. No meaning is carried by colour alone, and `NO_COLOR` turns colours off.

mod bar_line;
mod confirm;
mod event;
mod fit;
mod journal;
pub mod log;
mod output;
mod progress;
mod renderer;
mod screen;
mod tally;
mod verbosity;
mod visible;
mod words;
mod write_queue;

#[cfg(test)]
mod tests;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::settings::LogFormat;

use journal::Priority;
use visible::visible;

pub use confirm::{Answer, Expected, Question};
pub use output::{PatientOutput, print, standard_output};
pub use progress::{Progress, ProgressStyle};
pub use screen::{Colour, Screen, TerminalKind};
pub use verbosity::Verbosity;
pub use visible::{visible_json, visible_line};

/// Whether somebody wants to see how far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressMode {
    /// A bar on a terminal, elsewhere a line now and then.
    Shown,
    /// Neither: `--no-progress`. A pause or a stop is news rather than progress, and still a line.
    Hidden,
}

/// Speaks to whoever watches standard error, in text or in JSON. Its clones are the same console.
#[derive(Debug, Clone)]
pub struct Console {
    screen: Screen,
    manner: Arc<Mutex<(LogFormat, Verbosity)>>,
    /// Whether anything was warned of or went wrong.
    has_complained: Arc<AtomicBool>,
}

impl Console {
    /// A console on `screen`. In JSON its words are events of the log, so [`log::start`] comes first.
    pub fn new(screen: Screen, format: LogFormat, verbosity: Verbosity) -> Self {
        Self { screen, manner: Arc::new(Mutex::new((format, verbosity))), has_complained: Arc::default() }
    }

    /// A console on standard error, in text until the settings were read; to be made once.
    pub fn from_process() -> Self {
        Self::new(Screen::from_process(), LogFormat::Text, Verbosity::Normal)
    }

    /// Speaks from now on as the settings say.
    pub fn set(&self, format: LogFormat, verbosity: Verbosity) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = (format, verbosity);
    }

    fn manner(&self) -> (LogFormat, Verbosity) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The screen it speaks on.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Says that something panicked, which is a bug, and where. What it says may hold anything.
    pub fn panicked(&self, panic: &PanicHookInfo<'_>) {
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied().or_else(|| Some(payload.downcast_ref::<String>()?));
        let message = message.unwrap_or("for an unknown reason");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let hint = "this is a bug in seatrun: please report it, with what is said here";
        self.error(&format!("seatrun panicked at {place}: {message}"), Some(hint));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            self.screen.line(&visible(&backtrace.to_string()));
        }
    }

    /// How its words are written.
    pub(super) fn format(&self) -> LogFormat {
        self.manner().0
    }

    /// Says something that a person wants to know, in one line; nothing with `-q`.
    pub fn say(&self, text: &str) {
        self.put(text, &visible_line(text));
    }

    /// Says a text of several lines, each as it is: what is a value in it was made [one line](visible_line) before.
    pub fn say_lines(&self, text: &str) {
        self.put(text, &visible(text));
    }

    /// Says a text of several lines as it suits the place: broken between words where the terminal ends, with what weighs
    /// most in colour. As in [`Console::say_lines`], a value in it was made one line before.
    pub fn say_fitted(&self, text: &str) {
        self.put(text, &self.fitted(text));
    }

    /// Says `original` in JSON, or what is visible of it in text; nothing with `-q`.
    fn put(&self, original: &str, shown: &str) {
        match self.manner() {
            (_, Verbosity::Silent | Verbosity::Quiet) => {}
            (LogFormat::Text, _) => self.screen.line(shown),
            (LogFormat::Json, _) => tracing::info!(target: log::MESSAGE_TARGET, "{original}"),
        }
    }

    /// Says what a run has come to, in lines as those of [`Console::say_fitted`]. With `-q` a good night is silent: one on
    /// which all rows are well and nobody was warned of anything.
    pub fn conclude(&self, text: &str, is_well: bool) {
        let is_good_night = is_well && !self.has_complained.load(Ordering::Relaxed);
        let (format, verbosity) = self.manner();
        match verbosity {
            Verbosity::Quiet if !is_good_night => {
                Self { manner: Arc::new(Mutex::new((format, Verbosity::Normal))), ..self.clone() }.say_fitted(text);
            }
            Verbosity::Silent
            | Verbosity::Quiet
            | Verbosity::Normal
            | Verbosity::Verbose
            | Verbosity::Debug
            | Verbosity::Trace => {
                self.say_fitted(text);
            }
        }
    }

    /// Tells a program what happened, as one JSON object in a line; nothing in text, or with `-q`.
    pub fn event(&self, name: &str, fields: Value) {
        match self.manner() {
            (_, Verbosity::Silent | Verbosity::Quiet) | (LogFormat::Text, _) => {}
            (LogFormat::Json, _) => self.screen.line(&visible_json(&event::line(name, fields))),
        }
    }

    /// Warns of something that stops nothing, in one line; nothing with `-qq`.
    pub fn warn(&self, text: &str) {
        self.has_complained.store(true, Ordering::Relaxed);
        match self.manner() {
            (_, Verbosity::Silent) => {}
            (LogFormat::Text, _) => {
                self.screen.line_at(Priority::Warning, &self.laid_out(&format!("warning: {}", visible_line(text))));
            }
            (LogFormat::Json, _) => tracing::warn!(target: log::MESSAGE_TARGET, "{text}"),
        }
    }

    /// Says what went wrong in one line and, in another, what to do about it. No verbosity leaves it out.
    pub fn error(&self, text: &str, hint: Option<&str>) {
        self.has_complained.store(true, Ordering::Relaxed);
        match (self.manner().0, hint) {
            (LogFormat::Text, hint) => {
                let hint = hint.map(|hint| format!("\nhint: {}", visible_line(hint))).unwrap_or_default();
                let text = format!("error: {}{hint}", visible_line(text));
                self.screen.line_at(Priority::Error, &self.laid_out(&text));
            }
            (LogFormat::Json, None) => tracing::error!(target: log::MESSAGE_TARGET, "{text}"),
            (LogFormat::Json, Some(hint)) => tracing::error!(target: log::MESSAGE_TARGET, hint, "{text}"),
        }
    }

    /// Says why what was typed could not be understood, in the lines of whoever parsed it.
    pub fn usage_error(&self, text: &str) {
        self.screen.line_at(Priority::Error, &self.coloured(&visible(text)));
    }

    /// Asks on the terminal: the question and the prompt on standard error, the answer from standard input. It blocks until
    /// a line is typed, and a signal that is caught elsewhere does not end it: ask on a thread of its own.
    ///
    /// [`Answer::Unanswered`] where standard input or standard error is not a terminal, because then nobody can answer, or
    /// nobody reads the question.
    pub fn ask(&self, question: &Question, expected: Expected) -> Answer {
        confirm::ask(&self.screen, &question.text(|text| self.fitted(text)), expected)
    }

    fn fitted(&self, text: &str) -> String {
        let text = visible(text);
        match self.manner().0 {
            LogFormat::Text if self.screen.columns().is_some() => self.laid_out(&text),
            LogFormat::Text | LogFormat::Json => text.into_owned(),
        }
    }

    /// A visible text, broken between words where the terminal ends.
    fn laid_out(&self, text: &str) -> String {
        match self.screen.columns() {
            Some(columns) => self.coloured(&fit::broken(text, columns)),
            None => self.coloured(text),
        }
    }

    fn coloured(&self, text: &str) -> String {
        match self.screen.terminal() {
            TerminalKind::Terminal(Colour::On) => fit::coloured(text),
            TerminalKind::Terminal(Colour::Off) | TerminalKind::Plain => text.to_owned(),
        }
    }

    /// An observer that shows the progress of a run as it suits the place: a bar on a terminal, elsewhere a line every
    /// ten seconds, nothing with `-q`.
    pub fn progress(&self, mode: ProgressMode) -> Progress {
        const EVERY: Duration = Duration::from_secs(10);
        let (format, verbosity) = self.manner();
        let manner = match (verbosity, mode, self.screen.terminal(), format) {
            (Verbosity::Silent | Verbosity::Quiet, ..) => ProgressStyle::Nothing,
            (_, ProgressMode::Hidden, ..) => ProgressStyle::Notices,
            (_, ProgressMode::Shown, TerminalKind::Terminal(_), LogFormat::Text) => ProgressStyle::Bar,
            (_, ProgressMode::Shown, TerminalKind::Plain, _) | (_, ProgressMode::Shown, _, LogFormat::Json) => {
                ProgressStyle::Lines { every: EVERY }
            }
        };
        Progress::new(self.clone(), manner)
    }
}
