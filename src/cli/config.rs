//! The arguments of `seatrun config show` and `seatrun config init`.

use std::path::PathBuf;

use clap::Args;

use super::flags;
use super::options::{ConnectionArgs, LoggingArgs, SettingsArgs};
use crate::settings::Flags;

/// `seatrun config show`.
#[derive(Debug, Args)]
pub struct ConfigShow {
    /// Write JSON
    #[arg(long)]
    pub json: bool,

    /// Whom to talk to.
    #[command(flatten)]
    pub connection: ConnectionArgs,

    /// Which settings count.
    #[command(flatten)]
    pub files: SettingsArgs,
}

impl ConfigShow {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        let mut flags = flags(&self.files, LoggingArgs::default());
        self.connection.apply_to(&mut flags);
        flags
    }
}

/// `seatrun config init`.
#[derive(Debug, Args)]
pub struct ConfigInit {
    /// Write this file [default: ~/.config/seatrun/config.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ConfigInit {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        Flags { config: self.config.clone(), ..Flags::default() }
    }
}
