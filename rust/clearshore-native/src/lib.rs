//! The native library of Clearshore: the one crate that may hold unsafe code.
