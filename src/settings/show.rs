//! Showing the settings: each key, its value and where it was said.
//!
//! It turns settings into text and prints nothing itself. A token command shows only its first word, because people do
//! write `echo` and the token there.

use crate::model::FreeSeatName;

use super::{Key, Setting, Settings, duration};

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key, as a file names it; `columns.FIELD` for a mapped column.
    pub key: String,
    /// The value, as a file could say it; empty when nobody said any.
    pub value: String,
    /// Where it was said.
    pub origin: String,
}

impl Settings {
    /// Every setting in a row of its own.
    pub fn rows(&self) -> Vec<Row> {
        let profile = row("profile".to_owned(), self.profile.as_ref(), String::clone);
        let keys = Key::ALL.into_iter().flat_map(|key| self.rows_of(key));
        let columns = self.columns.iter().map(|(field, column)| {
            let key = format!("columns.{field}");
            row(key, Some(column), String::clone)
        });
        std::iter::once(profile).chain(keys).chain(columns).collect()
    }

    /// Every setting as an aligned table for a person, with a header and a line end after each line.
    pub fn table(&self) -> String {
        let header = Row { key: "KEY".into(), value: "VALUE".into(), origin: "FROM".into() };
        let rows: Vec<_> = std::iter::once(header).chain(self.rows()).collect();
        let widest = |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0);
        let (keys, values) = (widest(|row| &row.key), widest(|row| &row.value));
        let lines = rows.iter().map(|row| format!("{:keys$}  {:values$}  {}\n", row.key, row.value, row.origin));
        lines.collect()
    }

    /// The row of a key; of a list, one for each entry.
    fn rows_of(&self, key: Key) -> Vec<Row> {
        let name = key.name().to_owned();
        let only = match key {
            Key::Protected => return list(&name, &self.protected),
            Key::ExpectPlan => return list(&name, &self.expect_plan),
            Key::ApiUrl => row(name, Some(&self.api_url), ToString::to_string),
            Key::TokenFile => row(name, self.token_file.as_ref(), |path| path.display().to_string()),
            Key::TokenCommand => row(name, self.token_command.as_ref(), ToString::to_string),
            Key::PlanId => row(name, self.plan_id.as_ref(), ToString::to_string),
            Key::Action => row(name, self.action.as_ref(), ToString::to_string),
            Key::SeatType => row(name, self.seat_type.as_ref(), ToString::to_string),
            Key::Rate => row(name, Some(&self.rate), ToString::to_string),
            Key::Concurrency => row(name, Some(&self.concurrency), ToString::to_string),
            Key::MaxChanges => row(name, Some(&self.max_changes), ToString::to_string),
            Key::MaxErrors => row(name, Some(&self.max_errors), ToString::to_string),
            Key::MaxInvalid => row(name, Some(&self.max_invalid), ToString::to_string),
            Key::ConnectTimeout => row(name, Some(&self.connect_timeout), |time| duration::format(*time)),
            Key::RequestTimeout => row(name, Some(&self.request_timeout), |time| duration::format(*time)),
            Key::IntegrationSource => row(name, Some(&self.integration_source), ToString::to_string),
            Key::FreeSeatName => row(name, Some(&self.free_seat_name), free_seat),
            Key::StateDir => row(name, Some(&self.state_dir), |path| path.display().to_string()),
            Key::LogFormat => row(name, Some(&self.log_format), ToString::to_string),
            Key::ExpectAccount => row(name, self.expect_account.as_ref(), String::clone),
            Key::ReviewValidFor => row(name, Some(&self.review_valid_for), |time| duration::format(*time)),
        };
        vec![only]
    }
}

fn list<T: ToString>(key: &str, entries: &[Setting<T>]) -> Vec<Row> {
    let write = |entry| row(key.to_owned(), entry, T::to_string);
    if entries.is_empty() { vec![write(None)] } else { entries.iter().map(|entry| write(Some(entry))).collect() }
}

fn row<T>(key: String, setting: Option<&Setting<T>>, write: impl Fn(&T) -> String) -> Row {
    match setting {
        Some(Setting { value, origin }) => Row { key, value: write(value), origin: origin.to_string() },
        None => Row { key, value: String::new(), origin: "not set".to_owned() },
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "`row` writes every value through a reference")]
fn free_seat(name: &FreeSeatName) -> String {
    match name {
        FreeSeatName::Auto => "auto".to_owned(),
        FreeSeatName::Viewer => "VIEWER".to_owned(),
        FreeSeatName::Contributor => "CONTRIBUTOR".to_owned(),
    }
}
