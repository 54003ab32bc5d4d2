//! The commands: one file each, and what they share. Here the rooms are put together.

mod config;
mod doctor;
mod history;
mod packaging;
mod plans;
mod report;
mod resume;
mod run;
mod sandbox;
mod template;
mod undo;
mod users;

use std::ffi::OsString;

use crate::app::context::{block_on, console, print_error};
use crate::app::output::summary_file;
use crate::app::{CommandError, Exit};
use crate::cli::{Cli, Command, ConfigCommand};
use crate::console::visible_line;

/// Shows the help or version that was asked for, or says why nothing of what was typed is carried out.
pub fn refuse(error: &clap::Error, words: &[OsString]) -> Exit {
    if error.use_stderr() {
        let text = error.to_string();
        console().usage_error(text.trim_end());
        if words.get(1).is_some_and(|command| command == "run" || command == "resume") {
            let first = text.lines().next().unwrap_or_default();
            let message = visible_line(first.strip_prefix("error: ").unwrap_or(first));
            summary_file::fail(&CommandError::new(Exit::Usage, message), summary_file::typed(words));
        }
        return Exit::Usage;
    }
    // A reader that goes away has seen enough.
    let _ = error.print();
    Exit::Fine
}

/// Carries out what was typed.
pub fn carry_out(cli: Cli) -> Exit {
    let output = cli.command.output().cloned();
    let result = match cli.command {
        Command::Run(arguments) => block_on(run::run(*arguments)),
        Command::Resume(arguments) => block_on(resume::resume(*arguments)),
        Command::Undo(arguments) => block_on(undo::undo(arguments)),
        Command::History(arguments) => history::history(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Doctor(arguments) => block_on(doctor::doctor(arguments)),
        Command::Plans(arguments) => block_on(plans::plans(*arguments)),
        Command::Users(arguments) => block_on(users::users(*arguments)),
        Command::Template(arguments) => template::template(&arguments),
        Command::Sandbox(arguments) => block_on(sandbox::sandbox(arguments)),
        Command::Config { command: ConfigCommand::Show(arguments) } => config::show(&arguments),
        Command::Config { command: ConfigCommand::Init(arguments) } => config::init(&arguments),
        Command::Completions { shell } => packaging::completions(shell),
        Command::Man => packaging::man(),
    };
    result.unwrap_or_else(|failure| {
        let exit = print_error(&failure);
        if let Some(output) = output {
            summary_file::fail(&failure, output.summary_json);
        }
        exit
    })
}

/// Ends after a panic, which has said itself where it is. Nothing of what it left behind is looked at.
pub fn give_up() -> Exit {
    summary_file::give_up();
    Exit::Bug
}
