//! How much is said on standard error.

use tracing::level_filters::LevelFilter;

/// How much is said on standard error, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Errors and questions only: `-qq`.
    Silent,
    /// Also warnings and, of a night on which anything is wrong, what a run has come to: `-q`.
    Quiet,
    /// Also what a run has come to on a good night, and progress.
    Normal,
    /// Also each row that does not go smoothly, and what a run decides.
    Verbose,
    /// Also each attempt.
    Debug,
    /// Everything.
    Trace,
}

impl Volume {
    /// The volume of so many `-v` and `-q`.
    pub const fn of_flags(verbose: u8, quiet: u8) -> Self {
        match (quiet, verbose) {
            (2.., _) => Self::Silent,
            (1, _) => Self::Quiet,
            (0, 0) => Self::Normal,
            (0, 1) => Self::Verbose,
            (0, 2) => Self::Debug,
            (0, 3..) => Self::Trace,
        }
    }

    /// The events of the log that are written at this volume.
    pub(super) const fn level(self) -> LevelFilter {
        match self {
            Self::Silent | Self::Quiet => LevelFilter::ERROR,
            Self::Normal => LevelFilter::WARN,
            Self::Verbose => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}
