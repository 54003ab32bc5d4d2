//! `seatrun config`: every setting, its value and where it came from, and an example to begin with.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::app::context::{self, Context};
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::console::{standard_output, visible_json};
use crate::input::Field;
use crate::settings::{self, ApiTarget, EXAMPLE, Sources};

/// Runs `seatrun config show`.
pub(super) fn show(arguments: &cli::ConfigShow) -> Result<Exit, CommandError> {
    let Context { settings, .. } = Context::new(arguments.flags(), arguments.connection.target())?;
    let text =
        if arguments.json { visible_json(&format!("{:#}\n", settings.json())).into_owned() } else { settings.table() };
    match standard_output().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::refused(format!("the settings could not be printed: {error}")))
        }
        // A reader that goes away, such as `head`, has seen enough.
        Ok(()) | Err(_) => Ok(Exit::Fine),
    }
}

/// Runs `seatrun config init`. It reads no settings, because they may be what is to be written anew.
pub(super) fn init(arguments: &cli::ConfigInit) -> Result<Exit, CommandError> {
    let sources = Sources::from_process(arguments.flags(), ApiTarget::Configured, Field::NAMES);
    let Some(path) = settings::own_file(&sources) else {
        let message = "there is no folder for settings: neither XDG_CONFIG_HOME nor HOME is set to an absolute path";
        return Err(CommandError::new(Exit::Usage, message).hint("say where with --config FILE"));
    };
    let shown = path.display();
    match write_new(&path) {
        Ok(()) => {
            context::console().say(&format!("{shown} holds an example, with every setting commented out"));
            Ok(Exit::Fine)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(CommandError::refused(format!("{shown} exists"))
            .hint("edit it, or name another file with --config; `seatrun config show` shows what counts")),
        Err(error) => Err(CommandError::refused(format!("{shown} could not be written: {error}"))),
    }
}

/// Writes the example to a file that is not there yet. Nobody else may write to it, whatever the umask: it would not be
/// read then.
fn write_new(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?.write_all(EXAMPLE.as_bytes())
}
