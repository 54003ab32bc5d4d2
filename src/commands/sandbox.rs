//! `seatrun sandbox`: serves the simulated API on loopback until it is stopped.

use std::io::Write;

use crate::app::context::Context;
use crate::app::interrupt::Signals;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::console::Console;
use crate::sandbox::{FreeSeatNames, Options, Quirks, World, serve};
use crate::settings::ApiTarget;

/// Runs `seatrun sandbox`.
pub(super) async fn sandbox(console: &Console, arguments: cli::Sandbox) -> Result<Exit, CommandError> {
    let context = Context::new(console, arguments.flags(), ApiTarget::Sandbox)?;
    let wrong = |flag: &str, error: String| CommandError::new(Exit::Usage, format!("{flag}: {error}"));
    let options = Options {
        users: arguments.users,
        seed: arguments.seed,
        rate_per_minute: arguments.rate,
        latency: arguments.latency.parse().map_err(|error| wrong("--latency", error))?,
        faults: arguments.faults.parse().map_err(|error| wrong("--faults", error))?,
        port: arguments.port,
        is_strict: arguments.strict,
        ..Options::default()
    };
    let free_seat_names = match arguments.viewer {
        cli::ViewerName::Accepted => FreeSeatNames::Both,
        cli::ViewerName::Refused => FreeSeatNames::OnlyContributor,
    };
    let world = World::generated(&options).with_quirks(Quirks { free_seat_names, ..Quirks::default() });
    let mut signals = Signals::listen(&context)?;
    let sandbox = serve(world, &options)
        .await
        .map_err(|error| CommandError::refused(format!("port {} cannot be listened on: {error}", options.port)))?;
    let mut stdout = std::io::stdout().lock();
    let said =
        writeln!(stdout, "url: {}\ntoken: {}", sandbox.base_url(), sandbox.token()).and_then(|()| stdout.flush());
    drop(stdout);
    said.map_err(|error| CommandError::refused(format!("the address could not be printed: {error}")))?;
    context.console.say("serving until stopped (Ctrl-C)");
    let _ = signals.0.recv().await;
    sandbox.stop().await;
    Ok(Exit::Fine)
}
