//! `seatrun doctor`: checks what a run needs, and says how to mend each. The checks are in `app/doctor`.

use std::io::{ErrorKind, Write};

use crate::app::context::Context;
use crate::app::{CommandError, Exit, doctor};
use crate::cli;
use crate::console::{standard_output, visible_json};

/// Runs `seatrun doctor`. What is wrong with the settings is said by reading them.
pub(super) async fn doctor(arguments: cli::Doctor) -> Result<Exit, CommandError> {
    let target = arguments.connection.target();
    let context = Context::new(arguments.flags(), target)?;
    let checkup = doctor::examine(&context, target).await;
    let text =
        if arguments.json { visible_json(&format!("{:#}\n", checkup.json())).into_owned() } else { checkup.text() };
    match standard_output().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(CommandError::new(Exit::NoReport, format!("standard output cannot be written: {error}")));
        }
        // A reader that goes away, such as `head`, has seen enough.
        Ok(()) | Err(_) => {}
    }
    match checkup.failures() {
        0 => Ok(Exit::Fine),
        failures => {
            let plural = if failures == 1 { "" } else { "s" };
            let message = format!("{failures} check{plural} failed");
            let hint = if failures == 1 { "see the hint under it" } else { "see the hint under each" };
            Err(CommandError::refused(message).hint(hint))
        }
    }
}
