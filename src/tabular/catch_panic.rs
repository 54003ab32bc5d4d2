//! Catching panics: calls into code that panics where a file is damaged, and makes of it that the file is damaged.
//!
//! Calamine does so for compound files (`.xls`) that are cut off, which an interrupted download is enough for. What
//! of our own takes the cells from it is called through this, too.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives; nothing if it panics, which nobody is told of.
pub(super) fn catch_panic<Done>(work: impl FnOnce() -> Done) -> Option<Done> {
    static HUSH: Once = Once::new();
    HUSH.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                usual(panic);
            }
        }));
    });
    IS_CAUGHT.set(true);
    // What was half done is dropped with `work`.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(false);
    done.ok()
}
