//! The console: everything that is said on standard error, and the questions that are asked there.
//!
//! Progress, the log and plain words share one [`Screen`], so that none tears the others. Standard output is for data
//! and is not touched here. No meaning is carried by colour alone, and `NO_COLOR` turns colours off.

mod confirm;
mod fit;
pub mod log;
mod painter;
mod progress;
mod screen;
mod tally;
mod volume;
mod words;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::settings::LogFormat;

pub use confirm::{Answer, Expected, ask};
pub use progress::{Manner, Progress};
pub use screen::{Colour, Screen, Watcher};
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
}

impl Console {
    /// A console on `screen`. In JSON its words are events of the log, so [`log::start`] comes first.
    pub fn new(screen: Screen, format: LogFormat, volume: Volume) -> Self {
        Self { screen, format, volume }
    }

    /// The screen it speaks on.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Says something that a person wants to know; nothing with `-q`.
    pub fn say(&self, text: &str) {
        match (self.volume, self.format) {
            (Volume::Quiet, _) => {}
            (_, LogFormat::Text) => self.screen.line(text),
            (_, LogFormat::Json) => tracing::info!(target: log::SAID, "{text}"),
        }
    }

    /// Warns of something that stops nothing; nothing with `-q`.
    pub fn warn(&self, text: &str) {
        match (self.volume, self.format) {
            (Volume::Quiet, _) => {}
            (_, LogFormat::Text) => self.screen.line(&self.coloured(&format!("warning: {text}"))),
            (_, LogFormat::Json) => tracing::warn!(target: log::SAID, "{text}"),
        }
    }

    /// Says what went wrong and, on a line of its own, what to do about it. No volume leaves it out.
    pub fn error(&self, text: &str, hint: Option<&str>) {
        match (self.format, hint) {
            (LogFormat::Text, None) => self.screen.line(&self.coloured(&format!("error: {text}"))),
            (LogFormat::Text, Some(hint)) => {
                self.screen.line(&self.coloured(&format!("error: {text}\nhint: {hint}")));
            }
            (LogFormat::Json, None) => tracing::error!(target: log::SAID, "{text}"),
            (LogFormat::Json, Some(hint)) => tracing::error!(target: log::SAID, hint, "{text}"),
        }
    }

    /// A text of many lines as it suits the place: broken between words where the terminal ends, with what weighs most in
    /// colour.
    pub fn fitted(&self, text: &str) -> String {
        match (self.format, self.screen.columns()) {
            (LogFormat::Text, Some(columns)) => self.coloured(&fit::broken(text, columns)),
            (LogFormat::Text, None) | (LogFormat::Json, _) => text.to_owned(),
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
            (Volume::Quiet, ..) => Manner::Nothing,
            (_, ProgressWish::Hidden, ..) => Manner::News,
            (_, ProgressWish::Shown, Watcher::Terminal(_), LogFormat::Text) => Manner::Bar,
            (_, ProgressWish::Shown, Watcher::Plain, _) | (_, ProgressWish::Shown, _, LogFormat::Json) => {
                Manner::Lines { every: EVERY }
            }
        };
        Progress::new(self.clone(), manner)
    }
}
