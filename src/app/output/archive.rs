//! The archive (`--archive-to`): where the input of a run goes once the run has finished, so that no later night runs it
//! again.
//!
//! Nothing is ever replaced there: the name of the run stands in the name of the file. A file that was changed since it
//! was read stays where it is, because nobody has run what it says now.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::app::CommandError;
use crate::app::output::writing::{digest_of, temp_file_next_to};

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Archived {
    /// It is there now.
    Moved(PathBuf),
    /// It was changed or taken away since it was read, and is left alone.
    Changed,
}

/// Refuses a folder that no file can be moved to, found out before the first request.
pub(crate) fn check(folder: &Path) -> Result<(), CommandError> {
    let tried = if folder.is_dir() {
        temp_file_next_to(&folder.join("input")).map(drop)
    } else {
        Err(io::Error::from(ErrorKind::NotADirectory))
    };
    tried.map_err(|error| {
        CommandError::refused(format!("nothing can be archived in {}: {error}", folder.display()))
            .hint(format!("mkdir -p {}, or name another folder with --archive-to", folder.display()))
    })
}

/// Moves an input that a run has read, if it still is as it was then.
///
/// # Errors
/// It could not be moved, and is where it was.
pub(crate) fn store(input: &Path, sha256: &str, run: &str, folder: &Path) -> io::Result<Archived> {
    let is_unchanged = File::open(input).and_then(|mut file| digest_of(&mut file)).is_ok_and(|digest| digest == sha256);
    if !is_unchanged {
        return Ok(Archived::Changed);
    }
    let place = folder.join(name(input, run));
    // The file itself, and not a link to it that would lead nowhere from another folder.
    let file = fs::canonicalize(input)?;
    match fs::hard_link(&file, &place) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
        // Another file system, or one without links.
        Err(_) => copy(&file, &place)?,
    }
    fs::remove_file(&file)?;
    Ok(Archived::Moved(place))
}

fn copy(file: &Path, place: &Path) -> io::Result<()> {
    let mut copy = temp_file_next_to(place)?;
    io::copy(&mut File::open(file)?, copy.as_file_mut())?;
    copy.as_file().set_permissions(fs::metadata(file)?.permissions())?;
    copy.as_file().sync_all()?;
    copy.persist_noclobber(place).map(drop).map_err(|error| error.error)
}

fn name(input: &Path, run: &str) -> String {
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    let extension = input.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    format!("{stem}.{run}{extension}")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::app::output::writing::hex;

    #[test]
    fn an_input_is_moved_once_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (input, archive) = (folder.path().join("leavers.csv"), folder.path().join("done"));
        fs::create_dir(&archive).unwrap();
        fs::write(&input, "a").unwrap();
        let sha256 = hex(Sha256::new_with_prefix("a"));
        let place = archive.join("leavers.r1.csv");
        assert_eq!(store(&input, &sha256, "r1", &archive).unwrap(), Archived::Moved(place.clone()));
        assert!(!input.exists());
        assert_eq!(store(&input, &sha256, "r1", &archive).unwrap(), Archived::Changed, "it is gone");
        fs::write(&input, "a").unwrap();
        assert_eq!(store(&input, &sha256, "r1", &archive).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(input.exists());
        fs::write(&input, "another").unwrap();
        assert_eq!(store(&input, &sha256, "r2", &archive).unwrap(), Archived::Changed);
        assert_eq!((fs::read_to_string(&place).unwrap(), fs::read_dir(&archive).unwrap().count()), ("a".into(), 1));
    }

    #[test]
    fn a_copy_never_replaces_a_file_either() {
        let folder = tempfile::tempdir().unwrap();
        let (input, place) = (folder.path().join("in"), folder.path().join("there"));
        fs::write(&input, "new").unwrap();
        fs::write(&place, "old").unwrap();
        assert_eq!(copy(&input, &place).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&place).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_folder_that_is_not_there_is_found_out_first() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path()).is_ok());
        let failure = check(&folder.path().join("none")).unwrap_err();
        assert!(failure.hint.unwrap().starts_with("mkdir -p "));
    }
}
