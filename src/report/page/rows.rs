//! The rows as data: JSON inside the page, compact, and so written that nothing in it can end the element around it.
//!
//! A row is `[number, user, email, action, status, from, to, message, hint, name]`. Action and status are places in
//! [`ActionName::ALL`] and [`Status::ALL`], -1 for no action; what comes behind them is places in `words`, which says
//! everything once that many rows say.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::html::visible;
use super::people::PersonColumns;
use super::words;
use crate::model::{ActionName, Status};
use crate::report::ReportRow;

/// The rows of a page that is being written.
#[derive(Debug)]
pub struct PageRows<W: Write> {
    output: W,
    count: u64,
    words: HashMap<String, usize>,
}

const DATA: &[u8] = b"<script type=\"application/json\" id=\"data\">{\"rows\":[";

impl<W: Write> PageRows<W> {
    pub(super) fn begin(mut output: W) -> io::Result<Self> {
        output.write_all(DATA)?;
        Ok(Self { output, count: 0, words: HashMap::new() })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// What the output says.
    pub fn write(&mut self, row: &ReportRow<'_>, people: &PersonColumns) -> io::Result<()> {
        let outcome = &row.outcome;
        let action =
            row.request.action_name().and_then(|action| ActionName::ALL.iter().position(|known| *known == action));
        let status = Status::ALL.iter().position(|known| *known == outcome.status);
        let to = row.request.action().map(words::target).unwrap_or_default();
        let user = row.request.user().map_or_else(|| visible(people.id(row)), |user| user.to_string());
        let from = outcome.seat_before.as_ref().map(words::seen).unwrap_or_default();
        let [from, to] = [from, to].map(|word| self.place(&word));
        let [message, hint] = [Some(outcome.message.as_str()), outcome.hint.as_deref()]
            .map(|word| self.place(&word.and_then(words::plain).unwrap_or_default()));
        let action = action.map_or(Value::from(-1), Value::from);
        let cells = json!([
            row.input.number,
            user,
            visible(people.email(row)),
            action,
            status,
            from,
            to,
            message,
            hint,
            visible(&people.name(row))
        ]);
        if self.count > 0 {
            self.output.write_all(b",\n")?;
        }
        self.count += 1;
        self.output.write_all(inert(&cells).as_bytes())
    }

    /// Ends the data, and with it what the page says.
    pub(super) fn close(mut self) -> io::Result<W> {
        let mut words: Vec<_> = self.words.into_iter().collect();
        words.sort_unstable_by_key(|(_, place)| *place);
        let words: Vec<_> = words.into_iter().map(|(word, _)| word).collect();
        self.output.write_all(b"],\"words\":")?;
        self.output.write_all(inert(&Value::from(words)).as_bytes())?;
        self.output.write_all(b"}</script>\n")?;
        Ok(self.output)
    }

    fn place(&mut self, word: &str) -> usize {
        let next = self.words.len();
        *self.words.entry(visible(word)).or_insert(next)
    }
}

/// JSON in which no `</script` and no `<!--` can stand: `<` occurs in strings alone, where it can be written otherwise.
fn inert(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}
