//! The commands: one file each, and what they share. Here the rooms are put together.

mod contact;
mod context;
mod exit;
mod failure;
mod rehearsal;
mod review;
mod run;
mod source;
mod target;
mod work;

pub use exit::Exit;
pub use failure::Failure;

use crate::cli::{Cli, Command};

/// Carries out what was typed.
pub fn carry_out(cli: Cli) -> Exit {
    let result = match cli.command {
        Command::Run(run) => context::block_on(run::run(*run)),
        _ => todo!(),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => context::complain(&failure),
    }
}
