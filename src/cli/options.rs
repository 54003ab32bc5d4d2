//! The options that commands share, in the groups in which `--help` shows them.
//!
//! An option that is a setting, too, has no default here: each group's `apply_to` hands over what was typed, and the
//! settings know the rest. The defaults that the help texts name are held against `config/default.toml` by a test.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

use super::words::{actions, log_formats, missing_users, seats, statuses, stream, tolerances};
use crate::model::{ActionName, Limit, MissingUserPolicy, PlanId, Seat, Status};
use crate::settings::{
    ApiTarget, ApiUrl, Concurrency, Delimiter, Encoding, Flags, LockWait, LogFormat, Mapping, Rate, Stream, Tolerance,
    duration,
};

/// Among the options that stand first, because they are needed most.
const TOP: Option<&str> = None;

/// Which settings count, and where the ledger is.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsArgs {
    /// Read this settings file on top of the usual ones
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub config: Option<PathBuf>,

    /// Use [profile.NAME] of the settings files
    #[arg(long, value_name = "NAME", help_heading = TOP)]
    pub profile: Option<String>,

    /// Keep the ledger and its locks in this folder [default: ~/.local/state/seatrun]
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub state_dir: Option<PathBuf>,
}

impl SettingsArgs {
    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.config.clone_from(&self.config);
        flags.profile.clone_from(&self.profile);
        flags.state_dir.clone_from(&self.state_dir);
    }
}

/// Whom to talk to.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// Use this API: us, eu, au, gov, an https URL, or http on loopback [default: us]
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub api_url: Option<ApiUrl>,

    /// Use simulated users; no token is needed
    #[arg(long, conflicts_with = "api_url", help_heading = TOP)]
    pub sandbox: bool,
}

impl ConnectionArgs {
    /// Whether the API is where the settings say.
    pub fn target(&self) -> ApiTarget {
        if self.sandbox { ApiTarget::Sandbox } else { ApiTarget::Configured }
    }

    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.api_url.clone_from(&self.api_url);
    }
}

/// How fast.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct RateArgs {
    /// Send at most this many requests in any 60 seconds; 0 is no limit, on loopback only [default: 270]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub rate: Option<Rate>,

    /// Keep at most this many requests in flight, 1 to 1000 [default: as many as the rate needs, at most 64]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub concurrency: Option<Concurrency>,
}

impl RateArgs {
    pub(super) fn apply_to(self, flags: &mut Flags) {
        flags.rate = self.rate;
        flags.concurrency = self.concurrency;
    }
}

/// How long, and through how much trouble.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Stop once this many sent rows have failed; a percentage counts from 20 rows on [default: 50%]
    #[arg(long, value_name = "N|N%", hide_short_help = true)]
    pub max_errors: Option<Limit>,

    /// Start nothing, not even a retry, later than this after the start, such as 2h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_positive, hide_short_help = true)]
    pub deadline: Option<Duration>,

    /// Wait this long for another run of the account to end, such as 10m [default: 0]
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub wait: Option<LockWait>,
}

impl LimitArgs {
    pub(super) fn apply_to(self, flags: &mut Flags) {
        flags.max_errors = self.max_errors;
        flags.deadline = self.deadline;
        flags.wait = self.wait;
    }
}

/// What must not happen by accident.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Guards")]
pub struct GuardArgs {
    /// Refuse to change more users than this [default: 500]
    ///
    /// A percentage is of the plan's users.
    #[arg(long, value_name = "N|N%", help_heading = TOP)]
    pub max_changes: Option<Limit>,

    /// Refuse an input with more invalid rows than this [default: 10%]
    #[arg(long, value_name = "N|N%", hide_short_help = true)]
    pub max_invalid: Option<Limit>,

    /// Skip or fail a row whose address nobody in the account has [default: skip]
    ///
    /// One of skip, fail. Only a downgrade, a deactivation or a removal is skipped, and only if every user of the plan
    /// could be read.
    #[arg(long, value_name = "POLICY", value_parser = missing_users(), ignore_case = true, hide_short_help = true, hide_possible_values = true)]
    pub missing_users: Option<MissingUserPolicy>,

    /// Trust user ids that look as if a spreadsheet has rounded them
    #[arg(long, hide_short_help = true)]
    pub ids_are_exact: bool,

    /// Allow rows that remove users from a plan, which cannot be undone
    #[arg(long, hide_short_help = true)]
    pub allow_remove: bool,

    /// Send rows even if the user's seat has changed since the review or the export
    #[arg(long, hide_short_help = true)]
    pub accept_drift: bool,
}

impl GuardArgs {
    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.max_changes = self.max_changes;
        flags.max_invalid = self.max_invalid;
        flags.missing_users = self.missing_users;
    }
}

/// Whether to ask.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ConfirmationArgs {
    /// Do not ask for confirmation
    ///
    /// A run without a terminal needs this.
    #[arg(long)]
    pub yes: bool,
}

/// What a row wants that does not say so itself.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Row defaults")]
pub struct RowDefaults {
    /// The plan of rows that name none
    ///
    /// Without a plan anywhere, it is the only plan of the token's own user.
    #[arg(long, value_name = "ID")]
    pub plan_id: Option<PlanId>,

    /// The action of rows that name none, such as downgrade
    ///
    /// One of downgrade, upgrade, deactivate, reactivate, remove, update, plans.
    #[arg(long, value_parser = actions(), ignore_case = true, hide_possible_values = true)]
    pub action: Option<ActionName>,

    /// The seat of rows that name none, such as VIEWER
    ///
    /// One of GUEST, VIEWER, CONTRIBUTOR, MEMBER.
    #[arg(long, value_name = "SEAT", value_parser = seats(), ignore_case = true, hide_possible_values = true)]
    pub seat_type: Option<Seat>,

    /// Send only rows whose user holds one of these seats now; the others are SKIPPED
    ///
    /// A column `if_seat` says the same for a row. A seat that cannot be read is FAILED.
    #[arg(
        long,
        value_name = "SEAT,…",
        value_delimiter = ',',
        value_parser = seats(),
        ignore_case = true,
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub if_seat: Vec<Seat>,
}

impl RowDefaults {
    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.plan_id = self.plan_id;
        flags.action = self.action;
        flags.seat_type = self.seat_type;
        flags.if_seat.clone_from(&self.if_seat);
    }
}

/// How the input is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// The encoding of the input, such as windows-1252 [default: UTF-8, or what a byte order mark says]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub encoding: Option<Encoding>,

    /// What separates cells: one character, or `tab` [default: found in the header]
    #[arg(long, value_name = "CHAR", hide_short_help = true)]
    pub delimiter: Option<Delimiter>,

    /// The sheet of a workbook to read [default: the only one that holds anything]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub sheet: Option<String>,

    /// The row that holds the header, as a spreadsheet numbers it [default: found]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub header_row: Option<u64>,

    /// Read a field from this column, such as email=Address; can be repeated
    #[arg(long, value_name = "FIELD=COLUMN", hide_short_help = true)]
    pub map: Vec<Mapping>,
}

impl InputArgs {
    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.encoding.clone_from(&self.encoding);
        flags.delimiter = self.delimiter;
        flags.sheet.clone_from(&self.sheet);
        flags.header_row = self.header_row;
        flags.columns.clone_from(&self.map);
    }
}

/// What becomes of an input before and after its run, where nobody watches.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct UnattendedArgs {
    /// Make an input with a header and no rows a good night or an error [default: error]
    ///
    /// One of ok, error. An input of 0 bytes is always an error.
    #[arg(long, value_name = "WHAT", value_parser = tolerances(), ignore_case = true, hide_short_help = true, hide_possible_values = true)]
    pub if_empty: Option<Tolerance>,

    /// Make a missing input a good night or an error [default: error]
    ///
    /// One of ok, error.
    #[arg(long, value_name = "WHAT", value_parser = tolerances(), ignore_case = true, hide_short_help = true, hide_possible_values = true)]
    pub if_missing: Option<Tolerance>,

    /// Refuse an input that was last changed longer ago than this, such as 26h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_positive, hide_short_help = true)]
    pub max_age: Option<Duration>,

    /// Move the input to this folder once its run has finished
    ///
    /// The name of the run is put into its name, and no file is replaced.
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub archive_to: Option<PathBuf>,
}

impl UnattendedArgs {
    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.if_empty = self.if_empty;
        flags.if_missing = self.if_missing;
        flags.max_age = self.max_age;
        flags.archive_to.clone_from(&self.archive_to);
    }
}

/// Which rows of a report are fed back in.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct SelectionArgs {
    /// Of a report, run only these rows, such as FAILED
    ///
    /// The values of `result_status`, separated by commas.
    #[arg(
        long,
        value_name = "STATUS,…",
        value_delimiter = ',',
        value_parser = statuses(),
        ignore_case = true,
        hide_possible_values = true,
        help_heading = TOP
    )]
    pub only: Vec<Status>,

    /// Of a workbook, skip rows that are hidden or filtered out
    #[arg(long, conflicts_with = "all_rows", hide_short_help = true)]
    pub visible_only: bool,

    /// Of a workbook, run rows that are hidden or filtered out, too
    #[arg(long, hide_short_help = true)]
    pub all_rows: bool,
}

/// What is read before anything is sent.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Guards")]
pub struct PreflightArgs {
    /// Skip reading current user data, except to resolve addresses: rows are not checked in advance, and guards that
    /// need the data refuse the file
    #[arg(long, hide_short_help = true)]
    pub no_preflight: bool,
}

/// What is written.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write the report here, as .csv or .xlsx
    ///
    /// `-` is standard output. [default: NAME.report.csv beside NAME.csv]
    #[arg(short = 'o', long, value_name = "FILE", value_parser = stream(), help_heading = TOP)]
    pub report: Option<Stream>,

    /// Write the result as an HTML page here
    ///
    /// `-` is standard output.
    #[arg(long, value_name = "FILE", value_parser = stream(), help_heading = TOP)]
    pub html: Option<Stream>,

    /// Write a JSON summary to this file; - is standard output
    #[arg(long, value_name = "FILE", value_parser = stream(), hide_short_help = true)]
    pub summary_json: Option<Stream>,
}

impl OutputArgs {
    pub(super) fn apply_to(&self, flags: &mut Flags) {
        flags.report.clone_from(&self.report);
        flags.html.clone_from(&self.html);
        flags.summary_json.clone_from(&self.summary_json);
    }
}

/// What is said on standard error.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Logging")]
pub struct LoggingArgs {
    /// Write standard error as text or as JSON lines [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = log_formats(), ignore_case = true, hide_short_help = true)]
    pub log_format: Option<LogFormat>,

    /// Log more; -vv and -vvv log still more
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,

    /// Say nothing unless something is wrong; -qq says errors only
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,

    /// Show neither a progress bar nor progress lines
    #[arg(long, hide_short_help = true)]
    pub no_progress: bool,
}

impl LoggingArgs {
    pub(super) fn apply_to(self, flags: &mut Flags) {
        flags.log_format = self.log_format;
        flags.verbose = (self.verbose > 0).then_some(self.verbose);
        flags.quiet = (self.quiet > 0).then_some(self.quiet);
        flags.no_progress = self.no_progress.then_some(true);
    }
}
