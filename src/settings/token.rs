//! The token: from the environment, a file or a command, and from nowhere else.
//!
//! It leaves this file only as a [`SecretString`], and must never stand in a message, a `Debug` output or an argument
//! of a process. What is wrong with a token is said without showing any of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::token_command::{TokenCommand, TokenCommandError};
use super::trusted_file::{self, FileError, TrustedFile, quoted};
use super::{Environment, Setting, Settings};

/// The variable that the official SDKs read the token from, too.
pub const VARIABLE: &str = "SMARTSHEET_ACCESS_TOKEN";

/// The folder where systemd puts the secrets of a unit, and the name of ours there.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL: &str = "seatrun-token";

/// How long a token command may take: long enough to unlock a password manager.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// The longest token: servers take headers of 8 kB, and `Bearer ` is part of it.
const LONGEST: usize = 8 * 1024 - "Bearer ".len();

/// Where a token came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// The variable [`VARIABLE`].
    Environment,
    /// The file of the setting `token_file`.
    File(Setting<PathBuf>),
    /// The command of the setting `token_command`.
    Command(Setting<TokenCommand>),
    /// A file in the folder of credentials that systemd made for the unit.
    Credential(PathBuf),
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str(VARIABLE),
            Self::File(Setting { value, origin }) => write!(f, "token_file {} ({origin})", value.display()),
            Self::Command(Setting { value, origin }) => write!(f, "token_command `{value}` ({origin})"),
            Self::Credential(path) => write!(f, "the credential {}", path.display()),
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
    /// It can't be sent, because no header is so long.
    #[error("{0} holds more than {LONGEST} characters, which no token has and no server takes")]
    Long(TokenSource),
    /// The file can't be read, or must not be trusted.
    #[error("{origin} {problem}")]
    File {
        /// The file.
        origin: TokenSource,
        /// Why.
        problem: Box<FileError>,
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
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Missing => {
                "set SMARTSHEET_ACCESS_TOKEN, or name a token_file or a token_command in the settings; \
                 with --sandbox no token is needed"
            }
            Self::Empty(_) | Self::Character { .. } | Self::Long(_) => {
                "give the token alone, in one line and without `Bearer`"
            }
            Self::File { problem, .. } => {
                let usual = || "check the path and its permissions, or set SMARTSHEET_ACCESS_TOKEN".to_owned();
                return problem.hint().unwrap_or_else(usual);
            }
            Self::Command { .. } => {
                "run the command by hand: it has to print the token as its first line and end with 0"
            }
        };
        hint.to_owned()
    }
}

/// Finds the token: [`VARIABLE`], else `token_file` or `token_command`, which is given 30 seconds, else the credential
/// `seatrun-token` of a systemd unit.
pub fn find(settings: &Settings, environment: &Environment) -> Result<Token, TokenError> {
    if let Some(value) = environment.raw(VARIABLE) {
        return token(value.as_encoded_bytes(), TokenSource::Environment);
    }
    let credentials = environment.raw(CREDENTIALS).map(Path::new);
    if let Some(path) = &settings.token_file {
        let is_shared = settings.token_file_shared.value || credentials.is_some_and(|it| path.value.starts_with(it));
        return from_file(&path.value, TokenSource::File(path.clone()), is_shared);
    }
    if let Some(command) = &settings.token_command {
        let origin = TokenSource::Command(command.clone());
        return match command.value.first_line(COMMAND_LIMIT) {
            Ok(line) => token(&line, origin),
            Err(error) => Err(TokenError::Command { origin, error }),
        };
    }
    match credentials.map(|folder| folder.join(CREDENTIAL)).filter(|path| path.exists()) {
        Some(path) => from_file(&path, TokenSource::Credential(path.clone()), true),
        None => Err(TokenError::Missing),
    }
}

/// Reads a token file. Unless it is shared on purpose, its being readable by *others* is warned of: a group can be the
/// right one, as that of a container's user is.
fn from_file(path: &Path, origin: TokenSource, is_shared: bool) -> Result<Token, TokenError> {
    // Room for a long token with its name, quotes and line ends, and for telling that it is too long.
    const MOST_BYTES: u64 = 64 * 1024;
    let TrustedFile { bytes, mode } = match trusted_file::read(path, MOST_BYTES) {
        Ok(file) => file,
        Err(FileError::TooLong(_)) => return Err(TokenError::Long(origin)),
        Err(problem) => return Err(TokenError::File { origin, problem: Box::new(problem) }),
    };
    let warning = (mode & 0o004 != 0 && !is_shared).then(|| {
        let path = quoted(path);
        format!(
            "the token file {path} can be read by everybody on this machine (mode {mode:03o}): chmod o-r {path}, or set \
             token_file_shared = true if it is meant so"
        )
    });
    let token = token(&bytes, origin)?;
    let warnings: Vec<_> = warning.into_iter().chain(token.warning).collect();
    Ok(Token { warning: (!warnings.is_empty()).then(|| warnings.join("; ")), ..token })
}

fn token(text: &[u8], source: TokenSource) -> Result<Token, TokenError> {
    let bytes = bare(text);
    if bytes.is_empty() {
        return Err(TokenError::Empty(source));
    }
    if bytes.len() > LONGEST {
        return Err(TokenError::Long(source));
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
    let is_dressed = bytes.len() < text.trim_ascii().len();
    let warning = is_dressed
        .then(|| format!("{source} holds the token in quotes or behind a name: only the token belongs there"));
    Ok(Token { secret: SecretString::from(secret), source, warning })
}

/// The token in a text that was written for a shell: `export SMARTSHEET_ACCESS_TOKEN="…"`, or a part of that. No token
/// has quotes, or a name and an equals sign in front.
fn bare(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    let value = text.iter().position(|byte| *byte == b'=').and_then(|at| {
        let name = text[..at].strip_prefix(b"export ").unwrap_or(&text[..at]).trim_ascii();
        let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        (is_name && name.to_ascii_uppercase().ends_with(b"TOKEN")).then(|| text[at + 1..].trim_ascii())
    });
    let value = value.unwrap_or(text);
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner.trim_ascii(),
        _ => value,
    }
}
