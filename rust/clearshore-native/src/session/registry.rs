//! Handles: numbers that are never used twice, so that a stale or wrong one is an error and no crash.

use super::{Session, lock};
use clearshore::{Error, Result};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

static OPEN: LazyLock<Mutex<HashMap<u64, Arc<Session>>>> = LazyLock::new(Mutex::default);
/// The first handle: 0 means "none" to callers, and small numbers are what mistakes look like.
static NEXT: AtomicU64 = AtomicU64::new(0x00C1_EA25);

/// A handle for a session.
pub fn register(session: Session) -> u64 {
    let handle = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&OPEN).insert(handle, Arc::new(session));
    handle
}

/// The session of a handle.
///
/// # Errors
/// Parameter: there is none, or it was closed.
pub fn find(handle: u64) -> Result<Arc<Session>> {
    let session = lock(&OPEN).get(&handle).cloned();
    session.ok_or_else(closed)
}

/// Forgets a handle and stops its run. The memory goes when the last call that is in the session ends.
///
/// # Errors
/// Parameter: there is none, or it was closed.
pub fn close(handle: u64) -> Result<()> {
    let session = lock(&OPEN).remove(&handle).ok_or_else(closed)?;
    session.shut();
    Ok(())
}

/// How many handles there are.
#[cfg(feature = "failures")]
pub fn count() -> usize {
    lock(&OPEN).len()
}

fn closed() -> Error {
    Error::parameter("the scene is closed, or was never open")
        .advice("open the scene and use it before it is closed")
}
