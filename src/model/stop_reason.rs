//! Endings: why a process stopped working on a run.

use serde::{Deserialize, Serialize};

/// How the process that worked on a run left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every job was settled.
    Finished,
    /// The token is not accepted any more.
    Token(String),
    /// The caller is not a System Admin.
    NoAdmin(String),
    /// The API version is retired.
    Retired(String),
    /// Our own request was wrong.
    Bug(String),
    /// The host could not be reached for minutes.
    Unreachable(String),
    /// The host has let nothing through for minutes: throttling, maintenance.
    Throttled(String),
    /// Something else than the API answers.
    NotTheApi(String),
    /// `--max-errors`.
    TooManyErrors(String),
    /// `--deadline`.
    Deadline,
    /// The ledger could not be written.
    Ledger(String),
    /// A signal, by its name; what was in flight was finished.
    Interrupted(Signal),
    /// A second signal; what was in flight was dropped.
    Aborted(Signal),
}

/// The signals that end a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signal {
    /// Ctrl-C.
    #[serde(rename = "SIGINT")]
    Int,
    /// `kill`, a service manager, a shutdown.
    #[serde(rename = "SIGTERM")]
    Term,
    /// The terminal went away.
    #[serde(rename = "SIGHUP")]
    Hup,
}

impl Signal {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "SIGINT",
            Self::Term => "SIGTERM",
            Self::Hup => "SIGHUP",
        }
    }
}

impl StopReason {
    /// Whether what ended the run passes by itself, so that it may go on without anybody having looked at it.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Throttled(_) | Self::Deadline | Self::Interrupted(_) | Self::Aborted(_) => {
                true
            }
            Self::Finished
            | Self::Token(_)
            | Self::NoAdmin(_)
            | Self::Retired(_)
            | Self::Bug(_)
            | Self::NotTheApi(_)
            | Self::TooManyErrors(_)
            | Self::Ledger(_) => false,
        }
    }

    /// Why the run ended, in words.
    pub fn describe(&self) -> String {
        match self {
            Self::Finished => "finished".to_owned(),
            Self::Token(why) => format!("the token was refused: {why}"),
            Self::NoAdmin(why) => format!("the token's user is not a System Admin: {why}"),
            Self::Retired(why) => format!("this version of the API is retired: {why}"),
            Self::Bug(why) => format!("the API says that our request is wrong, which is a bug in seatrun: {why}"),
            Self::Unreachable(why) => format!("the host could not be reached: {why}"),
            Self::Throttled(why) => format!("the API has let nothing through for minutes: {why}"),
            Self::NotTheApi(why) => {
                format!("this is not the Smartsheet API: a captive portal or a login page? It answered: {why}")
            }
            Self::TooManyErrors(why) => format!("too many errors: {why}"),
            Self::Deadline => "the deadline was reached".to_owned(),
            Self::Ledger(why) => format!("the ledger could not be written: {why}"),
            Self::Interrupted(signal) => format!("interrupted by {}", signal.name()),
            Self::Aborted(signal) => format!("aborted by a second {}", signal.name()),
        }
    }
}
