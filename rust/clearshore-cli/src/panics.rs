//! A panic is a defect: it ends as an error of kind Internal, with its text, not as a dump on the screen.

use clearshore::{Error, Result};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Mutex;

/// Text and place of the last panic: the caught payload has no place.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Lets panics be remembered, not printed. They may be caught below and be a file's fault.
pub fn keep_quiet() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        log::debug!("{info}");
        if let Ok(mut last) = LAST.lock() {
            *last = Some(info.to_string());
        }
    }));
}

/// Runs something; a panic in it becomes an error.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let text = LAST.lock().ok().and_then(|mut last| last.take());
        Err(
            Error::internal("the program met a state that must not occur")
                .got(text.unwrap_or_default()),
        )
    })
}
