//! A run's worker threads, and its progress bar on stderr, when that is a terminal.

use crate::interrupt::Interrupt;
use crate::timings::Timings;
use clearshore::{Error, Progress, Result};
use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{prefix} {msg:10} [{bar:30}] {percent:>3} % {eta} left";

/// The one bar of the program, not drawn before a stage begins.
pub fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style.progress_chars("=> "))
}

/// The threads of a run; 0 for one a core.
pub fn worker_pool(threads: usize) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::io("the worker threads can't be started").caused_by(error))
}

/// Progress of a run: a bar to look at, and the interrupt that cancels it.
pub struct Watched<'a> {
    /// The bar.
    pub bar: &'a ProgressBar,
    /// What cancels.
    pub interrupt: &'a Interrupt,
    /// What measures the stages, when somebody asked.
    pub timings: Option<Timings>,
}

impl Progress for Watched<'_> {
    fn stage(&self, name: &'static str, total: u64) {
        self.bar.reset();
        self.bar.set_length(total);
        self.bar.set_message(name);
        log::debug!("{name}");
        if let Some(timings) = &self.timings {
            timings.stage(name);
        }
    }

    fn advance(&self, units: u64) {
        self.bar.inc(units);
    }

    fn is_cancelled(&self) -> bool {
        self.interrupt.is_requested()
    }
}
