//! Settings: what was said in files, profiles, the environment and on the command line, each value with its origin.
//!
//! [`load`] lays the [`Sources`] over each other, the strongest last: the built-in defaults, `/etc`, the user's file,
//! the file that was asked for, the chosen profile of all of these, the environment, the flags. An unknown key and an
//! impossible value are errors wherever they stand, because a guard with a typing error guards nothing. The token is no
//! setting: [`token`] fetches it, and it must never pass through a type of this room that can be printed.

mod api_url;
pub mod duration;
mod error;
mod files;
mod integration;
mod key;
mod layer;
mod log_format;
mod origin;
mod pace;
mod pick;
mod show;
mod sources;
pub mod token;
mod token_command;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{ActionName, FreeSeatName, Limit, Pattern, PlanId, Seat};

pub use api_url::{ApiUrl, ApiUrlError};
pub use error::SettingsError;
pub use integration::{IntegrationError, IntegrationSource};
pub use key::{Key, seat};
pub use log_format::{LogFormat, LogFormatError};
pub use origin::{Origin, Setting};
pub use pace::{Concurrency, ConcurrencyError, Rate, RateError};
pub use show::Row;
pub use sources::{Environment, Flags, Mapping, MappingError, Sources, Target};
pub use token_command::{TokenCommand, TokenCommandError};

use layer::{FileLayers, Layer};
use pick::Picker;

/// Every setting, with its origin. What nobody said and has no default is `None`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API is.
    pub api_url: Setting<ApiUrl>,
    /// The file that holds the token.
    pub token_file: Option<Setting<PathBuf>>,
    /// The command that prints the token.
    pub token_command: Option<Setting<TokenCommand>>,
    /// The plan of rows that name none.
    pub plan_id: Option<Setting<PlanId>>,
    /// The action of rows that name none.
    pub action: Option<Setting<ActionName>>,
    /// The seat of rows that name none; never a provisional one.
    pub seat_type: Option<Setting<Seat>>,
    /// The most requests in any 60 seconds.
    pub rate: Setting<Rate>,
    /// The most requests in flight.
    pub concurrency: Setting<Concurrency>,
    /// The most users that a run may change.
    pub max_changes: Setting<Limit>,
    /// The failures after which a run stops.
    pub max_errors: Setting<Limit>,
    /// The most invalid rows that an input may have.
    pub max_invalid: Setting<Limit>,
    /// Users whom no run changes: what every place says, because these lists add up.
    pub protected: Vec<Setting<Pattern>>,
    /// The name or the id of the only account in which anything is changed.
    pub expect_account: Option<Setting<String>>,
    /// The only plans in which anything is changed; empty when any will do.
    pub expect_plan: Vec<Setting<PlanId>>,
    /// How long a review can be run once it was written.
    pub review_valid_for: Setting<Duration>,
    /// How long a connection may take to be made.
    pub connect_timeout: Setting<Duration>,
    /// How long a request may take in all, its answer included.
    pub request_timeout: Setting<Duration>,
    /// How the program introduces itself to Smartsheet.
    pub integration_source: Setting<IntegrationSource>,
    /// By which name the free seat is asked for.
    pub free_seat_name: Setting<FreeSeatName>,
    /// The folder of ledgers and locks; it need not be there yet.
    pub state_dir: Setting<PathBuf>,
    /// How lines on standard error are written.
    pub log_format: Setting<LogFormat>,
    /// The header of the column that holds a field, by the field's name.
    pub columns: BTreeMap<String, Setting<String>>,
    /// The profile that was chosen.
    pub profile: Option<Setting<String>>,
    /// The files that were read, the weakest first.
    pub files: Vec<PathBuf>,
    /// What looks like a mistake and stops nothing, in sentences.
    pub warnings: Vec<String>,
}

/// Lays the sources over each other.
///
/// # Errors
/// The first thing that is wrong, with its place: a file that can't be read, an unknown key, an impossible value, an
/// unknown profile, no rate limit towards an address that is not loopback.
pub fn load(sources: &Sources) -> Result<Settings, SettingsError> {
    let files = files::read(sources)?;
    let profile = chosen_profile(sources)?;
    let (environment, warnings) = layer::of_environment(&sources.environment)?;
    let mut merged = Layer::default();
    for layers in &files.layers {
        merged.cover_with(layers.general.clone());
    }
    if let Some(profile) = &profile {
        for layer in profile_layers(profile, &files.layers)? {
            merged.cover_with(layer.clone());
        }
    }
    merged.cover_with(environment);
    merged.cover_with(layer::of_mappings(&sources.flags.columns, sources.fields)?);
    let settings = Picker::new(sources, &merged).settings(profile, files.paths, warnings)?;
    settings.allow_rate(sources.target)
}

fn chosen_profile(sources: &Sources) -> Result<Option<Setting<String>>, SettingsError> {
    const VARIABLE: &str = "SEATRUN_PROFILE";
    if let Some(name) = &sources.flags.profile {
        return Ok(Some(Setting::of_flag("--profile", name.clone())));
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
    fn allow_rate(self, target: Target) -> Result<Self, SettingsError> {
        let is_loopback = match target {
            Target::Sandbox => true,
            Target::Configured => self.api_url.value.is_loopback(),
        };
        if self.rate.value == Rate::UNLIMITED && !is_loopback {
            return Err(SettingsError::Unlimited { origin: self.rate.origin, api_url: self.api_url.value });
        }
        Ok(self)
    }
}
