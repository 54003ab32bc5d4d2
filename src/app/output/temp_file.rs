//! Temporary files: each lies beside the file that it becomes, and says in its name who writes it.
//!
//! What a process that was killed left behind is swept away at the next start. A file of somebody who is alive never is.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

const PREFIX: &str = ".seatrun-";

/// Who may read a file that is new; one that is replaced keeps its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only the user: it holds names of people.
    Private,
    /// Whoever the umask lets.
    Public,
}

impl Access {
    /// The mode, before the umask.
    const fn mode(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Public => 0o666,
        }
    }
}

/// A file beside `path` that becomes it, or is gone when the process ends before.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn temp_file_next_to(path: &Path, access: Access) -> io::Result<NamedTempFile> {
    let own = Owner::of_this_process().map(|owner| format!("{}-{}-", owner.pid, owner.started)).unwrap_or_default();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(access.mode());
    let file =
        tempfile::Builder::new().prefix(&format!("{PREFIX}{own}")).permissions(mode).tempfile_in(folder_of(path))?;
    if access == Access::Private {
        // Whatever the umask says.
        file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(access.mode()))?;
    }
    // Held until the file is closed, by whatever end: to others it says that the owner lives. Where a file system knows no
    // locks, the name has to do.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Gives `file` the place of `path`, whose mode it keeps.
///
/// # Errors
/// When the file system does not let it.
pub(crate) fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    if let Ok(replaced) = fs::metadata(path) {
        file.as_file().set_permissions(replaced.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Takes away the temporary files beside `path` whose owners are dead. What cannot be taken away stays.
pub(crate) fn sweep_next_to(path: &Path) {
    for entry in fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        let is_left = || {
            let name = entry.file_name();
            let owner = Owner::parse(name.to_str()?.strip_prefix(PREFIX)?)?;
            Some(!owner.is_alive() && entry.file_type().ok()?.is_file() && is_unlocked(&entry.path()))
        };
        if is_left() == Some(true) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A process that lives in another container is not seen here, and still holds its lock.
fn is_unlocked(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// The process that writes a temporary file. A process number is given again, but not with the same start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Owner {
    pid: u32,
    /// In ticks of the system's clock since it was started.
    started: u64,
}

impl Owner {
    /// This process; none where the system does not tell.
    fn of_this_process() -> Option<Self> {
        let pid = std::process::id();
        Some(Self { pid, started: start_of(pid)? })
    }

    /// Reads `PID-START-…`.
    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('-');
        Some(Self { pid: parts.next()?.parse().ok()?, started: parts.next()?.parse().ok()? })
    }

    fn is_alive(self) -> bool {
        start_of(self.pid) == Some(self.started)
    }
}

/// When a process was started, as the 22nd field of its line says. Its name, the second, may hold blanks and brackets.
fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_what_the_dead_left_behind_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.csv");
        let own = temp_file_next_to(&place, Access::Private).unwrap();
        let Owner { pid, started } = Owner::of_this_process().unwrap();
        let earlier = started - 1;
        // of a process that is gone, of an earlier one with a number that was given again
        let dead = [format!("{PREFIX}4294967295-1-aaaa"), format!("{PREFIX}{pid}-{earlier}-bbbb")];
        let kept = [format!("{PREFIX}cccc"), format!("{PREFIX}{pid}-{started}-dddd"), "1-1-a".to_owned()];
        for name in dead.iter().chain(&kept) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let folder_of_that_name = folder.path().join(format!("{PREFIX}4294967295-1-folder"));
        fs::create_dir(&folder_of_that_name).unwrap();
        // An owner whom this container does not see.
        let elsewhere = folder.path().join(format!("{PREFIX}4294967295-1-eeee"));
        let lock = File::create(&elsewhere).unwrap();
        lock.try_lock().unwrap();
        sweep_next_to(&place);
        assert!(dead.iter().all(|name| !folder.path().join(name).exists()));
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
        assert!(own.path().exists() && elsewhere.exists() && folder_of_that_name.exists());
        drop(lock);
        sweep_next_to(&place);
        assert!(!elsewhere.exists());
    }

    #[test]
    fn what_holds_names_is_private_from_its_first_byte_and_a_replaced_file_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.csv");
        let file = temp_file_next_to(&place, Access::Private).unwrap();
        assert_eq!(mode_of(file.path()), 0o600);
        persist(file, &place).unwrap();
        assert_eq!(mode_of(&place), 0o600);
        for mode in [0o640, 0o444, 0o604] {
            fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
            for access in [Access::Private, Access::Public] {
                let file = temp_file_next_to(&place, access).unwrap();
                assert_eq!(mode_of(file.path()) & 0o077 & !access.mode(), 0);
                persist(file, &place).unwrap();
                assert_eq!(mode_of(&place), mode);
            }
        }
    }
}
