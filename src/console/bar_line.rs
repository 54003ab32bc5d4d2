//! Where `indicatif` draws the bar: one line in memory that the [screen](Screen) keeps below all others.
//!
//! On a terminal of its own `indicatif` would wait for whoever reads it, and a terminal that stands still would hold up the
//! run. The screen waits for nobody.

use std::io;
use std::sync::{Mutex, PoisonError};

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

    fn edit(&self, edit: impl FnOnce(&mut String)) -> io::Result<()> {
        edit(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
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
        self.edit(|line| line.push_str(text))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.edit(String::clear)
    }

    fn flush(&self) -> io::Result<()> {
        self.edit(|line| {
            let drawn = Some(line.trim_end()).filter(|drawn| !drawn.is_empty());
            self.screen.set_bar(drawn);
        })
    }
}
