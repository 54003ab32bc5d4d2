//! Reviews that were made with this state folder: by what their rows are known again, and which run they went into.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use secrecy::{ExposeSecret, SecretBox};

use super::checksum::OF_REVIEW;
use super::read::Views;
use super::{Ledger, LedgerError};
use crate::model::{Review, Secret};

/// A review as it stands in the ledger.
#[derive(Debug)]
pub struct ReviewRecord {
    /// What its rows have in common.
    pub review: Review,
    /// What its signatures are made with.
    pub secret: Secret,
    /// The run that its approved rows went into, by name.
    pub spent_by: Option<String>,
}

impl Ledger {
    /// Remembers a review, before any row of it is written.
    pub fn remember_review(&mut self, review: &Review, secret: &Secret) -> Result<(), LedgerError> {
        self.connection
            .execute(
                "INSERT INTO reviews (name, made, input, sha256, account, secret, checksum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, crc32(?1, ?2, ?3, ?4, ?5, ?6, NULL))",
                params![
                    review.name,
                    review.made.as_millisecond(),
                    review.input,
                    review.sha256,
                    review.account,
                    secret.expose_secret(),
                ],
            )
            .map(drop)
            .map_err(|error| self.refused("written", error))
    }
}

impl Views<'_> {
    /// The review of a name, if it was made with this state folder.
    pub fn review(&self, name: &str) -> Result<Option<ReviewRecord>, LedgerError> {
        let sql = format!(
            "SELECT name, made, input, sha256, account, secret, spent_by, checksum IS {OF_REVIEW} FROM reviews
             WHERE name = ?1"
        );
        let read = |row: &rusqlite::Row<'_>| {
            let made = Timestamp::from_millisecond(row.get(1)?).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Integer, error.into())
            })?;
            let (name, input, sha256, account) = (row.get(0)?, row.get(2)?, row.get(3)?, row.get(4)?);
            let review = Review { name, made, input, sha256, account };
            let record = ReviewRecord { review, secret: SecretBox::new(Box::new(row.get(5)?)), spent_by: row.get(6)? };
            Ok((record, row.get(7)?))
        };
        let ledger = self.ledger();
        let found = ledger
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([name], read).optional());
        match found.map_err(|error| ledger.refused("read", error))? {
            Some((record, true)) => Ok(Some(record)),
            Some((_, false)) => Err(LedgerError::Damaged {
                path: ledger.path.clone(),
                what: format!("the record of review {name} was changed by something else than seatrun"),
            }),
            None => Ok(None),
        }
    }
}

/// Spends a review on a run. Returns whether it was still to be spent.
pub(super) fn spend(connection: &Connection, review: &str, run: &str) -> rusqlite::Result<bool> {
    let sql = "UPDATE reviews SET spent_by = ?2 WHERE name = ?1 AND spent_by IS NULL";
    let is_spent = connection.prepare_cached(sql)?.execute(params![review, run])? == 1;
    let seal = format!("UPDATE reviews SET checksum = {OF_REVIEW} WHERE name = ?1");
    connection.prepare_cached(&seal)?.execute([review])?;
    Ok(is_spent)
}

/// The reviews that were spent on a run.
pub(super) fn spent_on(connection: &Connection, run: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT name FROM reviews WHERE spent_by = ?1 ORDER BY name")?;
    statement.query_map([run], |row| row.get(0))?.collect()
}
