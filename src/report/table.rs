//! The report as a table: the input's columns as they were, then what became of each row.

use std::io::Write;

use jiff::Timestamp;

use crate::input::REPORT_COLUMNS;
use crate::model::{Outcome, SeenSeat};

/// What is said of one row.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// Change requests that were sent for it.
    pub attempts: u32,
    /// When the first began.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// The run; none in a dry run.
    pub run: Option<&'a str>,
    /// The job as text that no spreadsheet will round; none for a row that is no job.
    pub key: Option<String>,
}

/// A report that is being written.
#[derive(Debug)]
pub struct Table<W: Write> {
    output: W,
}

/// Cells as one CSV record, without the line's end.
pub fn record<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let written = csv.write_record(cells).map_err(|_| ()).and_then(|()| csv.into_inner().map_err(|_| ()));
    // Writing to memory cannot fail, and cells that are text give text.
    let mut text = written.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    text.truncate(text.trim_end_matches('\n').len());
    text
}

impl<W: Write> Table<W> {
    /// A report whose rows carry the columns of `header`, which is one [`record`].
    ///
    /// # Errors
    /// What the output says.
    pub fn begin(output: W, header: &str) -> std::io::Result<Self> {
        let mut table = Self { output };
        table.line(header, REPORT_COLUMNS)?;
        Ok(table)
    }

    /// Writes one row: the carried cells as they were, as one [`record`], and the line about it.
    ///
    /// # Errors
    /// What the output says.
    pub fn write(&mut self, cells: &str, line: &Line<'_>) -> std::io::Result<()> {
        let outcome = line.outcome;
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let time = |at: Option<Timestamp>| at.map(|at| format!("{at:.3}")).unwrap_or_default();
        let seat = |seat: &Option<SeenSeat>| seat.as_ref().map(ToString::to_string).unwrap_or_default();
        let columns: [String; REPORT_COLUMNS.len()] = [
            line.row.to_string(),
            outcome.status.name().to_owned(),
            number(outcome.result_code),
            outcome.message.clone(),
            outcome.hint.clone().unwrap_or_default(),
            number(outcome.http_status.map(i64::from)),
            number(outcome.error_code),
            outcome.ref_id.clone().unwrap_or_default(),
            line.attempts.to_string(),
            seat(&outcome.seat_before),
            seat(&outcome.seat_after),
            time(line.began),
            time(line.finished),
            line.run.unwrap_or_default().to_owned(),
            line.key.clone().unwrap_or_default(),
        ];
        self.line(cells, columns.iter().map(String::as_str))
    }

    /// Ends the report and gives the output back.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(mut self) -> std::io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }

    fn line<'c>(&mut self, carried: &str, results: impl IntoIterator<Item = &'c str>) -> std::io::Result<()> {
        let separator = if carried.is_empty() { "" } else { "," };
        writeln!(self.output, "{carried}{separator}{}", record(results))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Reason, Status};

    #[test]
    fn a_line_carries_the_cells_as_they_were_and_every_result() {
        let mut outcome = Outcome::new(Status::Failed, Reason::Answered, "no, \"thanks\"");
        outcome.error_code = Some(1014);
        outcome.http_status = Some(403);
        let line = Line {
            row: 7,
            outcome: &outcome,
            attempts: 2,
            began: Some(Timestamp::from_millisecond(1_700_000_000_123).unwrap()),
            finished: None,
            run: Some("r1"),
            key: Some("u1:deactivate:abc".into()),
        };
        let mut table = Table::begin(Vec::new(), &record(["user_id", "note"])).unwrap();
        table.write(&record(["1", "two\nlines"]), &line).unwrap();
        let text = String::from_utf8(table.finish().unwrap()).unwrap();
        let expected = "user_id,note,result_row,result_status,result_code,result_message,result_hint,\
            result_http_status,result_error_code,result_ref_id,result_attempts,result_seat_before,result_seat_after,\
            result_started_at,result_finished_at,result_run_id,result_key\n\
            1,\"two\nlines\",7,FAILED,,\"no, \"\"thanks\"\"\",,403,1014,,2,,,2023-11-14T22:13:20.123Z,,r1,u1:deactivate:abc\n";
        assert_eq!(text, expected);
    }
}
