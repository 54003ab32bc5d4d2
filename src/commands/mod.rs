//! The commands: one file each, and what they share. Here the rooms are put together.

mod completions;
mod config;
mod doctor;
mod history;
mod man;
mod plans;
mod report;
mod resume;
mod run;
mod sandbox;
mod template;
mod undo;
mod users;

use std::ffi::OsString;

use crate::app::context::{block_on, print_error};
use crate::app::output::summary_file;
use crate::app::{CommandError, Exit};
use crate::cli::{Cli, Command, ConfigCommand};
use crate::console::{Console, visible_line};

/// Shows the help or version that was asked for, or says why nothing of what was typed is carried out.
pub fn refuse(console: &Console, error: &clap::Error, words: &[OsString]) -> Exit {
    if error.use_stderr() {
        let text = error.to_string();
        console.usage_error(text.trim_end());
        if words.get(1).is_some_and(|command| command == "run" || command == "resume") {
            let first = text.lines().next().unwrap_or_default();
            let message = visible_line(first.strip_prefix("error: ").unwrap_or(first));
            summary_file::fail(console, &CommandError::new(Exit::Usage, message), summary_file::typed(words));
        }
        return Exit::Usage;
    }
    // A reader that goes away has seen enough.
    let _ = error.print();
    Exit::Fine
}

/// Carries out what was typed.
pub fn carry_out(console: &Console, cli: Cli) -> Exit {
    let output = cli.command.output().cloned();
    let result = match cli.command {
        Command::Run(arguments) => block_on(run::run(console, *arguments)),
        Command::Resume(arguments) => block_on(resume::resume(console, *arguments)),
        Command::Undo(arguments) => block_on(undo::undo(console, arguments)),
        Command::History(arguments) => history::history(console, &arguments),
        Command::Report(arguments) => report::report(console, &arguments),
        Command::Doctor(arguments) => block_on(doctor::doctor(console, arguments)),
        Command::Plans(arguments) => block_on(plans::plans(console, *arguments)),
        Command::Users(arguments) => block_on(users::users(console, *arguments)),
        Command::Template(arguments) => template::template(console, &arguments),
        Command::Sandbox(arguments) => block_on(sandbox::sandbox(console, arguments)),
        Command::Config { command: ConfigCommand::Show(arguments) } => config::show(console, &arguments),
        Command::Config { command: ConfigCommand::Init(arguments) } => config::init(console, &arguments),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man(arguments) => man::man(&arguments),
    };
    result.unwrap_or_else(|failure| {
        let exit = print_error(console, &failure);
        if let Some(output) = output {
            summary_file::fail(console, &failure, output.summary_json);
        }
        exit
    })
}

/// Ends after a panic, which has said itself where it is. Nothing of what it left behind is looked at.
pub fn give_up(console: &Console) -> Exit {
    summary_file::give_up(console);
    Exit::Bug
}
