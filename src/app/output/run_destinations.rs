//! Where the outputs of a run or a dry run go: what was asked for, else names beside the input.

use std::path::Path;

use crate::app::CommandError;
use crate::app::context::Context;
use crate::app::output::destination::{Destination, Destinations, Kind};
use crate::app::output::replaceable::Keep;
use crate::app::source::Source;

/// The destinations of a command on `source`. `keep` says what its report is worth to later ones.
pub(crate) fn run_destinations(
    context: &Context,
    source: &Source,
    kind: Kind,
    keep: Keep,
) -> Result<Destinations, CommandError> {
    let input = source.path.as_deref();
    let report = report(context, source, kind, keep)?;
    report.check_rows(|| source.sheet.rows().count() as u64)?;
    Destinations::new(report, &context.output(), input)
}

fn report(context: &Context, source: &Source, kind: Kind, keep: Keep) -> Result<Destination, CommandError> {
    let input = source.path.as_deref();
    // What files and the environment say is the place of a run's report, which no review may take.
    let asked = context.settings.report.as_ref().filter(|asked| kind == Kind::Report || asked.origin.is_flag());
    if let Some(asked) = asked {
        return Destination::of_report(&asked.value, input);
    }
    let target = Destination::of_input(input, kind, keep, context.written_files().as_ref())?;
    let usual = Destination::usual_name(input, kind);
    // A review of a review always goes elsewhere, if it is written at all.
    let is_expected = kind == Kind::Review && source.sheet.is_signed();
    if let Some(name) = target.name().filter(|name| Path::new(name) != usual && !is_expected) {
        let why = if input == Some(&*usual) { "is the input" } else { "exists and is not replaced" };
        context.console.warn(&format!("{} {why}: the report goes to {name}", usual.display()));
    }
    Ok(target)
}
