//! The native library of Clearshore for other languages, and the one crate where unsafe code is allowed.
//!
//! `session` is what both borders share: scenes behind handles, their runs, copies of rectangles out of
//! results. `jni` is the border to Java, `capi` the border to C. No panic crosses a border, no worker thread
//! touches its host, nothing is printed.

mod capi;
mod jni;
mod session;
