//! Scenes for C.

use super::border::{
    Status, array, array_to_fill, c_text, copy_text, give, guarded, optional_text, path, text,
};
use crate::session::{Report, Session, close, find, register};
use clearshore::{Error, Result};
use clearshore_io::window::Window;
use std::ffi::{c_char, c_void};
use std::path::Path;

/// A scene: opened or fed, run, read in rectangles, closed. No number is used twice and 0 is none: a scene that
/// was closed or never was is an error.
pub type Scene = u64;

/// Hears how far a run is: what is being done, and how many of its units of work. Called on the thread that called
/// cs_scene_run, about twenty times a second; `stage` is valid during the call. False cancels the run. It must
/// return: no exception, no longjmp.
pub type Listener = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        stage: *const c_char,
        done: u64,
        total: u64,
    ) -> bool,
>;

/// Opens a product: SAFE folder, zipped SAFE or the AWS layout. `granule` chooses one of several, NULL where there
/// is one. `parameters` is a JSON object by the names in cs_tables, NULL for the defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_open(
    product: *const c_char,
    granule: *const c_char,
    parameters: *const c_char,
    out: *mut Scene,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe {
            give("out", out, || {
                let product = Path::new(path("product", product)?);
                let granule = optional_text("granule", granule)?;
                let parameters = optional_text("parameters", parameters)?.unwrap_or("{}");
                Session::open(product, granule, parameters).map(register)
            })
        }
    })
}

/// Begins a scene whose pixels cs_scene_put_dn and its like give. `description` is a JSON object: see
/// docs/icd.md.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_feed(
    description: *const c_char,
    parameters: *const c_char,
    out: *mut Scene,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe {
            give("out", out, || {
                let description = text("description", description)?;
                let parameters = optional_text("parameters", parameters)?.unwrap_or("{}");
                Session::feed(description, parameters).map(register)
            })
        }
    })
}

/// What the scene is, as JSON: "name", "grid" ("epsg", "easting", "northing", "pixelSize", "width", "height"),
/// "usedBands", "missingBands", "usedFootprints" (the bands of which cs_scene_put_detectors may be given, for the wind
/// that is known now); of a product also "location", "tile", "processingBaseline".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_describe(
    scene: Scene,
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    guarded(|| {
        let description = find(scene)?.description()?;
        // SAFETY: the caller's promise.
        unsafe { copy_text(&description, text, capacity, length) }
    })
}

/// Gives raw numbers of a rectangle of a band's own raster, row by row; 0 is no data. Only "usedBands" are taken,
/// and each pixel once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_put_dn(
    scene: Scene,
    band: *const c_char,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    dn: *const u16,
    dn_length: usize,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (band, dn) = unsafe { (text("band", band)?, array("dn", dn, dn_length)?) };
        find(scene)?.put_dn(band, window(x, y, width, height)?, dn)
    })
}

/// Gives reflectance of a rectangle of a band's own raster, row by row; NaN is no data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_put_reflectance(
    scene: Scene,
    band: *const c_char,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    values: *const f32,
    values_length: usize,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (band, values) =
            unsafe { (text("band", band)?, array("values", values, values_length)?) };
        find(scene)?.put_reflectance(band, window(x, y, width, height)?, values)
    })
}

/// Gives a rectangle of a quality mask whose raster of `columns` x `rows` lies over the same ground; other than 0 is
/// lost, defective or without data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_put_defective(
    scene: Scene,
    columns: i64,
    rows: i64,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    mask: *const u8,
    mask_length: usize,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let mask = unsafe { array("mask", mask, mask_length) }?;
        let raster = (pixels("rows", rows)?, pixels("columns", columns)?);
        find(scene)?.put_defective(raster, window(x, y, width, height)?, mask)
    })
}

/// Gives a rectangle of the footprint of a band's detectors, whose raster of `columns` x `rows` lies over the same ground:
/// numbers 1 to 12, 0 where none looked. It may be left out: then the detectors are guessed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_put_detectors(
    scene: Scene,
    band: *const c_char,
    columns: i64,
    rows: i64,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    numbers: *const u8,
    numbers_length: usize,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (band, numbers) = unsafe {
            (
                text("band", band)?,
                array("numbers", numbers, numbers_length)?,
            )
        };
        let raster = (pixels("rows", rows)?, pixels("columns", columns)?);
        find(scene)?.put_detectors(band, raster, window(x, y, width, height)?, numbers)
    })
}

/// Gives the wind 10 m above the ground at the nodes of a lattice, before the run; it may be left out. `wind` is a JSON
/// object: see docs/icd.md.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_put_wind(scene: Scene, wind: *const c_char) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let wind = unsafe { text("wind", wind) }?;
        find(scene)?.put_wind(wind)
    })
}

/// Runs all detectors, with worker threads of its own, and returns when the run has ended. A second call after
/// success returns at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_run(
    scene: Scene,
    listener: Listener,
    user_data: *mut c_void,
) -> Status {
    guarded(|| {
        find(scene)?.run(|report: Report| {
            listener.is_none_or(|listener| {
                let stage = c_text(report.stage.to_owned());
                // SAFETY: the caller's promise; the text outlives the call.
                unsafe { listener(user_data, stage.as_ptr(), report.done, report.total) }
            })
        })?;
        Ok(())
    })
}

/// The run in numbers, as JSON: "version", "source", "dem" (path of the elevation model or null), "demMissing" (cells
/// that it lacks), "glint" (null, or what sun glint was predicted with: "windSpeed" in m/s, "windDirection" in degrees or
/// null, "windSource", "viewingAngles"), "warnings", "flags" with "name", "pixels", "share".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_summary(
    scene: Scene,
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    guarded(|| {
        let summary = find(scene)?.summary()?;
        // SAFETY: the caller's promise.
        unsafe { copy_text(&summary, text, capacity, length) }
    })
}

/// Asks the present run to stop, or the next one if none is on. From any thread.
#[unsafe(no_mangle)]
pub extern "C" fn cs_scene_cancel(scene: Scene) -> Status {
    guarded(|| {
        find(scene)?.cancel();
        Ok(())
    })
}

/// Copies the flag bits (CS_...) of a rectangle of the grid, row by row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_read_flags(
    scene: Scene,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    out: *mut i32,
    out_length: usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        read(
            scene,
            [x, y, width, height],
            out,
            out_length,
            Session::read_flags,
        )
    }
}

/// Copies the classes (CS_CLASS_...) of a rectangle of the grid, row by row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_read_classes(
    scene: Scene,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    out: *mut u8,
    out_length: usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        read(
            scene,
            [x, y, width, height],
            out,
            out_length,
            Session::read_classes,
        )
    }
}

/// Copies the evidence bits (CS_EVIDENCE_...) of a rectangle of the grid, row by row. The run wants the parameter
/// copyEvidence.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_read_evidence(
    scene: Scene,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    out: *mut i32,
    out_length: usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        read(
            scene,
            [x, y, width, height],
            out,
            out_length,
            Session::read_evidence,
        )
    }
}

/// Copies a feature, by its name in cs_tables, of a rectangle of the grid, row by row; NaN where it is unknown. The
/// run wants the parameter copyFeatures.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_scene_read_feature(
    scene: Scene,
    feature: *const c_char,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    out: *mut f32,
    out_length: usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        read(
            scene,
            [x, y, width, height],
            out,
            out_length,
            |session, window, out| session.read_feature(text("feature", feature)?, window, out),
        )
    }
}

/// Closes a scene, stops its run and frees its memory when the last call in it has returned.
#[unsafe(no_mangle)]
pub extern "C" fn cs_scene_close(scene: Scene) -> Status {
    guarded(|| close(scene))
}

/// # Safety
/// `out` is null or has `length` values, which nobody else touches during the call.
unsafe fn read<T>(
    scene: Scene,
    [x, y, width, height]: [i64; 4],
    out: *mut T,
    length: usize,
    copy: impl FnOnce(&Session, Window, &mut [T]) -> Result<()>,
) -> Status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let out = unsafe { array_to_fill("out", out, length) }?;
        copy(&*find(scene)?, window(x, y, width, height)?, out)
    })
}

fn window(x: i64, y: i64, width: i64, height: i64) -> Result<Window> {
    Ok(Window {
        column: pixels("x", x)?,
        row: pixels("y", y)?,
        columns: pixels("width", width)?,
        rows: pixels("height", height)?,
    })
}

fn pixels(name: &str, number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| {
        Error::parameter("no raster has such a number of pixels")
            .at(name)
            .got(number)
            .expected("0 or more")
    })
}
