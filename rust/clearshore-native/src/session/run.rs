//! The run: worker threads do the work, the calling thread hears how far it is and may stop it.

use super::outcome::Outcome;
use super::{Session, Source, State, lock};
use clearshore::scene::{Band, Grid};
use clearshore::{Error, Params, Progress, Result};
use clearshore_io::auxiliary::Auxiliary;
use clearshore_io::dem;
use clearshore_io::feed::{Host, Request};
use clearshore_io::panics;
use clearshore_io::scene::read_scene;
use clearshore_io::window::Window;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often the calling thread looks at the run.
const PERIOD: Duration = Duration::from_millis(50);
/// Stack of the thread that leads a run, bytes.
const STACK_SIZE: usize = 8 << 20;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is being done.
    pub stage: &'static str,
    /// Units of work done in this stage.
    pub done: u64,
    /// Units of work of this stage.
    pub total: u64,
}

/// Whoever called a run and is spoken to on that thread.
pub trait Listener {
    /// Hears how far the run is, about twenty times a second. `false` cancels it.
    fn hear(&mut self, report: Report) -> bool;

    /// Gives some rectangles of a band's own raster, by [`Session::put_dn`] and its like, before it returns.
    ///
    /// # Errors
    /// They can't be given: ends the run.
    fn give(&mut self, band: Band, rectangles: &[Window]) -> Result<()> {
        Err(
            Error::parameter("the run asks for pixels, and its caller gives none")
                .at(band)
                .got(format!("{} rectangles", rectangles.len()))
                .advice("announce givesOnRequest only with a listener that gives"),
        )
    }
}

impl<F: FnMut(Report) -> bool> Listener for F {
    fn hear(&mut self, report: Report) -> bool {
        self(report)
    }
}

/// What reaches the calling thread from the workers.
enum Message {
    Done(Box<Result<Outcome>>),
    /// A worker needs pixels, and where it waits for them.
    Asked(Request, SyncSender<Result<Request>>),
}

/// Has requests answered on the calling thread.
struct Caller(SyncSender<Message>);

impl Host for Caller {
    fn answer(&self, request: Request, progress: &dyn Progress) -> Result<Request> {
        let gone = || Error::internal("nobody answers the run");
        let (answer, answered) = sync_channel(1);
        self.0
            .send(Message::Asked(request, answer))
            .map_err(|_| gone())?;
        loop {
            match answered.recv_timeout(PERIOD) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
                Err(RecvTimeoutError::Timeout) => progress.check()?,
            }
        }
    }
}

/// What workers say and the calling thread hears.
#[derive(Debug, Default)]
struct Heard {
    stage: Mutex<Option<(&'static str, u64)>>,
    done: AtomicU64,
}

struct Watched<'a> {
    heard: &'a Heard,
    session: &'a Session,
}

impl Progress for Watched<'_> {
    fn stage(&self, name: &'static str, total: u64) {
        let mut stage = lock(&self.heard.stage);
        self.heard.done.store(0, Ordering::Relaxed);
        *stage = Some((name, total));
    }

    fn advance(&self, units: u64) {
        self.heard.done.fetch_add(units, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.session.must_stop()
    }
}

impl Heard {
    fn report(&self) -> Option<Report> {
        let stage = lock(&self.stage);
        let (stage, total) = (*stage)?;
        let done = self.done.load(Ordering::Relaxed).min(total);
        Some(Report { stage, done, total })
    }
}

impl Session {
    /// Runs all detectors, and says how it went, as JSON (see [`Outcome::summary`]). `listener` is called on
    /// this thread. A second call after success answers at once.
    ///
    /// # Errors
    /// As reading and detecting; Parameter: it runs already, or pixels are missing; Cancelled.
    pub fn run(&self, mut listener: impl Listener) -> Result<String> {
        {
            let mut state = lock(&self.state);
            match &*state {
                State::Done(outcome) => return Ok(outcome.summary().to_owned()),
                State::Running => return Err(Error::parameter("the scene is being run already")),
                State::Ready => *state = State::Running,
            }
        }
        let result = self.led(&mut listener);
        self.cancelled.store(false, Ordering::Relaxed);
        let mut state = lock(&self.state);
        match result {
            Ok(outcome) => {
                let summary = outcome.summary().to_owned();
                *state = State::Done(Arc::new(outcome));
                Ok(summary)
            }
            Err(error) => {
                *state = State::Ready;
                Err(error)
            }
        }
    }

    /// Stops a run, now and for ever.
    pub(super) fn shut(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn must_stop(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.closed.load(Ordering::Relaxed)
    }

    /// Starts the work on a thread of its own and listens to it on this one.
    fn led(&self, listener: &mut dyn Listener) -> Result<Outcome> {
        let heard = Heard::default();
        let progress = Watched {
            heard: &heard,
            session: self,
        };
        let (says, said) = sync_channel(1);
        thread::scope(|scope| {
            let work = || {
                let caller = Arc::new(Caller(says.clone()));
                // The other end stays until this has been sent.
                let result = panics::caught(|| self.work(caller, &progress));
                let _ = says.send(Message::Done(Box::new(result)));
            };
            thread::Builder::new()
                .name("clearshore".into())
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, work)
                .map_err(|error| Error::io("no thread can be started").caused_by(error))?;
            loop {
                match said.recv_timeout(PERIOD) {
                    Ok(Message::Done(result)) => return *result,
                    Ok(Message::Asked(request, answer)) => {
                        let given = self.have_given(request, listener);
                        let failed = given.is_err();
                        // Nobody waits any more where the run was cancelled.
                        let _ = answer.send(given);
                        // The listener is not called again.
                        if failed {
                            self.cancel();
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(Error::internal("the run ended without a result"));
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
                if !self.must_stop()
                    && let Some(report) = heard.report()
                    && !listener.hear(report)
                {
                    self.cancel();
                }
            }
        })
    }

    /// Has the listener give what a worker asks for.
    fn have_given(&self, request: Request, listener: &mut dyn Listener) -> Result<Request> {
        let (band, rectangles) = (request.band(), request.lacking().to_vec());
        *lock(&self.asked) = Some(request);
        let given = listener.give(band, &rectangles);
        let request = lock(&self.asked).take();
        given?;
        request.ok_or_else(|| Error::internal("a request went missing"))
    }

    fn work(&self, caller: Arc<Caller>, progress: &dyn Progress) -> Result<Outcome> {
        // Scoped: no worker is left when the run has ended, not even one on its way out.
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.params.threads.unwrap_or(0))
            .thread_name(|index| format!("clearshore-{index}"))
            .build_scoped(
                |worker| worker.run(),
                |pool| {
                    pool.install(|| {
                        #[cfg(feature = "failures")]
                        crate::jni::failures::in_run(progress)?;
                        self.detect(&self.params, caller, progress)
                    })
                },
            )
            .map_err(|error| Error::io("the worker threads can't be started").caused_by(error))?
    }

    /// What the scene takes beside its pixels: what the parameters name, and the wind that the caller gave.
    pub(super) fn auxiliary(&self, grid: &Grid) -> Result<Auxiliary> {
        let auxiliary = Auxiliary::of_params(&self.params, grid)?;
        Ok(if self.params.wants_forecast() {
            auxiliary.with_wind(lock(&self.wind).clone())
        } else {
            auxiliary
        })
    }

    fn detect(
        &self,
        params: &Params,
        caller: Arc<Caller>,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        let (source, (scene, mut warnings)) = match &self.source {
            Source::Product(product) => {
                let auxiliary = self.auxiliary(&product.grid(params.resolution)?)?;
                ("product", read_scene(product, params, auxiliary, progress)?)
            }
            Source::Tiles(feed) => {
                let feed = lock(feed).take().ok_or_else(|| {
                    Error::parameter("the pixels went with an earlier run that failed")
                        .advice("give the scene anew")
                })?;
                let auxiliary = self.auxiliary(feed.grid())?;
                ("tiles", feed.scene(auxiliary, Some(caller))?)
            }
        };
        let dem = params
            .compute_mountain_shadow
            .then(|| dem::path_of_params(params));
        let mut detection = clearshore::detect(&scene, params, progress)?;
        warnings.append(&mut detection.warnings);
        detection.warnings = warnings;
        Ok(Outcome::new(detection, source, dem.flatten().as_deref()))
    }
}
