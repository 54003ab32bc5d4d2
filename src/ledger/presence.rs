//! Presence: whether the files that a process has open are still the ones under their names.
//!
//! A state folder can be deleted, or moved away and made anew, while a run goes on writing to the old files. What is
//! recorded there no other process finds, and a second run takes a lock of its own. So a run that loses its files sends
//! nothing more.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Which file a name meant when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileIdentity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl FileIdentity {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() }
    }

    /// The file under a name.
    pub(super) fn from_path(path: &Path) -> io::Result<Self> {
        Ok(Self::new(path, &fs::symlink_metadata(path)?))
    }

    /// An open file, which was opened under a name.
    pub(super) fn from_file(path: &Path, file: &File) -> io::Result<Self> {
        Ok(Self::new(path, &file.metadata()?))
    }

    /// Whether the name still means the same file. A name that cannot be looked up does not.
    pub(super) fn is_in_place(&self) -> bool {
        Self::from_path(&self.path).is_ok_and(|found| found == *self)
    }
}

/// The files that must stay where they are.
#[derive(Debug, Default)]
pub(super) struct Presence {
    files: Vec<FileIdentity>,
}

impl Presence {
    /// Watches the file under a name from now on.
    pub(super) fn watch_path(&mut self, path: &Path) -> io::Result<()> {
        self.files.push(FileIdentity::from_path(path)?);
        Ok(())
    }

    /// Watches a file that is open.
    pub(super) fn watch(&mut self, file: FileIdentity) {
        self.files.push(file);
    }

    /// The first file that is not under its name any more.
    pub(super) fn missing(&self) -> Option<&Path> {
        self.files.iter().find(|file| !file.is_in_place()).map(|file| file.path.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is called, how it comes about, and whether the file is in place after it.
    type Change<'a> = (&'a str, &'a dyn Fn(), bool);

    #[test]
    fn a_file_is_in_place_until_its_name_means_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let (state, away) = (folder.path().join("state"), folder.path().join("away"));
        let path = state.join("ledger");
        let make = || {
            fs::create_dir(&state).unwrap();
            fs::write(&path, "same").unwrap();
        };
        let link = || {
            fs::rename(&path, &away).unwrap();
            std::os::unix::fs::symlink(&away, &path).unwrap();
        };
        let changes: [Change<'_>; 5] = [
            ("written to", &|| fs::write(&path, "other").unwrap(), true),
            ("deleted", &|| fs::remove_file(&path).unwrap(), false),
            ("deleted with its folder", &|| fs::remove_dir_all(&state).unwrap(), false),
            ("moved away with its folder", &|| fs::rename(&state, &away).unwrap(), false),
            ("replaced by a link to itself", &link, false),
        ];
        for (what, change, is_in_place) in changes {
            make();
            let mut presence = Presence::default();
            presence.watch_path(&path).unwrap();
            presence.watch(FileIdentity::from_file(&path, &File::open(&path).unwrap()).unwrap());
            change();
            assert_eq!(presence.missing().is_none(), is_in_place, "{what}");
            // A new file under the same name is another one; the old one is kept open, or its number may come back.
            for left in [&state, &away] {
                let _ = fs::remove_dir_all(left);
                let _ = fs::remove_file(left);
            }
        }
        make();
        let open = File::open(&path).unwrap();
        let identity = FileIdentity::from_file(&path, &open).unwrap();
        fs::remove_dir_all(&state).unwrap();
        make();
        assert!(!identity.is_in_place());
    }
}
