//! What somebody who watches standard error gets to read.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;
use crate::engine::{Observer, RunEvent};

/// A place to write to that can be read.
#[derive(Clone, Default)]
pub(super) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(super) fn screen(&self) -> Screen {
        Screen::plain(self.clone())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const STARTED: RunEvent<'static> = RunEvent::Started { jobs: 10, limit: Some(270) };
const PAUSED: RunEvent<'static> = RunEvent::Paused { why: "429", pause: Duration::from_secs(60) };
const DRAINING: RunEvent<'static> = RunEvent::Draining { why: "interrupted" };

fn shown(manner: Manner, volume: Volume, events: &[RunEvent<'_>]) -> String {
    let paper = Paper::default();
    let progress = Progress::new(Console::new(paper.screen(), LogFormat::Text, volume), manner);
    for event in events {
        progress.on_event(event);
    }
    paper.text()
}

#[test]
fn a_pause_and_a_stop_are_said_at_once_and_nothing_is_lost_at_the_end() {
    let lines = Manner::Lines { every: Duration::from_secs(3_600) };
    let told = [STARTED, PAUSED, PAUSED, DRAINING, RunEvent::Finished];
    let news = "paused for 1m: 429\nstopping: interrupted; what is in flight is finished first\n";
    let table = [(lines, news), (Manner::News, news), (Manner::Nothing, "")];
    for (manner, expected) in table {
        assert_eq!(shown(manner, Volume::Normal, &told), expected, "{manner:?}");
    }
}

#[test]
fn a_run_that_ends_soon_or_never_starts_shows_no_progress() {
    let lines = Manner::Lines { every: Duration::from_secs(3_600) };
    for told in [&[][..], &[PAUSED, RunEvent::Finished], &[STARTED], &[STARTED, RunEvent::Finished]] {
        assert_eq!(shown(lines, Volume::Normal, told), "", "{told:?}");
    }
}

#[test]
fn lines_come_at_intervals() {
    let paper = Paper::default();
    let console = Console::new(paper.screen(), LogFormat::Text, Volume::Normal);
    let progress = Progress::new(console, Manner::Lines { every: Duration::from_millis(1) });
    progress.on_event(&STARTED);
    while paper.text().lines().count() < 3 {
        std::thread::yield_now();
    }
    drop(progress);
    let expected = "0 of 10 done (0%), 0 failed, 0 of 270 requests in the last minute";
    assert!(paper.text().lines().all(|line| line == expected), "{}", paper.text());
}

#[test]
fn progress_suits_the_place() {
    let screen = |watcher| Paper::default().screen().watched_by(watcher);
    let (terminal, plain) = (Watcher::Terminal(Colour::Off), Watcher::Plain);
    let (text, json) = (LogFormat::Text, LogFormat::Json);
    let (shown, hidden) = (ProgressWish::Shown, ProgressWish::Hidden);
    let lines = Manner::Lines { every: Duration::from_secs(10) };
    let table = [
        (terminal, text, Volume::Normal, shown, Manner::Bar),
        (terminal, text, Volume::Trace, shown, Manner::Bar),
        (terminal, json, Volume::Normal, shown, lines),
        (plain, text, Volume::Normal, shown, lines),
        (plain, json, Volume::Normal, shown, lines),
        (terminal, text, Volume::Normal, hidden, Manner::News),
        (plain, text, Volume::Normal, hidden, Manner::News),
        (terminal, text, Volume::Quiet, shown, Manner::Nothing),
        (plain, json, Volume::Quiet, hidden, Manner::Nothing),
    ];
    for (watcher, format, volume, wish, manner) in table {
        let progress = Console::new(screen(watcher), format, volume).progress(wish);
        assert_eq!(progress.manner(), manner, "{watcher:?} {format} {volume:?} {wish:?}");
    }
}

#[test]
fn quiet_leaves_errors_only_and_a_hint_has_a_line_of_its_own() {
    let table = [
        (Volume::Normal, "said\nwarning: warned\nerror: failed\nhint: try this\nerror: failed again\n"),
        (Volume::Quiet, "warning: warned\nerror: failed\nhint: try this\nerror: failed again\n"),
        (Volume::Silent, "error: failed\nhint: try this\nerror: failed again\n"),
    ];
    for (volume, expected) in table {
        let paper = Paper::default();
        let console = Console::new(paper.screen(), LogFormat::Text, volume);
        console.say("said");
        console.warn("warned");
        console.error("failed", Some("try this"));
        console.error("failed again", None);
        assert_eq!(paper.text(), expected);
    }
}

#[test]
fn in_json_everything_that_is_said_is_an_event_at_every_volume() {
    let paper = Paper::default();
    let screen = paper.screen();
    let levels = log::Levels::new(Volume::Normal, None).unwrap();
    tracing::subscriber::with_default(log::json(&screen, levels), || {
        let console = Console::new(screen.clone(), LogFormat::Json, Volume::Normal);
        console.say("said");
        console.warn("warned");
        console.error("failed", Some("try this"));
    });
    let text = paper.text();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spoken: Vec<_> = events.iter().map(|event| (event["level"].as_str(), event["message"].as_str())).collect();
    let expected = [(Some("INFO"), Some("said")), (Some("WARN"), Some("warned")), (Some("ERROR"), Some("failed"))];
    assert_eq!(spoken, expected);
    assert_eq!(events[2]["hint"], "try this");
}

#[test]
fn a_screen_that_has_gone_away_stops_nobody() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::BrokenPipe))
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::Error::from(io::ErrorKind::BrokenPipe))
        }
    }
    let console = Console::new(Screen::plain(Gone), LogFormat::Text, Volume::Normal);
    console.say("said");
    let progress = Progress::new(console, Manner::News);
    for event in [STARTED, DRAINING, RunEvent::Finished] {
        progress.on_event(&event);
    }
}

/// What is written by everything that says `text`, without the colours that the program itself adds.
fn everything_said(text: &str, format: LogFormat, colour: Colour) -> String {
    let paper = Paper::default();
    let screen = paper.screen().watched_by(Watcher::Terminal(colour));
    let levels = log::Levels::new(Volume::Trace, None).unwrap();
    let say = || {
        let console = Console::new(screen.clone(), format, Volume::Trace);
        console.say(text);
        console.say_lines(text);
        console.say_fitted(text);
        console.warn(text);
        console.error(text, Some(text));
        console.usage_error(text);
        let _run = tracing::info_span!("run", id = text).entered();
        tracing::warn!(row = text, other = ?text, "{text}");
        let progress = Progress::new(console, Manner::News);
        let draining = RunEvent::Draining { why: text };
        for happening in [STARTED, RunEvent::Paused { why: text, pause: Duration::from_secs(9) }, draining] {
            progress.on_event(&happening);
        }
    };
    match format {
        LogFormat::Text => tracing::subscriber::with_default(log::text(&screen, levels), say),
        LogFormat::Json => tracing::subscriber::with_default(log::json(&screen, levels), say),
    }
    let colours = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];
    let colours: &[&str] = if colour == Colour::On { &colours } else { &[] };
    colours.iter().fold(paper.text(), |text, colour| text.replace(colour, ""))
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_said_steers_the_terminal(text in visible::tests::any_text()) {
        for format in [LogFormat::Text, LogFormat::Json] {
            for colour in [Colour::On, Colour::Off] {
                let said = everything_said(&text, format, colour);
                assert!(!said.contains(visible::tests::is_command), "{text:?} in {format}, {colour:?}: {said:?}");
            }
        }
    }
}

#[test]
fn a_value_cannot_begin_a_line_of_its_own() {
    let said = everything_said("x\nerror: forged", LogFormat::Text, Colour::Off);
    // A text of several lines has lines: twice here, and in what clap says.
    assert_eq!(said.lines().filter(|line| line.starts_with("error: forged")).count(), 3, "{said}");
}
