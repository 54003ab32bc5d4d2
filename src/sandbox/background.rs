//! Faults at random: how often each, drawn for every request by its number.
//!
//! It decides whether a request is hit by chance. The same seed and number always draw alike, whatever the clock says.

use std::fmt;
use std::str::FromStr;

use super::fault::Fault;

/// How often which fault happens, in the form `429=1%,502=0.5%,reset-applied=0.2%`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultRates(Vec<(Fault, u32)>);

/// All requests, in the millionths that rates are counted in.
const EVERY_REQUEST: u32 = 1_000_000;

impl FaultRates {
    /// The fault that request `number` meets, if any.
    pub(super) fn draw(&self, seed: u64, number: u64) -> Option<Fault> {
        if self.0.is_empty() {
            return None;
        }
        let mut drawn = dice(seed, number).u32(0..EVERY_REQUEST);
        for (fault, rate) in &self.0 {
            if drawn < *rate {
                return Some(*fault);
            }
            drawn -= rate;
        }
        None
    }
}

/// The random numbers of one request.
pub(super) fn dice(seed: u64, number: u64) -> fastrand::Rng {
    // Neighbouring seeds give neighbouring first draws, so number and seed are spread first.
    fastrand::Rng::with_seed(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

impl FromStr for FaultRates {
    type Err = String;

    /// Rates of at most 100% together, each a fault, `=`, and a percentage; an empty text is none. The error says which
    /// part is wrong.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut rates = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, rate) = part
                .split_once('=')
                .ok_or_else(|| format!("'{part}' should look like 429=1%: a fault, '=', a rate"))?;
            rates.push((
                name.parse()?,
                millionths(rate).ok_or_else(|| format!("'{rate}' in '{part}' is no percentage"))?,
            ));
        }
        let sum: u64 = rates.iter().map(|(_, rate)| u64::from(*rate)).sum();
        if sum > u64::from(EVERY_REQUEST) {
            return Err(format!("the rates of '{text}' add up to more than 100%"));
        }
        Ok(Self(rates))
    }
}

impl fmt::Display for FaultRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (fault, rate)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{fault}={}%", f64::from(*rate) / 10_000.0)?;
        }
        Ok(())
    }
}

fn millionths(rate: &str) -> Option<u32> {
    let percent: f64 = rate.trim().strip_suffix('%')?.trim().parse().ok()?;
    if !(0.0..=100.0).contains(&percent) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and a million, as just seen"
    )]
    let millionths = (percent * 10_000.0).round() as u32;
    Some(millionths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_come_back_as_they_were() {
        let text = "429=1%,502=0.5%,reset-applied=0.2%";
        assert_eq!(text.parse::<FaultRates>().unwrap().to_string(), text);
        assert_eq!(" 429 = 1 % , ".parse::<FaultRates>().unwrap().to_string(), "429=1%");
        assert_eq!("".parse::<FaultRates>().unwrap(), FaultRates::default());
    }

    #[test]
    fn wrong_rates_name_the_part_that_is_wrong() {
        for (text, part) in [
            ("429", "'429'"),
            ("429=x%", "'x%'"),
            ("429=1", "'1'"),
            ("429=-1%", "'-1%'"),
            ("429=101%", "'101%'"),
            ("boom=1%", "'boom'"),
            ("429=60%,502=60%", "more than 100%"),
        ] {
            let error = text.parse::<FaultRates>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn draws_keep_to_the_rates_and_to_the_seed() {
        let rates: FaultRates = "429=1%,reset=4%".parse().unwrap();
        let drawn = |seed| (0..100_000).filter_map(|number| rates.draw(seed, number)).collect::<Vec<_>>();
        let share = |fault: &str| drawn(7).iter().filter(|drawn| drawn.to_string() == fault).count();
        assert!((800..1200).contains(&share("429")), "{}", share("429"));
        assert!((3600..4400).contains(&share("reset")), "{}", share("reset"));
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }
}
