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

use crate::app::Exit;
use crate::app::context::{block_on, console, print_error};
use crate::cli::{Cli, Command, ConfigCommand};

/// Shows the help or version that was asked for, or says why nothing of what was typed is carried out.
pub fn refuse(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        console().usage_error(error.to_string().trim_end());
        return Exit::Usage;
    }
    // A reader that goes away has seen enough.
    let _ = error.print();
    Exit::Fine
}

/// Carries out what was typed.
pub fn carry_out(cli: Cli) -> Exit {
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
    result.unwrap_or_else(|failure| print_error(&failure))
}
