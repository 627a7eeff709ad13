//! Ctrl-C and SIGTERM: the run is asked to stop; where it can't within a moment, the program ends itself.

use clearshore::{Error, ErrorKind, Result};
use signal_hook::consts::TERM_SIGNALS;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often the watcher looks.
const PERIOD: Duration = Duration::from_millis(20);
/// How long the run may take to stop by itself. Inside a foreign library it can't.
const GRACE: Duration = Duration::from_millis(300);
/// How often removing the hidden folder is tried while others still write into it.
const REMOVAL_TRIES: usize = 10;

/// Whether the user wants the run to stop, and what must be tidied then.
pub struct Interrupt {
    requested: Arc<AtomicBool>,
    /// Folder of unfinished files. Held while finished ones are put in their places.
    unfinished: Mutex<Option<PathBuf>>,
}

impl Interrupt {
    /// Listens to the signals and starts the watcher.
    pub fn listen() -> Result<Arc<Self>> {
        let interrupt = Arc::new(Self {
            requested: Arc::default(),
            unfinished: Mutex::new(None),
        });
        for signal in TERM_SIGNALS {
            signal_hook::flag::register(*signal, Arc::clone(&interrupt.requested))
                .map_err(|error| Error::io("signals can't be listened to").caused_by(error))?;
        }
        let watched = Arc::clone(&interrupt);
        thread::spawn(move || watched.watch());
        Ok(interrupt)
    }

    /// Whether the run should stop.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }

    /// Says where unfinished files are.
    pub fn guard(&self, folder: &Path) {
        *self.lock() = Some(folder.to_owned());
    }

    /// Does something that must not be cut in two.
    pub fn uncut<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut unfinished = self.lock();
        let result = work();
        *unfinished = None;
        result
    }

    fn lock(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.unfinished
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        while !self.is_requested() {
            thread::sleep(PERIOD);
        }
        thread::sleep(GRACE);
        let unfinished = self.lock();
        if let Some(folder) = &*unfinished {
            for _ in 0..REMOVAL_TRIES {
                if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
                    break;
                }
            }
        }
        log::error!("{}", Error::cancelled());
        // Not std's exit: it runs the exit functions of libraries that are still at work.
        signal_hook::low_level::exit(ErrorKind::Cancelled.exit_code().into());
    }
}
