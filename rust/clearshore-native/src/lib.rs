//! The native library of Clearshore for other languages, and the one crate where unsafe code is allowed.
//!
//! Its C interface has the prefix `cs_`. So far it says its version.

use std::ffi::c_char;

/// Version of the library and its end as C wants it.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// Version of the library, a NUL-terminated string that lives as long as the library.
// SAFETY: no other library of the process exports a symbol with the prefix `cs_` and this name.
#[unsafe(no_mangle)]
pub extern "C" fn cs_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn the_version_is_a_c_string() {
        // SAFETY: the pointer leads to a static string that ends with NUL.
        let version = unsafe { CStr::from_ptr(cs_version()) };
        assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }
}
