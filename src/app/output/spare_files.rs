//! Spare files: held open while a run is in progress, so that its report finds room where no more files can be opened.
//!
//! A run that cannot have them sends nothing.

use std::fs::File;

use crate::app::CommandError;

/// Files that the end of a run closes before it writes the report.
#[derive(Debug)]
pub(crate) struct SpareFiles {
    _files: [File; 2],
}

impl SpareFiles {
    /// Opens them.
    ///
    /// # Errors
    /// When the system gives no more files.
    pub(crate) fn open() -> Result<Self, CommandError> {
        let open = || {
            File::open("/dev/null").map_err(|error| {
                CommandError::refused(format!("there would be no room for the report: {error}"))
                    .hint("allow more open files (ulimit -n)")
            })
        };
        Ok(Self { _files: [open()?, open()?] })
    }
}
