//! The screen: the one way to standard error, so that lines and the progress bar never tear each other.
//!
//! Nobody ever waits for whoever reads it: a terminal that stands still, a full pipe or a hang-up must not stop a run.
//! Lines for which there is no room are left out, and their number is said.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::console::Term;
use serde_json::json;
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::fit;
use super::journal::{self, Priority};
use super::log::MESSAGE_TARGET;
use super::visible::{visible_json, visible_line};
use super::write_queue::{CAPACITY, Offer, WriteQueue};

/// How much more may wait where it is no event of the log: what a run came to is said, however much is logged before it.
const RESERVE: usize = CAPACITY / 4;
/// How long the end of the program waits for a reader who reads nothing, and for one who reads slowly.
const AT_THE_END: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));
/// The same where the end is forced.
const AT_A_FORCED_END: Duration = Duration::from_millis(200);

/// What is at the other end of standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalKind {
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
    queue: Arc<WriteQueue>,
    left_out: Arc<Mutex<LeftOut>>,
    terminal: TerminalKind,
    /// Whether each line says how grave it is.
    is_journal: bool,
}

impl Screen {
    /// Standard error as this process has it; to be made once, because two would not know of each other's bar. A
    /// terminal without a cursor (`TERM` unset or `dumb`) counts as plain.
    pub fn from_process() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let has_cursor = variable("TERM").is_some_and(|terminal| terminal != "dumb");
        let terminal = if !io::stderr().is_terminal() || !has_cursor {
            TerminalKind::Plain
        } else if variable("NO_COLOR").is_some() {
            TerminalKind::Terminal(Colour::Off)
        } else {
            TerminalKind::Terminal(Colour::On)
        };
        let is_journal = terminal == TerminalKind::Plain && journal::is_standard_error();
        Self { is_journal, ..Self::new(WriteQueue::new(Box::new(io::stderr())), terminal) }
    }

    pub(super) fn new(queue: WriteQueue, terminal: TerminalKind) -> Self {
        Self { queue: Arc::new(queue), left_out: Arc::default(), terminal, is_journal: false }
    }

    /// What is at the other end.
    pub fn terminal(&self) -> TerminalKind {
        self.terminal
    }

    /// How many columns the terminal has now; none where nothing has to be fitted.
    pub fn columns(&self) -> Option<usize> {
        match self.terminal {
            TerminalKind::Terminal(_) => Some(usize::from(Term::stderr().size().1)),
            TerminalKind::Plain => None,
        }
    }

    /// Ends a line that was left open, such as a prompt that nobody answers any more.
    pub fn end_line(&self) {
        self.put("\n", CAPACITY + RESERVE);
    }

    /// Takes the bar away, says what was left out, and waits a moment for whoever reads: the end of the program.
    pub fn close(&self) {
        self.queue.set_footer(None);
        // Says what was left out, if nothing was said since.
        self.put("", CAPACITY + 2 * RESERVE);
        self.queue.drain(AT_THE_END.0, AT_THE_END.1);
    }

    /// As [`Screen::close`], for an end that waits for nothing.
    pub fn close_at_once(&self) {
        self.queue.set_footer(None);
        self.queue.drain(AT_A_FORCED_END, AT_A_FORCED_END);
    }

    /// Writes a line, or several, above the bar, as it is: made visible before.
    pub(super) fn line(&self, text: &str) {
        self.line_at(Priority::Info, text);
    }

    /// Writes a line, or several, that are so grave.
    pub(super) fn line_at(&self, priority: Priority, text: &str) {
        self.put_lines(priority, text, CAPACITY + RESERVE);
    }

    /// Writes a part of a line, such as a prompt. Whether there was room for it.
    pub(super) fn part(&self, text: &str) -> bool {
        self.put(text, CAPACITY + RESERVE) == Offer::Taken
    }

    /// Waits until all is written, because nobody should answer what they have not read.
    pub(super) fn until_written(&self) -> io::Result<()> {
        self.queue.finish(&|| false)
    }

    /// Shows one line below all others, instead of the one that was there.
    pub(super) fn set_bar(&self, text: Option<&str>) {
        let columns = self.columns().unwrap_or(80);
        self.queue.set_footer(text.map(|text| fit::cut(text, columns.saturating_sub(1))));
    }

    /// Writes an event of the log, which is one line of text or of JSON.
    fn event(&self, priority: Priority, event: &str) {
        let event = event.strip_suffix('\n').unwrap_or(event);
        let line = if event.starts_with('{') {
            visible_json(event)
        } else if self.terminal == TerminalKind::Terminal(Colour::On) {
            fit::coloured_event(&visible_line(event)).into()
        } else {
            visible_line(event)
        };
        // In JSON, what is said is an event, too.
        let reserve = if event.contains(MESSAGE_TARGET) { RESERVE } else { 0 };
        self.put_lines(priority, &line, CAPACITY + reserve);
    }

    fn put_lines(&self, priority: Priority, text: &str, capacity: usize) {
        let lines = if self.is_journal { journal::prefixed(text, priority) } else { format!("{text}\n") };
        self.put(&lines, capacity);
    }

    fn put(&self, text: &str, capacity: usize) -> Offer {
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let offer = self.queue.offer(format!("{left_out}{text}").as_bytes(), capacity);
        match offer {
            Offer::Taken => *left_out = LeftOut::default(),
            Offer::Full => left_out.count(text),
        }
        offer
    }
}

/// Lines that found no room, and that nobody was told of yet.
#[derive(Debug, Default)]
struct LeftOut {
    lines: usize,
    /// Whether they were JSON, as what is said of them has to be.
    are_json: bool,
}

impl LeftOut {
    fn count(&mut self, text: &str) {
        self.lines += text.lines().count();
        self.are_json |= text.starts_with('{');
    }
}

impl fmt::Display for LeftOut {
    /// Nothing, or one line that says how many were left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = match self.lines {
            0 => return Ok(()),
            1 => "1 line is left out here, because nobody read standard error in time".to_owned(),
            lines => format!("{lines} lines are left out here, because nobody read standard error in time"),
        };
        if self.are_json {
            writeln!(f, "{}", json!({ "level": "WARN", "message": message, "left_out": self.lines }))
        } else {
            writeln!(f, "warning: {message}")
        }
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// The log's way to the screen: each event arrives in one piece.
impl<'a> MakeWriter<'a> for Screen {
    type Writer = EventWriter<'a>;

    fn make_writer(&'a self) -> EventWriter<'a> {
        EventWriter(self, Priority::Info)
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> EventWriter<'a> {
        EventWriter(self, Priority::from(*about.level()))
    }
}

/// One event of the log, on its way to the screen.
pub struct EventWriter<'a>(&'a Screen, Priority);

impl Write for EventWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.event(self.1, &String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Reads nothing until it is told to, and then everything.
    struct Asleep(mpsc::Receiver<()>, mpsc::Sender<Vec<u8>>);

    impl Write for Asleep {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(line: &str, lines: usize) -> String {
        let ((wake, asleep), (tell, told)) = (mpsc::channel(), mpsc::channel());
        let screen = Screen::new(WriteQueue::new(Box::new(Asleep(asleep, tell))), TerminalKind::Plain);
        for _ in 0..lines {
            screen.event(Priority::Info, line);
        }
        screen.line("what it came to");
        drop(wake);
        screen.close();
        drop(screen);
        String::from_utf8(told.iter().flatten().collect()).unwrap()
    }

    #[test]
    fn lines_without_room_are_left_out_and_counted_and_the_last_word_is_not() {
        let long = "x".repeat(1_023);
        let text = logged(&long, 1_500);
        assert_eq!(text.lines().filter(|line| *line == long).count(), 1_024);
        let end = "warning: 476 lines are left out here, because nobody read standard error in time\nwhat it came to\n";
        assert!(text.ends_with(end), "{}", &text[text.len() - 200..]);
    }

    #[test]
    fn what_is_left_out_of_json_is_said_in_json() {
        let event = format!("{{\"message\":\"{}\"}}", "x".repeat(2_000_000));
        let text = logged(&event, 2);
        let read: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((&read["left_out"], &read["level"]), (&2.into(), &"WARN".into()));
    }
}
