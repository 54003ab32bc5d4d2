//! Damage: what is wrong with a ledger, as SQLite and the checksums see it.

use super::checksum::TABLES;
use super::{Ledger, LedgerError};

/// Up to this size a file is checked as a whole wherever something is told from it: that takes a few milliseconds.
const QUICKLY_CHECKED: i64 = 8 << 20;
/// Complaints about one file, at the most.
const MOST: usize = 10;

impl Ledger {
    /// Everything that is wrong with the file, in sentences; empty where it is intact. It reads all of it.
    pub fn damage(&self) -> Result<Vec<String>, LedgerError> {
        let mut found = self.structural_damage()?;
        for (table, checksum) in TABLES {
            let sql = format!("SELECT count(*) FROM {table} WHERE checksum IS NOT {checksum}");
            let count: i64 =
                self.connection.query_row(&sql, [], |row| row.get(0)).map_err(|error| self.refused("read", error))?;
            if count > 0 {
                found.push(format!("{count} of the records in `{table}` were changed by something else than seatrun"));
            }
        }
        Ok(found)
    }

    /// Refuses a file whose structure is damaged: parts of it may be missing without a trace.
    pub fn refuse_structural_damage(&self) -> Result<(), LedgerError> {
        match self.structural_damage()?.into_iter().next() {
            None => Ok(()),
            Some(what) => Err(LedgerError::Damaged { path: self.path.clone(), what }),
        }
    }

    /// The same, where that takes no time to speak of.
    pub fn refuse_damage_of_small_file(&self) -> Result<(), LedgerError> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size: i64 =
            self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| self.refused("read", error))?;
        if size > QUICKLY_CHECKED { Ok(()) } else { self.refuse_structural_damage() }
    }

    fn structural_damage(&self) -> Result<Vec<String>, LedgerError> {
        let read = || {
            let mut found = Vec::new();
            let mut statement = self.connection.prepare(&format!("PRAGMA integrity_check({MOST})"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                found.push(row.get::<_, String>(0)?);
            }
            found.retain(|line| line != "ok");
            let mut statement =
                self.connection.prepare("SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (table, count): (String, i64) = (row.get(0)?, row.get(1)?);
                found.push(format!("the run of {count} of the records in `{table}` is missing"));
            }
            Ok(found)
        };
        read().map_err(|error: rusqlite::Error| self.refused("read", error))
    }
}
