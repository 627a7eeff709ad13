//! Ways to fail on demand, for the tests: the native methods of `org.clearshore.NativeFailures`.

use super::exported;
use super::throw::{Result, ThrowClearshoreException};
use crate::session;
use clearshore::{Error, ErrorKind, Progress};
use jni::objects::{JClass, JString};
use jni::sys::jint;
use jni::{Env, NativeMethod, native_method};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

type InRun = fn(&dyn Progress) -> clearshore::Result<()>;

/// How long a waiting run waits to be stopped.
const PATIENCE: Duration = Duration::from_secs(30);

static NEXT_RUN: Mutex<Option<InRun>> = Mutex::new(None);

exported! { "org.clearshore.NativeFailures":
    panic(kind: JString);
    fail(kind: JString);
    panic_in_next_run();
    wait_in_next_run();
    open_scenes() -> jint;
}

/// What a run does before its work.
pub fn in_run(progress: &dyn Progress) -> clearshore::Result<()> {
    let armed = NEXT_RUN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    armed.map_or(Ok(()), |fail| fail(progress))
}

fn panic<'a>(env: &mut Env<'a>, _: JClass<'a>, kind: JString<'a>) -> Result<()> {
    let kind = kind.try_to_string(env)?;
    match kind.as_str() {
        "literal" => panic!("a literal text"),
        "formatted" => panic!("a text about {kind}"),
        "index" => drop(kind.as_bytes()[kind.len()..][0]),
        "worker" => in_worker(),
        _ => {}
    }
    Ok(())
}

fn in_worker() {
    (0..64)
        .into_par_iter()
        .for_each(|index| panic!("worker {index} met a test"));
}

fn fail<'a>(env: &mut Env<'a>, _: JClass<'a>, kind: JString<'a>) -> Result<()> {
    let kind = kind.try_to_string(env)?;
    match ErrorKind::ALL
        .into_iter()
        .find(|known| known.name() == kind)
    {
        Some(kind) => Err(Error::new(kind, "asked for").at("here").into()),
        None => Ok(()),
    }
}

fn panic_in_next_run<'a>(_: &mut Env<'a>, _: JClass<'a>) -> Result<()> {
    arm(|_| {
        in_worker();
        Ok(())
    });
    Ok(())
}

fn wait_in_next_run<'a>(_: &mut Env<'a>, _: JClass<'a>) -> Result<()> {
    arm(|progress| {
        progress.stage("waiting", 1);
        let start = Instant::now();
        while !progress.is_cancelled() {
            if start.elapsed() > PATIENCE {
                return Err(Error::internal("nobody stopped the waiting run"));
            }
            sleep(Duration::from_millis(5));
        }
        Err(Error::cancelled())
    });
    Ok(())
}

fn arm(fail: InRun) {
    *NEXT_RUN.lock().unwrap_or_else(PoisonError::into_inner) = Some(fail);
}

fn open_scenes<'a>(_: &mut Env<'a>, _: JClass<'a>) -> Result<jint> {
    Ok(jint::try_from(session::count()).unwrap_or(jint::MAX))
}
