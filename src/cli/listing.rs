//! The arguments of the commands that list what Smartsheet holds: `seatrun users` and `seatrun plans`.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::flags;
use super::options::{ConnectionArgs, InputArgs, LoggingArgs, RateArgs, SettingsArgs};
use super::words::stream;
use crate::input::Subject;
use crate::model::{Domain, Email, PlanId, Seat};
use crate::settings::{Flags, Stream, duration};

const USERS_OUTPUT: &str = "\
The list is a valid input of `seatrun run`: look through it, take rows out, and run it. It costs one request a page of 100 \
users.

Exit status: 0 the list is whole, 1 some users could not be read, 3 nothing can be listed.";

/// The form of a list, and where it goes.
#[derive(Debug, Clone, Default, Args)]
pub struct ListingArgs {
    /// Write JSON instead of CSV
    #[arg(long)]
    pub json: bool,

    /// Write here instead of to standard output, as a workbook if it ends in .xlsx
    #[arg(short = 'o', long, value_name = "FILE", value_parser = stream())]
    pub output: Option<Stream>,
}

/// `seatrun users`.
#[derive(Debug, Args)]
#[command(after_help = USERS_OUTPUT)]
pub struct Users {
    /// List users who hold one of these seats
    ///
    /// One of GUEST, VIEWER, CONTRIBUTOR, MEMBER and `PROVISIONAL_MEMBER`; VIEWER and CONTRIBUTOR are one seat.
    #[arg(long, value_name = "SEAT,…", value_delimiter = ',', value_parser = held_seats(), ignore_case = true, hide_possible_values = true)]
    pub seat: Vec<Seat>,

    /// List users with one of these statuses
    ///
    /// One of ACTIVE, PENDING, DECLINED, DEACTIVATED.
    #[arg(long, value_name = "STATUS,…", value_delimiter = ',', value_parser = PossibleValuesParser::new(USER_STATUSES), ignore_case = true, hide_possible_values = true)]
    pub status: Vec<String>,

    /// List users whose address is at one of these domains; subdomains do not count
    #[arg(long, value_name = "DOMAIN,…", value_delimiter = ',')]
    pub domain: Vec<Domain>,

    /// List users whose domain does not belong to the plan
    #[arg(long)]
    pub external: bool,

    /// List users who have not signed in for this long, such as 90d
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_positive)]
    pub inactive_for: Option<Duration>,

    /// List users without a last sign-in, too, if their seat is older than --inactive-for
    #[arg(long, requires = "inactive_for")]
    pub never_signed_in: bool,

    /// The form of the list.
    #[command(flatten)]
    pub listing: ListingArgs,

    /// List the users of this plan [default: the one of the settings, else the only plan of the token's own user]
    #[arg(long, value_name = "ID")]
    pub plan_id: Option<PlanId>,

    /// How fast.
    #[command(flatten)]
    pub pace: RateArgs,

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

impl Users {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        let mut flags = flags(&self.files, self.logging);
        self.pace.apply_to(&mut flags);
        self.connection.apply_to(&mut flags);
        flags.plan_id = self.plan_id;
        flags
    }
}

/// `seatrun plans`.
#[derive(Debug, Args)]
pub struct Plans {
    /// The ids or addresses of the users
    #[arg(value_name = "USER", required_unless_present = "input", conflicts_with = "input", value_parser = subject)]
    pub users: Vec<Subject>,

    /// Take the users from this CSV or workbook; - is standard input
    #[arg(long, value_name = "FILE", value_parser = stream())]
    pub input: Option<Stream>,

    /// The form of the list.
    #[command(flatten)]
    pub listing: ListingArgs,

    /// Plans asked for at a time, 100 at least [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..))]
    pub max_items: Option<u32>,

    /// Have the free seat shown as CONTRIBUTOR rather than VIEWER
    #[arg(long)]
    pub display_contributor_seat_type: bool,

    /// How the input is read.
    #[command(flatten)]
    pub reading: InputArgs,

    /// How fast.
    #[command(flatten)]
    pub pace: RateArgs,

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

impl Plans {
    /// What it says of the settings.
    pub fn flags(&self) -> Flags {
        let mut flags = flags(&self.files, self.logging);
        self.reading.apply_to(&mut flags);
        self.pace.apply_to(&mut flags);
        self.connection.apply_to(&mut flags);
        flags
    }
}

/// The statuses that the API names (API notes, "User `status`").
const USER_STATUSES: [&str; 4] = ["ACTIVE", "PENDING", "DECLINED", "DEACTIVATED"];

/// Reads a seat that a user can hold; one of them is never asked for.
fn held_seats() -> impl TypedValueParser<Value = Seat> {
    PossibleValuesParser::new(Seat::ALL.map(Seat::name)).try_map(|text| text.parse())
}

/// Reads the id or the address of a user.
pub(super) fn subject(text: &str) -> Result<Subject, String> {
    let id = || text.parse().ok().map(Subject::Id);
    let address = || Email::new(text).filter(|email| !email.as_str().contains('*')).map(Subject::Email);
    id().or_else(address).ok_or_else(|| "it is neither the id of a user nor an address".to_owned())
}
