//! The command line: what can be typed, and what it means as far as one word goes.
//!
//! It judges each word and which words go together. What the words mean with the settings, the input and the API in
//! mind, `commands` decides. The token is never a flag: other users of a machine see the flags of its processes.

mod config;
mod listing;
mod options;
mod parse;
mod run;
mod sandbox;
mod tips;
mod words;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::input::Subject;
use crate::model::{ActionName, PlanId};
use crate::settings::{Flags, duration};

pub use crate::settings::Stream;

pub use config::{ConfigInit, ConfigShow};
pub use listing::{ListingArgs, Plans, Users};
pub use options::{
    ConfirmationArgs, ConnectionArgs, GuardArgs, InputArgs, LimitArgs, LoggingArgs, OutputArgs, PreflightArgs,
    RateArgs, RowDefaults, SelectionArgs, SettingsArgs, UnattendedArgs,
};
pub use parse::parse;
pub use run::{DryRunArgs, Intent, Resume, Run};
pub use sandbox::{Sandbox, ViewerName};

use words::{actions, stream};

/// The version and, where the packager said it in `SOURCE_COMMIT`, the commit and its date.
const VERSION: &str = match option_env!("SOURCE_COMMIT") {
    Some(commit) => commit,
    None => env!("CARGO_PKG_VERSION"),
};

const TOKEN: &str = "\
The token comes from SMARTSHEET_ACCESS_TOKEN, or from token_file or token_command in the settings. \
`seatrun doctor` checks that all is well; `seatrun run --sandbox` needs none.";

const UNDO_STATUS: &str = "\
It changes nothing: `seatrun run` on the CSV does, and asks first.

Exit status: 0 everything can be put back, 1 some of it cannot and is listed, 6 the run is still under way.";

/// Changes Smartsheet seats in bulk from a CSV: paced, recorded, and reported row by row
#[derive(Debug, Parser)]
#[command(name = "seatrun", bin_name = "seatrun", version = VERSION, after_help = TOKEN)]
#[command(max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read, check, ask, change seats, and write a report
    Run(Box<Run>),
    /// Carry on a run that was interrupted or stopped
    Resume(Box<Resume>),
    /// Write a CSV whose run puts back what a run has changed
    Undo(Undo),
    /// List past runs, or the rows of one
    History(History),
    /// Write the report of a run again
    Report(Report),
    /// Show which plans and seats users have now
    Plans(Box<Plans>),
    /// List the users of a plan, as a sheet that can be run
    Users(Box<Users>),
    /// Write an empty sheet with the right headers for an action
    Template(Template),
    /// Check what a run needs, and say how to mend each
    Doctor(Doctor),
    /// Serve the simulated API on loopback until stopped
    Sandbox(Sandbox),
    /// Look at the settings
    Config {
        /// What to do with them.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write one for each command
    Man(Man),
}

impl Command {
    /// Where it writes, for those that work on a run.
    pub fn output(&self) -> Option<&OutputArgs> {
        if let Self::Run(arguments) = self {
            return Some(&arguments.output);
        }
        if let Self::Resume(arguments) = self { Some(&arguments.output) } else { None }
    }
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting, its value and where it came from
    Show(ConfigShow),
    /// Write an example, with every setting commented out, where settings are looked for
    Init(ConfigInit),
}

/// Where a ledger is and which of the two.
#[derive(Debug, Clone, Default, Args)]
pub struct LedgerArgs {
    /// Look at rehearsals, the runs with --sandbox
    #[arg(long)]
    pub sandbox: bool,

    /// Which settings count.
    #[command(flatten)]
    pub files: SettingsArgs,

    /// What is said.
    #[command(flatten)]
    pub logging: LoggingArgs,
}

impl LedgerArgs {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        flags(&self.files, self.logging)
    }
}

/// `seatrun man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each command into this folder, such as seatrun-run.1
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `seatrun undo`.
#[derive(Debug, Args)]
#[command(after_help = UNDO_STATUS)]
pub struct Undo {
    /// The run, by its id, a part of it, or `latest` [default: the newest run, or with --user
    /// the newest that has changed one of them]
    pub run: Option<String>,

    /// Put back only what was changed of this user (repeatable)
    #[arg(long, value_name = "ID or ADDRESS", value_parser = listing::subject)]
    pub user: Vec<Subject>,

    /// Write the CSV here; - is standard output [default: <input stem>.undo.csv beside the input]
    #[arg(short = 'o', long, value_name = "FILE", value_parser = stream())]
    pub output: Option<Stream>,

    /// Where the ledger is.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// `seatrun history`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct History {
    /// Show the rows of this run: its id, a part of it, or `latest` [default: list all runs, the newest first]
    pub run: Option<String>,

    /// Show everything ever done to this user
    #[arg(long, value_name = "ID or ADDRESS", conflicts_with = "run", value_parser = listing::subject)]
    pub user: Option<Subject>,

    /// List only so many of the newest runs
    #[arg(short = 'n', long, value_name = "N", conflicts_with_all = ["run", "user"])]
    pub number: Option<usize>,

    /// Write JSON to standard output
    #[arg(long)]
    pub json: bool,

    /// Where the ledger is.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// What to do with the history other than to show it.
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
}

/// What to do with the history other than to show it.
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// Forget runs that are older than this
    Prune(Prune),
}

/// `seatrun history prune`.
#[derive(Debug, Args)]
pub struct Prune {
    /// The age from which on runs are forgotten, such as 400d
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_positive)]
    pub older_than: Duration,

    /// Forget runs that can still be resumed, too
    #[arg(long)]
    pub unfinished: bool,

    /// Where the ledger is.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// `seatrun report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The run, by its id, a part of it, or `latest`
    pub run: String,

    /// Write the report here, as a workbook if it ends in .xlsx; - is standard output [default: where the run wrote it]
    #[arg(short = 'o', long, value_name = "FILE", value_parser = stream())]
    pub report: Option<Stream>,

    /// Write a page to look at here, too, one HTML file that is whole in itself; - is standard output
    #[arg(long, value_name = "FILE", value_parser = stream())]
    pub html: Option<Stream>,

    /// Where the ledger is.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// `seatrun template`.
#[derive(Debug, Args)]
pub struct Template {
    /// What the rows are to do
    #[arg(value_parser = actions(), ignore_case = true)]
    pub action: ActionName,

    /// Write the sheet here, as .csv or .xlsx; - is standard output
    #[arg(short = 'o', long, value_name = "FILE", value_parser = stream(), default_value = "-", hide_default_value = true)]
    pub output: Stream,

    /// What is said.
    #[command(flatten)]
    pub logging: LoggingArgs,
}

impl Template {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        flags(&SettingsArgs::default(), self.logging)
    }
}

/// `seatrun doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Check this plan [default: the one of the settings, else the only plan of the token's own user]
    #[arg(long, value_name = "ID")]
    pub plan_id: Option<PlanId>,

    /// Write JSON instead of lines
    #[arg(long)]
    pub json: bool,

    /// Whom to talk to.
    #[command(flatten)]
    pub connection: ConnectionArgs,

    /// Which settings count.
    #[command(flatten)]
    pub files: SettingsArgs,

    /// What is said.
    #[command(flatten)]
    pub logging: LoggingArgs,
}

impl Doctor {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        let mut flags = flags(&self.files, self.logging);
        self.connection.apply_to(&mut flags);
        flags.plan_id = self.plan_id;
        flags
    }
}

/// What every command can say of the settings.
fn flags(files: &SettingsArgs, logging: LoggingArgs) -> Flags {
    let mut flags = Flags::default();
    files.apply_to(&mut flags);
    logging.apply_to(&mut flags);
    flags
}
