//! What every function of the C interface does on its way in and out: the only place where a C pointer is
//! followed, and the only place where an error becomes a status.

use clearshore::{Error, ErrorKind, Result};
use clearshore_io::panics;
use std::cell::RefCell;
use std::ffi::{CStr, CString, OsStr, c_char};
use std::slice;
use std::sync::Once;

/// How a call ended: who must act. The numbers are the exit codes of the program `clearshore`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is done.
    Ok = 0,
    /// The caller gives another parameter.
    Parameter = 2,
    /// The user gives another product.
    Product = 3,
    /// The user provides an auxiliary file.
    Auxiliary = 4,
    /// The system: disk full, no permission.
    Io = 5,
    /// A defect of Clearshore: please report it with the text of cs_last_error.
    Internal = 70,
    /// The run was cancelled.
    Cancelled = 130,
}

impl From<ErrorKind> for Status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Parameter => Self::Parameter,
            ErrorKind::Product => Self::Product,
            ErrorKind::Auxiliary => Self::Auxiliary,
            ErrorKind::Io => Self::Io,
            ErrorKind::Internal => Self::Internal,
            ErrorKind::Cancelled => Self::Cancelled,
        }
    }
}

thread_local! {
    static LAST_ERROR: RefCell<CString> = RefCell::default();
}

/// Does a function's work. No panic leaves it; an error is kept for [`last_error`].
pub fn guarded(work: impl FnOnce() -> Result<()>) -> Status {
    static QUIET: Once = Once::new();
    QUIET.call_once(panics::keep_quiet);
    let Err(error) = panics::caught(work) else {
        return Status::Ok;
    };
    let text = c_text(error.to_string());
    // A thread that is ending has no place for its text left.
    let _ = LAST_ERROR.try_with(|last| last.replace(text));
    error.kind().into()
}

/// Text of the last error on this thread.
pub fn last_error() -> *const c_char {
    LAST_ERROR
        .try_with(|last| last.borrow().as_ptr())
        .unwrap_or(c"".as_ptr())
}

/// Text for C, which ends it at the first NUL.
pub fn c_text(text: String) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// Copies text and a NUL to the caller, who may ask for its length first: with `text` null and `capacity` 0.
///
/// # Safety
/// `text` is null or has `capacity` bytes; `length` is null or valid.
pub unsafe fn copy_text(
    given: &str,
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Result<()> {
    let given = c_text(given.to_owned());
    let bytes = given.as_bytes_with_nul();
    if !length.is_null() {
        // SAFETY: the caller's promise; any alignment will do.
        unsafe { length.write_unaligned(bytes.len()) };
    }
    if text.is_null() && capacity == 0 {
        return Ok(());
    }
    if text.is_null() || capacity < bytes.len() {
        return Err(Error::parameter("the buffer for the text is too small")
            .got(if text.is_null() { 0 } else { capacity })
            .expected(format!("{} bytes", bytes.len())));
    }
    // SAFETY: the caller promised `capacity` bytes, which suffice; the text is our own.
    unsafe {
        text.cast::<u8>()
            .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len())
    };
    Ok(())
}

/// Gives a value to the caller.
///
/// # Safety
/// `out` is null or valid.
pub unsafe fn give<T>(name: &str, out: *mut T, value: impl FnOnce() -> Result<T>) -> Result<()> {
    if out.is_null() {
        return Err(null(name));
    }
    let value = value()?;
    // SAFETY: the caller's promise; any alignment will do.
    unsafe { out.write_unaligned(value) };
    Ok(())
}

/// A text of the caller.
///
/// # Safety
/// `text` is null or ends with a NUL, and stays as it is during the call.
pub unsafe fn text<'a>(name: &str, text: *const c_char) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(name, text) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        Error::parameter("the text is not valid UTF-8")
            .at(name)
            .got(String::from_utf8_lossy(bytes))
            .caused_by(error)
    })
}

/// A text that may be left out.
///
/// # Safety
/// As [`text`].
pub unsafe fn optional_text<'a>(name: &str, given: *const c_char) -> Result<Option<&'a str>> {
    if given.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { text(name, given) }.map(Some)
}

/// Name of a file: any bytes on Unix, UTF-8 elsewhere.
///
/// # Safety
/// As [`text`].
pub unsafe fn path<'a>(name: &str, path: *const c_char) -> Result<&'a OsStr> {
    #[cfg(unix)]
    // SAFETY: the caller's promise.
    return unsafe { bytes(name, path) }.map(std::os::unix::ffi::OsStrExt::from_bytes);
    #[cfg(not(unix))]
    // SAFETY: the caller's promise.
    return unsafe { text(name, path) }.map(OsStr::new);
}

/// # Safety
/// As [`text`].
unsafe fn bytes<'a>(name: &str, text: *const c_char) -> Result<&'a [u8]> {
    if text.is_null() {
        return Err(null(name));
    }
    // SAFETY: not null, and the caller promised the rest.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// An array that the caller gives. Null will do for an empty one.
///
/// # Safety
/// `values` is null or has `length` values, which stay as they are during the call.
pub unsafe fn array<'a, T>(name: &str, values: *const T, length: usize) -> Result<&'a [T]> {
    if length == 0 {
        return Ok(&[]);
    }
    check_array(name, values, length)?;
    // SAFETY: not null, aligned, of a size that can be; the caller promised the rest.
    Ok(unsafe { slice::from_raw_parts(values, length) })
}

/// An array for the caller to read. Null will do for an empty one.
///
/// # Safety
/// `values` is null or has `length` values, which nobody else touches during the call.
pub unsafe fn array_to_fill<'a, T>(
    name: &str,
    values: *mut T,
    length: usize,
) -> Result<&'a mut [T]> {
    if length == 0 {
        return Ok(&mut []);
    }
    check_array(name, values, length)?;
    // SAFETY: not null, aligned, of a size that can be; the caller promised the rest.
    Ok(unsafe { slice::from_raw_parts_mut(values, length) })
}

fn check_array<T>(name: &str, values: *const T, length: usize) -> Result<()> {
    if values.is_null() {
        return Err(null(name));
    }
    if !values.is_aligned() {
        return Err(Error::parameter("the array is not aligned to its numbers").at(name));
    }
    let most = isize::MAX.unsigned_abs() / size_of::<T>();
    if length > most {
        return Err(Error::parameter("no array can be that long")
            .at(name)
            .got(length)
            .expected(format!("at most {most}")));
    }
    Ok(())
}

fn null(name: &str) -> Error {
    Error::parameter("a pointer is NULL that must not be").at(name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn last() -> String {
        // SAFETY: it ends with a NUL, and nothing fails on this thread meanwhile.
        unsafe { CStr::from_ptr(last_error()) }
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_panic_ends_as_an_internal_error_with_its_text() {
        let one = 1;
        assert_eq!(guarded(|| panic!("number {one}")), Status::Internal);
        assert!(last().contains("number 1"), "{}", last());
    }

    #[test]
    fn each_kind_is_its_exit_code_and_a_success_leaves_the_text() {
        for kind in ErrorKind::ALL {
            let status = guarded(|| Err(Error::new(kind, "a\0b").at("there")));
            assert_eq!(status as i32, i32::from(kind.exit_code()));
            assert_eq!(guarded(|| Ok(())), Status::Ok);
            let told = kind == ErrorKind::Cancelled || last().ends_with("there");
            assert!(told && last().contains("a\u{fffd}b"), "{}", last());
        }
    }

    #[test]
    fn a_thread_has_its_own_error() {
        guarded(|| Err(Error::io("mine")));
        std::thread::scope(|scope| scope.spawn(|| assert_eq!(last(), "")).join()).unwrap();
        assert!(last().contains("mine"));
    }

    #[test]
    fn arrays_that_cannot_be_are_refused() {
        let numbers = [0_i32; 2];
        let crooked = numbers.as_ptr().wrapping_byte_add(1);
        for (values, length) in [
            (std::ptr::null(), 1),
            (crooked, 1),
            (numbers.as_ptr(), usize::MAX / 4),
        ] {
            // SAFETY: refused before it is followed.
            let error = unsafe { array("out", values, length) }.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Parameter, "{error}");
        }
        // SAFETY: an empty one is not followed.
        assert!(
            unsafe { array("out", std::ptr::null::<i32>(), 0) }
                .unwrap()
                .is_empty()
        );
    }
}
