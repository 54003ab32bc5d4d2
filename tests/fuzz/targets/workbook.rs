#![no_main]

#[path = "../../reader/claims/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each target holds the reader to one of the claims")]
mod claims;

libfuzzer_sys::fuzz_target!(|file: &[u8]| claims::workbook(file));
