//! Facts about an account that runs have found out and that the next runs begin with.
//!
//! A fact saves requests. It never decides what is done: what it says is tried first, and no more.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Ledger, LedgerError, Views};
use crate::model::DowngradeSeat;

/// The name of the free seat that the account's tenant takes.
const FREE_SEAT_NAME: &str = "free_seat_name";

impl Ledger {
    /// Remembers the name of the free seat that an account's tenant takes.
    pub fn remember_free_seat_name(
        &mut self,
        account: &str,
        name: DowngradeSeat,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO account_facts (account, fact, value, at) VALUES (?1, ?2, ?3, ?4)",
                params![account, FREE_SEAT_NAME, name.seat().name(), at.as_millisecond()],
            )
            .map(drop)
            .map_err(|error| self.refused("written", error))
    }
}

impl Views<'_> {
    /// The name of the free seat that an account's tenant was found to take.
    pub fn free_seat_name(&self, account: &str) -> Result<Option<DowngradeSeat>, LedgerError> {
        let sql = "SELECT value FROM account_facts WHERE account = ?1 AND fact = ?2";
        let name: Option<String> = self
            .ledger()
            .connection
            .query_row(sql, [account, FREE_SEAT_NAME], |row| row.get(0))
            .optional()
            .map_err(|error| self.ledger().refused("read", error))?;
        let names = [DowngradeSeat::Viewer, DowngradeSeat::Contributor];
        Ok(names.into_iter().find(|known| name.as_deref() == Some(known.seat().name())))
    }
}
