//! The program: what was typed is parsed, carried out, and ends in an exit code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use seatrun::cli::parse;
use seatrun::commands::{carry_out, give_up, refuse};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let exit = catch_unwind(AssertUnwindSafe(|| match parse(words.iter().cloned()) {
        Ok(cli) => carry_out(cli),
        Err(error) => refuse(&error, &words),
    }))
    // Whatever panics has said so, and is a bug.
    .unwrap_or_else(|_| give_up());
    ExitCode::from(exit.code())
}
