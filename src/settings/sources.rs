//! Sources: everything that settings can come from, handed over rather than reached for, so that a test needs no
//! environment and no home folder of its own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::value::{Base, Value as _};
use super::{Flags, Layer, Origin, Setting, SettingsError, Stream};

/// Everything that settings can come from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// What stands on the command line.
    pub flags: Flags,
    /// Whether the API is where the settings say.
    pub target: ApiTarget,
    /// The fields that a column can be mapped to.
    pub fields: &'static [&'static str],
    /// The environment of the process.
    pub environment: Environment,
    /// The file for everybody on this machine.
    pub system_file: PathBuf,
}

impl Sources {
    /// The sources of this process.
    pub fn from_process(flags: Flags, target: ApiTarget, fields: &'static [&'static str]) -> Self {
        Self {
            flags,
            target,
            fields,
            environment: Environment::from_process(),
            system_file: PathBuf::from("/etc/seatrun/config.toml"),
        }
    }
}

/// Whether the API is where the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiTarget {
    /// It is at the setting `api_url`.
    Configured,
    /// It is the sandbox inside this process, so `api_url` does not count.
    Sandbox,
}

/// `FIELD=COLUMN`: which column holds a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The field; whether there is one of this name is judged by [`load`](super::load).
    pub field: String,
    /// The header of the column, without surrounding space.
    pub column: String,
}

/// A text that maps nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not of the form FIELD=COLUMN, such as user_id=\"Account number\"")]
pub struct MappingError(String);

impl FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (field, column) = text.split_once('=').ok_or_else(|| MappingError(text.to_owned()))?;
        let (field, column) = (field.trim(), column.trim());
        if field.is_empty() || column.is_empty() {
            return Err(MappingError(text.to_owned()));
        }
        Ok(Self { field: field.to_owned(), column: column.to_owned() })
    }
}

/// The variables of an environment. Empty ones count as unset.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment of this process.
    pub fn from_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of a variable that is a path or otherwise any bytes.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable that is text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, SettingsError> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        let text = value.to_str().ok_or_else(|| SettingsError::NotText { name: name.to_owned() })?;
        Ok(Some(text))
    }

    /// The value of a variable that names a file or a standard stream, if it can be understood by itself.
    pub fn stream(&self, name: &str) -> Option<Stream> {
        let text = self.text(name).ok().flatten()?;
        Stream::parse(text, &Base { home: self.home(), folder: None }).ok()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|name| name.to_str())
    }

    /// The user's home folder.
    pub(super) fn home(&self) -> Option<&Path> {
        self.folder("HOME")
    }

    /// The user's settings file, whether or not it is there.
    pub(super) fn user_file(&self) -> Option<PathBuf> {
        Some(self.xdg("XDG_CONFIG_HOME", ".config")?.join("seatrun/config.toml"))
    }

    /// The folder for the state of this program when nothing else is said, and the variable that it follows from.
    pub(super) fn usual_state_dir(&self) -> Layer {
        let place = ["XDG_STATE_HOME", "HOME"].into_iter().find(|name| self.folder(name).is_some());
        let folder = self.xdg("XDG_STATE_HOME", ".local/state").zip(place);
        let setting = folder.map(|(folder, name)| Setting {
            value: folder.join("seatrun"),
            origin: Origin::Environment { name: name.to_owned() },
        });
        Layer { state_dir: setting.into_iter().collect(), ..Layer::default() }
    }

    fn xdg(&self, name: &str, below_home: &str) -> Option<PathBuf> {
        self.folder(name).map(Path::to_path_buf).or_else(|| Some(self.home()?.join(below_home)))
    }

    /// Relative folders do not count: the XDG base directory specification says to ignore them.
    fn folder(&self, name: &str) -> Option<&Path> {
        self.raw(name).map(Path::new).filter(|path| path.is_absolute())
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Environment {
    /// Names only: the values hold the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
