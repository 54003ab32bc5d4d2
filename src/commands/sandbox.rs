//! `seatrun sandbox`: serves the simulated API on loopback until it is stopped.

use std::io::Write;

use super::context::Context;
use super::{Exit, Failure};
use crate::cli;
use crate::engine;
use crate::sandbox::{Options, World, serve};
use crate::settings::ApiTarget;

/// Runs `seatrun sandbox`.
pub(super) async fn sandbox(arguments: cli::Sandbox) -> Result<Exit, Failure> {
    let context = Context::new(arguments.flags(), ApiTarget::Sandbox)?;
    let wrong = |flag: &str, error: String| Failure::new(Exit::Usage, format!("{flag}: {error}"));
    let options = Options {
        users: arguments.users,
        seed: arguments.seed,
        rate_per_minute: arguments.rate,
        latency: arguments.latency.parse().map_err(|error| wrong("--latency", error))?,
        faults: arguments.faults.parse().map_err(|error| wrong("--faults", error))?,
        port: arguments.port,
        keeps_requests: false,
    };
    let mut signals =
        engine::listen().map_err(|error| Failure::refused(format!("no signal can be caught: {error}")))?;
    let sandbox = serve(World::generated(&options), &options)
        .await
        .map_err(|error| Failure::refused(format!("port {} cannot be listened on: {error}", options.port)))?;
    let mut stdout = std::io::stdout().lock();
    let said =
        writeln!(stdout, "url: {}\ntoken: {}", sandbox.base_url(), sandbox.token()).and_then(|()| stdout.flush());
    drop(stdout);
    said.map_err(|error| Failure::refused(format!("the address could not be printed: {error}")))?;
    context.console.say("serving until stopped (Ctrl-C)");
    let _ = signals.recv().await;
    sandbox.stop().await;
    Ok(Exit::Fine)
}
