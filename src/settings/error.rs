//! What is wrong with the settings: what, where, and what to do next. Every one of these is exit code 2.
//!
//! An error names keys and places. It must never show a value that could hold a secret, nor a line of a file, which
//! may hold a token that somebody put there by mistake.

use std::path::PathBuf;

use super::trusted_file::FileError;
use super::{ApiUrl, Key, Origin};

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file that was asked for, or that is there, can't be read or must not be trusted.
    #[error("the {what} {} {problem}", path.display())]
    File {
        /// What the file is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        problem: FileError,
    },
    /// A file is no TOML.
    #[error("{origin}: this is not TOML: {problem}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// What the parser says.
        problem: String,
    },
    /// A key that means nothing.
    #[error("{origin}: there is no setting `{key}`")]
    UnknownKey {
        /// Where.
        origin: Origin,
        /// The key as it stands there.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A field of `[columns]` or `--map` that means nothing.
    #[error("{origin}: there is no field `{field}` to map a column to")]
    UnknownField {
        /// Where.
        origin: Origin,
        /// The field as it stands there.
        field: String,
        /// The fields that there are.
        known: &'static [&'static str],
    },
    /// A value that its key can't take.
    #[error("{origin}: {key}: {problem}")]
    WrongValue {
        /// Where.
        origin: Origin,
        /// The key.
        key: String,
        /// What is wrong with it and what is expected.
        problem: String,
    },
    /// A variable of the environment whose value is no text.
    #[error("{name}: the value is not UTF-8")]
    NotText {
        /// The variable's name.
        name: String,
    },
    /// A profile that stands in no file.
    #[error("{origin}: there is no profile `{name}`")]
    UnknownProfile {
        /// Who asked for it.
        origin: Origin,
        /// The profile.
        name: String,
        /// The profiles that there are.
        known: Vec<String>,
    },
    /// No limit, towards an address that is not loopback.
    #[error("{origin}: a rate of 0 (no limit) is for loopback addresses only, and the API is at {api_url}")]
    Unlimited {
        /// Who asked for it.
        origin: Origin,
        /// Where the API is.
        api_url: ApiUrl,
    },
    /// A setting that needs a value has none, not even a built-in one.
    #[error("{0}: has no default")]
    NoDefault(&'static str),
    /// There is nowhere to keep the ledger.
    #[error("there is no folder for the state: neither XDG_STATE_HOME nor HOME is set to an absolute path")]
    NoStateFolder,
}

impl SettingsError {
    /// What to do about it, where the error does not say so itself.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { key, .. } if key.contains("token") => Some(
                "the token itself never stands in the settings: set SMARTSHEET_ACCESS_TOKEN, or name a token_file or \
                 a token_command"
                    .to_owned(),
            ),
            Self::UnknownKey { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownKey { nearest: None, .. } => {
                let names: Vec<_> = Key::ALL.iter().map(|key| key.name).collect();
                Some(format!("the settings are {}, [columns] and [profile.NAME]", names.join(", ")))
            }
            Self::UnknownField { field, known, .. } => Some(match nearest(field, known.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("the fields are {}", known.join(", ")),
            }),
            Self::UnknownProfile { known, .. } if known.is_empty() => {
                Some("no settings file has a [profile.NAME]; `--config FILE` names one more file".to_owned())
            }
            Self::UnknownProfile { known, .. } => Some(format!("the profiles are {}", known.join(", "))),
            Self::Unlimited { .. } => {
                Some("300 requests a minute is what Smartsheet names; the default is 270".to_owned())
            }
            Self::File { problem, .. } => problem.hint(),
            Self::NoStateFolder => Some("say where with --state-dir or SEATRUN_STATE_DIR".to_owned()),
            Self::Syntax { .. } | Self::NotText { .. } | Self::WrongValue { .. } | Self::NoDefault(_) => None,
        }
    }
}

/// The known word that looks most like `word`, if any is close enough to have been meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let scored = known.into_iter().map(|known| (strsim::jaro_winkler(&word, &known.to_lowercase()), known));
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= 0.85).then_some(best.1)
}
