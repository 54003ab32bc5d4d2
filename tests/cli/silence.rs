//! What is said on a good night and on a bad one: cron mails whatever a command says, so a good night says nothing.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use seatrun::sandbox::SandboxUser;
use serde_json::Value;

use super::fixture::{Api, Site, downgrades, failing, members, user};

/// A night: its name, how the first request for one user goes, what is typed, the exit code, what is said and what is not.
type Night =
    (&'static str, &'static str, &'static [&'static str], i32, &'static [&'static str], &'static [&'static str]);

/// Three users, of whom one fails if that is wanted.
fn api(fault: &str) -> Api {
    // Many more than are changed, because a file that changes a quarter of a plan is warned of.
    let others = (3..20).map(|number| SandboxUser::new(user(number)));
    Api::holding(members(2).chain([failing(2, fault)]).chain(others))
}

#[test]
fn a_good_night_is_silent_and_a_bad_one_says_why() {
    let table: [Night; 7] = [
        ("good", "429", &["-q"], 0, &[], &["a"]),
        ("good and quieter", "429", &["-qq"], 0, &[], &["a"]),
        (
            "rows that failed",
            "partial",
            &["-q"],
            1,
            &["PARTIAL_SUCCESS", "in.csv", "report: in.report.csv"],
            &["reading the users"],
        ),
        ("a guard", "429", &["-q", "--max-changes", "1"], 3, &["error: ", "hint: ", "NOT_ATTEMPTED"], &[]),
        ("a guard, quieter", "429", &["-qq", "--max-changes", "1"], 3, &["error: ", "hint: "], &["NOT_ATTEMPTED"]),
        ("a warning", "429", &["-q", "--sheet", "x"], 2, &["--sheet"], &[]),
        ("no input", "429", &["-q", "--if-missing", "ok", "none.csv"], 0, &[], &["a"]),
    ];
    for (name, fault, arguments, code, said, unsaid) in table {
        let api = api(fault);
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(3));
        let input: &[&str] = if arguments.contains(&"none.csv") { &[] } else { &["in.csv"] };
        let ended = site.run(&[&["run", "--yes"], input, arguments].concat()).exits(code);
        let ended = ended.warns(said);
        assert!(unsaid.iter().all(|text| !ended.stderr.contains(text)), "{name}: {ended}");
        assert_eq!(ended.stderr.is_empty(), said.is_empty(), "{name}: {ended}");
    }
}

#[test]
fn a_warning_breaks_the_silence_and_brings_the_summary() {
    let api = api("429");
    let site = Site::facing(&api);
    site.write("near.csv", downgrades(1).replace("seat_type\n", "seat_type,emial\n").replace("VIEWER\n", "VIEWER,\n"));
    let ended = site.run(&["run", "near.csv", "--yes", "-q"]).exits(0);
    ended.warns(&["warning: ", "emial", "SUCCESS"]);
    let ended = site.run(&["run", "near.csv", "--yes", "-qq"]).exits(0);
    assert_eq!(ended.stderr, "", "{ended}");
}

#[test]
fn a_program_that_follows_a_run_reads_events_with_fields() {
    let api = api("partial");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    let ended = site.run(&["run", "in.csv", "--yes", "--log-format", "json"]).exits(1);
    let lines: Vec<Value> = ended.stderr.lines().map(|line| line.parse().unwrap()).collect();
    let events: Vec<_> = lines.iter().filter(|line| line["event"].is_string()).collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).copied().collect::<Vec<_>>();
    assert!(events.iter().all(|event| event["schema"] == 1 && event["timestamp"].is_string()), "{ended}");
    let ([started], [finished]) = (&named("run_started")[..], &named("run_finished")[..]) else { panic!("{ended}") };
    assert_eq!((&started["jobs"], &finished["exit_code"]), (&3.into(), &1.into()));
    assert_eq!((&started["run"], &finished["counts"]["PARTIAL_SUCCESS"]), (&finished["run"], &1.into()));
    let rows = named("row");
    assert_eq!(rows.len(), 3, "{ended}");
    let of_first = rows.iter().find(|row| row["row"] == 2).unwrap();
    assert_eq!((&of_first["user_id"], &of_first["status"]), (&user(0).to_string().into(), &"SUCCESS".into()));
    // A refusal has an end, too.
    let ended = site.run(&["run", "none.csv", "--yes", "--log-format", "json"]).exits(3);
    assert!(ended.stderr.contains(r#""event":"run_finished""#), "{ended}");
    let ended = site.run(&["run", "in.csv", "--yes", "-qq", "--log-format", "json"]);
    assert!(!ended.stderr.contains("\"event\""), "{ended}");
}

#[test]
fn in_the_journal_each_line_says_how_grave_it_is() {
    let api = api("partial");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3).replace("seat_type\n", "seat_type,emial\n").replace("VIEWER\n", "VIEWER,\n"));
    for (format, warning) in [("text", "<4>warning: "), ("json", "<4>{")] {
        let path = site.folder().join("journal");
        let journal = File::create(&path).unwrap();
        let about = journal.metadata().unwrap();
        let mut command = site.command(&["run", "in.csv", "--yes", "--max-changes", "1", "--log-format", format]);
        command.env("JOURNAL_STREAM", format!("{}:{}", about.dev(), about.ino())).stderr(journal);
        command.status().unwrap();
        let text = site.read("journal");
        assert!(text.lines().all(|line| line.starts_with('<') && line.as_bytes()[2] == b'>'), "{text}");
        assert!(text.contains(warning) && text.contains("<3>") && text.contains("<6>"), "{text}");
        // A pipe of somebody else's, in a unit that has the variable from its own.
        let mut command = site.command(&["run", "in.csv", "--yes", "--max-changes", "1", "--log-format", format]);
        command.env("JOURNAL_STREAM", "9:9").stderr(File::create(&path).unwrap());
        command.status().unwrap();
        assert!(!site.read("journal").starts_with('<'), "{}", site.read("journal"));
    }
}
