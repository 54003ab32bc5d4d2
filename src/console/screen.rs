//! The screen: the one way to standard error, so that lines and the progress bar never tear each other.
//!
//! Whole lines go above the bar. A terminal that has gone away must never stop a run: its errors end here, because
//! after a hang-up what is in flight still has to be finished and recorded.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::console::Term;
use indicatif::{MultiProgress, ProgressDrawTarget, TermLike};
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::fit;
use super::journal::{self, Priority};
use super::visible::{visible_json, visible_line};

/// What is at the other end of standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watcher {
    /// A person at a terminal that can move its cursor.
    Terminal(Colour),
    /// A file, a pipe, a log collector, or a terminal that can only print.
    Plain,
}

/// Whether a terminal is shown colours. They never carry a meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It is.
    On,
    /// It is not: `NO_COLOR` is set.
    Off,
}

/// Standard error, shared by everybody who writes to it.
#[derive(Clone)]
pub struct Screen {
    bars: MultiProgress,
    out: Arc<Mutex<dyn Write + Send>>,
    watcher: Watcher,
    /// Whether each line says how grave it is.
    is_journal: bool,
}

impl Screen {
    /// Standard error as this process has it; to be made once, because two would not know of each other's bar. A
    /// terminal without a cursor (`TERM` unset or `dumb`) counts as plain.
    pub fn of_process() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let has_cursor = variable("TERM").is_some_and(|terminal| terminal != "dumb");
        if !io::stderr().is_terminal() || !has_cursor {
            return Self { is_journal: journal::is_standard_error(), ..Self::plain(io::stderr()) };
        }
        let colour = if variable("NO_COLOR").is_some() { Colour::Off } else { Colour::On };
        let terminal = Patient { terminal: Term::buffered_stderr(), is_gone: AtomicBool::new(false) };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), 10);
        Self {
            bars: MultiProgress::with_draw_target(target),
            out: Arc::new(Mutex::new(io::stderr())),
            watcher: Watcher::Terminal(colour),
            is_journal: false,
        }
    }

    /// A screen without a cursor that writes to `out`.
    pub fn plain(out: impl Write + Send + 'static) -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        Self { bars, out: Arc::new(Mutex::new(out)), watcher: Watcher::Plain, is_journal: false }
    }

    #[cfg(test)]
    pub(super) fn watched_by(self, watcher: Watcher) -> Self {
        Self { watcher, ..self }
    }

    /// What is at the other end.
    pub fn watcher(&self) -> Watcher {
        self.watcher
    }

    /// How many columns the terminal has now; none where nothing has to be fitted.
    pub fn columns(&self) -> Option<usize> {
        match self.watcher {
            Watcher::Terminal(_) => Some(usize::from(Term::stderr().size().1)),
            Watcher::Plain => None,
        }
    }

    /// Writes a line, or several, above the bar, as it is: made visible before. What can't be written is lost.
    pub(super) fn line(&self, text: &str) {
        self.line_at(Priority::Info, text);
    }

    /// Writes a line, or several, that are so grave.
    pub(super) fn line_at(&self, priority: Priority, text: &str) {
        let lines = if self.is_journal { journal::prefixed(text, priority) } else { format!("{text}\n") };
        self.put(lines.as_bytes());
    }

    /// Writes an event of the log, which is one line of text or of JSON.
    fn event(&self, priority: Priority, event: &str) {
        let event = event.strip_suffix('\n').unwrap_or(event);
        if event.starts_with('{') {
            self.line_at(priority, &visible_json(event));
        } else if self.watcher == Watcher::Terminal(Colour::On) {
            self.line_at(priority, &fit::coloured_event(&visible_line(event)));
        } else {
            self.line_at(priority, &visible_line(event));
        }
    }

    pub(super) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    pub(super) fn put(&self, bytes: &[u8]) {
        self.bars.suspend(|| {
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = out.write_all(bytes).and_then(|()| out.flush());
        });
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("watcher", &self.watcher).finish_non_exhaustive()
    }
}

/// The log's way to the screen: each event arrives in one piece.
impl<'a> MakeWriter<'a> for Screen {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self, Priority::Info)
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        Line(self, Priority::from(*about.level()))
    }
}

/// One event of the log, on its way to the screen.
pub struct Line<'a>(&'a Screen, Priority);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.event(self.1, &String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that reports no errors: the progress bar's library panics at the first.
#[derive(Debug)]
struct Patient {
    terminal: Term,
    is_gone: AtomicBool,
}

impl Patient {
    /// After the first error nothing is tried any more, lest what can't be written piles up.
    fn attempt(&self, act: impl FnOnce(&Term) -> io::Result<()>) {
        if !self.is_gone.load(Ordering::Relaxed) && act(&self.terminal).is_err() {
            self.is_gone.store(true, Ordering::Relaxed);
        }
    }
}

impl TermLike for Patient {
    fn width(&self) -> u16 {
        self.terminal.size().1
    }

    fn height(&self) -> u16 {
        self.terminal.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_up(lines));
        Ok(())
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_down(lines));
        Ok(())
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_right(columns));
        Ok(())
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_left(columns));
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.attempt(|terminal| terminal.write_line(text));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.attempt(|terminal| terminal.write_str(text));
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.attempt(Term::clear_line);
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.attempt(Term::flush);
        Ok(())
    }
}
