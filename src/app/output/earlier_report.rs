//! Earlier reports: the plain default name is always that of the newest report, so the report of an earlier run in its
//! place is renamed after its run.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::app::context::Context;
use crate::app::output::destination::{Destination, Kind, absolute};
use crate::app::own_file::names;
use crate::ledger::{FileKind, Ledger};

/// The bytes of a report in which its run is looked for.
const HEAD: u64 = 1 << 16;

/// The report of an earlier run, where a new one is going to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EarlierReport {
    path: PathBuf,
    /// Its run.
    run: String,
}

impl EarlierReport {
    /// The report at a path, if a run wrote one there that is not `newer`.
    pub(crate) fn find(path: &Path, ledger: &Ledger, newer: Option<&str>) -> Option<Self> {
        let (_, kind) = ledger.views().written_file(&absolute(path)).ok().flatten()?;
        if kind != FileKind::Run {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(HEAD).read_to_end(&mut bytes).ok()?;
        let is_of = |run: &&String| {
            let record = ledger.views().run(run);
            record.is_ok_and(|record| record.run.settings.report == absolute(path))
        };
        let run = names(&bytes).into_iter().rev().find(|run| is_of(&run))?;
        (newer != Some(&run)).then(|| Self { path: path.to_owned(), run })
    }

    /// The name that it has once it is renamed.
    pub(crate) fn renamed(&self) -> PathBuf {
        name_of_run(&self.path, &self.run)
    }

    /// Renames it, unless somebody has that name already, and says so.
    fn make_room(&self, context: &Context) {
        let renamed = self.renamed();
        if renamed.exists() {
            return;
        }
        match fs::rename(&self.path, &renamed) {
            Ok(()) => {
                let (run, name) = (&self.run, renamed.display());
                context.console.say(&format!("the report of the earlier run {run} is now {name}"));
            }
            Err(error) => {
                let path = self.path.display();
                context.console.warn(&format!("{path} could not be renamed, and is replaced: {error}"));
            }
        }
    }
}

/// The name of a report that is not that of the newest run: it has the run in it.
pub(crate) fn name_of_run(usual: &Path, run: &str) -> PathBuf {
    let extension = usual.extension().unwrap_or("csv".as_ref()).display();
    PathBuf::from(format!("{}.{run}.{extension}", usual.with_extension("").display()))
}

/// Renames the report of an earlier run where the report of a run that has begun takes the plain default name.
pub(crate) fn make_room(context: &Context, ledger: &Ledger, report: &Destination, input: Option<&Path>) {
    if context.settings.report.is_some() || context.is_sandbox_run() {
        return;
    }
    if let Destination::File(path) = report
        && *path == Destination::usual_name(input, Kind::Report)
        && let Some(earlier) = EarlierReport::find(path, ledger, None)
    {
        earlier.make_room(context);
    }
}
