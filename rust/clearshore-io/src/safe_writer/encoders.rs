//! Compressing several images at a time: OpenJPEG works on one core an image.

use clearshore::{Error, Result};
use std::collections::VecDeque;
use std::thread::{Scope, ScopedJoinHandle};

/// Most images at a time: each holds one band, 241 MB at full size.
const MOST: usize = 4;

/// Threads that compress images while the caller prepares the next ones.
pub(super) struct Encoders<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    running: VecDeque<ScopedJoinHandle<'scope, Result<()>>>,
    most: usize,
}

impl<'scope, 'env> Encoders<'scope, 'env> {
    /// As many as the caller's pool has threads; with one, images are compressed one after the other.
    pub fn new(scope: &'scope Scope<'scope, 'env>) -> Self {
        Self {
            scope,
            running: VecDeque::new(),
            most: rayon::current_num_threads().clamp(1, MOST),
        }
    }

    /// Starts an encoder, and waits for the oldest when all are at work. The first failure of an earlier
    /// one is the result.
    pub fn start(&mut self, work: impl FnOnce() -> Result<()> + Send + 'scope) -> Result<()> {
        self.running.push_back(self.scope.spawn(work));
        self.wait_below(self.most)
    }

    /// Waits for all.
    pub fn finish(&mut self) -> Result<()> {
        self.wait_below(1)
    }

    fn wait_below(&mut self, most: usize) -> Result<()> {
        while self.running.len() >= most {
            let Some(oldest) = self.running.pop_front() else {
                break;
            };
            oldest
                .join()
                .map_err(|_| Error::internal("an image could not be compressed"))??;
        }
        Ok(())
    }
}
