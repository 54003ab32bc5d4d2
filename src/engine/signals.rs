//! Signals: what a terminal, a service manager or a person sends to end a run.

use tokio::sync::mpsc;

use crate::model::Signal;

/// Listens for the signals that end a run, from now on until the process ends.
///
/// # Errors
/// When the operating system does not let a handler be set.
#[cfg(unix)]
pub fn listen() -> std::io::Result<mpsc::UnboundedReceiver<Signal>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (sender, receiver) = mpsc::unbounded_channel();
    let kinds = [
        (Signal::Int, SignalKind::interrupt()),
        (Signal::Term, SignalKind::terminate()),
        (Signal::Hup, SignalKind::hangup()),
    ];
    for (name, kind) in kinds {
        // Under `nohup` a hangup is ignored on purpose, and a handler would undo that.
        if name == Signal::Hup && hangup_is_ignored() {
            continue;
        }
        let mut signals = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(async move { while signals.recv().await.is_some() && sender.send(name).is_ok() {} });
    }
    Ok(receiver)
}

/// Listens for Ctrl-C, from now on until the process ends.
///
/// # Errors
/// When the operating system does not let a handler be set.
#[cfg(not(unix))]
pub fn listen() -> std::io::Result<mpsc::UnboundedReceiver<Signal>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(Signal::Int).is_ok() {} });
    Ok(receiver)
}

/// Whether the process was started with SIGHUP ignored, as far as the operating system tells.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
