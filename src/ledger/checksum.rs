//! Checksums: how a flipped bit in the ledger is noticed.
//!
//! Every row of what decides what is sent and what is told carries a CRC-32 of its columns. The database computes it with a
//! function of its own, so that writing, reading, bringing an old file up to date and checking share one definition. What
//! the file itself is made of, pages and indexes, SQLite checks.

use crc32fast::Hasher;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

/// The checksum of a row of each table. What is about the file alone, or forgotten after minutes, carries none.
pub(super) const OF_RUN: &str = "crc32(id, name, account, who, input, sha256, header, settings, started, superseded_by,
    row_count, rows_sum, events_sum, totals)";
pub(super) const OF_SESSION: &str = "crc32(id, run, began, ended, ending)";
pub(super) const OF_ROW: &str = "crc32(run, place, number, cells, user, job, before, outcome)";
pub(super) const OF_EVENT: &str = "crc32(run, place, at, event, answer, outcome)";
pub(super) const OF_REVIEW: &str = "crc32(name, made, input, sha256, account, secret, spent_by)";

/// Each table with the checksum of its rows.
pub(super) const TABLES: [(&str, &str); 5] =
    [("runs", OF_RUN), ("sessions", OF_SESSION), ("rows", OF_ROW), ("events", OF_EVENT), ("reviews", OF_REVIEW)];

/// Teaches a connection the function `crc32`.
pub(super) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("crc32", -1, flags, |context| Ok(i64::from(checksum(context))))
}

/// Puts the checksum of a run on it again, after something about it was changed.
pub(super) fn seal_run(connection: &Connection, run: i64) -> rusqlite::Result<()> {
    seal(connection, "runs", OF_RUN, run)
}

/// Puts the checksum of a session on it again.
pub(super) fn seal_session(connection: &Connection, session: i64) -> rusqlite::Result<()> {
    seal(connection, "sessions", OF_SESSION, session)
}

fn seal(connection: &Connection, table: &str, checksum: &str, id: i64) -> rusqlite::Result<()> {
    let sql = format!("UPDATE {table} SET checksum = {checksum} WHERE id = ?1");
    connection.prepare_cached(&sql)?.execute([id]).map(drop)
}

/// Each value counts with its type and its length, so that nothing can move from one column to the next.
fn checksum(context: &Context<'_>) -> u32 {
    let mut hasher = Hasher::new();
    for column in 0..context.len() {
        let mut add = |kind: u8, bytes: &[u8]| {
            hasher.update(&[kind]);
            hasher.update(&bytes.len().to_le_bytes());
            hasher.update(bytes);
        };
        match context.get_raw(column) {
            ValueRef::Null => add(0, &[]),
            ValueRef::Integer(number) => add(1, &number.to_le_bytes()),
            ValueRef::Real(number) => add(2, &number.to_le_bytes()),
            ValueRef::Text(text) => add(3, text),
            ValueRef::Blob(bytes) => add(4, bytes),
        }
    }
    hasher.finalize()
}
