//! Neural networks evaluated by ONNX Runtime, a library that the user brings: nothing of it is linked, it is opened at run time.

mod library;
mod network;
mod runtime;

pub use library::{LIBRARY_VARIABLE, find_library};
pub use network::OnnxNetwork;
pub use runtime::Runtime;
