//! Where `indicatif` draws the bar: one line in memory that the [screen](Screen) keeps below all others.
//!
//! On a terminal of its own `indicatif` would wait for whoever reads it, and a terminal that stands still would hold up the
//! run. The screen waits for nobody.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

use super::Screen;

/// A terminal of one line.
#[derive(Debug)]
pub(super) struct BarLine {
    screen: Screen,
    line: Mutex<String>,
}

impl BarLine {
    /// The line below everything that `screen` shows.
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, line: Mutex::default() }
    }

    fn line(&self) -> MutexGuard<'_, String> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TermLike for BarLine {
    fn width(&self) -> u16 {
        // A line that fills the last column would wrap.
        u16::try_from(self.screen.columns().unwrap_or(80).saturating_sub(1)).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.line().push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.line().clear();
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let line = self.line();
        self.screen.set_bar(Some(line.trim_end()).filter(|drawn| !drawn.is_empty()));
        Ok(())
    }
}
