//! The program: what was typed is parsed, carried out, and ends in an exit code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use seatrun::app::Exit;
use seatrun::cli::parse;
use seatrun::commands::{carry_out, refuse};

fn main() -> ExitCode {
    // Whatever panics has said so, and is a bug. Nothing of what it left behind is looked at.
    let exit =
        catch_unwind(AssertUnwindSafe(|| parse(std::env::args_os()).map_or_else(|error| refuse(&error), carry_out)))
            .unwrap_or(Exit::Bug);
    ExitCode::from(exit.code())
}
