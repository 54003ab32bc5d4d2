//! Which files a default name may replace: those that seatrun wrote, that nobody has touched since, and that are worth no
//! more than what comes.

use std::fs::{self, File};
use std::path::Path;

use crate::app::output::destination::absolute;
use crate::app::output::writing::digest_of;
use crate::input::{Options, Sheet};
use crate::ledger::{FileKind, Ledger};
use crate::model::Signature;

/// What a file is worth that takes a default name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It is the report of a run.
    Run,
    /// It is a review, or the report of a rehearsal: it takes the place of no run's report.
    Other,
    /// It only says why nothing was done: it takes the place of nothing.
    Refusal,
}

/// Whether a default name may be taken: nobody has it, or seatrun wrote what is there, nobody touched it since, and it is
/// worth no more than what comes.
pub(crate) fn may_replace(path: &Path, keep: Keep, memory: Option<&Ledger>) -> bool {
    let Ok(mut file) = File::open(path) else { return !path.exists() };
    if keep == Keep::Refusal || is_open_elsewhere(path) || memory.is_some_and(|memory| is_review_in_use(path, memory)) {
        return false;
    }
    let remembered = memory.and_then(|memory| memory.views().written_file(&absolute(path)).ok().flatten());
    let Some((written, _)) = remembered.filter(|(_, worth)| keep == Keep::Run || *worth == FileKind::Other) else {
        return false;
    };
    digest_of(&mut file).is_ok_and(|digest| digest == written)
}

/// Whether a spreadsheet program has a file open: LibreOffice and Excel put a file beside it.
fn is_open_elsewhere(path: &Path) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return false };
    [format!(".~lock.{name}#"), format!("~${name}")].iter().any(|lock| path.with_file_name(lock).exists())
}

/// Whether rows of a review are approved that may still run.
fn is_review_in_use(path: &Path, memory: &Ledger) -> bool {
    let Ok(sheet) =
        fs::read(path).map_err(drop).and_then(|bytes| Sheet::read(bytes, &Options::default()).map_err(drop))
    else {
        return false;
    };
    let is_spent =
        |review: &str| memory.views().review(review).ok().flatten().is_none_or(|record| record.spent_by.is_some());
    sheet.is_signed()
        && sheet.rows().any(|row| {
            sheet.is_approved(&row)
                && Signature::read(sheet.signature(&row)).is_ok_and(|signature| !is_spent(signature.review))
        })
}
