//! The renderer: the thread that shows progress.
//!
//! It draws as often as an eye can follow and no more often, and must never be waited for while a run is under way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::bar_line::BarLine;
use super::progress::{Ending, ProgressStyle, ProgressUpdate, Shared};
use super::tally::Notice;
use super::{Console, event, visible_line, words};
use crate::settings::LogFormat;

const FRAME: Duration = Duration::from_millis(100);

/// Shows what a run leaves word of.
pub(super) struct ProgressRenderer {
    console: Console,
    /// The run's name.
    run: String,
    shared: Arc<Shared>,
}

impl ProgressRenderer {
    /// A renderer that has not begun.
    pub(super) fn new(console: Console, run: String, shared: Arc<Shared>) -> Self {
        Self { console, run, shared }
    }

    /// Shows progress until the run is over.
    pub(super) fn paint(&self, style: ProgressStyle) {
        match style {
            ProgressStyle::Bar => self.bar(),
            ProgressStyle::Lines { every } => self.lines(every),
            ProgressStyle::Notices => self.only_news(),
            ProgressStyle::Nothing => {}
        }
    }

    fn bar(&self) {
        let line = BarLine::new(self.console.screen().clone());
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(Box::new(line)));
        if let Ok(style) = indicatif::ProgressStyle::with_template("[{bar:20}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        while let Some(ProgressUpdate { news, snapshot, ending }) = self.shared.wait(Some(Instant::now() + FRAME)) {
            for news in &news {
                match news {
                    // The bar itself counts it down.
                    Notice::Paused { .. } => {}
                    Notice::Warned { .. } | Notice::Draining { .. } => self.tell(std::slice::from_ref(news)),
                }
            }
            if ending == Ending::Over {
                break;
            }
            bar.set_length(snapshot.jobs);
            bar.set_message(visible_line(&words::beside_bar(&snapshot)).into_owned());
            bar.set_position(snapshot.done);
            bar.tick();
        }
        bar.finish_and_clear();
        self.console.screen().set_bar(None);
    }

    fn lines(&self, every: Duration) {
        let mut next = Instant::now() + every;
        while let Some(ProgressUpdate { news, snapshot, ending }) = self.shared.wait(Some(next)) {
            self.tell(&news);
            if ending == Ending::Over {
                break;
            }
            if Instant::now() >= next {
                match self.console.format() {
                    LogFormat::Text => self.console.say(&words::line(&snapshot)),
                    LogFormat::Json => self.console.event("progress", event::progress(&self.run, &snapshot)),
                }
                next = Instant::now() + every;
            }
        }
    }

    fn only_news(&self) {
        while let Some(ProgressUpdate { news, ending, .. }) = self.shared.wait(None) {
            self.tell(&news);
            if ending == Ending::Over {
                break;
            }
        }
    }

    fn tell(&self, news: &[Notice]) {
        for news in news {
            match news {
                Notice::Warned { text } => self.console.warn(text),
                Notice::Paused { .. } | Notice::Draining { .. } => self.console.say(&words::news(news)),
            }
        }
    }
}
