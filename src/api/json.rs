//! Patient reading of JSON: only what a decision needs can make an answer unreadable.
//!
//! Every value is kept as the text that the server wrote until somebody asks for it by the type that is needed. So a
//! property that nobody asks for costs nothing, whatever it is, and an id never passes through a floating-point number.
//! Numbers are read from text and text from numbers; `null` and a missing property are the same.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde_json::value::RawValue;

/// How much of a server's words is kept, in characters.
const LONGEST_TEXT: usize = 2_000;
/// How much of an unreadable value is quoted, in characters.
const QUOTED: usize = 60;
/// From this number on, a date in numbers counts milliseconds and not seconds: as seconds it is the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;

/// A property that is needed and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableProperty {
    /// Where it is in the answer, such as `data[3].id`.
    pub place: String,
    /// What is there instead, in words, such as `an object`.
    pub found: String,
}

impl fmt::Display for UnreadableProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {}", self.place, self.found)
    }
}

/// The properties of one JSON object, and which of those that were asked for could not be read.
#[derive(Debug)]
pub struct Properties<'a> {
    place: Place,
    values: HashMap<String, &'a RawValue>,
    unreadable: Vec<UnreadableProperty>,
}

/// Where an object is in the answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The answer itself.
    Root,
    /// A property of the answer.
    Property(&'static str),
    /// An element of a list of the answer, counted from 0.
    Element(&'static str, usize),
}

impl Place {
    fn of(self, name: &str) -> String {
        match self {
            Self::Root => name.to_owned(),
            Self::Property(own) => format!("{own}.{name}"),
            Self::Element(list, at) => format!("{list}[{at}].{name}"),
        }
    }

    fn itself(self) -> String {
        match self {
            Self::Root => "the answer".to_owned(),
            Self::Property(own) => own.to_owned(),
            Self::Element(list, at) => format!("{list}[{at}]"),
        }
    }
}

impl<'a> Properties<'a> {
    /// The properties of a JSON object.
    ///
    /// # Errors
    /// What `text` is instead of an object.
    pub(super) fn parse(text: &'a str, place: Place) -> Result<Self, UnreadableProperty> {
        match serde_json::from_str(text) {
            Ok(values) => Ok(Self { place, values, unreadable: Vec::new() }),
            Err(_) => Err(UnreadableProperty { place: place.itself(), found: describe(text) }),
        }
    }

    /// The id of a user or a plan: digits, as a number or as text. A point or an exponent makes it unreadable, because
    /// such a number may have been rounded.
    pub(super) fn id<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.read(name, |value| value.scalar()?.parse().ok())
    }

    /// A text. Numbers and booleans are read as they are written; an empty text is the same as none.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.read(name, |value| value.scalar().map(Cow::into_owned)).filter(|text| !text.is_empty())
    }

    /// A name of a person, which may be empty.
    pub(super) fn name(&mut self, name: &str) -> Option<String> {
        self.read(name, |value| value.scalar().map(Cow::into_owned))
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, |value| match value.scalar()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        })
    }

    /// A count. A negative one, which the API uses for "not counted", is the same as none.
    pub(super) fn count(&mut self, name: &str) -> Option<u64> {
        self.number(name).and_then(|count| u64::try_from(count).ok())
    }

    /// A whole number, such as an error code: `2109`, `"2109"`, `2109.0`.
    pub(super) fn number(&mut self, name: &str) -> Option<i64> {
        self.read(name, |value| whole_number(value.scalar()?.trim()))
    }

    /// A time, as RFC 3339 text where it comes as a number, else as it is written.
    pub(super) fn date(&mut self, name: &str) -> Option<String> {
        self.read(name, |value| {
            let text = value.scalar()?;
            match whole_number(&text) {
                Some(number) if number >= MILLISECONDS => Some(Timestamp::from_millisecond(number).ok()?.to_string()),
                Some(number) => Some(Timestamp::from_second(number).ok()?.to_string()),
                None => Some(text.into_owned()),
            }
        })
        .filter(|text| !text.is_empty())
    }

    /// Words for a person, of any type: what is not a text is shown as compact JSON. Long ones are cut.
    pub(super) fn words(&mut self, name: &str) -> Option<String> {
        let value = self.values.get(name).copied()?.get();
        let words = match JsonValue(value).scalar() {
            Some(text) => text.into_owned(),
            None if value == "null" => return None,
            None => compact(value),
        };
        Some(shortened(&words, LONGEST_TEXT))
    }

    /// An object of the answer.
    pub(super) fn object(&mut self, name: &'static str) -> Option<Properties<'a>> {
        let value = self.values.get(name).copied()?.get();
        if value == "null" {
            return None;
        }
        Properties::parse(value, Place::Property(name)).map_err(|unreadable| self.unreadable.push(unreadable)).ok()
    }

    /// Whether a property is there, whatever it is.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The objects of a list, or one object alone. Whatever is neither is passed over.
    pub(super) fn objects(&self, name: &'static str) -> Vec<Properties<'a>> {
        let Some(value) = self.values.get(name).copied() else { return Vec::new() };
        let elements = serde_json::from_str::<Vec<&'a RawValue>>(value.get()).unwrap_or_else(|_| vec![value]);
        let elements = elements.into_iter().enumerate();
        elements.filter_map(|(at, element)| Properties::parse(element.get(), Place::Element(name, at)).ok()).collect()
    }

    /// A list of objects, each read by `read`, which says `None` of a record that lacks what it needs. Such a record is
    /// left out and counted; the others are served all the same.
    ///
    /// # Errors
    /// What is there instead of a list; or the first unreadable property, where no record at all could be read.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&mut Properties<'a>) -> Option<T>,
    ) -> Result<Records<T>, UnreadableProperty> {
        let Some(value) = self.values.get(name).copied() else {
            return Err(UnreadableProperty { place: self.place.of(name), found: "missing".to_owned() });
        };
        let Ok(elements) = serde_json::from_str::<Vec<&'a RawValue>>(value.get()) else {
            return Err(UnreadableProperty { place: self.place.of(name), found: describe(value.get()) });
        };
        let mut records = Records { read: Vec::with_capacity(elements.len()), unreadable: Vec::new(), left_out: 0 };
        for (at, element) in elements.into_iter().enumerate() {
            let place = Place::Element(name, at);
            let record = Properties::parse(element.get(), place).map(|mut properties| {
                let record = read(&mut properties);
                if record.is_none() && properties.unreadable.is_empty() {
                    let found = "without an id".to_owned();
                    properties.unreadable.push(UnreadableProperty { place: place.itself(), found });
                }
                (record, properties.unreadable)
            });
            let (record, unreadable) = record.unwrap_or_else(|unreadable| (None, vec![unreadable]));
            records.left_out += usize::from(record.is_none());
            records.read.extend(record);
            records.unreadable.extend(unreadable);
        }
        match records.unreadable.first() {
            Some(first) if records.read.is_empty() => Err(first.clone()),
            _ => Ok(records),
        }
    }

    /// What `read` finds, where nothing depends on it: what it cannot read is not complained of.
    pub(super) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.attempt(read).ok().flatten()
    }

    /// What `read` finds.
    ///
    /// # Errors
    /// What is there and cannot be read. Nobody else is told of it.
    pub(super) fn attempt<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<Option<T>, UnreadableProperty> {
        let complaints = self.unreadable.len();
        let found = read(self);
        match self.unreadable.drain(complaints..).next() {
            None => Ok(found),
            Some(unreadable) => Err(unreadable),
        }
    }

    /// Whether everything could be read that was asked for so far.
    pub(super) fn is_readable(&self) -> bool {
        self.unreadable.is_empty()
    }

    /// What could not be read so far.
    pub(super) fn take_unreadable(&mut self) -> Vec<UnreadableProperty> {
        std::mem::take(&mut self.unreadable)
    }

    fn read<T>(&mut self, name: &str, read: impl FnOnce(JsonValue<'a>) -> Option<T>) -> Option<T> {
        let value = self.values.get(name).copied()?.get();
        if value == "null" {
            return None;
        }
        let found = read(JsonValue(value));
        if found.is_none() {
            self.unreadable.push(UnreadableProperty { place: self.place.of(name), found: describe(value) });
        }
        found
    }
}

/// The records of a list, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records<T> {
    /// Those that could be read.
    pub read: Vec<T>,
    /// What of them, or of those that were left out, could not be read.
    pub unreadable: Vec<UnreadableProperty>,
    /// How many were left out.
    pub left_out: usize,
}

/// A JSON value as the server wrote it.
#[derive(Debug, Clone, Copy)]
struct JsonValue<'a>(&'a str);

impl<'a> JsonValue<'a> {
    /// A text, a number or a boolean as text.
    fn scalar(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes().first()? {
            b'"' => {
                let between_quotes = || self.0.trim_matches('"').to_owned();
                // Half of a surrogate pair, say, which is nobody's business.
                Some(Cow::Owned(serde_json::from_str(self.0).unwrap_or_else(|_| between_quotes())))
            }
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }
}

/// A whole number that is written as one, or with a fraction of zero, or with an exponent.
fn whole_number(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (number, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0') {
        return number.parse().ok();
    }
    let float: f64 =
        text.parse().ok().filter(|_| text.starts_with(|first: char| first == '-' || first.is_ascii_digit()))?;
    // Up to here, every whole number is exact in floating point.
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is small")]
    let whole = float as i64;
    (float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0).then_some(whole)
}

/// A value in words, for a message about it.
fn describe(value: &str) -> String {
    match value.as_bytes().first() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "a list".to_owned(),
        Some(b'"') => format!("the text {}", shortened(value, QUOTED)),
        Some(b'n') => "null".to_owned(),
        Some(b't' | b'f') => format!("the boolean {value}"),
        Some(_) => format!("the number {}", shortened(value, QUOTED)),
        None => "empty".to_owned(),
    }
}

fn compact(value: &str) -> String {
    serde_json::from_str::<serde_json::Value>(value).map_or_else(|_| value.to_owned(), |value| value.to_string())
}

/// The beginning of a text, with an ellipsis where that is not all of it.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;

    fn with<T>(value: &str, read: impl Fn(&mut Properties<'_>) -> Option<T>) -> (Option<T>, Vec<String>) {
        let text = format!(r#"{{"unknown":{{"a":[1e999]}},"it":{value}}}"#);
        let mut properties = Properties::parse(&text, Place::Element("data", 3)).unwrap();
        let found = read(&mut properties);
        (found, properties.take_unreadable().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn ids_are_read_from_digits_alone_and_no_float_is_believed() {
        let known = 48_569_348_493_401_201;
        let table = [
            ("48569348493401201", Some(known), ""),
            (r#""48569348493401201""#, Some(known), ""),
            (r#"" 48569348493401201 ""#, Some(known), ""),
            ("null", None, ""),
            ("48569348493401201.0", None, "`data[3].it` is the number 48569348493401201.0"),
            ("4.8569348493401201e16", None, "`data[3].it` is the number 4.8569348493401201e16"),
            ("1e999", None, "`data[3].it` is the number 1e999"),
            ("-5", None, "`data[3].it` is the number -5"),
            ("0", None, "`data[3].it` is the number 0"),
            (r#""jane""#, None, r#"`data[3].it` is the text "jane""#),
            (r#"{"id":5}"#, None, "`data[3].it` is an object"),
            ("[5]", None, "`data[3].it` is a list"),
            ("true", None, "`data[3].it` is the boolean true"),
        ];
        for (value, expected, said) in table {
            let (found, unreadable) = with(value, |found| found.id::<UserId>("it"));
            assert_eq!((found.map(UserId::get), unreadable.concat().as_str()), (expected, said), "{value}");
        }
    }

    #[test]
    fn numbers_flags_dates_and_texts_are_read_from_every_reasonable_shape() {
        let number = |value| with(value, |found| found.number("it")).0;
        for value in ["2109", r#""2109""#, "2109.0", r#""2109.0""#, "2.109e3"] {
            assert_eq!(number(value), Some(2109), "{value}");
        }
        for value in ["2109.5", r#""NaN""#, r#""""#, "{}", "1e300", r#""inf""#] {
            assert_eq!(number(value), None, "{value}");
        }
        let count = |value| with(value, |found| found.count("it"));
        assert_eq!(count("-1"), (None, vec![]), "not counted");
        assert_eq!(count(r#""7""#).0, Some(7));
        let flag = |value| with(value, |found| found.flag("it")).0;
        for (value, expected) in [("true", true), (r#""TRUE""#, true), ("1", true), ("0", false), (r#""no""#, false)] {
            assert_eq!(flag(value), Some(expected), "{value}");
        }
        assert_eq!((flag("2"), flag("[]")), (None, None));
        let date = |value| with(value, |found| found.date("it")).0;
        assert_eq!(date(r#""2025-06-14T09:55:30.123456789Z""#).as_deref(), Some("2025-06-14T09:55:30.123456789Z"));
        assert_eq!(date("1749894930000").as_deref(), Some("2025-06-14T09:55:30Z"));
        assert_eq!(date("1749894930").as_deref(), Some("2025-06-14T09:55:30Z"));
        let text = |value| with(value, |found| found.text("it"));
        assert_eq!(text("17").0.as_deref(), Some("17"));
        assert_eq!(text(r#""""#), (None, vec![]));
        assert_eq!(text(r#""\ud83d!""#).0.as_deref(), Some(r"\ud83d!"), "half of a pair");
        assert_eq!(text("{}"), (None, vec!["`data[3].it` is an object".to_owned()]));
    }

    #[test]
    fn words_of_any_type_are_shown_and_long_ones_cut() {
        let words = |value: &str| with(value, |found| found.words("it")).0.unwrap_or_default();
        let table = [(r#""no""#, "no"), ("5", "5"), (r#"[ "a", 1 ]"#, r#"["a",1]"#), (r#"{"a" : 1}"#, r#"{"a":1}"#)];
        for (value, expected) in table {
            assert_eq!(words(value), expected, "{value}");
        }
        assert_eq!(words("null"), "");
        assert_eq!(words(&format!("{:?}", "é".repeat(3_000))).chars().count(), LONGEST_TEXT + 1);
    }
}
