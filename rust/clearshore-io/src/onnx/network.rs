//! A network in a file, evaluated by ONNX Runtime.

use super::Runtime;
use clearshore::learned::network::NetworkContract;
use clearshore::learned::{Inference, Manifest};
use clearshore::{Error, Result};
use ndarray::{Array4, Ix4};
use ort::ep::CPU;
use ort::session::Session;
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Memory that the runs of a network may take together, MiB.
const MEMORY_OF_RUNS: u64 = 2048;
/// Up to this memory of a run, MiB, ONNX Runtime keeps it from run to run in its own store, which saves up to a tenth of the time. It
/// rounds every request up to a power of two: OmniCloudMask would take 4.7 GiB instead of 1.9, in the same time.
const MEMORY_KEPT: u64 = 256;
/// Threads inside a run: with more of them ONNX Runtime splits sums elsewhere, and the last bits of a large network change with
/// their number.
const THREADS_OF_A_RUN: usize = 1;
/// What the axes of a network are.
const INPUT_AXES: &str = "(patches, bands, rows, columns)";
const OUTPUT_AXES: &str = "(patches, classes, rows, columns)";

/// A network in a file.
///
/// Every run has a thread and a session of its own, so that threads share the work patch by patch and a patch's result depends on
/// nothing else. A session holds a copy of the weights and what a run needs: memory grows by that with each run at a time. So there
/// are as many sessions as threads have asked for at once, but not more than fit `MEMORY_OF_RUNS` by the manifest's `memory`.
pub struct OnnxNetwork {
    runtime: Runtime,
    file: PathBuf,
    keeps_memory: bool,
    pool: Mutex<Pool>,
    freed: Condvar,
    most_sessions: usize,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Session>,
    made: usize,
}

impl OnnxNetwork {
    /// Opens the file of a network, for so many threads.
    ///
    /// # Errors
    /// Auxiliary: the file can't be read, is not a network, or has not the inputs and outputs that the manifest says.
    pub fn open(
        runtime: &Runtime,
        file: &Path,
        manifest: &Manifest,
        threads: usize,
    ) -> Result<Self> {
        let contract = manifest.network.as_ref().ok_or_else(|| {
            Error::auxiliary("the manifest of a network has no table [network]")
                .at(&manifest.id)
                .advice("take the manifest that comes with Clearshore")
        })?;
        let keeps_memory = contract.memory.is_some_and(|of_run| of_run <= MEMORY_KEPT);
        let session = session(runtime, file, keeps_memory)?;
        check(&session, file, manifest, contract)?;
        let fit = contract
            .memory
            .map_or(u64::MAX, |of_run| MEMORY_OF_RUNS / of_run.max(1));
        Ok(Self {
            runtime: runtime.clone(),
            file: file.to_owned(),
            keeps_memory,
            pool: Mutex::new(Pool {
                idle: vec![session],
                made: 1,
            }),
            freed: Condvar::new(),
            most_sessions: threads
                .min(usize::try_from(fit).unwrap_or(usize::MAX))
                .max(1),
        })
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session for one run.
    fn lend(&self) -> Result<Lent<'_>> {
        let mut pool = self.pool();
        let session = loop {
            if let Some(session) = pool.idle.pop() {
                break session;
            }
            if pool.made < self.most_sessions {
                pool.made += 1;
                drop(pool);
                let session = session(&self.runtime, &self.file, self.keeps_memory);
                break session.inspect_err(|_| self.pool().made -= 1)?;
            }
            pool = self
                .freed
                .wait(pool)
                .unwrap_or_else(PoisonError::into_inner);
        };
        Ok(Lent {
            network: self,
            session: Some(session),
        })
    }

    fn failed(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::auxiliary("ONNX Runtime can't evaluate a network")
            .at(self.file.display())
            .caused_by(error)
            .advice("is there enough memory? otherwise export the network again as its card in models/ says")
    }
}

/// A session that goes back when the run is over, however it ends.
struct Lent<'a> {
    network: &'a OnnxNetwork,
    session: Option<Session>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.network.pool().idle.extend(self.session.take());
        self.network.freed.notify_one();
    }
}

impl fmt::Debug for OnnxNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnnxNetwork")
            .field("file", &self.file)
            .field("most_sessions", &self.most_sessions)
            .finish_non_exhaustive()
    }
}

impl Inference for OnnxNetwork {
    fn infer(&self, input: Array4<f32>) -> Result<Array4<f32>> {
        let mut lent = self.lend()?;
        let Some(session) = &mut lent.session else {
            return Err(Error::internal("a lent session is not there"));
        };
        let input = TensorRef::from_array_view(&input).map_err(|error| self.failed(error))?;
        let outputs = session
            .run(ort::inputs![input])
            .map_err(|error| self.failed(error))?;
        let output = outputs[0]
            .try_extract_array::<f32>()
            .map_err(|error| self.failed(error))?;
        let output = output
            .into_dimensionality::<Ix4>()
            .map_err(|error| self.failed(error))?;
        Ok(output.to_owned())
    }
}

/// Opens the file, with ONNX Runtime's own store of memory or without.
fn session(runtime: &Runtime, file: &Path, keeps_memory: bool) -> Result<Session> {
    let processor = CPU::default().with_arena_allocator(keeps_memory).build();
    let builder = Session::builder(&runtime.environment)
        .and_then(|builder| Ok(builder.with_execution_providers([processor])?))
        .and_then(|builder| Ok(builder.with_memory_pattern(keeps_memory)?))
        .and_then(|builder| Ok(builder.with_intra_threads(THREADS_OF_A_RUN)?))
        .and_then(|builder| Ok(builder.with_inter_threads(THREADS_OF_A_RUN)?));
    builder
        .and_then(|mut builder| builder.commit_from_file(file))
        .map_err(|error| {
            Error::auxiliary("a file is not a network that ONNX Runtime can open")
                .at(file.display())
                .caused_by(error)
                .expected("an ONNX file")
                .advice("get or export the network again as its card in models/ says")
        })
}

/// Whether inputs and outputs of the file are those of the manifest.
fn check(
    session: &Session,
    file: &Path,
    manifest: &Manifest,
    contract: &NetworkContract,
) -> Result<()> {
    let side = contract.patch;
    for (what, axes, outlets, channels) in [
        ("input", INPUT_AXES, session.inputs(), manifest.bands.len()),
        (
            "output",
            OUTPUT_AXES,
            session.outputs(),
            manifest.classes.len(),
        ),
    ] {
        let expected = [contract.batch, channels, side, side];
        let fits = match outlets {
            [outlet] => has_shape(outlet, expected),
            _ => false,
        };
        if !fits {
            let got: Vec<String> = outlets.iter().map(described).collect();
            return Err(Error::auxiliary(format!(
                "a network has not the {what} that its manifest says"
            ))
            .at(format!("{}, for {}", file.display(), manifest.id))
            .got(got.join("; "))
            .expected(format!("one {what} {expected:?} {axes} of Float32"))
            .advice(
                "export the network again as its card in models/ says, or correct the manifest",
            ));
        }
    }
    Ok(())
}

/// Whether a tensor takes a shape; -1 stands for any size.
fn has_shape(outlet: &Outlet, expected: [usize; 4]) -> bool {
    let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else {
        return false;
    };
    let takes = |(size, expected): (&i64, usize)| *size < 0 || *size == expected as i64;
    *ty == TensorElementType::Float32
        && shape.len() == expected.len()
        && shape.iter().zip(expected).all(takes)
}

fn described(outlet: &Outlet) -> String {
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => {
            let sizes: &[i64] = shape;
            format!("`{}` {sizes:?} of {ty:?}", outlet.name())
        }
        other => format!("`{}`, {other:?}", outlet.name()),
    }
}
