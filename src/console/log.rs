//! The log: what the program does, as lines of text or of JSON on standard error.
//!
//! Only this program's own events are ever written, at no verbosity those of its libraries: an HTTP library's trace shows
//! headers, and one of them is the token.

use std::fmt;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

use crate::settings::LogFormat;

use super::{Screen, Verbosity};

/// The variable that sets levels part by part: `SEATRUN_LOG=info,seatrun::engine=trace`.
pub const VARIABLE: &str = "SEATRUN_LOG";

const OURS: &str = "seatrun";

/// The target of what would be plain words in text, and is an event in JSON. No level leaves it out.
pub(super) const MESSAGE_TARGET: &str = "seatrun::said";

/// Why the log can't be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The levels make no sense.
    #[error("{VARIABLE}: `{0}` is not a list of levels such as debug or info,seatrun::engine=trace")]
    Levels(String),
    /// The levels name a library.
    #[error("{VARIABLE}: `{0}` is not a part of seatrun, and only its own parts are logged: others may show the token")]
    Foreign(String),
    /// There is one already.
    #[error("the log is set up already")]
    Already,
}

/// What is written to the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels(Targets);

impl Levels {
    /// The levels of a verbosity, or those that [`VARIABLE`] says instead.
    pub fn new(verbosity: Verbosity, variable: Option<&str>) -> Result<Self, LogError> {
        let said = Targets::new().with_target(MESSAGE_TARGET, LevelFilter::INFO);
        let Some(text) = variable else { return Ok(Self(said.with_target(OURS, verbosity.level()))) };
        let asked: Targets = text.parse().map_err(|_| LogError::Levels(text.to_owned()))?;
        let foreign = asked.iter().find(|(part, _)| !is_part_of_ours(part));
        if let Some((part, _)) = foreign {
            return Err(LogError::Foreign(part.to_owned()));
        }
        let general = asked.default_level().unwrap_or(verbosity.level());
        Ok(Self(said.with_target(OURS, general).with_targets(asked.iter())))
    }
}

/// Starts the log of this process.
pub fn start(screen: &Screen, format: LogFormat, levels: Levels) -> Result<(), LogError> {
    match format {
        LogFormat::Text => tracing::subscriber::set_global_default(text(screen, levels)),
        LogFormat::Json => tracing::subscriber::set_global_default(json(screen, levels)),
    }
    .map_err(|_| LogError::Already)
}

pub(super) fn text(screen: &Screen, Levels(levels): Levels) -> impl Subscriber + Send + Sync + use<> {
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(screen.clone())
        .with_ansi(false)
        .with_target(false)
        .with_timer(Seconds);
    Registry::default().with(layer.with_filter(levels.or(surroundings())))
}

pub(super) fn json(screen: &Screen, Levels(levels): Levels) -> impl Subscriber + Send + Sync + use<> {
    let layer = tracing_subscriber::fmt::layer().json().with_writer(screen.clone()).flatten_event(true);
    Registry::default().with(layer.with_filter(levels.or(surroundings())))
}

/// Spans are kept at every verbosity, so that a warning says to which run and row it belongs.
fn surroundings<S>() -> impl Filter<S> + Send + Sync + 'static {
    let is_ours = |metadata: &Metadata<'_>| metadata.is_span() && is_part_of_ours(metadata.target());
    filter_fn(move |metadata| is_ours(metadata) && *metadata.level() <= Level::INFO).with_max_level_hint(Level::INFO)
}

fn is_part_of_ours(target: &str) -> bool {
    target == OURS || target.starts_with("seatrun::")
}

/// The time of an event in text, in UTC and to the second: `2026-11-21T20:27:33Z`.
struct Seconds;

impl FormatTime for Seconds {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

#[cfg(test)]
mod tests {
    use tracing::subscriber::with_default;
    use tracing::{debug, error, info, info_span, trace, warn};

    use super::super::tests::Paper;
    use super::*;

    fn speak() {
        let _run = info_span!("run", id = 7).entered();
        error!("an error");
        warn!("a warning");
        info!(row = 12, "some information");
        debug!("debugging");
        trace!("tracing");
        info!(target: MESSAGE_TARGET, "a word");
        error!(target: "hyper::proto", "authorization: Bearer hush");
    }

    fn written(verbosity: Verbosity, variable: Option<&str>) -> String {
        let paper = Paper::default();
        let levels = Levels::new(verbosity, variable).unwrap();
        with_default(text(&paper.screen(), levels), speak);
        paper.text()
    }

    #[test]
    fn each_verbosity_adds_a_level_and_none_adds_a_library() {
        let table = [
            (Verbosity::Quiet, None, 1),
            (Verbosity::Normal, None, 2),
            (Verbosity::Verbose, None, 3),
            (Verbosity::Debug, None, 4),
            (Verbosity::Trace, None, 5),
            (Verbosity::Normal, Some("debug"), 4),
            (Verbosity::Trace, Some("off"), 0),
            (Verbosity::Quiet, Some("seatrun::console=trace"), 5),
            (Verbosity::Quiet, Some("seatrun::nowhere=trace"), 1),
        ];
        for (verbosity, variable, expected) in table {
            let text = written(verbosity, variable);
            let events = text.lines().filter(|line| !line.contains("a word")).count();
            assert_eq!(events, expected, "{verbosity:?} {variable:?}\n{text}");
            assert!(!text.contains("hush"), "{text}");
        }
    }

    #[test]
    fn a_warning_names_its_run_at_every_verbosity_and_no_library_gives_it_a_name() {
        let paper = Paper::default();
        with_default(text(&paper.screen(), Levels::new(Verbosity::Normal, None).unwrap()), || {
            let _request = info_span!(target: "reqwest::connect", "request", authorization = "hush").entered();
            let _run = info_span!("run", id = 7).entered();
            warn!("a warning");
        });
        assert!(paper.text().contains(" WARN run{id=7}: a warning"), "{}", paper.text());
        assert!(!paper.text().contains("hush"), "{}", paper.text());
    }

    #[test]
    fn a_level_for_a_library_is_refused() {
        for (text, expected) in
            [("hyper=trace", "not a part of seatrun"), ("seatrunner=info", "not a part"), ("a=b=c", "levels")]
        {
            let error = Levels::new(Verbosity::Normal, Some(text)).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn text_has_no_escape_codes_away_from_a_terminal_and_names_where_it_happened() {
        let text = written(Verbosity::Verbose, None);
        let line = text.lines().find(|line| line.contains("some information")).unwrap();
        assert!(line.contains("Z  INFO run{id=7}: some information row=12"), "{line}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn json_is_one_object_a_line_with_the_spans_it_happened_in() {
        let paper = Paper::default();
        with_default(json(&paper.screen(), Levels::new(Verbosity::Verbose, None).unwrap()), speak);
        let lines: Vec<serde_json::Value> =
            paper.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let event = lines.iter().find(|line| line["message"] == "some information").unwrap();
        assert_eq!((&event["level"], &event["row"], &event["span"]["id"]), (&"INFO".into(), &12.into(), &7.into()));
    }
}
