//! Command lines: a command of seatrun as somebody can paste it into a shell.

use std::borrow::Cow;

/// A command of seatrun with its arguments, quoted where a shell would take them for something else. A file whose name
/// looks like a flag is named by its folder.
pub(crate) fn seatrun<Text: AsRef<str>>(arguments: &[Text]) -> String {
    let quoted = arguments.iter().map(|argument| quoted(argument.as_ref()));
    std::iter::once(Cow::Borrowed("seatrun")).chain(quoted).collect::<Vec<_>>().join(" ")
}

/// The name of a file as an argument that no command takes for a flag.
pub(crate) fn file(name: &str) -> Cow<'_, str> {
    if name.starts_with('-') { Cow::Owned(format!("./{name}")) } else { Cow::Borrowed(name) }
}

fn quoted(argument: &str) -> Cow<'_, str> {
    // A shell leaves a comma alone, which lists of statuses have.
    if !argument.is_empty() && argument.bytes().all(|byte| byte.is_ascii_alphanumeric() || b",._/-".contains(&byte)) {
        return Cow::Borrowed(argument);
    }
    // No argument holds a NUL: neither a file name nor what was typed can.
    shlex::try_quote(argument).unwrap_or(Cow::Borrowed(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_apart_what_was_put_together() {
        let table = [
            ("leavers.csv", "leavers.csv"),
            ("my leavers.csv", "'my leavers.csv'"),
            ("O'Hara $HOME.csv", "\"O'Hara \"'$HOME.csv'"),
            ("a;b&c|d.csv", "'a;b&c|d.csv'"),
            ("-leavers.csv", "./-leavers.csv"),
            ("", "''"),
        ];
        for (name, expected) in table {
            let line = seatrun(&["run", &file(name)]);
            assert_eq!(line, format!("seatrun run {expected}"));
            assert_eq!(shlex::split(&line).unwrap(), ["seatrun", "run", &*file(name)]);
        }
    }
}
