//! Picking: from the merged layers and the flags to typed settings.
//!
//! Flags win here because they arrive typed: the command line has judged them already. Texts have been judged one by
//! one when their layer was read, so an error here means that a key's check and its reading have come apart.

use std::fmt;
use std::path::{Path, PathBuf};

use super::layer::Layer;
use super::{Flags, Key, Origin, Setting, Settings, SettingsError, Sources, TokenCommand, key};

/// Where typed values are picked from.
pub(super) struct Picker<'a> {
    layer: &'a Layer,
    flags: &'a Flags,
    home: Option<&'a Path>,
    state_folder: Option<PathBuf>,
}

impl<'a> Picker<'a> {
    /// Picks from all layers below the flags, and from the flags.
    pub(super) fn new(sources: &'a Sources, layer: &'a Layer) -> Self {
        let environment = &sources.environment;
        Self { layer, flags: &sources.flags, home: environment.home(), state_folder: environment.state_folder() }
    }

    /// Every setting.
    pub(super) fn settings(
        &self,
        profile: Option<Setting<String>>,
        files: Vec<PathBuf>,
        warnings: Vec<String>,
    ) -> Result<Settings, SettingsError> {
        let flags = self.flags;
        Ok(Settings {
            api_url: self.required(Key::ApiUrl, flags.api_url.clone(), str::parse)?,
            token_file: self.path(Key::TokenFile),
            token_command: self.optional(Key::TokenCommand, None, |text| Ok::<_, String>(TokenCommand::new(text)))?,
            plan_id: self.optional(Key::PlanId, flags.plan_id, key::plan)?,
            action: self.optional(Key::Action, flags.action, str::parse)?,
            seat_type: self.optional(Key::SeatType, flags.seat_type, key::seat)?,
            rate: self.required(Key::Rate, flags.rate, str::parse)?,
            concurrency: self.required(Key::Concurrency, flags.concurrency, str::parse)?,
            max_changes: self.required(Key::MaxChanges, flags.max_changes, str::parse)?,
            max_errors: self.required(Key::MaxErrors, flags.max_errors, str::parse)?,
            max_invalid: self.required(Key::MaxInvalid, flags.max_invalid, str::parse)?,
            protected: self.list(Key::Protected, str::parse)?,
            expect_account: self.optional(Key::ExpectAccount, None, |text| Ok::<_, String>(text.trim().to_owned()))?,
            expect_plan: self.list(Key::ExpectPlan, key::plan)?,
            review_valid_for: self.required(Key::ReviewValidFor, None, key::time_span)?,
            connect_timeout: self.required(Key::ConnectTimeout, None, key::time_span)?,
            request_timeout: self.required(Key::RequestTimeout, None, key::time_span)?,
            integration_source: self.required(Key::IntegrationSource, None, str::parse)?,
            free_seat_name: self.required(Key::FreeSeatName, None, key::free_seat_name)?,
            state_dir: self.state_dir()?,
            log_format: self.required(Key::LogFormat, flags.log_format, str::parse)?,
            columns: self.layer.columns.clone(),
            profile,
            files,
            warnings,
        })
    }

    fn optional<T, E: fmt::Display>(
        &self,
        key: Key,
        flag: Option<T>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<Setting<T>>, SettingsError> {
        if let Some(value) = flag {
            return Ok(Some(Setting::of_flag(key.flag(), value)));
        }
        let Some(Setting { value: text, origin }) = self.layer.values.get(&key) else { return Ok(None) };
        match read(text) {
            Ok(value) => Ok(Some(Setting { value, origin: origin.clone() })),
            Err(error) => Err(wrong(key, origin.clone(), error.to_string())),
        }
    }

    fn required<T, E: fmt::Display>(
        &self,
        key: Key,
        flag: Option<T>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Setting<T>, SettingsError> {
        self.optional(key, flag, read)?.ok_or_else(|| wrong(key, Origin::BuiltIn, "has no default".to_owned()))
    }

    fn list<T, E: fmt::Display>(
        &self,
        key: Key,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<Setting<T>>, SettingsError> {
        let entries = self.layer.lists.get(&key).into_iter().flatten();
        let read = |Setting { value: text, origin }: &Setting<String>| match read(text) {
            Ok(value) => Ok(Setting { value, origin: origin.clone() }),
            Err(error) => Err(wrong(key, origin.clone(), error.to_string())),
        };
        entries.map(read).collect()
    }

    fn state_dir(&self) -> Result<Setting<PathBuf>, SettingsError> {
        let of_flag = self.flags.state_dir.clone().map(|path| Setting::of_flag(Key::StateDir.flag(), path));
        let usual = || Some(Setting { value: self.state_folder.clone()?, origin: Origin::BuiltIn });
        of_flag.or_else(|| self.path(Key::StateDir)).or_else(usual).ok_or(SettingsError::NoStateFolder)
    }

    /// A path in a file is relative to that file, so that a folder of settings can be moved. `~/` is the user's home
    /// everywhere below the flags: no shell reads a settings file, and cron and systemd do not expand it either.
    fn path(&self, key: Key) -> Option<Setting<PathBuf>> {
        let Setting { value: text, origin } = self.layer.values.get(&key)?;
        let in_home = text.strip_prefix("~/").and_then(|rest| Some(self.home?.join(rest)));
        let value = in_home.unwrap_or_else(|| match origin {
            Origin::File { path, .. } | Origin::Profile { path, .. } => {
                path.parent().map_or_else(|| PathBuf::from(text), |folder| folder.join(text))
            }
            Origin::BuiltIn | Origin::Environment { .. } | Origin::Flag { .. } => PathBuf::from(text),
        });
        Some(Setting { value, origin: origin.clone() })
    }
}

fn wrong(key: Key, origin: Origin, problem: String) -> SettingsError {
    SettingsError::WrongValue { origin, key: key.name().to_owned(), problem }
}
