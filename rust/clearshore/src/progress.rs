//! How a run tells its caller how far it is, and how the caller stops it.

use crate::{Error, Result};

/// Receives progress from a run and may cancel it. Methods may be called from any worker thread.
pub trait Progress: Sync {
    /// A new stage begins, with `total` units of work.
    fn stage(&self, _name: &'static str, _total: u64) {}

    /// `units` more of the present stage are done.
    fn advance(&self, _units: u64) {}

    /// Whether the caller wants the run to stop. Asked often; must be cheap.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl dyn Progress + '_ {
    /// `Err(Cancelled)` when the caller wants the run to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::cancelled())
        } else {
            Ok(())
        }
    }
}

/// Nobody is watching.
pub struct NoProgress;

impl Progress for NoProgress {}
