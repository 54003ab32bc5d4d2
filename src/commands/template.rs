//! `seatrun template`: an empty sheet with the right headers for an action.

use super::context::Context;
use super::target::Target;
use super::{Exit, Failure};
use crate::cli;
use crate::input::template as columns;
use crate::report::Table;
use crate::settings::{self, Flags};
use crate::tabular::{Bom, Dialect, LineEnding};

/// Runs `seatrun template`.
pub(super) fn template(arguments: &cli::Template) -> Result<Exit, Failure> {
    let flags = Flags { log_format: arguments.talk.log_format, ..Flags::default() };
    let context = Context::new(flags, arguments.talk, settings::Target::Configured)?;
    let target = Target::of_template(&arguments.output)?;
    // A file is filled in with a spreadsheet program, which saves accents as they should be where it finds the mark.
    let dialect = match target {
        Target::Standard => Dialect::default(),
        Target::File(_) | Target::Device(_) => {
            Dialect { mark: Bom::Present, line_ending: LineEnding::CrLf, ..Dialect::default() }
        }
    };
    let fields = columns(arguments.action);
    let names = fields.iter().map(|field| field.name());
    let written = target.write(|output| Table::begin(output, target.form(dialect), names, &[])?.finish().map(drop));
    written.map_err(|error| Failure::refused(format!("the template could not be written: {error}")))?;
    let takes = fields.iter().map(|field| format!("\n  {field:<22} {}", field.takes(arguments.action)));
    context.console.say(&format!("a row for each user; its cells take{}", takes.collect::<String>()));
    let name = target.name().unwrap_or_else(|| "FILE".to_owned());
    context.console.say(&format!("then check it: seatrun run {name} --dry-run"));
    Ok(Exit::Fine)
}
