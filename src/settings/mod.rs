//! Settings: what was said in files, profiles, the environment and on the command line, each value with its origin.
//!
//! [`load`] lays the [`Sources`] over each other, the strongest last: the built-in defaults, `/etc`, the user's file,
//! the file that was asked for, the chosen profile of all of these, the environment, the flags. An unknown key and an
//! impossible value are errors wherever they stand, because a guard with a typing error guards nothing. The token is no
//! setting: [`token`] fetches it, and it must never pass through a type of this room that can be printed.

mod api_url;
mod declare;
pub mod duration;
mod error;
mod files;
mod input_format;
mod integration;
mod layer;
mod log_format;
mod origin;
mod pace;
mod show;
mod signal_url;
mod sources;
mod stream;
mod table;
pub mod token;
mod token_command;
mod tolerance;
pub(crate) mod trusted_file;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use api_url::{ApiUrl, ApiUrlError};
pub use declare::Key;
pub use duration::LockWait;
pub use error::SettingsError;
pub use files::{EXAMPLE, own_file};
pub use input_format::{Delimiter, DelimiterError, Encoding, EncodingError};
pub use integration::{IntegrationError, IntegrationSource};
pub use log_format::{LogFormat, LogFormatError};
pub use origin::{Origin, Setting};
pub use pace::{Concurrency, ConcurrencyError, Rate, RateError};
pub use show::SettingRow;
pub use signal_url::{SignalUrl, SignalUrlError, WebhookFormat, WebhookFormatError};
pub use sources::{ApiTarget, Environment, Mapping, MappingError, Sources};
pub use stream::Stream;
pub use table::{Flags, Settings};
pub use token_command::{TokenCommand, TokenCommandError};
pub use tolerance::{Tolerance, ToleranceError};
pub use trusted_file::FileError;

use layer::FileLayers;
use table::Layer;

/// Lays the sources over each other.
///
/// # Errors
/// The first thing that is wrong, with its place: a file that can't be read, an unknown key, an impossible value, an
/// unknown profile, no rate limit towards an address that is not loopback.
pub fn load(sources: &Sources) -> Result<Settings, SettingsError> {
    let files = files::read(sources)?;
    let profile = chosen_profile(sources)?;
    let (environment, warnings) = layer::from_environment(&sources.environment)?;
    let of_profile = profile.as_ref().map(|profile| profile_layers(profile, &files.layers)).transpose()?;
    let mut layers = vec![sources.environment.usual_state_dir()];
    layers.extend(files.layers.iter().map(|file| file.general.clone()));
    layers.extend(of_profile.into_iter().flatten().cloned());
    layers.push(environment);
    layers.push(layer::from_mappings(&sources.flags.columns, sources.fields)?);
    layers.push(Layer::from_flags(&sources.flags));
    let merged = layers.into_iter().fold(Layer::default(), |weaker, stronger| stronger.merge_over(weaker));
    if merged.state_dir.is_empty() {
        return Err(SettingsError::NoStateFolder);
    }
    merged.into_settings(profile, files.paths, warnings)?.allow_rate(sources.target)
}

fn chosen_profile(sources: &Sources) -> Result<Option<Setting<String>>, SettingsError> {
    const VARIABLE: &str = "SEATRUN_PROFILE";
    if let Some(name) = &sources.flags.profile {
        return Ok(Some(Setting::from_flag("--profile", name.clone())));
    }
    let named = sources.environment.text(VARIABLE)?;
    let origin = || Origin::Environment { name: VARIABLE.to_owned() };
    Ok(named.map(|name| Setting { value: name.to_owned(), origin: origin() }))
}

/// What the files say under a profile, the weakest first.
fn profile_layers<'a>(profile: &Setting<String>, files: &'a [FileLayers]) -> Result<Vec<&'a Layer>, SettingsError> {
    let layers: Vec<_> = files.iter().filter_map(|file| file.profiles.get(&profile.value)).collect();
    if layers.is_empty() {
        let known: BTreeSet<_> = files.iter().flat_map(|file| file.profiles.keys().cloned()).collect();
        return Err(SettingsError::UnknownProfile {
            origin: profile.origin.clone(),
            name: profile.value.clone(),
            known: known.into_iter().collect(),
        });
    }
    Ok(layers)
}

impl Settings {
    /// Only here are both the rate and the address known.
    fn allow_rate(self, target: ApiTarget) -> Result<Self, SettingsError> {
        let is_loopback = match target {
            ApiTarget::Sandbox => true,
            ApiTarget::Configured => self.api_url.value.is_loopback(),
        };
        if self.rate.value == Rate::UNLIMITED && !is_loopback {
            return Err(SettingsError::Unlimited { origin: self.rate.origin, api_url: self.api_url.value });
        }
        Ok(self)
    }
}
