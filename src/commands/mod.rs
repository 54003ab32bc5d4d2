//! The commands: one file each, and what they share. Here the rooms are put together.

mod approval;
mod claim;
mod config;
mod contact;
mod context;
mod doctor;
mod drift;
mod earlier;
mod endpoint;
mod entering;
mod exit;
mod failure;
mod guarding;
mod history;
mod lanes;
mod packaging;
mod page;
mod planning;
mod plans;
mod question;
mod rehearsal;
mod report;
mod resume;
mod review;
mod run;
mod sandbox;
mod source;
mod sparing;
mod stop;
mod survey;
mod target;
mod template;
mod undo;
mod wanted;
mod work;
mod writing;

pub use exit::Exit;
pub use failure::Failure;

use crate::cli::{Cli, Command, ConfigCommand};
use context::block_on;

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
        Command::Template(arguments) => template::template(&arguments),
        Command::Sandbox(arguments) => block_on(sandbox::sandbox(arguments)),
        Command::Config { command: ConfigCommand::Show(arguments) } => config::show(&arguments),
        Command::Config { command: ConfigCommand::Init(arguments) } => config::init(&arguments),
        Command::Completions { shell } => packaging::completions(shell),
        Command::Man => packaging::man(),
    };
    result.unwrap_or_else(|failure| context::complain(&failure))
}
