//! The program: what was typed is parsed, carried out, and ends in an exit code.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use seatrun::cli::parse;
use seatrun::commands::{carry_out, give_up, refuse};
use seatrun::console::Console;

fn main() -> ExitCode {
    let console = Console::from_process();
    let of_panics = console.clone();
    panic::set_hook(Box::new(move |panic| of_panics.panicked(panic)));
    let words: Vec<_> = std::env::args_os().collect();
    let work = || match parse(words.iter().cloned()) {
        Ok(cli) => carry_out(&console, cli),
        Err(error) => refuse(&console, &error, &words),
    };
    // Whatever panics has said so, and is a bug.
    let exit = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| give_up(&console));
    console.screen().close();
    ExitCode::from(exit.code())
}
