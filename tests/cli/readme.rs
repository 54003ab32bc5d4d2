//! The README tells the truth: its commands are run and print what it shows, and what it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use seatrun::model::REPORT_COLUMNS;
use seatrun::model::Status;

use super::fixture::Site;

const README: &str = include_str!("../../README.md");

/// Commands that are not run here: they build, which would take minutes, or are this very test.
const NOT_RUN: [&str; 2] = ["cargo test", "cargo install --path . --locked"];

/// A command of a `console` block, and what the README says that it prints.
struct Shown {
    command: &'static str,
    output: String,
}

fn shown() -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for block in README.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                shown.push(Shown { command, output: String::new() });
            } else {
                let output = &mut shown.last_mut().unwrap().output;
                output.push_str(line);
                output.push('\n');
            }
        }
    }
    shown
}

/// The words of `text` with those replaced that differ from run to run: names of runs and times.
fn elided(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let word = |(at, word): (usize, &&str)| {
            let is_time = words.get(at + 1).is_some_and(|next| *next == "s") && word.parse::<f64>().is_ok();
            if is_time {
                "TIME".to_owned()
            } else if is_run(word.trim_end_matches(':')) {
                "RUN".to_owned()
            } else {
                (*word).to_owned()
            }
        };
        words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a word is the name of a run, such as `20261121-213746-efjv`.
fn is_run(word: &str) -> bool {
    let parts: Vec<_> = word.split('-').collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts[..], [day, time, letters] if day.len() == 8 && digits(day) && time.len() == 6 && digits(time) && letters.len() == 4)
}

fn site_with_samples() -> Site {
    let site = Site::new();
    for folder in ["samples", "samples/zoo"] {
        fs::create_dir(site.folder().join(folder)).unwrap();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            // Not the reports of whoever tried the samples by hand.
            if path.is_file() && !name.contains(".report.") && !name.contains(".review.") {
                fs::copy(&path, site.folder().join(folder).join(name)).unwrap();
            }
        }
    }
    site
}

#[test]
fn the_commands_print_what_is_shown() {
    let site = site_with_samples();
    let mut run = 0;
    for Shown { command, output } in shown() {
        let arguments = command.strip_prefix("cargo run --release -- ").or_else(|| command.strip_prefix("seatrun "));
        let Some(arguments) = arguments else {
            assert!(NOT_RUN.contains(&command) && output.is_empty(), "{command}");
            continue;
        };
        run += 1;
        let arguments: Vec<_> = arguments.split(' ').collect();
        if arguments[0] == "sandbox" {
            // The port of the README may be taken on this machine, so any other does.
            let at = arguments.iter().position(|word| *word == "--port").unwrap() + 1;
            let any = [&arguments[..at], &["0"], &arguments[at + 1..]].concat();
            let served = site.start(&any);
            let said = served.until_said("token: ");
            let port = said.split_once("127.0.0.1:").unwrap().1.split_once('/').unwrap().0.to_owned();
            assert_eq!(said.replace(&port, arguments[at]), output, "{command}");
            continue;
        }
        let ended = site.run(&arguments);
        assert_eq!(elided(&format!("{}{}", ended.stderr, ended.stdout)), elided(&output), "{command}");
    }
    assert!(run >= 5, "{run} commands of the README were run");
}

#[test]
fn the_two_commands_come_first() {
    let commands: Vec<_> = shown().iter().map(|shown| shown.command).take(2).collect();
    assert!(
        commands[0].starts_with("cargo run --release -- run samples/") && commands[0].ends_with(" --sandbox --yes")
    );
    assert_eq!(commands[1], "cargo test");
}

#[test]
fn what_is_named_is_there() {
    let site = Site::new();
    let helps = [
        &["run"][..],
        &["resume"],
        &["undo"],
        &["history"],
        &["history", "prune"],
        &["report"],
        &["plans"],
        &["users"],
        &["template"],
        &["doctor"],
        &["sandbox"],
        &["config", "show"],
        &["config", "init"],
        &["man"],
    ];
    let mut known: BTreeSet<String> = ["--release", "--path", "--locked", "--help"].map(str::to_owned).into();
    for command in helps {
        let help = site.run(&[command, &["--help"]].concat()).exits(0).stdout;
        known.extend(flags(&help));
    }
    let unknown: Vec<_> = flags(README).into_iter().filter(|flag| !known.contains(flag)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for word in README.split(|c: char| c.is_whitespace() || "`()[],|;:".contains(c)) {
        let is_path = word.starts_with("samples/") || word.starts_with("config/");
        if is_path && !word.contains(".report.") && !word.contains(".review.") {
            assert!(root.join(word).exists(), "{word}");
        }
    }
    for name in Status::ALL.iter().map(|status| status.name()).chain(REPORT_COLUMNS) {
        assert!(README.contains(&format!("`{name}`")), "{name} is not explained");
    }
}

/// The flags that a text names.
fn flags(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.starts_with("--") && word.len() > 3)
        .map(str::to_owned)
        .collect()
}
