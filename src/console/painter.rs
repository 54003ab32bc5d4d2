//! The painter: the thread that shows progress.
//!
//! It draws as often as an eye can follow and no more often, and must never be waited for while a run is under way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::progress::{Ending, Manner, Shared, Word};
use super::tally::News;
use super::{Console, event, visible_line, words};
use crate::settings::LogFormat;

const FRAME: Duration = Duration::from_millis(100);

/// Shows what a run leaves word of.
pub(super) struct Painter {
    console: Console,
    /// The run's name.
    run: String,
    shared: Arc<Shared>,
}

impl Painter {
    /// A painter that has not begun.
    pub(super) fn new(console: Console, run: String, shared: Arc<Shared>) -> Self {
        Self { console, run, shared }
    }

    /// Shows progress until the run is over.
    pub(super) fn paint(&self, manner: Manner) {
        match manner {
            Manner::Bar => self.bar(),
            Manner::Lines { every } => self.lines(every),
            Manner::News => self.only_news(),
            Manner::Nothing => {}
        }
    }

    fn bar(&self) {
        let bars = self.console.screen().bars();
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("[{bar:20}] {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let bar = bars.add(bar);
        while let Some(Word { news, standing, ending }) = self.shared.wait(Some(Instant::now() + FRAME)) {
            for news in &news {
                match news {
                    // The bar itself counts it down.
                    News::Paused { .. } => {}
                    News::Warned { .. } | News::Draining { .. } => self.tell(std::slice::from_ref(news)),
                }
            }
            if ending == Ending::Over {
                break;
            }
            bar.set_length(standing.jobs);
            bar.set_message(visible_line(&words::beside_bar(&standing)).into_owned());
            bar.set_position(standing.done);
            bar.tick();
        }
        bar.finish_and_clear();
        bars.remove(&bar);
    }

    fn lines(&self, every: Duration) {
        let mut next = Instant::now() + every;
        while let Some(Word { news, standing, ending }) = self.shared.wait(Some(next)) {
            self.tell(&news);
            if ending == Ending::Over {
                break;
            }
            if Instant::now() >= next {
                match self.console.format() {
                    LogFormat::Text => self.console.say(&words::line(&standing)),
                    LogFormat::Json => self.console.event("progress", event::progress(&self.run, &standing)),
                }
                next = Instant::now() + every;
            }
        }
    }

    fn only_news(&self) {
        while let Some(Word { news, ending, .. }) = self.shared.wait(None) {
            self.tell(&news);
            if ending == Ending::Over {
                break;
            }
        }
    }

    fn tell(&self, news: &[News]) {
        for news in news {
            match news {
                News::Warned { text } => self.console.warn(text),
                News::Paused { .. } | News::Draining { .. } => self.console.say(&words::news(news)),
            }
        }
    }
}
