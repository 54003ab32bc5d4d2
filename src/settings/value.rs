//! What the value of a setting can be, and how its text is read and written.
//!
//! It judges one text at a time and must never read a file or know which layer wins.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::{
    ApiUrl, Concurrency, Delimiter, Encoding, IntegrationSource, LockWait, LogFormat, Rate, SignalUrl, Stream,
    TokenCommand, Tolerance, WebhookFormat, duration,
};
use crate::model::{ActionName, FreeSeatName, Limit, MissingUserPolicy, Pattern, PlanId, Seat, SeatError};

/// Which kinds of TOML value a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text in quotes.
    Text,
    /// A whole number.
    Number,
    /// Either.
    TextOrNumber,
    /// True or false.
    Switch,
}

impl Form {
    /// What to write, in words.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Number => "a whole number",
            Self::TextOrNumber => "a whole number, or text in quotes",
            Self::Switch => "true or false, without quotes",
        }
    }
}

/// Where a text stands, as far as a path in it depends on that.
#[derive(Debug, Clone, Copy, Default)]
pub struct Base<'a> {
    /// The user's home folder.
    pub(super) home: Option<&'a Path>,
    /// The folder of the settings file; none in the environment.
    pub(super) folder: Option<&'a Path>,
}

impl Base<'_> {
    /// A path in a file is relative to that file, so that a folder of settings can be moved. `~/` is the user's home
    /// everywhere below the flags: no shell reads a settings file, and cron and systemd do not expand it either.
    fn path(&self, text: &str) -> PathBuf {
        let in_home = text.strip_prefix("~/").and_then(|rest| Some(self.home?.join(rest)));
        in_home.unwrap_or_else(|| self.folder.unwrap_or(Path::new("")).join(text))
    }
}

/// The value of a setting.
pub trait Value: Clone + fmt::Debug {
    /// Which kinds of TOML value it is read from.
    const FORM: Form;

    /// Reads it. The error says what is wrong and what is expected.
    fn parse(text: &str, base: &Base<'_>) -> Result<Self, String>;

    /// Writes it as a settings file could say it, without quotes.
    fn text(&self) -> String;

    /// Writes it as JSON. Ids are text there, because many readers of JSON round large numbers.
    fn json(&self) -> serde_json::Value {
        let text = self.text();
        match Self::FORM {
            Form::Number | Form::Switch => serde_json::from_str(&text).unwrap_or_else(|_| text.into()),
            Form::Text | Form::TextOrNumber => text.into(),
        }
    }
}

/// Values that read and write themselves.
macro_rules! values {
    ($($form:ident: $($type:ty),+;)+) => {$($(
        impl Value for $type {
            const FORM: Form = Form::$form;

            fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
                text.parse().map_err(|error: <Self as FromStr>::Err| error.to_string())
            }

            fn text(&self) -> String {
                self.to_string()
            }
        }
    )+)+};
}

values! {
    Text: ApiUrl, ActionName, IntegrationSource, LogFormat, Encoding, Delimiter, LockWait, MissingUserPolicy, Tolerance, WebhookFormat, SignalUrl;
    Number: Rate, Concurrency;
    TextOrNumber: Limit, Pattern;
}

impl Value for PlanId {
    const FORM: Form = Form::TextOrNumber;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        text.parse().map_err(|error| format!("the plan id {error}"))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Value for Seat {
    const FORM: Form = Form::Text;

    /// A provisional seat is given by Smartsheet alone.
    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        match text.parse().map_err(|error: SeatError| error.to_string())? {
            Self::ProvisionalMember => Err(SeatError(text.trim().to_owned()).to_string()),
            seat @ (Self::Guest | Self::Viewer | Self::Contributor | Self::Member) => Ok(seat),
        }
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Value for FreeSeatName {
    const FORM: Form = Form::Text;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "viewer" => Ok(Self::Viewer),
            "contributor" => Ok(Self::Contributor),
            other => Err(format!("`{other}` is not a name of the free seat: it is one of auto, VIEWER, CONTRIBUTOR")),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Auto => "auto".to_owned(),
            Self::Viewer => "VIEWER".to_owned(),
            Self::Contributor => "CONTRIBUTOR".to_owned(),
        }
    }
}

impl Value for Duration {
    const FORM: Form = Form::Text;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        duration::parse_positive(text).map_err(|error| error.to_string())
    }

    fn text(&self) -> String {
        duration::format(*self)
    }
}

impl Value for PathBuf {
    const FORM: Form = Form::Text;

    fn parse(text: &str, base: &Base<'_>) -> Result<Self, String> {
        Ok(base.path(not_empty(text)?))
    }

    fn text(&self) -> String {
        self.display().to_string()
    }
}

impl Value for Stream {
    const FORM: Form = Form::Text;

    fn parse(text: &str, base: &Base<'_>) -> Result<Self, String> {
        match Self::from(OsString::from(not_empty(text)?)) {
            Self::Standard => Ok(Self::Standard),
            Self::File(_) => Ok(Self::File(base.path(text))),
        }
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Value for TokenCommand {
    const FORM: Form = Form::Text;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        not_empty(text).map(Self::new)
    }

    /// Its first word only, because people do write `echo` and the token there.
    fn text(&self) -> String {
        self.to_string()
    }
}

/// A name, which may look like a number.
impl Value for String {
    const FORM: Form = Form::TextOrNumber;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        not_empty(text).map(|text| text.trim().to_owned())
    }

    fn text(&self) -> String {
        self.clone()
    }
}

impl Value for bool {
    const FORM: Form = Form::Switch;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(format!("`{text}` is neither true nor false")),
        }
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// The number of a row, as a spreadsheet shows it.
impl Value for u64 {
    const FORM: Form = Form::Number;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        text.trim().parse().map_err(|_| format!("`{text}` is not the number of a row"))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// How often a flag such as `-v` is given.
impl Value for u8 {
    const FORM: Form = Form::Number;

    fn parse(text: &str, _: &Base<'_>) -> Result<Self, String> {
        text.trim().parse().map_err(|_| format!("`{text}` is not a small whole number, such as 1 or 2"))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

fn not_empty(text: &str) -> Result<&str, String> {
    if text.trim().is_empty() {
        return Err("is empty: give it a value, or leave the key out".to_owned());
    }
    Ok(text)
}
