//! Workbooks: whatever stands in their bytes, one of their sheets is read, or they are refused.

use super::{Table, options};

/// How workbooks begin: as zip archives, or as the compound files of older programs.
const BEGINNINGS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// Reads the file, as it is and as each kind of workbook.
pub(crate) fn workbook(file: &[u8]) {
    let _ = Table::read(file, &options());
    for beginning in BEGINNINGS {
        let rest = file.get(beginning.len()..).unwrap_or_default();
        let _ = Table::read(&[beginning, rest].concat(), &options());
    }
}
