//! The write queue: what is written waits here for a reader who may be slow, asleep or gone, so that nobody who writes
//! has to wait.
//!
//! A thread of its own writes. What it may hold is bounded: who [offers](WriteQueue::offer) is told when there is no room,
//! who [pushes](WriteQueue::push) waits for it. Where no thread can be had, each writes what they bring.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How much may wait, in bytes.
pub(super) const CAPACITY: usize = 1 << 20;
/// How much is written at a time, in bytes.
const PIECE: usize = 1 << 16;
/// How often somebody who waits looks whether the waiting is over.
const GLANCE: Duration = Duration::from_millis(20);

/// A bounded queue of bytes before a writer.
pub(super) struct WriteQueue {
    shared: Arc<Shared>,
    /// The writer, where no thread has it.
    inline: Option<Mutex<Box<dyn Write + Send>>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Notified when there is something to write, or something was written.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<u8>,
    /// Bytes that were taken to be written, and are not written yet.
    in_flight: usize,
    footer: Footer,
    /// Bytes that were written so far.
    written: u64,
    error: Option<io::Error>,
    is_closed: bool,
}

/// What stands below everything that is written on a terminal, and is replaced as a whole: a progress bar.
#[derive(Default)]
struct Footer {
    text: Option<String>,
    is_shown: bool,
    is_changed: bool,
}

/// What came of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// It will be written, unless the writer fails.
    Taken,
    /// There was no room.
    Full,
}

impl WriteQueue {
    /// A queue before `out`.
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        let shared = Arc::<Shared>::default();
        // The writer is handed over once there is a thread to take it.
        let handed = Arc::new(Mutex::new(Some(out)));
        let (theirs, taken) = (Arc::clone(&shared), Arc::clone(&handed));
        let spawned = thread::Builder::new().name("output".to_owned()).spawn(move || {
            let out = unpoisoned(taken.lock()).take();
            if let Some(mut out) = out {
                theirs.write_until_closed(&mut *out);
            }
        });
        let inline = match spawned {
            Ok(_) => None,
            Err(_) => unpoisoned(handed.lock()).take().map(Mutex::new),
        };
        Self { shared, inline }
    }

    /// A queue that writes at once what it is given.
    #[cfg(test)]
    pub(super) fn inline(out: Box<dyn Write + Send>) -> Self {
        Self { shared: Arc::default(), inline: Some(Mutex::new(out)) }
    }

    /// Writes all of it in one piece, unless more than `capacity` would wait then. Nobody waits.
    pub(super) fn offer(&self, bytes: &[u8], capacity: usize) -> Offer {
        let mut state = self.shared.lock();
        // Nobody reads any more, so nothing is missed.
        if state.error.is_none() {
            if state.size() + bytes.len() > capacity {
                return Offer::Full;
            }
            state.waiting.extend(bytes);
        }
        self.rouse(state);
        Offer::Taken
    }

    /// Writes all of it, as soon as there is room.
    ///
    /// # Errors
    /// When the writer fails, or `is_given_up` says that nobody wants to wait any longer.
    pub(super) fn push(&self, bytes: &[u8], is_given_up: &dyn Fn() -> bool) -> io::Result<()> {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let mut state = self.wait_until(|state| state.size() < CAPACITY, is_given_up)?;
            let (now, later) = bytes.split_at(bytes.len().min(CAPACITY - state.size()));
            state.waiting.extend(now);
            self.rouse(state);
            bytes = later;
        }
        Ok(())
    }

    /// Waits until all is written.
    ///
    /// # Errors
    /// As [`WriteQueue::push`].
    pub(super) fn finish(&self, is_given_up: &dyn Fn() -> bool) -> io::Result<()> {
        self.wait_until(State::is_idle, is_given_up).map(drop)
    }

    /// Waits until all is written, but no longer than `still` while nothing of it is read, and `longest` in all.
    pub(super) fn drain(&self, still: Duration, longest: Duration) {
        let began = Instant::now();
        let mut state = self.shared.lock();
        let mut moved = (state.written, began);
        while !state.is_idle() && state.error.is_none() {
            let now = Instant::now();
            if state.written != moved.0 {
                moved = (state.written, now);
            }
            if now - began >= longest || now - moved.1 >= still {
                return;
            }
            state = self.shared.wait(state);
        }
    }

    /// Shows `footer` below everything, instead of what was there.
    pub(super) fn set_footer(&self, footer: Option<String>) {
        let mut state = self.shared.lock();
        if state.error.is_none() && state.footer.text != footer {
            state.footer.text = footer;
            state.footer.is_changed = true;
        }
        self.rouse(state);
    }

    fn wait_until(
        &self,
        condition: impl Fn(&State) -> bool,
        is_given_up: &dyn Fn() -> bool,
    ) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.shared.lock();
        loop {
            if let Some(error) = &state.error {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
            if condition(&state) {
                return Ok(state);
            }
            if is_given_up() {
                return Err(io::Error::new(ErrorKind::TimedOut, "interrupted before all of it was read"));
            }
            state = self.shared.wait(state);
        }
    }

    /// Has what waits written.
    fn rouse(&self, state: MutexGuard<'_, State>) {
        drop(state);
        match &self.inline {
            None => self.shared.changed.notify_all(),
            Some(out) => {
                let mut out = unpoisoned(out.lock());
                self.shared.write_all(&mut **out);
            }
        }
    }
}

impl Drop for WriteQueue {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        unpoisoned(self.changed.wait_timeout(state, GLANCE)).0
    }

    fn write_all(&self, out: &mut dyn Write) {
        loop {
            let piece = self.lock().take_piece();
            let Some(piece) = piece else { return };
            self.write(out, &piece);
        }
    }

    fn write_until_closed(&self, out: &mut dyn Write) {
        let mut state = self.lock();
        loop {
            if let Some(piece) = state.take_piece() {
                drop(state);
                self.write(out, &piece);
                state = self.lock();
            } else if state.is_closed {
                return;
            } else {
                state = unpoisoned(self.changed.wait(state));
            }
        }
    }

    /// Writes a piece that was taken. After the first error nothing is tried any more.
    fn write(&self, out: &mut dyn Write, piece: &[u8]) {
        let mut rest = piece;
        while !rest.is_empty() {
            match out.write(rest) {
                Ok(0) => return self.fail(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    rest = &rest[count..];
                    self.account_for(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Another process has set the terminal or pipe that both share to return at once.
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(GLANCE),
                Err(error) => return self.fail(error),
            }
        }
        if let Err(error) = out.flush() {
            self.fail(error);
        }
    }

    fn account_for(&self, count: usize) {
        let mut state = self.lock();
        state.in_flight -= count;
        state.written += count as u64;
        self.changed.notify_all();
    }

    fn fail(&self, error: io::Error) {
        let mut state = self.lock();
        state.waiting.clear();
        state.in_flight = 0;
        state.footer = Footer::default();
        state.error = Some(error);
        self.changed.notify_all();
    }
}

impl State {
    fn size(&self) -> usize {
        self.waiting.len() + self.in_flight
    }

    fn is_idle(&self) -> bool {
        self.size() == 0 && !self.footer.is_changed
    }

    /// What is to be written next: the footer goes away, and comes back below what is new.
    fn take_piece(&mut self) -> Option<Vec<u8>> {
        const CLEAR_LINE: &[u8] = b"\r\x1b[2K";
        if self.is_idle() || self.in_flight > 0 {
            return None;
        }
        let mut piece = if self.footer.is_shown { CLEAR_LINE.to_vec() } else { Vec::new() };
        let count = self.waiting.len().min(PIECE);
        piece.extend(self.waiting.drain(..count));
        let footer = self.footer.text.as_ref().filter(|_| self.waiting.is_empty());
        self.footer.is_shown = footer.is_some();
        piece.extend(footer.into_iter().flat_map(|footer| footer.bytes()));
        self.footer.is_changed = false;
        self.in_flight = piece.len();
        Some(piece)
    }
}

/// A panic elsewhere leaves bytes behind that are good enough to be written.
fn unpoisoned<T>(locked: Result<T, PoisonError<T>>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver, SyncSender};

    use super::super::tests::Paper;
    use super::*;

    const NEVER: &dyn Fn() -> bool = &|| false;

    /// A reader that takes bytes only when it is asked to.
    struct Slow(Receiver<usize>, Paper);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.0.recv().map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
            self.1.write(&bytes[..bytes.len().min(count)])
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (WriteQueue, SyncSender<usize>, Paper) {
        let (reader, asked) = mpsc::sync_channel(1_000);
        let paper = Paper::default();
        (WriteQueue::new(Box::new(Slow(asked, paper.clone()))), reader, paper)
    }

    #[test]
    fn an_offer_never_waits_and_says_when_there_is_no_room() {
        let (queue, reader, paper) = slow();
        assert_eq!(queue.offer(&[b'x'; 600], 1_000), Offer::Taken);
        assert_eq!(queue.offer(&[b'y'; 600], 1_000), Offer::Full);
        assert_eq!(queue.offer(&[b'z'; 400], 1_000), Offer::Taken);
        reader.send(1_000).unwrap();
        reader.send(1_000).unwrap();
        queue.finish(NEVER).unwrap();
        assert_eq!(paper.text(), format!("{}{}", "x".repeat(600), "z".repeat(400)));
    }

    #[test]
    fn a_push_waits_for_its_reader_until_it_is_given_up() {
        let (queue, reader, _paper) = slow();
        let bytes = vec![b'x'; CAPACITY + 1];
        assert_eq!(queue.push(&bytes, &|| true).unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(queue.finish(&|| true).unwrap_err().kind(), ErrorKind::TimedOut);
        let before = Instant::now();
        queue.drain(Duration::from_millis(1), Duration::from_secs(60));
        assert!(before.elapsed() < Duration::from_secs(30));
        drop(reader);
        assert_eq!(queue.finish(NEVER).unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert_eq!(queue.push(b"more", NEVER).unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert_eq!(queue.offer(&[0; 10], 1), Offer::Taken, "nothing is missed by a reader that is gone");
    }

    #[test]
    fn everything_that_is_pushed_arrives_in_order() {
        let paper = Paper::default();
        let queue = WriteQueue::new(Box::new(paper.clone()));
        let text = (0..300_000).map(|number: u32| number.to_string()).collect::<Vec<_>>().join("\n");
        text.as_bytes().chunks(70_001).for_each(|bytes| queue.push(bytes, NEVER).unwrap());
        queue.finish(NEVER).unwrap();
        assert!(paper.text() == text);
    }

    #[test]
    fn a_footer_stands_below_everything_and_is_replaced() {
        let paper = Paper::default();
        let queue = WriteQueue::inline(Box::new(paper.clone()));
        queue.set_footer(Some("1 of 2".to_owned()));
        queue.offer(b"line\n", CAPACITY);
        queue.set_footer(Some("2 of 2".to_owned()));
        queue.set_footer(Some("2 of 2".to_owned()));
        queue.set_footer(None);
        queue.offer(b"end\n", CAPACITY);
        let clear = "\r\x1b[2K";
        assert_eq!(paper.text(), format!("1 of 2{clear}line\n1 of 2{clear}2 of 2{clear}end\n"));
    }

    #[test]
    fn what_is_asked_to_be_tried_again_is() {
        struct Busy(u8, Paper);
        impl Write for Busy {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => Err(ErrorKind::WouldBlock.into()),
                    2 => Err(ErrorKind::Interrupted.into()),
                    _ => self.1.write(bytes),
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let paper = Paper::default();
        WriteQueue::inline(Box::new(Busy(0, paper.clone()))).push(b"text", NEVER).unwrap();
        assert_eq!(paper.text(), "text");
    }
}
