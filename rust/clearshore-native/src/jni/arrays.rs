//! Rectangles of Java arrays: checked first, then copied as a whole.

use super::throw::Result;
use clearshore::Error;
use clearshore_io::window::Window;
use jni::Env;
use jni::objects::{JPrimitiveArray, TypeArray};
use jni::sys::jint;

/// A rectangle as Java gives it: column, row, columns, rows.
pub type Rectangle = [jint; 4];

/// Size or place of something on a raster.
pub fn count(name: &str, number: jint) -> clearshore::Result<usize> {
    usize::try_from(number).map_err(|_| Error::parameter(format!("{name} is negative")).got(number))
}

/// The elements of an array that holds a rectangle.
pub fn taken<T: TypeArray + Default + Clone>(
    env: &Env<'_>,
    rectangle: Rectangle,
    array: &JPrimitiveArray<'_, T>,
) -> Result<(Window, Vec<T>)> {
    let (window, mut elements) = prepared(env, rectangle, array)?;
    array.get_region(env, 0, &mut elements)?;
    Ok((window, elements))
}

/// Fills an array with what `read` gives for a rectangle; leaves it alone when that fails.
pub fn filled<T: TypeArray + Default + Clone>(
    env: &Env<'_>,
    rectangle: Rectangle,
    array: &JPrimitiveArray<'_, T>,
    read: impl FnOnce(Window, &mut [T]) -> clearshore::Result<()>,
) -> Result<()> {
    let (window, mut elements) = prepared(env, rectangle, array)?;
    read(window, &mut elements)?;
    Ok(array.set_region(env, 0, &elements)?)
}

/// The rectangle, and room for as many elements as the array has.
fn prepared<T: TypeArray + Default + Clone>(
    env: &Env<'_>,
    [x, y, width, height]: Rectangle,
    array: &JPrimitiveArray<'_, T>,
) -> Result<(Window, Vec<T>)> {
    let window = Window {
        column: count("the first column", x)?,
        row: count("the first row", y)?,
        columns: count("the width", width)?,
        rows: count("the height", height)?,
    };
    let length = array.len(env)?;
    // A Java array is smaller than 2^31: the product of two such numbers fits.
    window.check((usize::MAX, usize::MAX), length)?;
    Ok((window, vec![T::default(); length]))
}
