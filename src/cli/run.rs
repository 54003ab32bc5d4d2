//! `seatrun run` and `seatrun resume`: what can be said of a run.

use clap::Args;

use crate::settings::{Flags, Stream};

use super::options::{
    ConfirmationArgs, ConnectionArgs, GuardArgs, InputArgs, LimitArgs, LoggingArgs, OutputArgs, PreflightArgs,
    RateArgs, RowDefaults, SelectionArgs, SettingsArgs, UnattendedArgs,
};
use super::words::stream;

const EXAMPLES: &str = "\
Examples:
  seatrun run leavers.csv -n                    show what a run would do
  seatrun run leavers.csv -n --html page.html   show it as a page, too
  seatrun run leavers.csv --sandbox --yes       try it on simulated users
  seatrun run leavers.csv                       change seats, after a question
  seatrun run leavers.review.csv                change what a review approves
  seatrun run leavers.report.csv --only FAILED  try again what failed";

const EXIT_STATUS: &str = "

Exit status: 0 every row is done, 1 some are not, 2 wrong usage or settings, 3 refused and nothing \
changed, 4 stopped part-way (`seatrun resume` carries on), 5 the report could not be written, 6 another run \
is under way, 130, 143 or 129 interrupted.";

const AS_STARTED: &str = "\
Whatever is not given is as the run was started; the defaults above are those of a new run.";

/// Whether only to look, and how.
#[derive(Debug, Clone, Copy, Args)]
pub struct DryRunArgs {
    /// Show what a run would do, and change nothing
    ///
    /// It is written as a review, in which somebody can approve rows.
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// With --dry-run: do not use the network
    #[arg(long, requires = "dry_run", hide_short_help = true)]
    pub offline: bool,

    /// With --dry-run: mark every row that would be sent as approved
    #[arg(long, requires = "dry_run", hide_short_help = true)]
    pub prefill_approved: bool,
}

/// `seatrun run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = [EXAMPLES, EXIT_STATUS].concat())]
pub struct Run {
    /// The CSV or workbook to read; - is standard input
    ///
    /// Workbooks are .xlsx, .xlsm, .xls and .ods. Of a pattern in quotes, such as 'leavers-*.csv', the newest file that
    /// matches is read.
    #[arg(value_parser = stream())]
    pub input: Stream,

    /// Whether only to look.
    #[command(flatten)]
    pub dry_run_args: DryRunArgs,

    /// Read each changed user back and report the result
    #[arg(long, hide_short_help = true)]
    pub verify: bool,

    /// Whether to ask.
    #[command(flatten)]
    pub confirmation: ConfirmationArgs,

    /// What a row wants that does not say so itself.
    #[command(flatten)]
    pub row_defaults: RowDefaults,

    /// How the input is read.
    #[command(flatten)]
    pub reading: InputArgs,

    /// What becomes of the input before and after its run.
    #[command(flatten)]
    pub unattended: UnattendedArgs,

    /// Which rows of a report are fed back in.
    #[command(flatten)]
    pub selection: SelectionArgs,

    /// What must not happen by accident.
    #[command(flatten)]
    pub guards: GuardArgs,

    /// What is read before anything is sent.
    #[command(flatten)]
    pub preflight: PreflightArgs,

    /// How fast.
    #[command(flatten)]
    pub pace: RateArgs,

    /// How long, and through how much trouble.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// What is written.
    #[command(flatten)]
    pub output: OutputArgs,

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

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// To change seats.
    Change,
    /// To see what would be changed, asking the API how things are.
    Review,
    /// To see what would be changed, as far as that can be said without a network.
    OfflineReview,
}

impl Run {
    /// What it is for.
    pub fn intent(&self) -> Intent {
        match (self.dry_run_args.dry_run, self.dry_run_args.offline) {
            (false, _) => Intent::Change,
            (true, false) => Intent::Review,
            (true, true) => Intent::OfflineReview,
        }
    }

    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        let mut flags = super::flags(&self.files, self.logging);
        self.row_defaults.apply_to(&mut flags);
        self.reading.apply_to(&mut flags);
        self.unattended.apply_to(&mut flags);
        self.guards.apply_to(&mut flags);
        self.pace.apply_to(&mut flags);
        self.limits.apply_to(&mut flags);
        self.output.apply_to(&mut flags);
        self.connection.apply_to(&mut flags);
        flags.verify = self.verify.then_some(true);
        flags
    }
}

/// `seatrun resume`. Whatever is not given is as the run was started.
#[derive(Debug, Args)]
#[command(after_help = AS_STARTED)]
pub struct Resume {
    /// The run, by its id, a part of it, or `latest` [default: the newest unfinished one, else the newest]
    pub run: Option<String>,

    /// Carry on only what a crash, a signal, the deadline, throttling or the network ended; do nothing where there is
    /// none
    #[arg(long, conflicts_with_all = ["run", "retry_failed"])]
    pub if_unfinished: bool,

    /// Retry rows that the API has refused
    #[arg(long)]
    pub retry_failed: bool,

    /// Send rows even if the user's seat has changed since the run began
    #[arg(long)]
    pub accept_drift: bool,

    /// Whether to ask.
    #[command(flatten)]
    pub confirmation: ConfirmationArgs,

    /// What is read before anything is sent.
    #[command(flatten)]
    pub preflight: PreflightArgs,

    /// How fast.
    #[command(flatten)]
    pub pace: RateArgs,

    /// How long, and through how much trouble.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// What is written.
    #[command(flatten)]
    pub output: OutputArgs,

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

impl Resume {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        let mut flags = super::flags(&self.files, self.logging);
        self.pace.apply_to(&mut flags);
        self.limits.apply_to(&mut flags);
        self.output.apply_to(&mut flags);
        self.connection.apply_to(&mut flags);
        flags
    }
}
