//! The program: what was typed is parsed, carried out, and ends in an exit code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use seatrun::app::Exit;
use seatrun::cli::Cli;
use seatrun::commands::carry_out;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Whatever panics has said so, and is a bug. Nothing of what it left behind is looked at.
    let exit = catch_unwind(AssertUnwindSafe(|| carry_out(cli))).unwrap_or(Exit::Bug);
    ExitCode::from(exit.code())
}
