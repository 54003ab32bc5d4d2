//! Signals: what a terminal, a service manager or a person sends to end a run.
//!
//! They are heard on a thread of their own, whatever the rest of the program is busy with, and a second one always ends
//! the process: soon, because a run that is told to drop everything still records what it dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::sync::mpsc;

use crate::model::Signal;

/// How long after a second signal the program may take to end in its own way.
const GRACE: Duration = Duration::from_secs(3);

const KINDS: [(Signal, i32); 3] = [(Signal::Int, SIGINT), (Signal::Term, SIGTERM), (Signal::Hup, SIGHUP)];

/// How many signals were heard; none before somebody listens. Its clones count the same ones.
#[derive(Debug, Clone, Default)]
pub struct SignalCount(Arc<AtomicU32>);

impl SignalCount {
    /// How many there were so far.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Listens for the signals that end a run, from now on until the process ends. `force_end` ends the process: some
/// seconds after the second signal, or at the third.
///
/// # Errors
/// When the operating system lets no handler be set, or gives no thread.
pub fn listen(
    count: &SignalCount,
    force_end: impl Fn(Signal) + Send + Sync + 'static,
) -> std::io::Result<mpsc::UnboundedReceiver<Signal>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    // Under `nohup` a hangup is ignored on purpose, and a handler would undo that.
    let is_heard = |kind: &(Signal, i32)| kind.0 != Signal::Hup || !hangup_is_ignored();
    let mut signals = Signals::new(KINDS.into_iter().filter(is_heard).map(|(_, number)| number))?;
    let (count, force_end) = (count.clone(), Arc::new(force_end));
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for number in signals.forever() {
            let Some((signal, _)) = KINDS.into_iter().find(|kind| kind.1 == number) else { continue };
            // At the end of a run nobody receives them any more.
            let _ = sender.send(signal);
            match count.0.fetch_add(1, Ordering::Relaxed) {
                0 => {}
                1 => end_soon(signal, &force_end),
                2.. => force_end(signal),
            }
        }
    })?;
    Ok(receiver)
}

fn end_soon(signal: Signal, force_end: &Arc<impl Fn(Signal) + Send + Sync + 'static>) {
    let later = Arc::clone(force_end);
    let waiting = thread::Builder::new().name("end".to_owned()).spawn(move || {
        thread::sleep(GRACE);
        later(signal);
    });
    if waiting.is_err() {
        force_end(signal);
    }
}

/// Whether the process was started with SIGHUP ignored, as far as the operating system tells.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
