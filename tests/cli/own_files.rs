//! seatrun reads its own files again without being told how they are written, and what it prints works when it is pasted.

use std::collections::BTreeSet;
use std::process::Command;

use super::fixture::{Api, Site, downgrades, failing, members, user};
use super::process::{Ended, Running};

/// An export with three lines of title, and the flags that it takes.
struct Export {
    encoding: &'static str,
    delimiter: char,
    flags: Vec<String>,
}

impl Export {
    fn bytes(&self, rows: u64) -> Vec<u8> {
        let delimiter = self.delimiter;
        let rows = (0..rows).map(|number| format!("{}{delimiter}Jörg Müller {number}\r\n", user(number)));
        let text =
            format!("Personalabgang\r\n\r\nStand: März\r\nuser_id{delimiter}Name\r\n{}", rows.collect::<String>());
        match self.encoding {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned(),
        }
    }
}

fn exports() -> [Export; 4] {
    let export = |encoding, delimiter: char| {
        let flags = ["--encoding", encoding, "--header-row", "4", "--delimiter"].map(str::to_owned);
        Export { encoding, delimiter, flags: flags.into_iter().chain([delimiter.to_string()]).collect() }
    };
    [export("windows-1252", ';'), export("windows-1252", '^'), export("iso-8859-15", '|'), export("utf-16le", ',')]
}

/// A run with the flags of an export, and the action that its rows do not name.
fn arguments<'a>(export: &'a Export, more: &[&'a str]) -> Vec<&'a str> {
    let plan = ["--action", "downgrade", "--seat-type", "VIEWER", "--plan-id", "4843937635559300"];
    ["run", "export of today.csv"]
        .into_iter()
        .chain(export.flags.iter().map(String::as_str))
        .chain(plan)
        .chain(more.iter().copied())
        .collect()
}

#[test]
fn a_report_and_a_review_are_read_without_the_flags_of_their_input() {
    for export in exports() {
        let what = format!("{} {:?}", export.encoding, export.delimiter);
        let api = Api::holding([failing(0, "1006")].into_iter().chain(members(4).skip(1)));
        let mut site = Site::facing(&api);
        site.write("export of today.csv", export.bytes(4));
        site.run(&arguments(&export, &["--dry-run", "--prefill-approved"])).exits(0);
        // A file is known by what is in it, and not by its name.
        std::fs::rename(site.folder().join("export of today.review.csv"), site.folder().join("back.csv")).unwrap();
        site.run(&["run", "back.csv", "--yes", "--max-errors", "100%"]).exits(1);
        assert_eq!(api.changes().len(), 4, "{what}");
        // What the settings say of inputs is not about seatrun's own files.
        site.set("SEATRUN_HEADER_ROW", "4");
        site.set("SEATRUN_DELIMITER", "#");
        site.set("SEATRUN_ENCODING", "shift_jis");
        site.run(&["run", "back.report.csv", "--only", "FAILED", "--yes"]).exits(0);
        assert_eq!(api.changes().len(), 5, "{what}");
        let bytes = std::fs::read(site.folder().join("back.report.csv")).unwrap();
        let encoding = encoding_rs::Encoding::for_label(export.encoding.as_bytes()).unwrap();
        let text = encoding.decode_without_bom_handling(&bytes).0;
        assert!(text.contains("Jörg Müller 0") && text.contains("SUCCESS"), "{what}: {text}");
    }
}

/// The commands that a text offers: in backticks, or to the end of a line behind a colon.
fn offered(text: &str) -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    for line in text.lines() {
        commands
            .extend(line.split('`').skip(1).step_by(2).filter(|part| part.starts_with("seatrun ")).map(str::to_owned));
        if let Some((_, command)) = line.split_once(": seatrun ") {
            commands.insert(format!("seatrun {command}"));
        }
        if let Some(command) = line.strip_suffix(" runs these") {
            commands.insert(command.to_owned());
        }
    }
    // A word in capitals stands for what its reader knows.
    commands.retain(|command| !["INPUT", "FILE"].iter().any(|word| command.split(' ').any(|part| part == *word)));
    commands
}

/// Pastes a command into a shell that knows seatrun.
fn paste(site: &Site, command: &str) -> Ended {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]);
    let mut shell = site.settle(shell);
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_seatrun")).parent().unwrap();
    shell.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    Running::start(shell, None).wait()
}

#[test]
fn every_command_that_is_printed_works_when_it_is_pasted() {
    for name in ["leavers.csv", "my leavers (2).csv", "O'Hara's $HOME; rm *.csv", "-n.csv", "Abgänge \"März\".csv"] {
        let api = Api::holding([failing(0, "1006")].into_iter().chain(members(5).skip(1)));
        let site = Site::facing(&api);
        site.write(name, downgrades(5) + "nobody,downgrade,,\n");
        let (file, stem) = (format!("./{name}"), name.strip_suffix(".csv").unwrap());
        let state = site.state().join("of it's own");
        let state = ["--state-dir", state.to_str().unwrap()];
        let flows: [&[&str]; 8] = [
            &["template", "downgrade", "-o", "empty sheet.csv"],
            &["run", &file, "--dry-run", "--max-invalid", "50%"],
            &["run", &file, "--dry-run", "--max-invalid", "50%", "--prefill-approved", "-o", "the review.csv"],
            &["run", "the review.csv", "--dry-run"],
            &["run", &file, "--yes", "--max-invalid", "50%", "--max-errors", "1"],
            &["resume", "--yes"],
            &["run", "the review.csv", "--yes"],
            &["undo", "--help"],
        ];
        let mut pasted = 0;
        for flow in flows {
            let ended = site.run(&[flow, if flow[0] == "run" { &state[..] } else { &[] }].concat());
            for command in offered(&ended.stderr) {
                let said = paste(&site, &command);
                let is_understood =
                    !said.stderr.contains("cannot be read") && !said.stderr.contains("unexpected argument");
                assert!(is_understood && !said.stderr.contains("not found"), "{command}\nof {ended}\nsaid {said}");
                pasted += 1;
            }
        }
        assert!(pasted >= 6, "{stem}: {pasted}");
    }
}
