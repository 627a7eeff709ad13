//! The border to C. The documentation comments here become those of `include/clearshore.h`.

mod border;
mod scene;

use border::{Status, copy_text, guarded};
use std::ffi::{CStr, c_char};

/// `CARGO_PKG_VERSION` as C spells text.
const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// Version of the library, as "0.1.0". Valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn cs_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Full text of the last error of the calling thread: what, where, got, expected, what to do, in UTF-8 and
/// several lines. Empty where nothing failed yet. Valid until the next call that fails on this thread, or the
/// thread's end.
#[unsafe(no_mangle)]
pub extern "C" fn cs_last_error() -> *const c_char {
    border::last_error()
}

/// All tables as JSON: "parameters", "flags", "evidence", "classes", "features".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_tables(
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe { copy_text(&clearshore::tables().to_string(), text, capacity, length) }
    })
}
