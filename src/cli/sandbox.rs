//! The arguments of `seatrun sandbox`.

use clap::{Args, ValueEnum};

use super::flags;
use super::options::{LoggingArgs, SettingsArgs};
use crate::settings::Flags;

const SANDBOX_OUTPUT: &str = "\
It prints `url: http://127.0.0.1:PORT/2.0` and `token: TOKEN` on standard output, then serves until it is stopped.";

/// What `seatrun sandbox` makes of VIEWER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ViewerName {
    /// Both names of the free seat are taken, and shown as asked for
    Accepted,
    /// VIEWER is refused and never shown
    Refused,
}

/// `seatrun sandbox`.
#[derive(Debug, Args)]
#[command(after_help = SANDBOX_OUTPUT)]
pub struct Sandbox {
    /// Listen on this port of 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,

    /// Number of users in the simulated plans
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub users: usize,

    /// Requests that a token has in any 60 seconds; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub rate: usize,

    /// Milliseconds that an answer takes: 40, or a range such as 20..80
    #[arg(long, value_name = "MS", default_value = "0")]
    pub latency: String,

    /// What goes wrong at random, and how often: 429=1%,502=0.5%
    #[arg(long, value_name = "FAULT=N%,…", default_value = "", hide_default_value = true)]
    pub faults: String,

    /// Whether the tenant still takes VIEWER, the free seat's old name, or is past its sunset
    #[arg(long, value_enum, value_name = "HOW", default_value = "refused")]
    pub viewer: ViewerName,

    /// Answer 411 to a POST or PUT that does not say its length
    #[arg(long)]
    pub strict: bool,

    /// Seed of the users and of everything that is left to chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// What is said.
    #[command(flatten)]
    pub logging: LoggingArgs,
}

impl Sandbox {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        flags(&SettingsArgs::default(), self.logging)
    }
}
