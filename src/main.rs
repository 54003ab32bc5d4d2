//! The program: what was typed is parsed, carried out, and ends in an exit code.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use seatrun::app::Exit;
use seatrun::cli::parse;
use seatrun::commands::{carry_out, refuse};
use seatrun::console::Console;

fn main() -> ExitCode {
    let console = Console::from_process();
    let of_panics = console.clone();
    panic::set_hook(Box::new(move |panic| of_panics.panicked(panic)));
    let work =
        || parse(std::env::args_os()).map_or_else(|error| refuse(&console, &error), |cli| carry_out(&console, cli));
    // Whatever panics has said so, and is a bug. Nothing of what it left behind is looked at.
    let exit = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Bug);
    console.screen().close();
    ExitCode::from(exit.code())
}
