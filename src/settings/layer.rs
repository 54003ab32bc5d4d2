//! Layers: what one place says, before anybody knows which place wins.
//!
//! It turns a file's TOML or the environment into keys, texts and origins. Every unknown key and every impossible
//! value is an error here, whether or not a stronger layer says something else. It must never read a file itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::nearest;
use super::value::{Base, Form};
use super::{Environment, Key, Layer, Mapping, Origin, Setting, SettingsError};

impl Layer {
    /// Puts this layer over a weaker one.
    pub(super) fn merge_over(mut self, mut weaker: Self) -> Self {
        // Each of these answers the same question as the other. The token that a profile names must not lose against
        // another account's, named for everybody else.
        void(&mut weaker.token_command, &self.token_file);
        void(&mut weaker.token_file, &self.token_command);
        void(&mut weaker.quiet, &self.verbose);
        void(&mut weaker.verbose, &self.quiet);
        // Who is protected for the whole machine must not lose that because a profile protects somebody else as well.
        self.protected.splice(..0, std::mem::take(&mut weaker.protected));
        weaker.replace_values(self);
        weaker
    }
}

fn void<T, U>(weaker: &mut Vec<T>, rival: &[U]) {
    if !rival.is_empty() {
        weaker.clear();
    }
}

/// What a settings file says.
#[derive(Debug, Clone, Default)]
pub(super) struct FileLayers {
    /// Outside of any profile.
    pub(super) general: Layer,
    /// In each of its profiles.
    pub(super) profiles: BTreeMap<String, Layer>,
}

/// Reads the text of a settings file. Without a path it is the one that is built in.
pub(super) fn from_file(
    text: &str,
    path: Option<&Path>,
    home: Option<&Path>,
    fields: &'static [&'static str],
) -> Result<FileLayers, SettingsError> {
    let reader = FileReader { text, path, home, profile: None, fields };
    let document = DeTable::parse(text).map_err(|error| SettingsError::Syntax {
        origin: reader.origin(error.span().map_or(0, |span| span.start)),
        problem: error.message().to_owned(),
    })?;
    let mut layers = FileLayers::default();
    for (name, value) in in_order(document.get_ref()) {
        if name.get_ref() == "profile" {
            for (profile, table) in in_order(reader.table(name, value)?) {
                let reader = FileReader { profile: Some(profile.get_ref()), ..reader };
                let layer = reader.layer(reader.table(profile, table)?)?;
                layers.profiles.insert(profile.get_ref().to_string(), layer);
            }
        } else {
            reader.read(name, value, &mut layers.general)?;
        }
    }
    Ok(layers)
}

/// Reads the environment, and warns of variables that look like settings and are none. That is no error, because a
/// script may well keep variables of its own under this prefix.
pub(super) fn from_environment(environment: &Environment) -> Result<(Layer, Vec<String>), SettingsError> {
    const OTHERS: [&str; 3] = ["SEATRUN_CONFIG", "SEATRUN_PROFILE", "SEATRUN_LOG"];
    let (mut layer, mut warnings) = (Layer::default(), Vec::new());
    let base = Base { home: environment.home(), folder: None };
    for name in environment.names().filter(|name| name.starts_with("SEATRUN_") && !OTHERS.contains(name)) {
        let Some(key) = Key::ALL.iter().find(|key| key.variable() == name) else {
            let known: Vec<_> = Key::ALL.iter().map(Key::variable).collect();
            let meant = nearest(name, known.iter().map(String::as_str));
            let meant = meant.map(|meant| format!(": did you mean {meant}?")).unwrap_or_default();
            warnings.push(format!("the environment variable {name} is no setting of seatrun{meant}"));
            continue;
        };
        let Some(text) = environment.text(name)? else { continue };
        let said =
            |text: &str| Setting { value: text.to_owned(), origin: Origin::Environment { name: name.to_owned() } };
        let texts = if key.is_list { text.split(',').map(str::trim).map(said).collect() } else { vec![said(text)] };
        (key.set)(&mut layer, texts, &base)?;
    }
    Ok((layer, warnings))
}

/// Reads the `--map` flags.
pub(super) fn from_mappings(mappings: &[Mapping], fields: &'static [&'static str]) -> Result<Layer, SettingsError> {
    let mut layer = Layer::default();
    for Mapping { field, column } in mappings {
        let origin = || Origin::Flag { name: "--map".to_owned() };
        if !fields.contains(&field.as_str()) {
            return Err(SettingsError::UnknownField { origin: origin(), field: field.clone(), known: fields });
        }
        let setting = Setting { value: column.clone(), origin: origin() };
        if let Some(first) = layer.columns.insert(field.clone(), setting) {
            let problem = format!("is mapped twice, to `{}` and to `{column}`: leave one out", first.value);
            return Err(SettingsError::WrongValue { origin: origin(), key: field.clone(), problem });
        }
    }
    Ok(layer)
}

type Name<'text> = Spanned<Cow<'text, str>>;
type Value<'text> = Spanned<DeValue<'text>>;

/// The parser sorts by name; complaints come in the order in which a person reads the file.
fn in_order<'table, 'text>(table: &'table DeTable<'text>) -> Vec<(&'table Name<'text>, &'table Value<'text>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// What a list looks like, in words.
const LIST: &str = "a list, such as [\"one\", \"another\"]";

/// Where in which file we are.
#[derive(Clone, Copy)]
struct FileReader<'a> {
    text: &'a str,
    path: Option<&'a Path>,
    home: Option<&'a Path>,
    profile: Option<&'a str>,
    fields: &'static [&'static str],
}

impl FileReader<'_> {
    fn layer(&self, table: &DeTable<'_>) -> Result<Layer, SettingsError> {
        let mut layer = Layer::default();
        for (name, value) in in_order(table) {
            self.read(name, value, &mut layer)?;
        }
        Ok(layer)
    }

    fn read(&self, name: &Name<'_>, value: &Value<'_>, layer: &mut Layer) -> Result<(), SettingsError> {
        if name.get_ref() == "columns" {
            return self.read_columns(self.table(name, value)?, layer);
        }
        let origin = self.origin(name.span().start);
        let Some(key) = Key::find(name.get_ref()) else {
            let known = Key::ALL.iter().map(|key| key.name).chain(["columns", "profile"]);
            let nearest = nearest(name.get_ref(), known);
            return Err(SettingsError::UnknownKey { origin, key: name.get_ref().to_string(), nearest });
        };
        let texts = if let (true, DeValue::Array(entries)) = (key.is_list, value.get_ref()) {
            let text = |entry: &Value<'_>| text_of(key, entry, self.origin(entry.span().start));
            entries.iter().map(text).collect::<Result<Vec<_>, _>>()?
        } else {
            vec![text_of(key, value, origin.clone())?]
        };
        if texts.is_empty() {
            let problem = "is empty, which says nothing: leave the key out".to_owned();
            return Err(SettingsError::WrongValue { origin, key: key.name.to_owned(), problem });
        }
        let base = Base { home: self.home, folder: self.path.and_then(Path::parent) };
        (key.set)(layer, texts, &base)
    }

    fn read_columns(&self, table: &DeTable<'_>, layer: &mut Layer) -> Result<(), SettingsError> {
        for (field, column) in in_order(table) {
            let origin = self.origin(field.span().start);
            let field = field.get_ref().to_string();
            if !self.fields.contains(&field.as_str()) {
                return Err(SettingsError::UnknownField { origin, field, known: self.fields });
            }
            let DeValue::String(column) = column.get_ref() else {
                let problem = format!("is {}, expected the header of a column, in quotes", kind(column.get_ref()));
                return Err(SettingsError::WrongValue { origin, key: format!("columns.{field}"), problem });
            };
            layer.columns.insert(field, Setting { value: column.to_string(), origin });
        }
        Ok(())
    }

    fn table<'table, 'text>(
        &self,
        name: &Name<'_>,
        value: &'table Value<'text>,
    ) -> Result<&'table DeTable<'text>, SettingsError> {
        value.get_ref().as_table().ok_or_else(|| SettingsError::WrongValue {
            origin: self.origin(name.span().start),
            key: name.get_ref().to_string(),
            problem: format!("is {}, expected a table", kind(value.get_ref())),
        })
    }

    fn origin(&self, offset: usize) -> Origin {
        let Some(path) = self.path else { return Origin::BuiltIn };
        let line = 1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        let path = PathBuf::from(path);
        match self.profile {
            Some(name) => Origin::Profile { name: name.to_owned(), path, line },
            None => Origin::File { path, line },
        }
    }
}

/// The text of a value, if it is of the form that is asked for. Numbers stay text, so that no id is ever rounded.
fn text_of(key: &Key, value: &Value<'_>, origin: Origin) -> Result<Setting<String>, SettingsError> {
    let value = value.get_ref();
    let text = match (key.form, value) {
        (Form::Text | Form::TextOrNumber, DeValue::String(text)) => text.to_string(),
        (Form::Number | Form::TextOrNumber, DeValue::Integer(number)) if number.radix() == 10 => {
            number.as_str().to_owned()
        }
        (Form::Switch, DeValue::Boolean(switch)) => switch.to_string(),
        (Form::Text | Form::Number | Form::TextOrNumber | Form::Switch, _) => {
            let expected = if key.is_list { LIST } else { key.form.expected() };
            let problem = format!("is {}, expected {expected}", kind(value));
            return Err(SettingsError::WrongValue { origin, key: key.name.to_owned(), problem });
        }
    };
    Ok(Setting { value: text, origin })
}

/// What a value is, in words. The value itself is not shown: it may be a secret in the wrong place.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
