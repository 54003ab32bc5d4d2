//! The time zone in which days begin.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

/// A time zone of the IANA database, such as `Europe/Oslo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZoneName {
    name: String,
    zone: TimeZone,
}

impl TimeZoneName {
    /// The zone.
    pub fn zone(&self) -> TimeZone {
        self.zone.clone()
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

/// A text that names no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone that this computer knows: write a name such as Europe/Oslo or UTC")]
pub struct TimeZoneNameError(String);

impl FromStr for TimeZoneName {
    type Err = TimeZoneNameError;

    fn from_str(text: &str) -> Result<Self, TimeZoneNameError> {
        let name = text.trim();
        let zone = if name.eq_ignore_ascii_case("utc") { Ok(TimeZone::UTC) } else { TimeZone::get(name) };
        zone.map(|zone| Self { name: name.to_owned(), zone }).map_err(|_| TimeZoneNameError(name.to_owned()))
    }
}
