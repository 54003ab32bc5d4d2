//! Numbers as spreadsheets show them: which look an id has taken on, and whether it can be what became of another.
//!
//! This compares and never restores: from a rounded id nothing leads back. Everything is done in integers, because a
//! floating-point number is what damaged the ids in the first place.

/// The digits that a spreadsheet keeps of a number; the others become zeros.
pub(super) const DIGITS_KEPT: u32 = 15;

/// The look of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits only.
    Whole,
    /// `4.85E+16`.
    Scientific,
    /// `123.0`.
    Decimal,
    /// `123,456`.
    Grouped,
}

/// A whole number read from one of those looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    shape: Shape,
    value: u128,
    /// Digits that were written of it.
    digits: u32,
}

impl Shape {
    /// The look of a text, if it looks like a number at all.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (mantissa, exponent) = split_exponent(text);
        if exponent.is_some() {
            return point(mantissa).map(|_| Self::Scientific);
        }
        if is_digits(text) {
            return Some(Self::Whole);
        }
        if ungrouped(text).is_some() {
            return Some(Self::Grouped);
        }
        point(text).map(|_| Self::Decimal)
    }
}

/// Whether `text` shows `exact`: itself, or what a spreadsheet makes of it when it takes it for a number.
pub(super) fn shows(text: &str, exact: u64) -> bool {
    let Some(shown) = read(text) else { return false };
    let exact = u128::from(exact);
    let keeps = |of: u128, digits: u32| shown.value == truncated(of, digits) || shown.value == rounded(of, digits);
    let is_from = |of: u128| {
        shown.value == of || keeps(of, DIGITS_KEPT) || (shown.shape == Shape::Scientific && keeps(of, shown.digits))
    };
    let double = nearest_double(exact);
    // LibreOffice writes a number with sixteen or seventeen digits first, and rounds these again.
    let seventeen = rounded(double, 17);
    [exact, double, seventeen, rounded(double, 16), rounded(seventeen, 16)].into_iter().any(is_from)
}

fn read(text: &str) -> Option<Shown> {
    let shape = Shape::of(text)?;
    let (mantissa, exponent) = split_exponent(text);
    let (whole, fraction) = match shape {
        Shape::Whole => (mantissa.to_owned(), ""),
        Shape::Grouped => (ungrouped(mantissa)?, ""),
        Shape::Decimal | Shape::Scientific => {
            let (whole, fraction) = point(mantissa)?;
            (whole.to_owned(), fraction.trim_end_matches('0'))
        }
    };
    let digits = format!("{whole}{fraction}");
    let exponent: i32 = exponent.map_or(Some(0), |digits| digits.parse().ok())?;
    let shift = u32::try_from(exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?).ok()?;
    let value = digits.parse::<u128>().ok()?.checked_mul(10_u128.checked_pow(shift)?)?;
    let digits = u32::try_from(digits.trim_start_matches('0').len()).ok()?;
    Some(Shown { shape, value, digits })
}

/// Mantissa, and the exponent where there is one.
fn split_exponent(text: &str) -> (&str, Option<&str>) {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return (text, None) };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if is_digits(digits) { (mantissa, Some(exponent.strip_prefix('+').unwrap_or(exponent))) } else { (text, None) }
}

/// Digits before and behind a decimal point or comma, which may be missing.
fn point(text: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    (is_digits(whole) && (fraction.is_empty() || is_digits(fraction))).then_some((whole, fraction))
}

/// The digits of a number whose thousands are set apart, all by the same kind of mark.
fn ungrouped(text: &str) -> Option<String> {
    let mark = text.chars().find(|letter| !letter.is_ascii_digit())?;
    let is_space = mark.is_whitespace();
    if !is_space && !matches!(mark, ',' | '.' | '\'' | '’' | '_') {
        return None;
    }
    let mut groups = text.split(|letter: char| letter == mark || (is_space && letter.is_whitespace()));
    let first = groups.next()?;
    let are_thousands = groups.clone().all(|group| group.len() == 3 && is_digits(group));
    ((1..=3).contains(&first.len()) && is_digits(first) && are_thousands)
        .then(|| groups.fold(first.to_owned(), |digits, group| digits + group))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The unit of the last of `keep` leading digits: 1 when the number has no more digits than that.
fn unit(value: u128, keep: u32) -> u128 {
    let digits = value.checked_ilog10().map_or(1, |log| log + 1);
    10_u128.pow(digits.saturating_sub(keep))
}

fn truncated(value: u128, keep: u32) -> u128 {
    value - value % unit(value, keep)
}

fn rounded(value: u128, keep: u32) -> u128 {
    let unit = unit(value, keep);
    (value + unit / 2) / unit * unit
}

/// Whether a 64-bit floating-point number cannot hold every id of this size.
pub(super) const fn is_beyond_doubles(id: u64) -> bool {
    id > 1 << f64::MANTISSA_DIGITS
}

/// How many bits of chance it takes for an id to be what a 64-bit floating-point number of its size holds, or what
/// programs write of such a number: its shortest digits and zeros. None where it is neither, or no id is lost.
pub(super) fn floating_bits(id: u64) -> Option<u32> {
    let lost = (u64::BITS - id.leading_zeros()).checked_sub(f64::MANTISSA_DIGITS).filter(|lost| *lost > 0)?;
    #[expect(clippy::cast_precision_loss, reason = "what is lost is the question")]
    let written = || (id as f64).to_string() == id.to_string();
    // Either way will do, which doubles the chance; and shortest digits leave no more than a zero.
    (nearest_double(id.into()) == id.into() || written()).then(|| lost.min(3) - 1)
}

/// The whole number next to `value` that a 64-bit floating-point number can hold: 53 bits, ties to even.
fn nearest_double(value: u128) -> u128 {
    let bits = u128::BITS - value.leading_zeros();
    let Some(shift) = bits.checked_sub(53).filter(|shift| *shift > 0) else { return value };
    let (unit, kept) = (1_u128 << shift, value >> shift);
    let rest = value % unit;
    let is_up = rest > unit / 2 || (rest == unit / 2 && kept % 2 == 1);
    (kept + u128::from(is_up)) << shift
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_damaged_id_is_recognised_beside_the_exact_one_and_another_persons_is_not() {
        let exact = 48_569_348_493_401_267;
        let table = [
            ("48569348493401267", true),
            ("48569348493401200", true),
            ("48569348493401300", true),
            ("48569348493401264", true),
            ("48,569,348,493,401,200", true),
            ("48 569 348 493 401 200", true),
            ("48569348493401200.0", true),
            ("48569348493401264,00", true),
            ("4.85693484934012E+16", true),
            ("4,85693E+16", true),
            ("4.86e16", true),
            ("4.8E+16", true),
            ("4.9E+16", true),
            ("48569348493401268", false),
            ("48569348493401100", false),
            ("48569348493401000", false),
            ("4.85E+16", true),
            ("4.84E+16", false),
            ("4.86E+15", false),
            ("4.86E-16", false),
            ("4.86E+999999999999", false),
            ("1E", false),
            ("", false),
            ("Jane", false),
        ];
        for (text, expected) in table {
            assert_eq!(shows(text, exact), expected, "{text:?}");
        }
        // As LibreOffice writes it: to 48170123769863648, to sixteen digits, to fifteen.
        assert!(shows("4.81701237698637E+16", 48_170_123_769_863_649));
        assert!(!shows("4.81701237698638E+16", 48_170_123_769_863_649));
    }

    proptest! {
        #[test]
        fn the_nearest_double_is_what_the_machine_makes_of_it(value in 1..=9_999_999_999_999_999_999_u64) {
            let machine: f64 = value.to_string().parse().unwrap();
            prop_assert_eq!(nearest_double(u128::from(value)).to_string(), format!("{machine:.0}"));
        }

        #[test]
        fn an_id_is_recognised_in_every_scientific_notation_of_it(
            value in 1_000_000_000_000_000..=9_999_999_999_999_999_999_u64, digits in 1_usize..17,
        ) {
            let machine: f64 = value.to_string().parse().unwrap();
            let text = format!("{machine:.digits$E}");
            prop_assert!(shows(&text, value), "{} {}", value, text);
        }

        #[test]
        fn no_text_makes_the_number_reader_panic(text in "[0-9eE+.,' -]{0,30}") {
            let _ = shows(&text, 48_569_348_493_401_267);
        }
    }
}
