//! The progress bar on stderr, when that is a terminal.

use crate::interrupt::Interrupt;
use clearshore::Progress;
use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{prefix} {msg:10} [{bar:30}] {percent:>3} % {eta} left";

/// The one bar of the program, not drawn before a stage begins.
pub fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style.progress_chars("=> "))
}

/// Progress of a run: a bar to look at, and the interrupt that cancels it.
pub struct Watched<'a> {
    /// The bar.
    pub bar: &'a ProgressBar,
    /// What cancels.
    pub interrupt: &'a Interrupt,
}

impl Progress for Watched<'_> {
    fn stage(&self, name: &'static str, total: u64) {
        self.bar.reset();
        self.bar.set_length(total);
        self.bar.set_message(name);
        log::debug!("{name}");
    }

    fn advance(&self, units: u64) {
        self.bar.inc(units);
    }

    fn is_cancelled(&self) -> bool {
        self.interrupt.is_requested()
    }
}
