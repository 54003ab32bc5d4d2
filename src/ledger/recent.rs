//! The recent past: which requests were sent lately, and what the server asked for then.

use jiff::Timestamp;
use rusqlite::params;

use super::records::{RecordError, from_json, text, time};
use super::{LedgerError, Views};
use crate::model::Answer;

impl Views<'_> {
    /// When the answer to each request came that may have been counted since a time, as far as the ledger knows, and
    /// `now` for those without one. What seems to come from the future was sent before the clock was set back, and does not
    /// count. It holds for every account at an API address: before the first request nobody knows
    /// which of them the token belongs to.
    pub fn requests_since(
        &self,
        api_url: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, LedgerError> {
        let read = || -> Result<_, RecordError> {
            let connection = &self.ledger().connection;
            // What happens next to the row of a request is its answer.
            let mut statement = connection.prepare(
                "WITH answered AS (
                     SELECT (SELECT at FROM events AS later WHERE later.run = events.run
                             AND later.place = events.place AND later.id > events.id ORDER BY id LIMIT 1) AS at
                     FROM events WHERE at BETWEEN ?2 - 600000 AND ?3 AND event IN ('\"begun\"', '\"read_begun\"')
                     AND run IN (SELECT run FROM sessions JOIN runs ON runs.id = run WHERE ifnull(ended, ?3) >= ?2 - 600000
                         AND sessions.id IN (SELECT max(id) FROM sessions GROUP BY run)
                         AND settings ->> 'api_url' = ?1)
                     UNION ALL SELECT at FROM requests WHERE api_url = ?1)
                 SELECT ifnull(at, ?3) FROM answered WHERE ifnull(at, ?3) BETWEEN ?2 AND ?3",
            )?;
            let mut rows = statement.query(params![api_url, since.as_millisecond(), now.as_millisecond()])?;
            let mut times = Vec::new();
            while let Some(row) = rows.next()? {
                times.push(time(row.get(0)?)?);
            }
            Ok(times)
        };
        read().map_err(|error| self.error(error))
    }

    /// When each request of a run was begun, and those to its API address that belong to no job but come with its
    /// sessions: they are remembered for some minutes only, so those of long ago are missing.
    pub fn requests_of(&self, run: i64) -> Result<Vec<Timestamp>, LedgerError> {
        let read = || -> Result<_, RecordError> {
            // What a run took over as begun was begun before it.
            let mut statement = self.ledger().connection.prepare(
                "SELECT at FROM events WHERE run = ?1 AND event IN ('\"begun\"', '\"read_begun\"')
                 AND at >= (SELECT min(began) FROM sessions WHERE run = ?1)
                 UNION ALL
                 SELECT at FROM requests WHERE api_url = (SELECT settings ->> 'api_url' FROM runs WHERE id = ?1)
                 AND EXISTS (SELECT 1 FROM sessions WHERE run = ?1
                             AND requests.at BETWEEN began - 600000 AND ifnull(ended, requests.at))",
            )?;
            let mut rows = statement.query([run])?;
            let mut times = Vec::new();
            while let Some(row) = rows.next()? {
                times.push(time(row.get(0)?)?);
            }
            Ok(times)
        };
        read().map_err(|error| self.error(error))
    }

    /// The answers since a time that left no doubt and no effect, such as throttles, with their times.
    pub fn put_off_since(&self, api_url: &str, since: Timestamp) -> Result<Vec<(Timestamp, Answer)>, LedgerError> {
        let read = || -> Result<_, RecordError> {
            let mut statement = self.ledger().connection.prepare(
                "SELECT at, answer FROM events WHERE at >= ?2 AND answer IS NOT NULL
                 AND event IN ('\"no_effect\"', '\"read_failed\"', '\"read_put_off\"')
                 AND run IN (SELECT run FROM sessions JOIN runs ON runs.id = run WHERE ifnull(ended, ?2) >= ?2
                     AND sessions.id IN (SELECT max(id) FROM sessions GROUP BY run)
                     AND settings ->> 'api_url' = ?1)",
            )?;
            let mut rows = statement.query(params![api_url, since.as_millisecond()])?;
            let mut answers = Vec::new();
            while let Some(row) = rows.next()? {
                answers.push((time(row.get(0)?)?, from_json(text(row, 1)?)?));
            }
            Ok(answers)
        };
        read().map_err(|error| self.error(error))
    }
}
