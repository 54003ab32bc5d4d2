//! The source as modules: which file uses which, where each name is followed through re-exports to the file that defines
//! it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{File, identifier, room_of};

/// A path through modules, such as `super::guard::Guard`.
type ModulePath = Vec<String>;

/// The paths that code names; of those in a `use`, also under which name each is imported.
#[derive(Default)]
struct Paths {
    named: Vec<ModulePath>,
    imports: Vec<(String, ModulePath)>,
}

impl Paths {
    fn of(code: &[(usize, String)]) -> Self {
        let text: Vec<char> = code.iter().flat_map(|(_, line)| line.chars().chain(['\n'])).collect();
        let (mut paths, mut at, mut is_use) = (Self::default(), 0, false);
        while at < text.len() {
            let is_inside = at > 0 && (is_word(text[at - 1]) || matches!(text[at - 1], ':' | '.' | '\''));
            if is_inside || !is_word(text[at]) {
                at += 1;
                continue;
            }
            let mut leaves = Vec::new();
            let is_visibility = text[..at].ends_with(&['(', 'i', 'n', ' ']);
            at = leaves_of(&text, at, &[], &mut leaves);
            if is_visibility {
                continue;
            }
            let is_import = is_use;
            if is_import {
                paths.imports.extend(leaves.iter().cloned());
            }
            is_use = leaves.len() == 1 && leaves[0].1 == ["use"];
            paths.named.extend(leaves.into_iter().map(|(_, path)| path).filter(|path| is_import || path.len() > 1));
        }
        paths
    }
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Reads a path, or the tree of paths of a `use`, that begins at `at`. Returns where it ends.
fn leaves_of(text: &[char], mut at: usize, before: &[String], leaves: &mut Vec<(String, ModulePath)>) -> usize {
    let skip_space = |at: usize| at + text[at..].iter().take_while(|c| c.is_whitespace()).count();
    let word_at = |at: usize| text[at..].iter().take_while(|c| is_word(**c)).collect::<String>();
    let mut path = before.to_vec();
    loop {
        at = skip_space(at);
        match text.get(at) {
            Some('{') => {
                at = skip_space(at + 1);
                while at < text.len() && text[at] != '}' {
                    let start = at;
                    at = skip_space(leaves_of(text, at, &path, leaves));
                    at = if text.get(at) == Some(&',') { skip_space(at + 1) } else { at.max(start + 1) };
                }
                return at + 1;
            }
            Some('*') => {
                leaves.push(("*".to_owned(), path));
                return at + 1;
            }
            Some(c) if is_word(*c) => {
                let word = word_at(at);
                at += word.len();
                if word != "self" || path.is_empty() {
                    path.push(word);
                }
            }
            Some(_) | None => return at,
        }
        let goes_on = text[at..].starts_with(&[':', ':']) && text.get(at + 2) != Some(&'<');
        if !goes_on {
            break;
        }
        at += 2;
    }
    let mut name = path.last().cloned().unwrap_or_default();
    if text[at..].starts_with(&[' ', 'a', 's', ' ']) {
        name = word_at(at + 4);
        at += 4 + name.len();
    }
    leaves.push((name, path));
    at
}

/// The files of the source as modules, with what each defines and names.
pub(crate) struct Modules {
    by_path: BTreeMap<ModulePath, Module>,
}

struct Module {
    file: String,
    defines: BTreeSet<String>,
    paths: Paths,
}

impl Modules {
    pub(crate) fn of(files: &[File]) -> Self {
        let module = |file: &File| {
            let path = file.path.strip_suffix(".rs").unwrap();
            let path = path.strip_suffix("/mod").unwrap_or(path).split('/').map(str::to_owned).collect();
            let code = file.code();
            let defines = code.iter().filter_map(|(_, line)| defined(line)).collect();
            (path, Module { file: file.path.clone(), defines, paths: Paths::of(&code) })
        };
        Self { by_path: files.iter().map(module).collect() }
    }

    /// The file that defines what a path names in a module, whatever re-exports it; a module is its own file.
    fn file_of(&self, from: &[String], path: &[String], depth: u32) -> Option<&str> {
        let mut at = from.to_vec();
        for (place, word) in path.iter().enumerate() {
            let rest = &path[place + 1..];
            let child: ModulePath = at.iter().cloned().chain([word.clone()]).collect();
            match word.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => _ = at.pop(),
                _ if self.by_path.contains_key(&child) => at = child,
                _ => {
                    let module = self.by_path.get(&at)?;
                    if module.defines.contains(word) {
                        return Some(&module.file);
                    }
                    let imports = module.paths.imports.iter().filter(|_| depth > 0);
                    return imports.into_iter().find_map(|(name, target)| match name.as_str() {
                        "*" => {
                            let glob: ModulePath = target.iter().cloned().chain([word.clone()]).collect();
                            self.file_of(&at, &glob, depth - 1)
                        }
                        name if name == word => {
                            let whole: ModulePath = target.iter().chain(rest).cloned().collect();
                            self.file_of(&at, &whole, depth - 1)
                        }
                        _ => None,
                    });
                }
            }
        }
        self.by_path.get(&at).map(|module| module.file.as_str())
    }

    /// The files of the same room that each file uses.
    pub(crate) fn uses(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut uses = BTreeMap::new();
        for (path, module) in &self.by_path {
            let is_of_room = |other: &&str| *other != module.file && room_of(other) == room_of(&module.file);
            let used = module.paths.named.iter().filter_map(|named| self.file_of(path, named, 4)).filter(is_of_room);
            uses.insert(module.file.as_str(), used.collect());
        }
        uses
    }
}

/// The name of the item that a line at the margin begins to define.
fn defined(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub").unwrap_or(line);
    let line = if line.starts_with('(') { line.split_once(')')?.1 } else { line };
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let is_item = |word: &str| matches!(word, "struct" | "enum" | "union" | "trait" | "fn" | "type" | "static");
    let first = words.next().filter(|_| !line.starts_with("  "))?;
    let keyword = if matches!(first, "const" | "async" | "unsafe") { words.next()? } else { first };
    let name = if is_item(keyword) { words.next()? } else { Some(keyword).filter(|_| first == "const")? };
    Some(identifier(name))
}

/// The shortest circle that a file is in, beginning and ending with it.
pub(crate) fn circle<'f>(uses: &BTreeMap<&'f str, BTreeSet<&'f str>>, file: &'f str) -> Option<Vec<&'f str>> {
    let (mut next, mut came_from) = (VecDeque::from([file]), BTreeMap::new());
    while let Some(at) = next.pop_front() {
        for used in &uses[at] {
            if *used == file {
                let back = std::iter::successors(Some(at), |at| came_from.get(at).copied());
                let mut circle: Vec<_> = std::iter::once(file).chain(back).collect();
                circle.reverse();
                if circle[0] != file {
                    circle.insert(0, file);
                }
                return Some(circle);
            }
            if !came_from.contains_key(used) {
                came_from.insert(*used, at);
                next.push_back(used);
            }
        }
    }
    None
}

#[test]
fn a_circle_is_found_through_re_exports() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let top = "mod one;\nmod deep;\npub use one::{One, other as renamed};\npub use deep::*;\n";
    let one = |uses: &str| format!("{uses}\npub struct One;\npub(super) const fn other() {{}}\n");
    let deep = "mod two;\npub use two::Two;\n";
    let two = |uses: &str| format!("{uses}\npub enum Two {{}}\nfn test() {{ let _ = \"super::One\"; }}\n");
    // What both files use, and the circle.
    let table = [
        ("use super::Two;", "", None),
        ("use super::Two;", "use crate::room::One;", Some("room/deep/two.rs → room/one.rs → room/deep/two.rs")),
        ("use super::Two;", "use super::super::renamed;", Some("room/deep/two.rs → room/one.rs → room/deep/two.rs")),
        (
            "type T = super::deep::Two;",
            "use crate::{room::{self, One}};",
            Some("room/deep/two.rs → room/one.rs → room/deep/two.rs"),
        ),
        ("", "use crate::room;", Some("room/deep/two.rs → room/mod.rs → room/deep/mod.rs → room/deep/two.rs")),
        ("use crate::elsewhere::One;", "use super::super::One;", None),
    ];
    for (used_by_one, used_by_two, expected) in table {
        let files = [
            file("room/mod.rs", top),
            file("room/one.rs", &one(used_by_one)),
            file("room/deep/mod.rs", deep),
            file("room/deep/two.rs", &two(used_by_two)),
            file("elsewhere.rs", "pub struct One;\n"),
        ];
        let modules = Modules::of(&files);
        let uses = modules.uses();
        let found = circle(&uses, "room/deep/two.rs").map(|circle| circle.join(" → "));
        assert_eq!(found.as_deref(), expected, "{used_by_one} {used_by_two}: {uses:?}");
    }
}
