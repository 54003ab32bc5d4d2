//! The console: everything that is said on standard error, and the questions that are asked there.
//!
//! Progress, the log and plain words share one [`Screen`], so that none tears the others. Standard output is for data
//! and is not touched here. What is said may come from a server, a sheet or a file name: it is made visible here and
//! nowhere else, so that nothing of it steers the terminal. No meaning is carried by colour alone, and `NO_COLOR` turns colours off.

mod confirm;
mod event;
mod fit;
mod journal;
pub mod log;
mod output;
mod painter;
mod progress;
mod screen;
mod tally;
mod visible;
mod volume;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::settings::LogFormat;

use journal::Priority;
use visible::visible;

pub use confirm::{Answer, Expected};
pub use output::standard_output;
pub use progress::{Manner, Progress};
pub use screen::{Colour, Screen, Watcher};
pub use visible::{visible_json, visible_line};
pub use volume::Volume;

/// Whether somebody wants to see how far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressWish {
    /// A bar on a terminal, elsewhere a line now and then.
    Shown,
    /// Neither: `--no-progress`. A pause or a stop is news rather than progress, and still a line.
    Hidden,
}

/// Speaks to whoever watches standard error, in text or in JSON.
#[derive(Debug, Clone)]
pub struct Console {
    screen: Screen,
    format: LogFormat,
    volume: Volume,
    /// Whether anything was warned of or went wrong.
    has_complained: Arc<AtomicBool>,
}

impl Console {
    /// A console on `screen`. In JSON its words are events of the log, so [`log::start`] comes first.
    pub fn new(screen: Screen, format: LogFormat, volume: Volume) -> Self {
        Self { screen, format, volume, has_complained: Arc::default() }
    }

    /// The screen it speaks on.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// How its words are written.
    pub(super) fn format(&self) -> LogFormat {
        self.format
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
        match (self.volume, self.format) {
            (Volume::Silent | Volume::Quiet, _) => {}
            (_, LogFormat::Text) => self.screen.line(shown),
            (_, LogFormat::Json) => tracing::info!(target: log::SAID, "{original}"),
        }
    }

    /// Says what a run has come to, in lines as those of [`Console::say_lines`]. With `-q` a good night is silent: one on
    /// which all rows are well and nobody was warned of anything.
    pub fn conclude(&self, text: &str, is_well: bool) {
        let is_good_night = is_well && !self.has_complained.load(Ordering::Relaxed);
        match self.volume {
            Volume::Quiet if !is_good_night => Self { volume: Volume::Normal, ..self.clone() }.say_lines(text),
            Volume::Silent | Volume::Quiet | Volume::Normal | Volume::Verbose | Volume::Debug | Volume::Trace => {
                self.say_lines(text);
            }
        }
    }

    /// Tells a program what happened, as one JSON object in a line; nothing in text, or with `-q`.
    pub fn event(&self, name: &str, fields: Value) {
        match (self.volume, self.format) {
            (Volume::Silent | Volume::Quiet, _) | (_, LogFormat::Text) => {}
            (_, LogFormat::Json) => self.screen.line(&visible_json(&event::line(name, fields))),
        }
    }

    /// Warns of something that stops nothing, in one line; nothing with `-qq`.
    pub fn warn(&self, text: &str) {
        self.has_complained.store(true, Ordering::Relaxed);
        match (self.volume, self.format) {
            (Volume::Silent, _) => {}
            (_, LogFormat::Text) => {
                self.screen.line_at(Priority::Warning, &self.coloured(&format!("warning: {}", visible_line(text))));
            }
            (_, LogFormat::Json) => tracing::warn!(target: log::SAID, "{text}"),
        }
    }

    /// Says what went wrong in one line and, in another, what to do about it. No volume leaves it out.
    pub fn error(&self, text: &str, hint: Option<&str>) {
        self.has_complained.store(true, Ordering::Relaxed);
        match (self.format, hint) {
            (LogFormat::Text, hint) => {
                let hint = hint.map(|hint| format!("\nhint: {}", visible_line(hint))).unwrap_or_default();
                let text = format!("error: {}{hint}", visible_line(text));
                self.screen.line_at(Priority::Error, &self.coloured(&text));
            }
            (LogFormat::Json, None) => tracing::error!(target: log::SAID, "{text}"),
            (LogFormat::Json, Some(hint)) => tracing::error!(target: log::SAID, hint, "{text}"),
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
    pub fn ask(&self, question: &str, expected: Expected) -> Answer {
        confirm::ask(&self.fitted(question), expected)
    }

    fn fitted(&self, text: &str) -> String {
        let text = visible(text);
        match (self.format, self.screen.columns()) {
            (LogFormat::Text, Some(columns)) => self.coloured(&fit::broken(&text, columns)),
            (LogFormat::Text, None) | (LogFormat::Json, _) => text.into_owned(),
        }
    }

    fn coloured(&self, text: &str) -> String {
        match self.screen.watcher() {
            Watcher::Terminal(Colour::On) => fit::coloured(text),
            Watcher::Terminal(Colour::Off) | Watcher::Plain => text.to_owned(),
        }
    }

    /// An observer that shows the progress of a run as it suits the place: a bar on a terminal, elsewhere a line every
    /// ten seconds, nothing with `-q`.
    pub fn progress(&self, wish: ProgressWish) -> Progress {
        const EVERY: Duration = Duration::from_secs(10);
        let manner = match (self.volume, wish, self.screen.watcher(), self.format) {
            (Volume::Silent | Volume::Quiet, ..) => Manner::Nothing,
            (_, ProgressWish::Hidden, ..) => Manner::News,
            (_, ProgressWish::Shown, Watcher::Terminal(_), LogFormat::Text) => Manner::Bar,
            (_, ProgressWish::Shown, Watcher::Plain, _) | (_, ProgressWish::Shown, _, LogFormat::Json) => {
                Manner::Lines { every: EVERY }
            }
        };
        Progress::new(self.clone(), manner)
    }
}
