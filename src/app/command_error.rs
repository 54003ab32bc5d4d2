//! Failures: why a command could not do its work, with its exit code and what to do next.

use crate::api::ClientError;
use crate::input::{ErrorSource, InputError};
use crate::ledger::{LedgerError, LockError};
use crate::plan::Guard;
use crate::settings::token::TokenError;
use crate::settings::{FileError, SettingsError};

use crate::app::Exit;
use crate::app::account::obstacle::Obstacle;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// How the program ends.
    pub exit: Exit,
    /// What is wrong, and where.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The guards that were tripped, in their own words.
    pub guard: Option<String>,
}

impl CommandError {
    /// A failure without a hint.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, guard: None }
    }

    /// A refusal before anything was changed.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// The same failure with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Guard> for CommandError {
    fn from(guard: Guard) -> Self {
        Self { guard: Some(guard.message.clone()), ..Self::refused(guard.message).hint(guard.hint) }
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        let hint = error.hint();
        Self { hint, ..Self::new(Exit::Usage, error.to_string()) }
    }
}

impl From<InputError> for CommandError {
    fn from(error: InputError) -> Self {
        let exit = match error.source() {
            ErrorSource::CommandLine => Exit::Usage,
            ErrorSource::Input => Exit::Refused,
        };
        Self::new(exit, error.to_string()).hint(error.hint())
    }
}

impl From<TokenError> for CommandError {
    fn from(error: TokenError) -> Self {
        let hint = error.hint();
        Self::refused(error.to_string()).hint(hint)
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        let hint = match &error {
            ClientError::Certificates(_) => Some(
                "a PEM file begins with -----BEGIN CERTIFICATE-----; `openssl x509 -inform der -in FILE` writes one from DER",
            ),
            ClientError::Setup(text) if text.to_lowercase().contains("certificate") => Some(Obstacle::NoStore.hint()),
            ClientError::Setup(_) | ClientError::Header(_) => None,
        };
        Self { hint: hint.map(str::to_owned), ..Self::refused(error.to_string()) }
    }
}

impl From<LedgerError> for CommandError {
    fn from(error: LedgerError) -> Self {
        let hint = match &error {
            LedgerError::Untrusted { source, .. } => {
                return Self { hint: mending(source), ..Self::refused(error.to_string()) };
            }
            LedgerError::Open { .. } | LedgerError::Sqlite { .. } => {
                Some("check the folder's rights and free space, or name another with --state-dir")
            }
            LedgerError::Busy(_) => {
                Some("wait for the process that uses it: another seatrun, a backup, an open sqlite3")
            }
            LedgerError::Gone(_) => Some("let nobody delete or move the state folder while seatrun runs"),
            LedgerError::Damaged { .. } => {
                Some("move the file aside to start a new ledger; what it recorded is then unknown to seatrun")
            }
            LedgerError::Newer { .. } => Some("use the newer seatrun, or another --state-dir"),
            LedgerError::Spent(_) | LedgerError::NoSuchRun(_) | LedgerError::AmbiguousRun { .. } => {
                Some("`seatrun history` lists the runs")
            }
        };
        Self { hint: hint.map(str::to_owned), ..Self::refused(error.to_string()) }
    }
}

/// What to do about a state folder, or a file in it, that is not used as it is.
fn mending(error: &FileError) -> Option<String> {
    match error {
        FileError::NotRegular(_) | FileError::NotFolder => {
            Some("take it away, or name another folder with --state-dir".to_owned())
        }
        FileError::Io(_)
        | FileError::TooLong(_)
        | FileError::Owner { .. }
        | FileError::Writable { .. }
        | FileError::ReplaceableIn { .. } => error.hint(),
    }
}

impl From<LockError> for CommandError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held(_) => {
                Self::new(Exit::Locked, error.to_string()).hint("wait for it, or let this run wait with --wait 10m")
            }
            LockError::Untrusted { ref source, .. } => {
                Self { hint: mending(source), ..Self::refused(error.to_string()) }
            }
            LockError::Unusable { .. } => Self::refused(error.to_string()),
        }
    }
}
