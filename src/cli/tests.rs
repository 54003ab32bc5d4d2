//! What can be typed, and what is refused with exit code 2.

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;
use crate::settings::{self, ApiTarget, Key, Sources};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("seatrun").chain(line.split_whitespace()))
}

fn run(line: &str) -> Run {
    let Command::Run(run) = parse(line).unwrap().command else { panic!("{line}") };
    *run
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn what_the_interface_names_can_be_typed() {
    let table = [
        "run leavers.csv",
        "run - --yes -o -",
        "run a.csv --dry-run --offline",
        "run a.csv --plan-id 4843937635559300 --action Downgrade --seat-type viewer",
        "run a.csv --map user_id=Account --map email=Mail --only FAILED,UNKNOWN",
        "run a.csv --rate 100 --concurrency 1000 --max-changes 25% --max-errors 3 --max-invalid 0 --missing-users fail",
        "run a.csv --deadline 1h30m --wait 0 --allow-remove --summary-json s.json",
        "run a.csv --api-url eu --config c.toml --profile p --state-dir s",
        "run a.xlsx --sheet Leavers",
        "run a.csv --sandbox --log-format json -vv --no-progress",
        "run a.csv --verify",
        "run a.csv -q",
        "resume",
        "resume 7f3 --retry-failed --yes --rate 50 --report r.csv --sandbox",
        "undo 7f3 -o undo.csv",
        "undo --user jo@example.com --user 12",
        "history -n 3",
        "resume --if-unfinished --yes",
        "undo 7f3 -o - --sandbox",
        "history",
        "history 7f3 --json",
        "history --user 48569348493401200",
        "history prune --older-than 400d --state-dir s",
        "report 7f3 -o r.csv",
        "users --seat member,guest --status active --domain acme.example --external --inactive-for 90d --never-signed-in",
        "plans 1 a@b.example 3 --json --max-items 500 --display-contributor-seat-type",
        "plans --input a.csv --map user_id=Account -o out.csv",
        "template downgrade",
        "template Update -o leavers.csv -q",
        "doctor --api-url gov --plan-id 5",
        "sandbox --port 8080 --users 10 --rate 0 --latency 20..80 --faults 429=1%,502=0.5% --seed 7",
        "sandbox --viewer accepted --strict",
        "config show --profile p --json",
        "config init",
        "run a.csv -n",
        "config init --config c.toml",
        "completions bash",
        "man",
    ];
    for line in table {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_exit_code_2_and_a_reason() {
    let table = [
        ("", "Usage: seatrun <COMMAND>"),
        ("run", "<INPUT>"),
        ("run a.csv --offline", "--dry-run"),
        ("run a.csv --deadline 10", "`10` has no unit: write 10s"),
        ("run a.csv --deadline 0s", "`0s` is no time at all"),
        ("run a.csv --wait soon", "`soon` is not a duration"),
        ("run a.csv --rate fast", "`fast` is not a number of requests a minute"),
        ("run a.csv --concurrency 0", "write a whole number from 1 to 1000"),
        ("run a.csv --concurrency 1001", "write a whole number from 1 to 1000"),
        ("run a.csv --max-changes 101%", "`101%` is not a limit"),
        ("run a.csv --plan-id 4.8E+15", "`4.8E+15` is not a number of 1 to 19 digits"),
        ("run a.csv --action delete", "[possible values: downgrade, upgrade, deactivate"),
        ("run a.csv --seat-type PROVISIONAL_MEMBER", "[possible values: GUEST, VIEWER, CONTRIBUTOR, MEMBER]"),
        ("run a.csv --only LOST", "[possible values: SUCCESS, PARTIAL_SUCCESS"),
        ("run a.csv --map user_id", "`user_id` is not of the form FIELD=COLUMN"),
        ("run a.csv --api-url http://api.smartsheet.com/2.0", "would send the token unencrypted"),
        ("run a.csv --sandbox --api-url eu", "cannot be used with"),
        ("run a.csv -q -v", "cannot be used with"),
        ("run a.csv --token hush", "unexpected argument '--token'"),
        ("resume --max-changes 5", "unexpected argument '--max-changes'"),
        ("history prune", "--older-than"),
        ("history prune --older-than 400", "`400` has no unit"),
        ("history 7f3 --user 5", "cannot be used with"),
        ("report", "<RUN>"),
        ("plans", "<USER>"),
        ("plans 5 --input a.csv", "cannot be used with"),
        ("plans jane@", "neither the id of a user nor an address"),
        ("users --never-signed-in", "--inactive-for"),
        ("users --seat GOLD", "[possible values: GUEST"),
        ("users --status gone", "DEACTIVATED"),
        ("users --domain jane@acme.example", "is not a domain"),
        ("plans 5 --max-items 99", "99 is not in 100.."),
        ("template", "<ACTION>"),
        ("template rename", "[possible values: downgrade, upgrade, deactivate"),
    ];
    for (line, expected) in table {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.to_string().contains(expected), "{line}: {error}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let table = [
        ("--help", ErrorKind::DisplayHelp),
        ("-h", ErrorKind::DisplayHelp),
        ("help run", ErrorKind::DisplayHelp),
        ("-V", ErrorKind::DisplayVersion),
    ];
    for (line, kind) in table {
        let error = parse(line).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (kind, 0));
    }
}

#[test]
fn a_dash_is_standard_input_or_output() {
    let typed = run("run - -o - --summary-json s.json --html p.html");
    assert_eq!((typed.input, typed.output.report), (Stream::Standard, Some(Stream::Standard)));
    assert_eq!(typed.output.summary_json, Some(Stream::File("s.json".into())));
    assert_eq!(typed.output.html, Some(Stream::File("p.html".into())));
}

#[test]
fn a_run_is_for_one_of_three_things() {
    let table = [
        ("run a.csv", Intent::Change),
        ("run a.csv --dry-run", Intent::Review),
        ("run a.csv --dry-run --offline", Intent::OfflineReview),
    ];
    for (line, intent) in table {
        assert_eq!(run(line).intent(), intent, "{line}");
    }
}

#[test]
fn every_flag_that_is_a_setting_reaches_the_settings() {
    for (flag, argument) in flags_of_run() {
        let Some(key) = Key::ALL.iter().find(|key| key.flag() == format!("--{flag}")) else { continue };
        // A value that the flag takes, whatever it is for.
        let values = ["eu", "5", "plans", "GUEST", "10m", "json", "utf-8", ";", "skip", "ok"]
            .map(|value| format!("--{flag}={value}"));
        let typed = if argument.get_action().takes_values() { values.to_vec() } else { vec![format!("--{flag}")] };
        let read = typed.iter().find_map(|typed| parse(&format!("run a.csv {typed}")).ok());
        let Some(Command::Run(run)) = read.map(|cli| cli.command) else { panic!("--{flag} takes none of {typed:?}") };
        let settings = settings(run.flags());
        let row = settings.rows().into_iter().find(|row| row.key == key.name).unwrap();
        assert_eq!(row.origin, format!("--{flag}"));
    }
    let typed = run("run a.csv --config c --profile p --map user_id=A --map email=B");
    let flags = typed.flags();
    assert_eq!((flags.config, flags.profile), (Some("c".into()), Some("p".to_owned())));
    assert_eq!(flags.columns.len(), 2);
    assert_eq!(typed.connection.target(), ApiTarget::Configured);
    assert_eq!(run("run a.csv --sandbox").connection.target(), ApiTarget::Sandbox);
}

/// The long flags of `seatrun run`.
fn flags_of_run() -> Vec<(String, clap::Arg)> {
    let mut command = Cli::command();
    let run = command.find_subcommand_mut("run").unwrap();
    let long = |argument: &clap::Arg| Some((argument.get_long()?.to_owned(), argument.clone()));
    run.get_arguments().filter_map(long).collect()
}

fn settings(flags: Flags) -> settings::Settings {
    let sources = Sources {
        flags,
        target: ApiTarget::Configured,
        fields: &[],
        environment: [("HOME", "/home/nobody")].into_iter().collect(),
        system_file: "/nowhere/config.toml".into(),
    };
    settings::load(&sources).unwrap()
}

#[test]
fn every_flag_of_a_run_is_a_setting_or_about_the_one_invocation() {
    // The question, what lifts a guard, and what belongs to one invocation.
    const EXCEPTIONS: [&str; 13] = [
        "yes",
        "allow-remove",
        "accept-drift",
        "ids-are-exact",
        "prefill-approved",
        // They answer the guard of filtered sheets.
        "visible-only",
        "all-rows",
        "dry-run",
        "offline",
        "sandbox",
        "only",
        "no-preflight",
        "help",
    ];
    // The table [columns] and the variables SEATRUN_CONFIG and SEATRUN_PROFILE say these.
    const BESIDE_THE_TABLE: [&str; 3] = ["map", "config", "profile"];
    for (flag, _) in flags_of_run() {
        let is_setting = Key::ALL.iter().any(|key| key.flag() == format!("--{flag}"));
        let is_known = EXCEPTIONS.contains(&&*flag) || BESIDE_THE_TABLE.contains(&&*flag);
        assert!(is_setting != is_known, "--{flag} needs a row in the table of the settings, or a reason to have none");
    }
}

#[test]
fn the_help_names_the_defaults_that_are_built_in() {
    let defaults: toml::Table = include_str!("../../config/default.toml").parse().unwrap();
    let mut command = Cli::command();
    let run = command.find_subcommand_mut("run").unwrap();
    for key in Key::ALL {
        let flag = key.flag();
        let argument = run.get_arguments().find(|argument| Some(&flag[2..]) == argument.get_long());
        let (Some(argument), Some(default)) = (argument, defaults.get(key.name)) else { continue };
        if !argument.get_action().takes_values() {
            continue;
        }
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let help = argument.get_help().unwrap().to_string();
        assert!(help.contains(&format!("[default: {default}]")), "{flag}: {help}");
    }
}

#[test]
fn the_short_help_of_a_run_fits_a_screen_and_the_long_one_has_every_flag() {
    let mut command = Cli::command().term_width(80);
    command.build();
    let run = command.find_subcommand_mut("run").unwrap();
    let (short, long) = (run.render_help().to_string(), run.render_long_help().to_string());
    assert!(short.lines().count() <= 36, "{} lines:\n{short}", short.lines().count());
    for (flag, _) in flags_of_run() {
        assert!(long.contains(&format!("--{flag}")), "--{flag}");
    }
    assert!(short.contains("Examples:") && long.contains("Exit status:"));
}

#[test]
fn no_help_is_wider_than_a_terminal_of_80_columns() {
    let mut command = Cli::command().term_width(80);
    command.build();
    let mut commands = vec![command];
    while let Some(mut command) = commands.pop() {
        let help = [command.render_help().to_string(), command.render_long_help().to_string()].concat();
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
        }
        commands.extend(command.get_subcommands().cloned());
    }
}
