//! Durations as people write them: `90s`, `10m`, `2h`, `400d`, `1h30m`.
//!
//! A number without a unit is refused rather than guessed at: to one reader `10` is seconds, to another minutes. Only
//! `0` needs no unit. A day is 24 hours here; months and years have no fixed length and are refused.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::friendly::{Spacing, SpanParser, SpanPrinter};
use jiff::{SignedDuration, Span, SpanRelativeTo};

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number that says not of what.
    #[error("`{0}` has no unit: write {0}s for seconds, {0}m for minutes, {0}h for hours or {0}d for days")]
    NoUnit(String),
    /// Before now.
    #[error("`{0}` is negative: write a duration such as 90s, 10m, 2h or 1h30m")]
    Negative(String),
    /// No time at all, where some is needed.
    #[error("`{0}` is no time at all: write a duration such as 90s, 10m, 2h or 1h30m")]
    Zero(String),
    /// Anything else.
    #[error("`{0}` is not a duration: write one such as 90s, 10m, 2h, 400d or 1h30m")]
    Form(String),
}

/// Reads a duration; zero is one.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    let refuse = || DurationError::Form(text.to_owned());
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let span = SpanParser::new().parse_span(text).map_err(|_| refuse())?;
    let signed = fixed_length(span).ok_or_else(refuse)?;
    Duration::try_from(signed).map_err(|_| DurationError::Negative(text.to_owned()))
}

/// Reads a duration of more than zero.
pub fn parse_positive(text: &str) -> Result<Duration, DurationError> {
    let duration = parse(text)?;
    if duration.is_zero() {
        return Err(DurationError::Zero(text.trim().to_owned()));
    }
    Ok(duration)
}

fn fixed_length(span: Span) -> Option<SignedDuration> {
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// Writes a duration so that it reads back, the longest unit being the hour: `1h30m`, `250ms`, `0s`.
pub fn format(duration: Duration) -> String {
    SpanPrinter::new().spacing(Spacing::None).unsigned_duration_to_string(&duration)
}

/// How long to wait for the lock of another run; no time at all is one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockWait(Duration);

impl LockWait {
    /// How long.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for LockWait {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        parse(text).map(Self)
    }
}

impl fmt::Display for LockWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |number| Ok(Duration::from_secs(number));
        let table = [
            ("90s", seconds(90)),
            ("10m", seconds(600)),
            ("2h", seconds(7_200)),
            ("1h30m", seconds(5_400)),
            (" 1h 30m ", seconds(5_400)),
            ("400d", seconds(400 * 86_400)),
            ("2w", seconds(14 * 86_400)),
            ("1d12h", seconds(36 * 3_600)),
            ("90 seconds", seconds(90)),
            ("250ms", Ok(Duration::from_millis(250))),
            ("1.5h", seconds(5_400)),
            ("0", seconds(0)),
            ("0s", seconds(0)),
            ("10", Err(DurationError::NoUnit("10".into()))),
            ("1.5", Err(DurationError::NoUnit("1.5".into()))),
            ("-5m", Err(DurationError::Negative("-5m".into()))),
            ("5m ago", Err(DurationError::Negative("5m ago".into()))),
            ("1mo", Err(DurationError::Form("1mo".into()))),
            ("1y", Err(DurationError::Form("1y".into()))),
            ("m", Err(DurationError::Form("m".into()))),
            ("soon", Err(DurationError::Form("soon".into()))),
            ("99999999999999999999d", Err(DurationError::Form("99999999999999999999d".into()))),
            ("", Err(DurationError::Form(String::new()))),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn where_some_time_is_needed_zero_is_refused() {
        assert_eq!(parse_positive("0"), Err(DurationError::Zero("0".into())));
        assert_eq!(parse_positive("0s"), Err(DurationError::Zero("0s".into())));
        assert_eq!(parse_positive("1ms"), Ok(Duration::from_millis(1)));
    }

    #[test]
    fn what_is_written_reads_back() {
        let table = [(0, "0s"), (250, "250ms"), (10_000, "10s"), (5_400_000, "1h30m"), (86_400_000, "24h")];
        for (milliseconds, text) in table {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(format(duration), text);
            assert_eq!(parse(text), Ok(duration));
        }
    }
}
