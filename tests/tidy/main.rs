//! Keeps the house tidy: which room may use which, what the pure rooms may not touch, and how files look.
//!
//! It reads the source as text, without comments, strings and test code, so that it needs no compiler and its
//! complaints name file and line.

// Clippy lets code unwrap where it is marked as test code, and an integration test is not by itself.
#![cfg(test)]

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use modules::{Modules, circle};

/// The rooms, in reading order: each may use those before it.
const ROOMS: [&str; 16] = [
    "model", "policy", "tabular", "input", "plan", "undo", "report", "settings", "api", "ledger", "sandbox", "engine",
    "console", "cli", "app", "commands",
];

/// Rooms without I/O, clock and runtime: values in, values out.
const PURE: [&str; 7] = ["model", "policy", "tabular", "input", "plan", "undo", "report"];

/// What pure rooms do not touch.
const IMPURE: [&str; 13] = [
    "tokio",
    "reqwest",
    "rusqlite",
    "axum",
    "fastrand",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
];

/// Rooms in which files still use each other in a circle. The list is meant to become empty.
const CIRCULAR: [&str; 8] = ["model", "input", "settings", "ledger", "sandbox", "console", "cli", "app"];

/// Names that two types still have, of which at least one is public. The list is meant to become empty.
const DOUBLE: [&str; 15] = [
    "Account",
    "Answer",
    "FileError",
    "Key",
    "Kind",
    "Limits",
    "Origin",
    "Presence",
    "ReadError",
    "Records",
    "Sheet",
    "Shown",
    "Step",
    "Undo",
    "Wait",
];

/// Rooms that write to the terminal.
const TALKING: [&str; 3] = ["console", "app", "commands"];

/// Lines of code that a file has at most, tests aside.
const LONGEST: usize = 400;

/// A file below `src`.
struct File {
    /// Path below `src`, with `/`.
    path: String,
    text: String,
}

impl File {
    /// The folder or file directly below `src` that it belongs to.
    fn room(&self) -> &str {
        room_of(&self.path)
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The lines without tests, comments and the contents of strings, with their numbers.
    fn code(&self) -> Vec<(usize, String)> {
        if self.is_test() {
            return Vec::new();
        }
        let lines: Vec<_> = self.text.lines().collect();
        let is_test_module = |at: &usize| {
            lines[*at] == "#[cfg(test)]"
                && lines.get(at + 1).is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'))
        };
        let end = (0..lines.len()).find(is_test_module).unwrap_or(lines.len());
        let mut scanner = Scanner::default();
        let code = lines[..end].iter().enumerate().map(|(at, line)| (at + 1, scanner.strip(line))).collect();
        assert!(!scanner.in_string, "src/{}: a string seems to have no end", self.path);
        code
    }
}

/// Takes strings and comments out of lines. It knows what this source uses: no block comments, no raw strings with
/// quotes inside that would be odd in number.
#[derive(Default)]
struct Scanner {
    in_string: bool,
}

impl Scanner {
    fn strip(&mut self, line: &str) -> String {
        let mut code = String::new();
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\\' if self.in_string => _ = rest.next(),
                '"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                '/' if rest.peek() == Some(&'/') => break,
                // A quote as a character literal.
                '\'' if rest.peek() == Some(&'"') => _ = rest.next(),
                _ => code.push(c),
            }
        }
        code
    }
}

fn room_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

fn source() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(read(&root, &path));
            }
        }
    }
    assert!(files.len() > 50, "the source is not where it was: {}", root.display());
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn read(root: &Path, path: &Path) -> File {
    let parts: Vec<_> = path.strip_prefix(root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
    File { path: parts.join("/"), text: fs::read_to_string(path).unwrap() }
}

/// The rooms that code names: `crate::room`, and `crate::{room, other::Thing}`.
fn rooms_named(code: &[(usize, String)]) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for (at, (number, line)) in code.iter().enumerate() {
        for (start, word) in line.match_indices("crate::") {
            let after = &line[start + word.len()..];
            if let Some(list) = after.strip_prefix('{') {
                let following = code[at + 1..].iter().map(|(_, line)| line.as_str());
                let list = std::iter::once(list).chain(following).collect::<Vec<_>>().join(" ");
                named.extend(heads(&list).into_iter().map(|head| (*number, head)));
            } else {
                named.push((*number, identifier(after)));
            }
        }
    }
    named
}

/// The first word of each entry of a `use` list whose opening brace was just passed.
fn heads(list: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut heads = Vec::new();
    let mut starts = true;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts = true,
            c if starts && !c.is_whitespace() => {
                heads.push(identifier(&list[at..]));
                starts = false;
            }
            _ => {}
        }
    }
    heads
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn place(room: &str) -> usize {
    ROOMS.iter().position(|known| *known == room).unwrap_or_else(|| panic!("`{room}` has no place among the rooms"))
}

/// Whether code in `room` may name `other`.
fn may_use(room: &str, other: &str) -> bool {
    match (room, other) {
        (_, _) if room == other => true,
        (_, "sandbox") => matches!(room, "app" | "commands"),
        // What a report and the ledger hold is cells; what cells order is none of their business.
        ("sandbox", _) | ("report" | "ledger", "input") => false,
        (_, _) => place(other) < place(room),
    }
}

fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn rooms_use_only_rooms_before_them() {
    let mut complaints = Vec::new();
    for file in source().iter().filter(|file| !matches!(file.room(), "main" | "lib")) {
        let room = file.room();
        for (number, other) in rooms_named(&file.code()) {
            if !may_use(room, &other) {
                complaints.push(format!("src/{}:{number}: `{room}` uses `{other}`", file.path));
            }
        }
    }
    report(&complaints);
}

#[test]
fn the_rooms_are_all_there_is() {
    let mut rooms: Vec<_> = source().iter().map(|file| file.room().to_owned()).collect();
    rooms.dedup();
    let mut expected: Vec<_> = ROOMS.into_iter().chain(["lib", "main"]).collect();
    expected.sort_unstable();
    rooms.sort_unstable();
    rooms.dedup();
    assert_eq!(rooms, expected);
}

#[test]
fn no_files_of_a_room_use_each_other_in_a_circle() {
    let files = source();
    let modules = Modules::of(&files);
    let uses = modules.uses();
    let (mut complaints, mut circular) = (Vec::new(), BTreeSet::new());
    for file in uses.keys() {
        if let Some(circle) = circle(&uses, file) {
            circular.insert(room_of(file));
            if !CIRCULAR.contains(&room_of(file)) {
                complaints.push(format!("src/{file}: {}", circle.join(" → ")));
            }
        }
    }
    let straight = CIRCULAR.iter().filter(|room| !circular.contains(*room));
    complaints.extend(straight.map(|room| format!("`{room}` has no circle any more: take it off the list")));
    report(&complaints);
}

/// The type that a line begins to define, if others may see it.
fn visible_type(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub")?;
    let line =
        line.strip_prefix('(').map_or(line, |line| line.split_once(')').map_or("", |(_, line)| line)).trim_start();
    let (keyword, rest) = line.split_once(' ')?;
    matches!(keyword, "struct" | "enum" | "trait" | "type").then(|| identifier(rest))
}

#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in source().iter().filter(|file| file.room() != "sandbox") {
        for (number, line) in file.code() {
            places
                .entry(visible_type(&line).unwrap_or_default())
                .or_default()
                .push(format!("src/{}:{number}", file.path));
        }
    }
    places.remove("");
    let double: BTreeMap<_, _> = places.into_iter().filter(|(_, places)| places.len() > 1).collect();
    let mut complaints: Vec<_> = double
        .iter()
        .filter(|(name, _)| !DOUBLE.contains(&name.as_str()))
        .map(|(name, places)| format!("`{name}` is defined twice: {}", places.join(", ")))
        .collect();
    let single = DOUBLE.into_iter().filter(|name| !double.contains_key(*name));
    complaints.extend(single.map(|name| format!("`{name}` is no longer double: take it off the list")));
    report(&complaints);
}

#[test]
fn pure_rooms_touch_neither_files_nor_network_nor_clock() {
    let mut complaints = Vec::new();
    for file in source().iter().filter(|file| PURE.contains(&file.room())) {
        for (number, line) in file.code() {
            for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("src/{}:{number}: `{word}` in a pure room", file.path));
            }
        }
    }
    report(&complaints);
}

#[test]
fn only_console_app_and_commands_write_to_the_terminal() {
    let mut complaints = Vec::new();
    for file in source().iter().filter(|file| !TALKING.contains(&file.room())) {
        for (number, line) in file.code() {
            for word in ["stdout()", "stderr()", "print!", "println!", "eprint!", "eprintln!", "dbg!"] {
                if line.contains(word) {
                    complaints
                        .push(format!("src/{}:{number}: `{word}` outside of console, app and commands", file.path));
                }
            }
        }
    }
    report(&complaints);
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let silent = source().into_iter().filter(|file| !file.text.starts_with("//! "));
    report(&silent.map(|file| format!("src/{}: does not open with `//!`", file.path)).collect::<Vec<_>>());
}

#[test]
fn files_are_short_enough_to_be_read_at_once() {
    let lengths = source().into_iter().map(|file| (file.code().len(), file.path));
    let too_long = lengths.filter(|(lines, _)| *lines > LONGEST);
    report(&too_long.map(|(lines, path)| format!("src/{path}: {lines} lines of code")).collect::<Vec<_>>());
}

#[test]
fn the_arrows_are_told_from_the_text() {
    let code: Vec<_> = ["use crate::{api::{Client, read}, model,", "    sandbox::World};", "let x: crate::input::Row;"]
        .into_iter()
        .enumerate()
        .map(|(at, line)| (at, line.to_owned()))
        .collect();
    let named: Vec<_> = rooms_named(&code).into_iter().map(|(_, room)| room).collect();
    assert_eq!(named, ["api", "model", "sandbox", "input"]);
    let mut scanner = Scanner::default();
    assert_eq!(scanner.strip(r#"let a = "crate::api \" x"; // crate::api"#), "let a = ; ");
    for (room, other, may) in [
        ("engine", "api", true),
        ("api", "engine", false),
        ("engine", "sandbox", false),
        ("ledger", "tabular", true),
        ("ledger", "input", false),
        ("report", "input", false),
        ("commands", "sandbox", true),
        ("sandbox", "model", false),
    ] {
        assert_eq!(may_use(room, other), may, "{room} uses {other}");
    }
}
