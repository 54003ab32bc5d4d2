//! Standard output: data as it is for a program, and as visible text for a person at a terminal.
//!
//! Nothing of it is ever left out: it waits for its reader.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

use super::visible::VisibleWriter;
use super::write_queue::WriteQueue;

/// Standard output. On a terminal nothing that is written to it can steer the terminal.
pub fn standard_output() -> Box<dyn Write + Send> {
    let stdout = io::stdout();
    if stdout.is_terminal() { Box::new(VisibleWriter::new(stdout)) } else { Box::new(stdout) }
}

/// Prints a listing on standard output. A reader that goes away, such as `head`, has seen enough.
///
/// # Errors
/// When standard output cannot be written for any other reason.
pub fn print(bytes: &[u8]) -> io::Result<()> {
    let mut output = standard_output();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// An output that waits for its reader until somebody gives up. Flushing waits until all of it is read.
pub struct PatientOutput<'a> {
    queue: WriteQueue,
    is_given_up: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> PatientOutput<'a> {
    /// Standard output.
    pub fn standard(is_given_up: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { queue: WriteQueue::new(standard_output()), is_given_up }
    }

    /// Something else that can be written to and is no file, such as a named pipe or a terminal.
    pub fn device(path: PathBuf, is_given_up: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { queue: WriteQueue::new(Box::new(Device { path, opened: None })), is_given_up }
    }
}

impl Write for PatientOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.queue.push(bytes, self.is_given_up).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.queue.finish(self.is_given_up)
    }
}

/// A device that is opened by whoever writes to it: opening a named pipe waits for its reader.
struct Device {
    path: PathBuf,
    opened: Option<Box<dyn Write + Send>>,
}

impl Device {
    fn open(&mut self) -> io::Result<&mut (dyn Write + Send)> {
        let opened = match self.opened.take() {
            Some(opened) => opened,
            None => visible_on_terminals(OpenOptions::new().write(true).open(&self.path)?),
        };
        Ok(&mut **self.opened.insert(opened))
    }
}

fn visible_on_terminals(device: File) -> Box<dyn Write + Send> {
    if device.is_terminal() { Box::new(VisibleWriter::new(device)) } else { Box::new(device) }
}

impl Write for Device {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open()?.flush()
    }
}
