//! The keys of the settings: how each is named in a file, in the environment and on the command line, and what its
//! value must be.
//!
//! It judges one value at a time and must never read a file or know which layer wins.

use std::time::Duration;

use crate::model::{ActionName, FreeSeatName, Limit, Pattern, PlanId, Seat, SeatError};

use super::{ApiUrl, Concurrency, IntegrationSource, LogFormat, Rate, duration};

/// A key of the settings. `[columns]` and `[profile.NAME]` are tables and stand beside these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Where the API is.
    ApiUrl,
    /// The plan of rows that name none.
    PlanId,
    /// The action of rows that name none.
    Action,
    /// The seat of rows that name none.
    SeatType,
    /// Requests a minute.
    Rate,
    /// Requests in flight.
    Concurrency,
    /// Users that one file may change.
    MaxChanges,
    /// Failures after which a run stops.
    MaxErrors,
    /// Invalid rows that a file may have.
    MaxInvalid,
    /// How long a connection may take.
    ConnectTimeout,
    /// How long a request may take in all.
    RequestTimeout,
    /// How the program introduces itself to Smartsheet.
    IntegrationSource,
    /// By which name the free seat is asked for.
    FreeSeatName,
    /// The file that holds the token.
    TokenFile,
    /// The command that prints the token.
    TokenCommand,
    /// The folder of ledgers and locks.
    StateDir,
    /// How the log is written.
    LogFormat,
    /// Users whom no run changes.
    Protected,
    /// The only account in which anything is changed.
    ExpectAccount,
    /// The only plans in which anything is changed.
    ExpectPlan,
    /// How long a review can be run.
    ReviewValidFor,
}

/// Which kinds of TOML value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text in quotes.
    Text,
    /// A whole number.
    Number,
    /// Either.
    TextOrNumber,
    /// Any number of either; one may stand without brackets.
    List,
}

impl Form {
    /// What to write, in words.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Number => "a whole number",
            Self::TextOrNumber => "a whole number, or text in quotes",
            Self::List => "a list, such as [\"one\", \"another\"]",
        }
    }
}

impl Key {
    /// Every key, in the order in which `config show` lists them.
    pub const ALL: [Self; 21] = [
        Self::ApiUrl,
        Self::TokenFile,
        Self::TokenCommand,
        Self::PlanId,
        Self::Action,
        Self::SeatType,
        Self::Rate,
        Self::Concurrency,
        Self::MaxChanges,
        Self::MaxErrors,
        Self::MaxInvalid,
        Self::Protected,
        Self::ExpectAccount,
        Self::ExpectPlan,
        Self::ReviewValidFor,
        Self::ConnectTimeout,
        Self::RequestTimeout,
        Self::IntegrationSource,
        Self::FreeSeatName,
        Self::StateDir,
        Self::LogFormat,
    ];

    /// Its name in a settings file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiUrl => "api_url",
            Self::PlanId => "plan_id",
            Self::Action => "action",
            Self::SeatType => "seat_type",
            Self::Rate => "rate",
            Self::Concurrency => "concurrency",
            Self::MaxChanges => "max_changes",
            Self::MaxErrors => "max_errors",
            Self::MaxInvalid => "max_invalid",
            Self::ConnectTimeout => "connect_timeout",
            Self::RequestTimeout => "request_timeout",
            Self::IntegrationSource => "integration_source",
            Self::FreeSeatName => "free_seat_name",
            Self::TokenFile => "token_file",
            Self::TokenCommand => "token_command",
            Self::StateDir => "state_dir",
            Self::LogFormat => "log_format",
            Self::Protected => "protected",
            Self::ExpectAccount => "expect_account",
            Self::ExpectPlan => "expect_plan",
            Self::ReviewValidFor => "review_valid_for",
        }
    }

    /// The key of a name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// Its variable in the environment.
    pub fn environment(self) -> String {
        format!("SEATRUN_{}", self.name().to_uppercase())
    }

    /// Its flag on the command line, for those that have one.
    pub fn flag(self) -> String {
        format!("--{}", self.name().replace('_', "-"))
    }

    /// The other key that answers the same question. Saying one voids what a weaker layer said of the other: the
    /// token that a profile names must not lose against another tenant's, named for everybody else.
    pub(super) const fn rival(self) -> Option<Self> {
        match self {
            Self::TokenFile => Some(Self::TokenCommand),
            Self::TokenCommand => Some(Self::TokenFile),
            Self::ApiUrl
            | Self::PlanId
            | Self::Action
            | Self::SeatType
            | Self::Rate
            | Self::Concurrency
            | Self::MaxChanges
            | Self::MaxErrors
            | Self::MaxInvalid
            | Self::ConnectTimeout
            | Self::RequestTimeout
            | Self::IntegrationSource
            | Self::FreeSeatName
            | Self::StateDir
            | Self::LogFormat
            | Self::Protected
            | Self::ExpectAccount
            | Self::ExpectPlan
            | Self::ReviewValidFor => None,
        }
    }

    /// Whether a stronger place adds to the list of a weaker one instead of replacing it. Who is protected for the whole
    /// machine must not lose that because a profile protects somebody else as well.
    pub(super) fn adds_up(self) -> bool {
        self == Self::Protected
    }

    pub(super) const fn form(self) -> Form {
        match self {
            Self::Rate | Self::Concurrency => Form::Number,
            Self::PlanId | Self::MaxChanges | Self::MaxErrors | Self::MaxInvalid | Self::ExpectAccount => {
                Form::TextOrNumber
            }
            Self::Protected | Self::ExpectPlan => Form::List,
            Self::ApiUrl
            | Self::Action
            | Self::SeatType
            | Self::ConnectTimeout
            | Self::RequestTimeout
            | Self::IntegrationSource
            | Self::FreeSeatName
            | Self::TokenFile
            | Self::TokenCommand
            | Self::StateDir
            | Self::LogFormat
            | Self::ReviewValidFor => Form::Text,
        }
    }

    /// Whether `text` is a value for it; the error says what is expected. Values that lose against a stronger layer
    /// are judged too, because the day the stronger one goes away is a bad day to find out. Of a list, it is one entry.
    pub(super) fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::ApiUrl => fits(text.parse::<ApiUrl>()),
            Self::PlanId | Self::ExpectPlan => fits(plan(text)),
            Self::Action => fits(text.parse::<ActionName>()),
            Self::SeatType => fits(seat(text)),
            Self::Rate => fits(text.parse::<Rate>()),
            Self::Concurrency => fits(text.parse::<Concurrency>()),
            Self::MaxChanges | Self::MaxErrors | Self::MaxInvalid => fits(text.parse::<Limit>()),
            Self::Protected => fits(text.parse::<Pattern>()),
            Self::ConnectTimeout | Self::RequestTimeout | Self::ReviewValidFor => fits(time_span(text)),
            Self::IntegrationSource => fits(text.parse::<IntegrationSource>()),
            Self::FreeSeatName => fits(free_seat_name(text)),
            Self::LogFormat => fits(text.parse::<LogFormat>()),
            Self::TokenFile | Self::TokenCommand | Self::StateDir | Self::ExpectAccount => fits(not_empty(text)),
        }
    }
}

fn fits<T>(parsed: Result<T, impl ToString>) -> Result<(), String> {
    parsed.map(|_| ()).map_err(|error| error.to_string())
}

/// Reads the id of a plan.
pub(super) fn plan(text: &str) -> Result<PlanId, String> {
    text.parse().map_err(|error| format!("the plan id {error}"))
}

/// Reads a seat that a row can ask for. A provisional seat is given by Smartsheet alone.
pub fn seat(text: &str) -> Result<Seat, SeatError> {
    match text.parse()? {
        Seat::ProvisionalMember => Err(SeatError(text.trim().to_owned())),
        seat @ (Seat::Guest | Seat::Viewer | Seat::Contributor | Seat::Member) => Ok(seat),
    }
}

/// Reads a span of time that something may take or last.
pub(super) fn time_span(text: &str) -> Result<Duration, duration::DurationError> {
    duration::parse_positive(text)
}

/// Reads a name for the free seat.
pub(super) fn free_seat_name(text: &str) -> Result<FreeSeatName, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "auto" => Ok(FreeSeatName::Auto),
        "viewer" => Ok(FreeSeatName::Viewer),
        "contributor" => Ok(FreeSeatName::Contributor),
        other => Err(format!("`{other}` is not a name of the free seat: it is one of auto, VIEWER, CONTRIBUTOR")),
    }
}

fn not_empty(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() { Err("is empty: give it a value, or leave the key out") } else { Ok(()) }
}
