//! Output: where reports, pages and summaries go, and how they are written so that nothing is lost.

pub(crate) mod archive;
pub(crate) mod destination;
pub(crate) mod earlier_report;
pub(crate) mod page;
pub(crate) mod replaceable;
pub(crate) mod report_rows;
pub(crate) mod run_destinations;
pub(crate) mod spare_files;
pub(crate) mod summary_file;
pub(crate) mod temp_file;
pub(crate) mod writing;
