//! Progress: an observer that shows how a run stands while it is under way.
//!
//! Being told costs a short lock; drawing is the business of a thread of its own. It can neither fail a run nor slow
//! it: what can't be drawn is not drawn.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::engine::{Observer, RunEvent};

use super::renderer::ProgressRenderer;
use super::tally::{Notice, ProgressSnapshot, Tally};
use super::{Console, event};
use crate::settings::LogFormat;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStyle {
    /// A bar that is redrawn ten times a second.
    Bar,
    /// A line now and then, and one for each pause and each stop.
    Lines {
        /// How long between two lines, and before the first.
        every: Duration,
    },
    /// A line for each pause and each stop.
    Notices,
    /// Not at all.
    Nothing,
}

/// Shows the progress of one run, from [`RunEvent::Started`] to [`RunEvent::Finished`] or to its own end.
pub struct Progress {
    console: Console,
    style: ProgressStyle,
    /// The run's name.
    run: String,
    shared: Arc<Shared>,
    renderer: Mutex<Option<JoinHandle<()>>>,
}

/// Where the run leaves word for the renderer.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Rung when there is news, or the end.
    wakeup: Condvar,
}

#[derive(Default)]
struct State {
    tally: Option<Tally>,
    news: VecDeque<Notice>,
    is_over: bool,
}

impl Progress {
    /// Shows nothing until a run starts.
    pub(super) fn new(console: Console, style: ProgressStyle) -> Self {
        Self { console, style, run: String::new(), shared: Arc::default(), renderer: Mutex::default() }
    }

    /// The same progress, of a run with this name.
    #[must_use]
    pub fn of_run(mut self, run: &str) -> Self {
        run.clone_into(&mut self.run);
        self
    }

    /// Tells a program what happened, where one listens.
    fn tell_program(&self, event: &RunEvent<'_>) {
        if let RunEvent::Started { jobs, limit } = event {
            self.console.event("run_started", event::started(&self.run, *jobs, *limit));
        }
        if let RunEvent::Settled { row, job, outcome, .. } = event {
            self.console.event("row", event::row(&self.run, *row, job, outcome));
        }
    }

    /// How it is shown.
    pub fn style(&self) -> ProgressStyle {
        self.style
    }

    fn start(&self, tally: Tally) {
        self.shared.lock().tally = Some(tally);
        let renderer = ProgressRenderer::new(self.console.clone(), self.run.clone(), Arc::clone(&self.shared));
        let style = self.style;
        let thread = thread::Builder::new().name("progress".to_owned());
        // Without a thread there is no progress to see, and the run goes on.
        *unpoisoned(self.renderer.lock()) = thread.spawn(move || renderer.paint(style)).ok();
    }

    /// Takes the bar away. What is written afterwards stands below everything that was shown.
    fn end(&self) {
        self.shared.lock().is_over = true;
        self.shared.wakeup.notify_all();
        if let Some(renderer) = unpoisoned(self.renderer.lock()).take() {
            let _ = renderer.join();
        }
    }
}

impl Observer for Progress {
    fn on_event(&self, event: &RunEvent<'_>) {
        if self.console.format() == LogFormat::Json {
            self.tell_program(event);
        }
        match (self.style, event) {
            (ProgressStyle::Nothing, _) => {}
            (_, RunEvent::Started { jobs, limit }) => self.start(Tally::new(Instant::now(), *jobs, *limit)),
            (_, RunEvent::Finished) => self.end(),
            _ => self.shared.on_event(event),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the renderer wakes up to.
#[derive(Debug)]
pub(super) struct ProgressUpdate {
    /// What has happened since it last woke up.
    pub(super) news: Vec<Notice>,
    /// How the run stands.
    pub(super) snapshot: ProgressSnapshot,
    /// Whether this is the last word.
    pub(super) ending: Ending,
}

/// Whether more will follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The run goes on.
    Open,
    /// It is over.
    Over,
}

impl Shared {
    /// Waits for news, the end, or the moment `until`, whichever comes first. `None` when no run has started.
    pub(super) fn wait(&self, until: Option<Instant>) -> Option<ProgressUpdate> {
        let mut state = self.lock();
        while state.news.is_empty() && !state.is_over {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => break,
                Some(left) => unpoisoned(self.wakeup.wait_timeout(state, left)).0,
                None => unpoisoned(self.wakeup.wait(state)),
            };
        }
        let ending = if state.is_over { Ending::Over } else { Ending::Open };
        let news = state.news.drain(..).collect();
        let snapshot = state.tally.as_mut()?.snapshot(Instant::now());
        Some(ProgressUpdate { news, snapshot, ending })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }

    fn on_event(&self, event: &RunEvent<'_>) {
        let mut state = self.lock();
        let Some(tally) = &mut state.tally else { return };
        if let Some(news) = tally.on_event(event, Instant::now()) {
            state.news.push_back(news);
            self.wakeup.notify_all();
        }
    }
}

/// A panic elsewhere leaves numbers behind that are good enough to be shown.
fn unpoisoned<T>(locked: Result<T, PoisonError<T>>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}
