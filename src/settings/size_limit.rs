//! Size limits: how much may be made of an input, as a count or in bytes: `64000000`, `512MiB`.

use std::fmt;
use std::str::FromStr;

/// A count of bytes, cells or texts: one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit(u64);

/// A text that is not a size limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a size: write a whole number above 0, or one with a unit such as 512MiB or 2GiB")]
pub struct SizeLimitError(String);

impl SizeLimit {
    /// The count.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// The units, the largest first. Too many counts are multiples of the smallest for it to be shown.
const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

impl fmt::Display for SizeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS[..2].iter().find(|(_, size)| self.0.is_multiple_of(*size)) {
            Some((unit, size)) => write!(f, "{}{unit}", self.0 / size),
            None => self.0.fmt(f),
        }
    }
}

impl FromStr for SizeLimit {
    type Err = SizeLimitError;

    fn from_str(text: &str) -> Result<Self, SizeLimitError> {
        let text = text.trim();
        let unit = UNITS.iter().find_map(|(unit, size)| {
            let digits = text.len().checked_sub(unit.len()).and_then(|at| text.split_at_checked(at))?;
            digits.1.eq_ignore_ascii_case(unit).then_some((digits.0.trim_end(), *size))
        });
        let (digits, size) = unit.unwrap_or((text, 1));
        let count = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
        let count = count.and_then(|count| count.checked_mul(size)).filter(|count| *count > 0);
        count.map(Self).ok_or_else(|| SizeLimitError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_count_perhaps_with_a_unit() {
        let table = [
            ("64000000", 64_000_000, "64000000"),
            (" 1 ", 1, "1"),
            ("1GiB", 1 << 30, "1GiB"),
            ("512 mib", 1 << 29, "512MiB"),
            ("1536MiB", 3 << 29, "1536MiB"),
            ("2048KiB", 1 << 21, "2MiB"),
        ];
        for (text, count, shown) in table {
            let size: SizeLimit = text.parse().unwrap();
            assert_eq!((size.get(), size.to_string().as_str()), (count, shown), "{text:?}");
            assert_eq!(shown.parse(), Ok(size));
        }
        for text in ["", "0", "0GiB", "-5", "1.5GiB", "1e9", "GiB", "5GB", "99999999999GiB", "\u{e9}GiB"] {
            assert!(text.parse::<SizeLimit>().is_err(), "{text:?}");
        }
    }
}
