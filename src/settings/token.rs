//! The token: from the environment, a file or a command, and from nowhere else.
//!
//! It leaves this file only as a [`SecretString`], and must never stand in a message, a `Debug` output or an argument
//! of a process. What is wrong with a token is said without showing any of it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::token_command::{TokenCommand, TokenCommandError};
use super::{Environment, Settings};

/// The variable that the official SDKs read the token from, too.
pub const VARIABLE: &str = "SMARTSHEET_ACCESS_TOKEN";

/// How long a token command may take: long enough to unlock a password manager.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// Where a token came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// The variable [`VARIABLE`].
    Environment,
    /// The file of the setting `token_file`.
    File(PathBuf),
    /// The command of the setting `token_command`.
    Command(TokenCommand),
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str(VARIABLE),
            Self::File(path) => write!(f, "token_file {}", path.display()),
            Self::Command(command) => write!(f, "token_command `{command}`"),
        }
    }
}

/// A token.
#[derive(Debug)]
pub struct Token {
    /// The token itself: visible ASCII characters only, which every header can carry.
    pub secret: SecretString,
    /// Where it came from.
    pub source: TokenSource,
    /// What is unsafe about the way it is kept, in a sentence.
    pub warning: Option<String>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody named one.
    #[error("there is no token for the API")]
    Missing,
    /// Nothing but white space.
    #[error("{0} is empty")]
    Empty(TokenSource),
    /// It can't be sent.
    #[error("the token of {origin} holds {what} at position {position}, which no token does")]
    Character {
        /// Where it came from.
        origin: TokenSource,
        /// Counted from 1.
        position: usize,
        /// The kind of character.
        what: &'static str,
    },
    /// The file can't be read.
    #[error("{origin} can't be read: {error}")]
    File {
        /// The file.
        origin: TokenSource,
        /// Why.
        error: io::Error,
    },
    /// The command gave none.
    #[error("{origin} {error}")]
    Command {
        /// The command.
        origin: TokenSource,
        /// Why.
        error: TokenCommandError,
    },
}

impl TokenError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing => {
                "set SMARTSHEET_ACCESS_TOKEN, or name a token_file or a token_command in the settings; \
                 with --sandbox no token is needed"
            }
            Self::Empty(_) | Self::Character { .. } => "give the token alone, in one line and without `Bearer`",
            Self::File { .. } => "check the path and its permissions, or set SMARTSHEET_ACCESS_TOKEN",
            Self::Command { .. } => {
                "run the command by hand: it has to print the token as its first line and end with 0"
            }
        }
    }
}

/// Finds the token: [`VARIABLE`], else `token_file`, else `token_command`, which is given 30 seconds.
pub fn find(settings: &Settings, environment: &Environment) -> Result<Token, TokenError> {
    if let Some(value) = environment.raw(VARIABLE) {
        return token(value.as_encoded_bytes(), TokenSource::Environment);
    }
    if let Some(path) = &settings.token_file {
        return of_file(&path.value);
    }
    if let Some(command) = &settings.token_command {
        let origin = TokenSource::Command(command.value.clone());
        return match command.value.first_line(COMMAND_LIMIT) {
            Ok(line) => token(&line, origin),
            Err(error) => Err(TokenError::Command { origin, error }),
        };
    }
    Err(TokenError::Missing)
}

fn of_file(path: &Path) -> Result<Token, TokenError> {
    let origin = TokenSource::File(path.to_owned());
    match read(path) {
        Ok((bytes, warning)) => Ok(Token { warning, ..token(&bytes, origin)? }),
        Err(error) => Err(TokenError::File { origin, error }),
    }
}

fn read(path: &Path) -> io::Result<(Vec<u8>, Option<String>)> {
    // More than any token has: what is longer is some other file, and its second line says so.
    const MOST_BYTES: u64 = 64 * 1024;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let mode = metadata.permissions().mode();
    // A pipe such as the shell's `<(…)` has permissions, too, but nobody else can open it.
    let is_open_to_others = metadata.is_file() && mode & 0o077 != 0;
    let warning = is_open_to_others.then(|| {
        let path = path.display();
        format!("the token file {path} can be read by others (mode {:03o}): chmod 600 {path}", mode & 0o777)
    });
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok((bytes, warning))
}

fn token(bytes: &[u8], source: TokenSource) -> Result<Token, TokenError> {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return Err(TokenError::Empty(source));
    }
    if let Some(at) = bytes.iter().position(|byte| !byte.is_ascii_graphic()) {
        let what = match bytes[at] {
            b'\r' | b'\n' => "a line end",
            b' ' | b'\t' => "a space",
            0x80.. => "a character beyond ASCII",
            _ => "a control character",
        };
        return Err(TokenError::Character { origin: source, position: at + 1, what });
    }
    let secret = String::from_utf8_lossy(bytes).into_owned();
    Ok(Token { secret: SecretString::from(secret), source, warning: None })
}
