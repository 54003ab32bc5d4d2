//! The ledger's file: where it lies, who may read it, its tables and their versions.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::{Access, OFlags, access};

use super::busy::{self, Wait};
use super::checksum;
use super::presence::{FileIdentity, Presence};
use super::{AccountLock, LedgerError};
use crate::settings::FileError;
use crate::settings::trusted_file::{trust_folder, trust_own_file};

/// One step a version: the file's `user_version` is the number of steps it has seen. A step that has been released is
/// never changed.
pub(super) const MIGRATIONS: [&str; 5] = [
    "
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        account TEXT NOT NULL,
        who TEXT NOT NULL,
        input TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        header TEXT NOT NULL,
        settings TEXT NOT NULL,
        started INTEGER NOT NULL,
        superseded_by TEXT
    ) STRICT;

    -- A process that worked on a run: the one that started it, and each that resumed it.
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        began INTEGER NOT NULL,
        ended INTEGER,
        ending TEXT
    ) STRICT;
    CREATE INDEX sessions_of_run ON sessions (run);

    CREATE TABLE rows (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        number INTEGER NOT NULL,
        cells TEXT NOT NULL,
        user INTEGER,
        job TEXT,
        seat_before TEXT,
        outcome TEXT,
        PRIMARY KEY (run, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rows_of_user ON rows (user) WHERE user IS NOT NULL;

    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        at INTEGER NOT NULL,
        event TEXT NOT NULL,
        answer TEXT,
        outcome TEXT
    ) STRICT;
    CREATE INDEX events_of_row ON events (run, place);

    -- Requests that belong to no job: what is read before a run, or without one. Only the last minute matters.
    CREATE TABLE requests (
        at INTEGER NOT NULL,
        api_url TEXT NOT NULL
    ) STRICT;

    -- Files that seatrun wrote, so that a default name replaces only those that nobody has changed since.
    CREATE TABLE files (
        path TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        of_run INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What a user held before the run is more than a seat.
    ALTER TABLE rows ADD COLUMN before TEXT;
    UPDATE rows SET before = json_object('seat', seat_before) WHERE seat_before IS NOT NULL;
    ALTER TABLE rows DROP COLUMN seat_before;
",
    "
    -- What it takes to know the rows of a review again, and the run that they went into: a review runs once.
    CREATE TABLE reviews (
        name TEXT PRIMARY KEY,
        made INTEGER NOT NULL,
        input TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        account TEXT,
        secret BLOB NOT NULL,
        spent_by TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX reviews_of_run ON reviews (spent_by) WHERE spent_by IS NOT NULL;
",
    "
    -- What runs have found out about an account, for the next runs.
    CREATE TABLE account_facts (
        account TEXT NOT NULL,
        fact TEXT NOT NULL,
        value TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (account, fact)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- A row that something else has changed is noticed, and so is one that is missing from a run; and what a run came to
    -- need not be counted again.
    ALTER TABLE runs ADD COLUMN row_count INTEGER;
    ALTER TABLE runs ADD COLUMN rows_sum INTEGER;
    ALTER TABLE runs ADD COLUMN events_sum INTEGER;
    ALTER TABLE runs ADD COLUMN totals TEXT;
    ALTER TABLE runs ADD COLUMN checksum INTEGER;
    ALTER TABLE sessions ADD COLUMN checksum INTEGER;
    ALTER TABLE rows ADD COLUMN checksum INTEGER;
    ALTER TABLE events ADD COLUMN checksum INTEGER;
    ALTER TABLE reviews ADD COLUMN checksum INTEGER;
    UPDATE sessions SET checksum = crc32(id, run, began, ended, ending);
    UPDATE rows SET checksum = crc32(run, place, number, cells, user, job, before, outcome);
    UPDATE events SET checksum = crc32(run, place, at, event, answer, outcome);
    UPDATE reviews SET checksum = crc32(name, made, input, sha256, account, secret, spent_by);
    UPDATE runs SET events_sum = (SELECT ifnull(sum(checksum), 0) FROM events WHERE run = runs.id)
        WHERE (SELECT ended FROM sessions WHERE run = runs.id ORDER BY id DESC LIMIT 1) IS NOT NULL;
    UPDATE runs SET row_count = (SELECT count(*) FROM rows WHERE run = runs.id),
        rows_sum = (SELECT ifnull(sum(checksum), 0) FROM rows WHERE run = runs.id);
    UPDATE runs SET checksum = crc32(id, name, account, who, input, sha256, header, settings, started, superseded_by,
        row_count, rows_sum, events_sum, totals);
",
];

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) presence: Presence,
}

impl Ledger {
    /// Opens the ledger of a state folder, and makes both where they do not exist.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join("ledger.sqlite");
        let unusable = |source| LedgerError::Open { path: path.clone(), source };
        private_folder(folder).map_err(unusable)?;
        trust(folder, trust_folder)?;
        for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.opening"] {
            trust(&folder.join(name), trust_own_file)?;
        }
        make_private(&path).map_err(unusable)?;
        // Switching a fresh file to WAL fails at once while another process does the same, however long SQLite is told
        // to wait; so one opens at a time.
        let gate = private_file(&folder.join("ledger.opening")).map_err(unusable)?;
        let mut wait = Wait::new();
        while let Err(error) = gate.try_lock() {
            match error {
                TryLockError::WouldBlock if wait.goes_on() => {}
                TryLockError::WouldBlock => return Err(LedgerError::Busy(path)),
                TryLockError::Error(source) => return Err(unusable(source)),
            }
        }
        let opened = FileIdentity::from_path(&path).map_err(unusable)?;
        // The folder may be a link; what is in it may not.
        let place = folder.canonicalize().map_err(unusable)?.join("ledger.sqlite");
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(place, flags).map_err(|error| refused(&path, "opened", error))?;
        let mut presence = Presence::default();
        presence.watch(opened);
        let mut ledger = Self { connection, path, presence };
        ledger.prepare()?;
        ledger.refuse_absence()?;
        Ok(ledger)
    }

    /// A ledger that is gone with the process, for what has to run without one.
    pub fn in_memory() -> Result<Self, LedgerError> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| refused(&path, "opened", error))?;
        let mut ledger = Self { connection, path, presence: Presence::default() };
        ledger.prepare()?;
        Ok(ledger)
    }

    /// From now on nothing is acknowledged unless the ledger and the lock of its account are still under their names.
    pub fn watch(&mut self, lock: &AccountLock) -> Result<(), LedgerError> {
        self.presence.watch(lock.identity().clone());
        for suffix in ["-wal", "-shm"] {
            let mut side_file = self.path.clone().into_os_string();
            side_file.push(suffix);
            let side_file = PathBuf::from(side_file);
            self.presence
                .watch_path(&side_file)
                .map_err(|source| LedgerError::Open { path: side_file.clone(), source })?;
        }
        self.refuse_absence()
    }

    /// Whether everything that is watched is still under its name.
    pub fn is_in_place(&self) -> bool {
        self.presence.missing().is_none()
    }

    pub(super) fn refuse_absence(&self) -> Result<(), LedgerError> {
        self.presence.missing().map_or(Ok(()), |path| Err(LedgerError::Gone(path.to_owned())))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn prepare(&mut self) -> Result<(), LedgerError> {
        let pragmas = "
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA temp_store = MEMORY;
            -- Kibibytes, below zero. In less, the pages of a large run are written and read again while it is entered.
            PRAGMA cache_size = -32768;
        ";
        self.connection.busy_handler(Some(busy::goes_on)).map_err(|error| self.refused("opened", error))?;
        checksum::teach(&self.connection).map_err(|error| self.refused("opened", error))?;
        self.connection.execute_batch(pragmas).map_err(|error| self.refused("opened", error))?;
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let found = self.version()?;
        if found > known {
            return Err(LedgerError::Newer { path: self.path.clone(), found, known });
        }
        if found < known { self.migrate() } else { Ok(()) }
    }

    fn version(&self) -> Result<i64, LedgerError> {
        self.connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(|error| self.refused("read", error))
    }

    /// All steps that are missing, in one transaction; another process may have taken them meanwhile.
    fn migrate(&mut self) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let failed = |error| refused(&path, "brought up to date", error);
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        for (step, sql) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(sql).map_err(failed)?;
            transaction.pragma_update(None, "user_version", step + 1).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    pub(super) fn refused(&self, doing: &'static str, error: rusqlite::Error) -> LedgerError {
        refused(&self.path, doing, error)
    }
}

pub(super) fn refused(path: &Path, doing: &'static str, source: rusqlite::Error) -> LedgerError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            LedgerError::Damaged { path: path.to_owned(), what: source.to_string() }
        }
        Some(ErrorCode::DatabaseBusy) => LedgerError::Busy(path.to_owned()),
        _ => LedgerError::Sqlite { path: path.to_owned(), doing, source },
    }
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the ledger's file where there is none. One that is there is not opened here: closing it again would drop the
/// locks that SQLite holds on it for another connection of this process, and another process would take its journal away.
fn make_private(path: &Path) -> std::io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(access(path, Access::READ_OK | Access::WRITE_OK)?),
        Err(_) => private_file(path).map(drop),
    }
}

/// The file holds names and addresses of people, so nobody else may read it; SQLite gives its side files the same mode.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NO_SURPRISE.bits().cast_signed());
    options.open(path)
}

/// A link is not followed, and a FIFO is not waited for.
pub(super) const NO_SURPRISE: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK);

fn trust(path: &Path, judge: fn(&Path) -> Result<(), FileError>) -> Result<(), LedgerError> {
    judge(path).map_err(|source| LedgerError::Untrusted { path: path.to_owned(), source })
}
