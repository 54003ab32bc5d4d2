//! What follows from a row of the [`table`](super::table): the macro that declares the settings.
//!
//! It holds nothing that is about one setting. Where two settings depend on each other, the layers say so.

use super::value::{Base, Form, Value};
use super::{Layer, Origin, Setting, Settings, SettingsError};

/// How many values a setting has.
pub trait Arity: Sized {
    /// Each of its values.
    type Value: Value;
    /// What a flag can say of it.
    type Flag: Default + Clone + IntoIterator<Item = Self::Value>;
    /// Whether a settings file can name several values.
    const IS_LIST: bool;

    /// From the values that the layers have come to. `None`: it needs one, and there is none.
    fn from_values(values: Vec<Setting<Self::Value>>) -> Option<Self>;

    /// Its values.
    fn values(&self) -> &[Setting<Self::Value>];
}

impl<T: Value> Arity for Setting<T> {
    type Value = T;
    type Flag = Option<T>;
    const IS_LIST: bool = false;

    fn from_values(mut values: Vec<Self>) -> Option<Self> {
        values.pop()
    }

    fn values(&self) -> &[Self] {
        std::slice::from_ref(self)
    }
}

impl<T: Value> Arity for Option<Setting<T>> {
    type Value = T;
    type Flag = Option<T>;
    const IS_LIST: bool = false;

    fn from_values(mut values: Vec<Setting<T>>) -> Option<Self> {
        Some(values.pop())
    }

    fn values(&self) -> &[Setting<T>] {
        self.as_slice()
    }
}

impl<T: Value> Arity for Vec<Setting<T>> {
    type Value = T;
    type Flag = Vec<T>;
    const IS_LIST: bool = true;

    fn from_values(values: Self) -> Option<Self> {
        Some(values)
    }

    fn values(&self) -> &[Setting<T>] {
        self
    }
}

type SetValues = fn(&mut Layer, Vec<Setting<String>>, &Base<'_>) -> Result<(), SettingsError>;

/// A row of the table, without its types. `[columns]` and `[profile.NAME]` are tables and stand beside these.
#[derive(Debug)]
pub struct Key {
    /// Its name in a settings file.
    pub name: &'static str,
    /// Which kinds of TOML value it takes.
    pub(super) form: Form,
    /// Whether it takes several.
    pub(super) is_list: bool,
    /// Reads its values into a layer.
    pub(super) set: SetValues,
    /// Its values, written.
    pub(super) shown: fn(&Settings) -> Vec<Shown>,
}

/// A value as `config show` writes it.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) json: serde_json::Value,
    pub(super) origin: Origin,
}

impl Key {
    /// The key of a name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|key| key.name == name)
    }

    /// Its variable in the environment.
    pub fn variable(&self) -> String {
        format!("SEATRUN_{}", self.name.to_uppercase())
    }

    /// Its flag on the command line, for those that have one.
    pub fn flag(&self) -> String {
        flag(self.name)
    }
}

fn flag(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

/// Reads the values of a setting. Those that lose against a stronger layer are read, too, because the day the stronger
/// one goes away is a bad day to find out.
pub(super) fn parse<T: Value>(
    name: &str,
    texts: Vec<Setting<String>>,
    base: &Base<'_>,
) -> Result<Vec<Setting<T>>, SettingsError> {
    let parse = |Setting { value, origin }: Setting<String>| match T::parse(&value, base) {
        Ok(value) => Ok(Setting { value, origin }),
        Err(problem) => Err(SettingsError::WrongValue { origin, key: name.to_owned(), problem }),
    };
    texts.into_iter().map(parse).collect()
}

/// The values of a flag.
pub(super) fn from_flag<T>(name: &str, flags: impl IntoIterator<Item = T>) -> Vec<Setting<T>> {
    flags.into_iter().map(|value| Setting::from_flag(flag(name), value)).collect()
}

/// Puts what a stronger layer says, if anything, in the place of what a weaker one says.
pub(super) fn replace<T>(values: &mut Vec<T>, stronger: Vec<T>) {
    if !stronger.is_empty() {
        *values = stronger;
    }
}

pub(super) fn shown<A: Arity>(setting: &A) -> Vec<Shown> {
    let write = |Setting { value, origin }: &Setting<A::Value>| Shown {
        text: value.text(),
        json: value.json(),
        origin: origin.clone(),
    };
    setting.values().iter().map(write).collect()
}

/// Declares [`Settings`], [`Flags`](super::Flags), `Layer` and [`Key::ALL`] from the rows of the table.
macro_rules! declare_settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $arity:ty,)+) => {
        /// Every setting, with its origin. What nobody said and has no default is `None`.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $name: $arity,)+
            /// The header of the column that holds a field, by the field's name.
            pub columns: BTreeMap<String, Setting<String>>,
            /// The profile that was chosen.
            pub profile: Option<Setting<String>>,
            /// The files that were read, the weakest first.
            pub files: Vec<PathBuf>,
            /// What looks like a mistake and stops nothing, in sentences.
            pub warnings: Vec<String>,
        }

        /// What stands on the command line.
        #[derive(Debug, Clone, Default)]
        pub struct Flags {
            $($(#[doc = $doc])+ pub $name: <$arity as Arity>::Flag,)+
            /// `--config`.
            pub config: Option<PathBuf>,
            /// `--profile`.
            pub profile: Option<String>,
            /// Each `--map`.
            pub columns: Vec<Mapping>,
        }

        /// What one place says, or several have come to: of each setting some values, or none.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Layer {
            $(pub(super) $name: Vec<Setting<<$arity as Arity>::Value>>,)+
            pub(super) columns: BTreeMap<String, Setting<String>>,
        }

        impl Key {
            /// Every setting, in the order in which `config show` lists them.
            pub const ALL: &'static [Self] = &[$(Self {
                name: stringify!($name),
                form: <<$arity as Arity>::Value as Value>::FORM,
                is_list: <$arity as Arity>::IS_LIST,
                set: |layer, texts, base| {
                    layer.$name = declare::parse(stringify!($name), texts, base)?;
                    Ok(())
                },
                shown: |settings| declare::shown(&settings.$name),
            }),+];
        }

        impl Layer {
            /// What the flags say.
            pub(super) fn from_flags(flags: &Flags) -> Self {
                Self {
                    $($name: declare::from_flag(stringify!($name), flags.$name.clone()),)+
                    ..Self::default()
                }
            }

            /// Puts what a stronger layer says in the place of what this one says, setting by setting.
            pub(super) fn replace_values(&mut self, stronger: Self) {
                $(declare::replace(&mut self.$name, stronger.$name);)+
                self.columns.extend(stronger.columns);
            }

            /// The settings that the layers have come to.
            pub(super) fn into_settings(
                self,
                profile: Option<Setting<String>>,
                files: Vec<PathBuf>,
                warnings: Vec<String>,
            ) -> Result<Settings, SettingsError> {
                Ok(Settings {
                    $($name: Arity::from_values(self.$name)
                        .ok_or(SettingsError::NoDefault(stringify!($name)))?,)+
                    columns: self.columns,
                    profile,
                    files,
                    warnings,
                })
            }
        }
    };
}

pub(super) use declare_settings;
