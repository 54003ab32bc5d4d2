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

use crate::app::Exit;
use crate::app::context::{block_on, print_error};
use crate::cli::{Cli, Command, ConfigCommand};
use crate::console::Console;

/// Shows the help or version that was asked for, or says why nothing of what was typed is carried out.
pub fn refuse(console: &Console, error: &clap::Error) -> Exit {
    if error.use_stderr() {
        console.usage_error(error.to_string().trim_end());
        return Exit::Usage;
    }
    // A reader that goes away has seen enough.
    let _ = error.print();
    Exit::Fine
}

/// Carries out what was typed.
pub fn carry_out(console: &Console, cli: Cli) -> Exit {
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
    result.unwrap_or_else(|failure| print_error(console, &failure))
}
