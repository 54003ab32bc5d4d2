//! The program: what was typed is parsed, carried out, and ends in an exit code.

use std::process::ExitCode;

use clap::Parser;
use seatrun::cli::Cli;
use seatrun::commands::carry_out;

fn main() -> ExitCode {
    ExitCode::from(carry_out(Cli::parse()).code())
}
