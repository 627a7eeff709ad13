//! The border to Java: the native methods of `org.clearshore.Native`.
//!
//! All of them are static and run on Java's threads. The library never attaches a thread of its own: the JVM
//! would wait for it at its end. What goes wrong becomes a `ClearshoreException`.

mod arrays;
#[cfg(feature = "failures")]
pub mod failures;
mod throw;

use crate::session::{self, Listener, Report, Session};
use arrays::{count, filled, taken};

use clearshore::Error;
use clearshore::scene::Band;
use clearshore_io::panics;
use clearshore_io::window::Window;
use jni::objects::{
    JByteArray, JClass, JFloatArray, JIntArray, JObject, JShortArray, JString, Reference,
};
use jni::sys::{JNI_VERSION_1_8, jint, jlong};
use jni::{Env, JValue, NativeMethod, jni_sig, jni_str, native_method};
use std::ffi::c_void;
use std::path::Path;
use std::sync::Arc;
use throw::{Failure, Result, ThrowClearshoreException};

/// References that one call of a listener needs.
const LISTENER_REFERENCES: usize = 8;

/// The JVM calls this when it has loaded the library.
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(_: *mut jni::sys::JavaVM, _: *mut c_void) -> jint {
    panics::keep_quiet();
    JNI_VERSION_1_8
}

/// Exports functions as static methods of a Java class. The compiler compares the signatures.
macro_rules! exported {
    ($class:literal: $($method:ident $signature:tt $(-> $answer:ident)?;)*) => {$(
        const _: NativeMethod = native_method! {
            java_type = $class,
            static extern fn $method $signature $(-> $answer)?,
            error_policy = ThrowClearshoreException,
        };
    )*};
}
#[cfg(feature = "failures")]
use exported;

exported! { "org.clearshore.Native":
    version() -> JString;
    tables() -> JString;
    open(product: JString, granule: JString, parameters: JString) -> jlong;
    feed(description: JString, parameters: JString) -> jlong;
    describe(scene: jlong) -> JString;
    missing_dem_cells(scene: jlong) -> JString;
    put_dn(scene: jlong, band: JString, x: jint, y: jint, width: jint, height: jint, dn: jshort[]);
    put_reflectance(scene: jlong, band: JString, x: jint, y: jint, width: jint, height: jint, values: jfloat[]);
    put_defective(scene: jlong, columns: jint, rows: jint, x: jint, y: jint, width: jint, height: jint, mask: jbyte[]);
    put_detectors(scene: jlong, band: JString, columns: jint, rows: jint, x: jint, y: jint, width: jint, height: jint, numbers: jbyte[]);
    put_wind(scene: jlong, wind: JString);
    run(scene: jlong, listener: org.clearshore.RunListener) -> JString;
    cancel(scene: jlong);
    read_flags(scene: jlong, x: jint, y: jint, width: jint, height: jint, flags: jint[]);
    read_classes(scene: jlong, x: jint, y: jint, width: jint, height: jint, classes: jbyte[]);
    read_evidence(scene: jlong, x: jint, y: jint, width: jint, height: jint, evidence: jint[]);
    read_feature(scene: jlong, feature: JString, x: jint, y: jint, width: jint, height: jint, values: jfloat[]);
    close(scene: jlong);
}

fn version<'a>(env: &mut Env<'a>, _: JClass<'a>) -> Result<JString<'a>> {
    Ok(env.new_string(env!("CARGO_PKG_VERSION"))?)
}

fn tables<'a>(env: &mut Env<'a>, _: JClass<'a>) -> Result<JString<'a>> {
    Ok(env.new_string(clearshore::tables().to_string())?)
}

fn open<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    product: JString<'a>,
    granule: JString<'a>,
    parameters: JString<'a>,
) -> Result<jlong> {
    let product = product.try_to_string(env)?;
    let granule = match granule.is_null() {
        true => None,
        false => Some(granule.try_to_string(env)?),
    };
    let parameters = parameters.try_to_string(env)?;
    let session = Session::open(Path::new(&product), granule.as_deref(), &parameters)?;
    Ok(session::register(session).cast_signed())
}

fn feed<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    description: JString<'a>,
    parameters: JString<'a>,
) -> Result<jlong> {
    let description = description.try_to_string(env)?;
    let session = Session::feed(&description, &parameters.try_to_string(env)?)?;
    Ok(session::register(session).cast_signed())
}

fn describe<'a>(env: &mut Env<'a>, _: JClass<'a>, scene: jlong) -> Result<JString<'a>> {
    Ok(env.new_string(find(scene)?.description()?)?)
}

fn missing_dem_cells<'a>(env: &mut Env<'a>, _: JClass<'a>, scene: jlong) -> Result<JString<'a>> {
    Ok(env.new_string(find(scene)?.missing_dem_cells()?)?)
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn put_dn<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    band: JString<'a>,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    dn: JShortArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    let (window, dn) = taken(env, [x, y, width, height], &dn)?;
    let dn: Vec<u16> = dn.into_iter().map(i16::cast_unsigned).collect();
    Ok(scene.put_dn(&band.try_to_string(env)?, window, &dn)?)
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn put_reflectance<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    band: JString<'a>,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    values: JFloatArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    let (window, values) = taken(env, [x, y, width, height], &values)?;
    Ok(scene.put_reflectance(&band.try_to_string(env)?, window, &values)?)
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn put_defective<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    columns: jint,
    rows: jint,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    mask: JByteArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    let raster = (
        count("the height of the mask's raster", rows)?,
        count("the width of the mask's raster", columns)?,
    );
    let (window, mask) = taken(env, [x, y, width, height], &mask)?;
    let mask: Vec<u8> = mask.into_iter().map(i8::cast_unsigned).collect();
    Ok(scene.put_defective(raster, window, &mask)?)
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn put_detectors<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    band: JString<'a>,
    columns: jint,
    rows: jint,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    numbers: JByteArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    let raster = (
        count("the height of the footprint's raster", rows)?,
        count("the width of the footprint's raster", columns)?,
    );
    let (window, numbers) = taken(env, [x, y, width, height], &numbers)?;
    let numbers: Vec<u8> = numbers.into_iter().map(i8::cast_unsigned).collect();
    Ok(scene.put_detectors(&band.try_to_string(env)?, raster, window, &numbers)?)
}

fn put_wind<'a>(env: &mut Env<'a>, _: JClass<'a>, scene: jlong, wind: JString<'a>) -> Result<()> {
    Ok(find(scene)?.put_wind(&wind.try_to_string(env)?)?)
}

fn run<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    listener: JObject<'a>,
) -> Result<JString<'a>> {
    let scene = find(scene)?;
    let mut failed = None;
    let summary = scene.run(JavaListener {
        env,
        listener: &listener,
        failed: &mut failed,
    });
    // An exception of the listener is still pending: nobody called the JVM since.
    match failed {
        Some(failure) => Err(failure),
        None => Ok(env.new_string(summary?)?),
    }
}

/// A `RunListener`, or null.
struct JavaListener<'call, 'a> {
    env: &'call mut Env<'a>,
    listener: &'call JObject<'a>,
    failed: &'call mut Option<Failure>,
}

impl Listener for JavaListener<'_, '_> {
    fn hear(&mut self, report: Report) -> bool {
        self.listener.is_null()
            || told(self.env, self.listener, report).unwrap_or_else(|failure| {
                *self.failed = Some(failure);
                false
            })
    }

    fn give(&mut self, band: Band, rectangles: &[Window]) -> clearshore::Result<()> {
        if self.listener.is_null() {
            return Err(Error::parameter(
                "the run asks for pixels, and it has no listener",
            ));
        }
        asked(self.env, self.listener, band, rectangles).map_err(|failure| {
            *self.failed = Some(failure);
            Error::cancelled()
        })
    }
}

/// Has the listener give pixels.
fn asked(
    env: &mut Env<'_>,
    listener: &JObject<'_>,
    band: Band,
    rectangles: &[Window],
) -> Result<()> {
    let side = |pixels: usize| {
        jint::try_from(pixels).map_err(|error| {
            Error::internal("a raster is larger than Java can say").caused_by(error)
        })
    };
    let mut numbers = Vec::with_capacity(4 * rectangles.len());
    for window in rectangles {
        for number in [window.column, window.row, window.columns, window.rows] {
            numbers.push(side(number)?);
        }
    }
    env.with_local_frame(LISTENER_REFERENCES, |env| {
        let band = env.new_string(band.name())?;
        let array = JIntArray::new(env, numbers.len())?;
        array.set_region(env, 0, &numbers)?;
        env.call_method(
            listener,
            jni_str!("give"),
            jni_sig!((band: JString, rectangles: jint[]) -> void),
            &[JValue::Object(&band), JValue::Object(&array)],
        )?;
        Ok::<_, Failure>(())
    })
}

/// Calls the listener; whether it wants to go on.
fn told(env: &mut Env<'_>, listener: &JObject<'_>, report: Report) -> Result<bool> {
    let count = |units| JValue::Long(i64::try_from(units).unwrap_or(i64::MAX));
    env.with_local_frame(LISTENER_REFERENCES, |env| {
        let stage = env.new_string(report.stage)?;
        let go_on = env.call_method(
            listener,
            jni_str!("progress"),
            jni_sig!((stage: JString, done: jlong, total: jlong) -> jboolean),
            &[
                JValue::Object(&stage),
                count(report.done),
                count(report.total),
            ],
        )?;
        Ok::<_, Failure>(go_on.z()?)
    })
}

fn cancel<'a>(_: &mut Env<'a>, _: JClass<'a>, scene: jlong) -> Result<()> {
    find(scene)?.cancel();
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn read_flags<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    flags: JIntArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    filled(env, [x, y, width, height], &flags, |window, out| {
        scene.read_flags(window, out)
    })
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn read_classes<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    classes: JByteArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    filled(env, [x, y, width, height], &classes, |window, out| {
        let mut values = vec![0; out.len()];
        scene.read_classes(window, &mut values)?;
        for (out, value) in out.iter_mut().zip(values) {
            *out = value.cast_signed();
        }
        Ok(())
    })
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn read_evidence<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    evidence: JIntArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    filled(env, [x, y, width, height], &evidence, |window, out| {
        scene.read_evidence(window, out)
    })
}

#[expect(clippy::too_many_arguments, reason = "Java's signature")]
fn read_feature<'a>(
    env: &mut Env<'a>,
    _: JClass<'a>,
    scene: jlong,
    feature: JString<'a>,
    x: jint,
    y: jint,
    width: jint,
    height: jint,
    values: JFloatArray<'a>,
) -> Result<()> {
    let scene = find(scene)?;
    let feature = feature.try_to_string(env)?;
    filled(env, [x, y, width, height], &values, |window, out| {
        scene.read_feature(&feature, window, out)
    })
}

fn close<'a>(_: &mut Env<'a>, _: JClass<'a>, scene: jlong) -> Result<()> {
    Ok(session::close(scene.cast_unsigned())?)
}

fn find(scene: jlong) -> Result<Arc<Session>> {
    Ok(session::find(scene.cast_unsigned())?)
}
