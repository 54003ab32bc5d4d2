//! `seatrun template`: an empty sheet with the right headers for an action.

use crate::app::command_line;
use crate::app::context::Context;
use crate::app::output::destination::Destination;
use crate::app::output::temp_file::Access;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::console::Console;
use crate::input::template as columns;
use crate::report::Table;
use crate::settings;
use crate::tabular::{Bom, Dialect, LineEnding};

/// Runs `seatrun template`.
pub(super) fn template(console: &Console, arguments: &cli::Template) -> Result<Exit, CommandError> {
    let context = Context::new(console, arguments.flags(), settings::ApiTarget::Configured)?;
    let target = Destination::of_template(&arguments.output)?;
    // A file is filled in with a spreadsheet program, which saves accents as they should be where it finds the mark.
    let dialect = match target {
        Destination::Standard => Dialect::default(),
        Destination::File(_) | Destination::Device(_) => {
            Dialect { mark: Bom::Present, line_ending: LineEnding::CrLf, ..Dialect::default() }
        }
    };
    let fields = columns(arguments.action);
    let names = fields.iter().map(|field| field.name());
    let written = target.write_listing(Access::Public, |output| {
        Table::begin(output, target.form(dialect), names, &[])?.finish().map(drop)
    });
    written.map_err(|error| CommandError::refused(format!("the template could not be written: {error}")))?;
    let takes = fields.iter().map(|field| format!("\n  {field:<22} {}", field.takes(arguments.action)));
    context.console.say_lines(&format!("a row for each user; its cells take{}", takes.collect::<String>()));
    let name = target.name().unwrap_or_else(|| "FILE".to_owned());
    let check = context.again(&["run", &command_line::file(&name), "--dry-run"]);
    context.console.say(&format!("then check it: {check}"));
    Ok(Exit::Fine)
}
