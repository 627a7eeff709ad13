//! ONNX Runtime, opened once in a process.

use super::library::{ADVICE, find_library};
use clearshore::{Error, Result};
use ort::LoadDynamicError;
use ort::environment::Environment;
use ort::logging::LogLevel;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Name under which ONNX Runtime logs.
const ENVIRONMENT_NAME: &str = "clearshore";
/// Target of ONNX Runtime's messages in our log.
const LOG_TARGET: &str = "onnxruntime";

/// The one of this process: the library can't be closed again, nor a second one opened beside it.
static OPENED: Mutex<Option<Runtime>> = Mutex::new(None);

/// ONNX Runtime, ready to evaluate networks.
#[derive(Clone, Debug)]
pub struct Runtime {
    library: PathBuf,
    pub(super) environment: Environment,
}

impl Runtime {
    /// ONNX Runtime from where [`find_library`] finds it; the one that the process has opened already, if any.
    ///
    /// # Errors
    /// Auxiliary: it is not found, is not a library, is not ONNX Runtime, is too old, or the parameter names another one than the
    /// process has opened.
    pub fn open(parameter: Option<&Path>, of_host: &[PathBuf]) -> Result<Self> {
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(opened), None) = (&*opened, parameter) {
            return Ok(opened.clone());
        }
        let library = find_library(parameter, of_host)?;
        // Two names of one file are one library.
        let library = library.canonicalize().unwrap_or(library);
        match &*opened {
            Some(opened) if opened.library == library => Ok(opened.clone()),
            Some(opened) => Err(Error::auxiliary("this process has opened another ONNX Runtime already")
                .at(library.display())
                .got(opened.library.display())
                .expected("one library in the life of a process")
                .advice("restart the program (in SNAP: SNAP itself) to use the other one, or leave out onnxRuntime")),
            None => {
                let runtime = Self::of_library(library)?;
                log::info!(target: LOG_TARGET, "ONNX Runtime opened from {}", runtime.library.display());
                *opened = Some(runtime.clone());
                Ok(runtime)
            }
        }
    }

    fn of_library(library: PathBuf) -> Result<Self> {
        let builder = ort::init_from(&library).map_err(|error| refused(&library, error))?;
        let environment = builder
            .with_name(ENVIRONMENT_NAME)
            .with_telemetry(false)
            .with_logger(Arc::new(|level, _, _, _, message| log(level, message)))
            .build()
            .map_err(|error| {
                Error::auxiliary("ONNX Runtime does not start")
                    .at(library.display())
                    .caused_by(error)
                    .advice(ADVICE)
            })?;
        Ok(Self {
            library,
            environment,
        })
    }

    /// Its library.
    pub fn library(&self) -> &Path {
        &self.library
    }
}

fn refused(library: &Path, error: LoadDynamicError) -> Error {
    let of = |what: &str| Error::auxiliary(what).at(library.display()).advice(ADVICE);
    match error {
        LoadDynamicError::BadVersion { version_str, .. } => of("ONNX Runtime is too old")
            .got(format!("version {version_str}"))
            .expected(format!("version 1.{} or later", ort::MINOR_VERSION)),
        LoadDynamicError::MissingApi { .. } => of("a library is not ONNX Runtime")
            .got("no function OrtGetApiBase in it")
            .expected("ONNX Runtime's library"),
        LoadDynamicError::InvalidVersionString => of("a library is not a whole ONNX Runtime")
            .got("a version that is no text")
            .expected("ONNX Runtime's library"),
        other @ LoadDynamicError::Dlopen { .. } => of("ONNX Runtime's library can't be opened")
            .expected("a library for this system and processor")
            .caused_by(other),
    }
}

/// The library's own messages; what it finds worth a warning is about its optimiser, not about the result.
fn log(level: LogLevel, message: &str) {
    let level = match level {
        LogLevel::Fatal | LogLevel::Error => log::Level::Error,
        LogLevel::Warning => log::Level::Debug,
        LogLevel::Info | LogLevel::Verbose => log::Level::Trace,
    };
    log::log!(target: LOG_TARGET, level, "{message}");
}
