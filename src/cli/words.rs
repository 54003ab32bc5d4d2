//! The words of closed lists: which there are, so that the help and an error can name them.

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};

use crate::model::{ActionName, MissingUserPolicy, Seat, Status};
use crate::settings::{LogFormat, Stream, Tolerance};

/// Reads a path or `-`.
pub(super) fn stream() -> impl TypedValueParser<Value = Stream> {
    OsStringValueParser::new().map(Stream::from)
}

/// Reads the name of an action.
pub(super) fn actions() -> impl TypedValueParser<Value = ActionName> {
    PossibleValuesParser::new(ActionName::ALL.map(ActionName::name)).try_map(|text| text.parse())
}

/// Reads the name of a seat.
pub(super) fn seats() -> impl TypedValueParser<Value = Seat> {
    let seats = [Seat::Guest, Seat::Viewer, Seat::Contributor, Seat::Member];
    PossibleValuesParser::new(seats.map(Seat::name)).try_map(|text| text.parse())
}

/// Reads the name of a status.
pub(super) fn statuses() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::name)).try_map(|text| text.parse())
}

/// Reads what becomes of rows about missing users.
pub(super) fn missing_users() -> impl TypedValueParser<Value = MissingUserPolicy> {
    PossibleValuesParser::new(MissingUserPolicy::ALL.map(MissingUserPolicy::name)).try_map(|text| text.parse())
}

/// Reads whether something is tolerated.
pub(super) fn tolerances() -> impl TypedValueParser<Value = Tolerance> {
    PossibleValuesParser::new(Tolerance::ALL.map(Tolerance::name)).try_map(|text| text.parse())
}

/// Reads the form of the log.
pub(super) fn log_formats() -> impl TypedValueParser<Value = LogFormat> {
    PossibleValuesParser::new(LogFormat::ALL.map(LogFormat::name)).try_map(|text| text.parse())
}
