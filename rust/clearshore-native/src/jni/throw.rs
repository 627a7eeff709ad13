//! How failures of native methods reach Java: as `ClearshoreException` with the kind and the whole text.

use clearshore::Error;
use clearshore_io::panics;
use jni::errors::{self, ErrorPolicy};
use jni::objects::JThrowable;
use jni::{Env, JValue, jni_sig, jni_str};
use std::any::Any;
use std::fmt;
use std::panic::resume_unwind;

pub type Result<T> = std::result::Result<T, Failure>;

/// Why a native method has no answer.
#[derive(Debug)]
pub enum Failure {
    Ours(Error),
    /// A call into the JVM failed, or Java code below threw: then its exception is pending.
    Java(errors::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<errors::Error> for Failure {
    fn from(error: errors::Error) -> Self {
        match error {
            errors::Error::NullPtr(_) => {
                Self::Ours(Error::parameter("null is not allowed here").caused_by(error))
            }
            other => Self::Java(other),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(error) => error.fmt(f),
            Self::Java(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

/// Throws `ClearshoreException` for errors and panics.
pub struct ThrowClearshoreException;

impl<T: Default> ErrorPolicy<T, Failure> for ThrowClearshoreException {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        failure: Failure,
    ) -> errors::Result<T> {
        let error = match failure {
            Failure::Ours(error) => error,
            Failure::Java(error) => Error::internal("a call into the JVM failed").caused_by(error),
        };
        throw(env, &error)?;
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        payload: Box<dyn Any + Send>,
    ) -> errors::Result<T> {
        if let Err(error) = panics::caught::<()>(|| resume_unwind(payload)) {
            throw(env, &error)?;
        }
        Ok(T::default())
    }
}

/// An exception that is pending already stays as it is. The JVM looks for the class with the class loader of the
/// class whose native method this is.
fn throw(env: &mut Env<'_>, error: &Error) -> errors::Result<()> {
    if env.exception_check() {
        return Ok(());
    }
    let kind = env.new_string(error.kind().name().to_uppercase())?;
    let message = env.new_string(error.to_string())?;
    let exception = env
        .call_static_method(
            jni_str!("org/clearshore/ClearshoreException"),
            jni_str!("of"),
            jni_sig!((kind: JString, message: JString) -> org.clearshore.ClearshoreException),
            &[JValue::Object(&kind), JValue::Object(&message)],
        )?
        .l()?;
    let exception = env.cast_local::<JThrowable>(exception)?;
    match env.throw(exception) {
        // That is how success looks.
        Err(errors::Error::JavaException) => Ok(()),
        other => other,
    }
}
