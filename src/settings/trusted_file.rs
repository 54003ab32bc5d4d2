//! Trusted files: those that decide what the program does and as whom. Only a regular file is read that nobody but
//! root and the program's own user can change.
//!
//! It never waits for a FIFO and never reads a device. On a file system that is mounted read-only, the bits that let
//! others write mean nothing; the volumes of containers have them.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, StatVfsMountFlags, statvfs};

/// What was read.
#[derive(Debug)]
pub(super) struct TrustedFile {
    pub(super) bytes: Vec<u8>,
    /// Its permission bits.
    pub(super) mode: u32,
}

/// Why a file is not read. Each says so in words that follow the file's name.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is missing, or the system does not let us read it.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("is {0}, and not a regular file")]
    NotRegular(&'static str),
    /// It is something else, where a folder is needed.
    #[error("is not a folder")]
    NotFolder,
    /// It is far longer than such a file can be.
    #[error("is longer than {0} bytes, which no such file is")]
    TooLong(u64),
    /// It belongs to somebody who is neither root nor this user.
    #[error("belongs to the user with the number {owner}, who could change it")]
    Owner {
        /// The file.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The user that the program runs as.
        user: u32,
    },
    /// Everybody can write to it.
    #[error("can be changed by everybody on this machine (mode {mode:03o})")]
    Writable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Everybody can put another file in its place.
    #[error("can be replaced by everybody on this machine, because its folder {} has mode {mode:03o}", folder.display())]
    ReplaceableIn {
        /// The folder.
        folder: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl FileError {
    /// The command that mends it, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io(_) | Self::TooLong(_) | Self::NotFolder => None,
            Self::NotRegular(_) => Some("name a file; a pipe or a device is never read here".to_owned()),
            Self::Owner { path, user, .. } => Some(format!("chown {user} {}", quoted(path))),
            Self::Writable { path: changed, .. } | Self::ReplaceableIn { folder: changed, .. } => {
                Some(format!("chmod o-w {}", quoted(changed)))
            }
        }
    }
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Reads a file that has at most `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<TrustedFile, FileError> {
    // Asked first, because opening a device can do something, and again afterwards, because it may be another file then.
    refuse_irregular(fs::metadata(path)?.file_type())?;
    // Without waiting for somebody to write to a FIFO.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    refuse_irregular(metadata.file_type())?;
    let user = rustix::process::geteuid().as_raw();
    judge(path, &Access::new(path, &metadata), user)?;
    for folder in folders(path)? {
        judge_folder(&folder, &Access::new(&folder, &fs::metadata(&folder)?))?;
    }
    Ok(TrustedFile { bytes: bounded(file, most)?, mode: metadata.mode() & 0o7777 })
}

/// Refuses a folder in which somebody else could put other files in the place of ours.
pub(crate) fn trust_folder(folder: &Path) -> Result<(), FileError> {
    let metadata = fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(FileError::NotFolder);
    }
    judge(folder, &Access::new(folder, &metadata), rustix::process::geteuid().as_raw())?;
    for folder in folders(folder)? {
        judge_folder(&folder, &Access::new(&folder, &fs::metadata(&folder)?))?;
    }
    Ok(())
}

/// Refuses a file of such a folder that is no regular file, links included, or that somebody else could change. One that is
/// not there is fine. It is not opened, so a FIFO is not waited for.
pub(crate) fn trust_own_file(path: &Path) -> Result<(), FileError> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    refuse_irregular(metadata.file_type())?;
    judge(path, &Access::new(path, &metadata), rustix::process::geteuid().as_raw())
}

fn bounded(file: File, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLong(most)) } else { Ok(bytes) }
}

/// The folder that the name stands in, and the one that the file lies in behind all links.
fn folders(path: &Path) -> io::Result<Vec<PathBuf>> {
    let parent = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    Ok(vec![parent(path), parent(&path.canonicalize()?)])
}

/// Who can do what with a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Access {
    owner: u32,
    mode: u32,
    /// Whether it lies on a file system to which nobody can write here.
    is_read_only: bool,
}

impl Access {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        let is_read_only = statvfs(path).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY));
        Self { owner: metadata.uid(), mode: metadata.mode() & 0o7777, is_read_only }
    }

    /// Whether others than its owner and its group can write to it.
    fn is_writable_by_others(self) -> bool {
        self.mode & 0o002 != 0 && !self.is_read_only
    }
}

fn judge(path: &Path, access: &Access, user: u32) -> Result<(), FileError> {
    let Access { owner, mode, .. } = *access;
    if owner != 0 && owner != user {
        return Err(FileError::Owner { path: path.to_owned(), owner, user });
    }
    if access.is_writable_by_others() {
        return Err(FileError::Writable { path: path.to_owned(), mode });
    }
    Ok(())
}

fn judge_folder(folder: &Path, access: &Access) -> Result<(), FileError> {
    const STICKY: u32 = 0o1000;
    if access.is_writable_by_others() && access.mode & STICKY == 0 {
        return Err(FileError::ReplaceableIn { folder: folder.to_owned(), mode: access.mode });
    }
    Ok(())
}

fn refuse_irregular(kind: FileType) -> Result<(), FileError> {
    let name = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "a folder",
        kind if kind.is_symlink() => "a link",
        kind if kind.is_fifo() => "a FIFO (a pipe)",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        kind if kind.is_socket() => "a socket",
        _ => "something else",
    };
    Err(FileError::NotRegular(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_file_belongs_to_root_or_to_us_and_nobody_else_writes_to_it() {
        let table = [
            (0, 0o644, false, None),
            (7, 0o600, false, None),
            (7, 0o664, false, None),
            (8, 0o600, false, Some("chown 7 f")),
            (0, 0o646, false, Some("chmod o-w f")),
            (0, 0o646, true, None),
            (8, 0o646, true, Some("chown 7 f")),
        ];
        for (owner, mode, is_read_only, expected) in table {
            let judged = judge(Path::new("f"), &Access { owner, mode, is_read_only }, 7);
            assert_eq!(judged.err().and_then(|error| error.hint()).as_deref(), expected, "{owner} {mode:o}");
        }
    }

    #[test]
    fn a_folder_that_everybody_writes_to_needs_the_sticky_bit() {
        for (mode, is_read_only, is_fine) in [
            (0o755, false, true),
            (0o775, false, true),
            (0o777, false, false),
            (0o1777, false, true),
            (0o777, true, true),
        ] {
            let judged = judge_folder(Path::new("d"), &Access { owner: 0, mode, is_read_only });
            assert_eq!(judged.is_ok(), is_fine, "{mode:o}");
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let fifo = folder.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let table = [(fifo.as_path(), "a FIFO"), (Path::new("/dev/zero"), "a device"), (folder.path(), "a folder")];
        for (path, expected) in table {
            let error = read(path, 100).unwrap_err().to_string();
            assert!(error.starts_with(&format!("is {expected}")), "{error}");
        }
    }

    #[test]
    fn a_file_is_read_with_its_mode_and_up_to_its_limit() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, "12345").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for path in [&path, &link] {
            let TrustedFile { bytes, mode } = read(path, 5).unwrap();
            assert_eq!((bytes.as_slice(), mode), (b"12345".as_slice(), 0o640));
            assert!(matches!(read(path, 4), Err(FileError::TooLong(4))));
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = read(&path, 5).unwrap_err();
        assert_eq!(error.hint(), Some(format!("chmod o-w {}", folder.path().display())));
        assert!(matches!(read(&folder.path().join("nowhere"), 5), Err(FileError::Io(_))));
    }
}
