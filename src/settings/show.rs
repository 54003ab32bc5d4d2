//! Showing the settings: each key, its value and where it was said.
//!
//! It turns settings into text and prints nothing itself. A token command shows only its first word, because people do
//! write `echo` and the token there.

use serde_json::{Map, Value, json};

use super::declare::Shown;
use super::{Key, Origin, Setting, Settings};

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// The key, as a file names it; `columns.FIELD` for a mapped column.
    pub key: String,
    /// The value, as a file could say it; empty when nobody said any.
    pub value: String,
    /// Where it was said.
    pub origin: String,
}

impl Settings {
    /// Every setting in a row of its own; of a list, one for each entry.
    pub fn rows(&self) -> Vec<SettingRow> {
        let text = |setting: &Setting<String>| (setting.value.clone(), setting.origin.clone());
        let profile = rows("profile", self.profile.iter().map(text));
        let keys = Key::ALL.iter().flat_map(|key| {
            rows(key.name, (key.shown)(self).into_iter().map(|Shown { text, origin, .. }| (text, origin)))
        });
        let columns = self.columns.iter().flat_map(|(field, column)| rows(&format!("columns.{field}"), [text(column)]));
        profile.into_iter().chain(keys).chain(columns).collect()
    }

    /// Every setting as an aligned table for a person, with a header and a line end after each line.
    ///
    /// `one_line` makes one line of a value, which could otherwise begin a line that passes for another setting.
    pub fn table(&self, one_line: impl Fn(&str) -> String) -> String {
        let header = SettingRow { key: "KEY".into(), value: "VALUE".into(), origin: "FROM".into() };
        let rows = std::iter::once(header).chain(self.rows());
        let in_lines = |row: SettingRow| SettingRow {
            key: one_line(&row.key),
            value: one_line(&row.value),
            origin: one_line(&row.origin),
        };
        let rows: Vec<_> = rows.map(in_lines).collect();
        let widest =
            |cell: fn(&SettingRow) -> &str| rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0);
        let (keys, values) = (widest(|row| &row.key), widest(|row| &row.value));
        let lines = rows.iter().map(|row| format!("{:keys$}  {:values$}  {}\n", row.key, row.value, row.origin));
        lines.collect()
    }

    /// Every setting as JSON for a program: `null` where nobody said a value, a list where there can be several.
    pub fn json(&self) -> Value {
        let text = |setting: &Setting<String>| json_of(&setting.value.as_str().into(), &setting.origin);
        let profile = self.profile.as_ref().map_or(Value::Null, text);
        let key = |key: &Key| {
            let mut values = (key.shown)(self).into_iter().map(|Shown { json, origin, .. }| json_of(&json, &origin));
            let value = if key.is_list { values.collect() } else { values.next().unwrap_or(Value::Null) };
            (key.name.to_owned(), value)
        };
        let columns: Map<_, _> = self.columns.iter().map(|(field, column)| (field.clone(), text(column))).collect();
        let settings: Map<_, _> = Key::ALL.iter().map(key).chain([("columns".to_owned(), columns.into())]).collect();
        let files: Vec<_> = self.files.iter().map(|path| path.display().to_string()).collect();
        json!({ "schema": 1, "files": files, "profile": profile, "settings": settings })
    }
}

fn rows(key: &str, values: impl IntoIterator<Item = (String, Origin)>) -> Vec<SettingRow> {
    let row = |value, origin| SettingRow { key: key.to_owned(), value, origin };
    let rows: Vec<_> = values.into_iter().map(|(value, origin)| row(value, origin.to_string())).collect();
    if rows.is_empty() { vec![row(String::new(), "not set".to_owned())] } else { rows }
}

fn json_of(value: &Value, origin: &Origin) -> Value {
    json!({ "value": value, "origin": origin.to_string() })
}
