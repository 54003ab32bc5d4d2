//! `seatrun config`: every setting, its value and where it came from, and an example to begin with.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::app::context::Context;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::console::{Console, print, visible_json, visible_line};
use crate::input::Field;
use crate::settings::{self, ApiTarget, EXAMPLE, Sources};

/// Runs `seatrun config show`.
pub(super) fn show(console: &Console, arguments: &cli::ConfigShow) -> Result<Exit, CommandError> {
    let Context { settings, .. } = Context::new(console, arguments.flags(), arguments.connection.target())?;
    let text = if arguments.json {
        visible_json(&format!("{:#}\n", settings.json())).into_owned()
    } else {
        settings.table(|text| visible_line(text).into_owned())
    };
    print(text.as_bytes())
        .map_err(|error| CommandError::refused(format!("the settings could not be printed: {error}")))?;
    Ok(Exit::Fine)
}

/// Runs `seatrun config init`. It reads no settings, because they may be what is to be written anew.
pub(super) fn init(console: &Console, arguments: &cli::ConfigInit) -> Result<Exit, CommandError> {
    let sources = Sources::from_process(arguments.flags(), ApiTarget::Configured, Field::NAMES);
    let Some(path) = settings::own_file(&sources) else {
        let message = "there is no folder for settings: neither XDG_CONFIG_HOME nor HOME is set to an absolute path";
        return Err(CommandError::new(Exit::Usage, message).hint("say where with --config FILE"));
    };
    let shown = path.display();
    match write_new(&path) {
        Ok(()) => {
            console.say(&format!("{shown} holds an example, with every setting commented out"));
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
