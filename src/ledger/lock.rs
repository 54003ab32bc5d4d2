//! The lock: one run at a time for one account.
//!
//! It is the operating system's lock on a file, which is gone with the process that held it, however that died. The
//! file says who holds it, for the message that a second run prints.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::presence::FileIdentity;
use super::schema::NO_SURPRISE;
use crate::settings::FileError;
use crate::settings::trusted_file::trust_own_file;

/// Who holds an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
    /// What it works on.
    pub input: String,
}

/// A held lock. Dropping it lets go.
#[derive(Debug)]
pub struct AccountLock {
    _file: File,
    identity: FileIdentity,
}

/// Why an account could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody holds it.
    #[error("another run for this account is under way{}", describe(.0.as_ref()))]
    Held(Option<Holder>),
    /// Somebody else can change the lock file, or it is not a file.
    #[error("{path} {source}")]
    Untrusted {
        /// The file.
        path: PathBuf,
        /// Why it is not used.
        source: FileError,
    },
    /// The lock file could not be used.
    #[error("cannot lock {path}: {source}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

fn describe(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |Holder { pid, since, input }| {
        let since = since.strftime("%Y-%m-%d %H:%M:%SZ");
        format!(": process {pid}, since {since}, with {input}")
    })
}

impl AccountLock {
    /// Locks an account in a state folder, or says who holds it.
    pub fn take(folder: &Path, account: &str, holder: &Holder) -> Result<Self, LockError> {
        Self::take_file(&folder.join(format!("{}.lock", file_name(account))), holder)
    }

    fn take_file(path: &Path, holder: &Holder) -> Result<Self, LockError> {
        let unusable = |source| LockError::Unusable { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NO_SURPRISE.bits().cast_signed());
        trust_own_file(path).map_err(|source| LockError::Untrusted { path: path.to_owned(), source })?;
        let mut file = options.open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(read_holder(&mut file))),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let identity = FileIdentity::from_file(path, &file).map_err(unusable)?;
        if !identity.is_in_place() {
            // It was deleted between its opening and its locking, and another process may lock a new one.
            return Err(LockError::Held(None));
        }
        write_holder(&mut file, holder).map_err(unusable)?;
        Ok(Self { _file: file, identity })
    }

    /// Locks every account that was ever locked in a state folder, or says who holds one of them.
    pub fn take_all(folder: &Path, holder: &Holder) -> Result<Vec<Self>, LockError> {
        let unusable = |source| LockError::Unusable { path: folder.to_owned(), source };
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(unusable)?;
        let paths = entries.into_iter().map(|entry| entry.path());
        paths
            .filter(|path| path.extension().is_some_and(|extension| extension == "lock"))
            .map(|path| Self::take_file(&path, holder))
            .collect()
    }

    /// Which file it is.
    pub(super) const fn identity(&self) -> &FileIdentity {
        &self.identity
    }
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let text = serde_json::to_string(holder).map_err(std::io::Error::other)?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

/// Who holds the lock; nothing when the holder is just writing its name.
fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// An account as a file name: everything but letters, digits, dots and hyphens becomes a hyphen.
fn file_name(account: &str) -> String {
    account.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' }).collect()
}
