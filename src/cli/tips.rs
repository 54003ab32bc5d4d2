//! Tips: what somebody who typed something else than a command is likely to mean, as a command that works.

use std::path::Path;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Cli;
use crate::model::ActionName;

/// Extensions of what is read.
const SHEETS: [&str; 5] = ["csv", "xlsx", "xlsm", "xls", "ods"];

/// The error about `words`, the first of which is the program's name, with the command that is likely to be meant.
pub(super) fn with_tip(mut error: clap::Error, words: &[String]) -> clap::Error {
    if let Some(several) = several_inputs(&error, words) {
        return several;
    }
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(command) = meant(words)
    {
        let tip = format!("to run a sheet, type: {command}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        error.remove(ContextKind::SuggestedSubcommand);
    }
    error
}

/// The run that is meant where no command is named: a sheet alone, or an action and a sheet.
fn meant(words: &[String]) -> Option<String> {
    let (first, rest) = words.get(1..)?.split_first()?;
    if is_sheet(first) {
        return Some(command(&[&["run", first], &rest.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat()));
    }
    let action: ActionName = first.parse().ok()?;
    let sheet = rest.iter().find(|word| is_sheet(word)).map_or("FILE", String::as_str);
    Some(command(&["run", sheet, "--action", action.name()]))
}

/// One run takes one input. The commands for each are what was typed without the others.
fn several_inputs(error: &clap::Error, words: &[String]) -> Option<clap::Error> {
    if error.kind() != ErrorKind::UnknownArgument || words.get(1).is_none_or(|word| word != "run") {
        return None;
    }
    let inputs: Vec<_> = words.iter().skip(2).filter(|word| is_sheet(word)).collect();
    if inputs.len() < 2 {
        return None;
    }
    let commands = inputs.iter().map(|input| {
        let kept = words.iter().skip(1).filter(|word| word == input || !inputs.contains(word));
        format!("\n  {}", command(&kept.map(String::as_str).collect::<Vec<_>>()))
    });
    let message = format!("one run takes one input, and these are {}:{}", inputs.len(), commands.collect::<String>());
    Some(Cli::command().error(ErrorKind::TooManyValues, message))
}

fn is_sheet(word: &str) -> bool {
    let extension = Path::new(word).extension();
    extension.is_some_and(|extension| SHEETS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

fn command(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| shlex::try_quote(word).unwrap_or((*word).into()));
    std::iter::once("seatrun".into()).chain(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::cli::parse;

    #[test]
    fn who_types_something_else_is_told_the_command_that_works() {
        let table: [(&[&str], &str); 7] = [
            (&["leavers.csv"], "tip: to run a sheet, type: seatrun run leavers.csv\n"),
            (&["my leavers.xlsx", "-n"], "seatrun run 'my leavers.xlsx' -n\n"),
            (&["deactivate", "x.csv"], "seatrun run x.csv --action deactivate\n"),
            (&["Downgrade"], "seatrun run FILE --action downgrade\n"),
            (
                &["run", "a.csv", "b c.csv", "--yes"],
                "one run takes one input, and these are 2:\n  seatrun run a.csv --yes\n  seatrun run 'b c.csv' --yes",
            ),
            (&["run", "a.csv", "--nonsense"], "unexpected argument '--nonsense'"),
            (&["resum"], "a similar subcommand exists: 'resume'"),
        ];
        for (words, expected) in table {
            let words = ["seatrun"].iter().chain(words).map(Into::into);
            let error = parse(words).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
