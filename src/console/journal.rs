//! The journal of systemd, where standard error goes there: each line says how grave it is, in the way that systemd reads
//! (`sd-daemon(3)`), so that `journalctl -p warning` finds a bad night.

use std::fmt::Write as _;
use std::io;
use std::os::fd::AsFd;

/// How grave a line is, as `syslog(3)` counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// The program cannot go on, or a row has failed for good.
    Error = 3,
    /// Somebody should know.
    Warning = 4,
    /// As every night.
    Info = 6,
    /// For whoever looks for a fault.
    Debug = 7,
}

impl From<tracing::Level> for Priority {
    fn from(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warning,
            tracing::Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }
}

/// Whether standard error is the journal: systemd says in `JOURNAL_STREAM` which stream that is, by device and inode. The
/// variable alone does not tell, because what a unit starts inherits it and may write elsewhere.
pub(super) fn is_standard_error() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    rustix::fs::fstat(io::stderr().as_fd()).is_ok_and(|found| stream == format!("{}:{}", found.st_dev, found.st_ino))
}

/// The lines of a text, each with how grave it is in front.
pub(super) fn prefixed(text: &str, priority: Priority) -> String {
    text.lines().fold(String::new(), |mut lines, line| {
        let _ = writeln!(lines, "<{}>{line}", priority as u8);
        lines
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_how_grave_it_is() {
        assert_eq!(prefixed("error: no\nhint: yes", Priority::Error), "<3>error: no\n<3>hint: yes\n");
        assert_eq!(prefixed("12 rows", Priority::Info), "<6>12 rows\n");
    }
}
