//! The result of a run, and copies of rectangles out of it.

use clearshore::flags::Flags;
use clearshore::{Detection, Error, Feature, Result};
use clearshore_io::window::Window;
use ndarray::{Array2, ArrayView2, s};
use serde_json::{Value, json};
use std::path::Path;

/// What a run left.
#[derive(Debug)]
pub struct Outcome {
    detection: Detection,
    summary: String,
}

impl Outcome {
    /// `source` says where the pixels came from: `product` or `tiles`; `dem`, where the elevation model is.
    pub fn new(detection: Detection, source: &str, dem: Option<&Path>) -> Self {
        let flags: Vec<Value> = detection
            .shares()
            .iter()
            .map(|share| {
                json!({
                    "name": share.flag.name,
                    "pixels": share.pixels,
                    "share": share.share,
                })
            })
            .collect();
        let summary = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "source": source,
            "dem": dem.map(Path::to_string_lossy),
            "demMissing": detection.dem_missing,
            "glint": detection.glint,
            "model": detection.model,
            "warnings": detection.warnings,
            "flags": flags,
        });
        Self {
            detection,
            summary: summary.to_string(),
        }
    }

    /// The run in numbers, as JSON: `version`, `source`, `dem` (its path or null), `demMissing` (names of cells that lack
    /// and on which pixels depend), `glint` (null, or what sun glint was predicted with: `windSpeed`, `windDirection`,
    /// `windSource`, `viewingAngles`), `model` (null, or which learned model looked at the scene: `id`, `version`, `threshold` where
    /// it has one, `pixelSize`), `warnings`, `flags` with `name`, `pixels`, `share`.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    pub fn flags(&self, window: Window, out: &mut [i32]) -> Result<()> {
        copy(&self.detection.flags, window, out, |flags| flags)
    }

    pub fn classes(&self, window: Window, out: &mut [u8]) -> Result<()> {
        copy(&self.detection.flags, window, out, |flags| {
            Flags::from_bits_retain(flags).class() as u8
        })
    }

    pub fn evidence(&self, window: Window, out: &mut [i32]) -> Result<()> {
        let evidence = self.detection.evidence.as_ref().ok_or_else(|| {
            Error::parameter("the run was not asked for evidence")
                .advice("set copyEvidence to true")
        })?;
        copy(evidence, window, out, |bits| bits)
    }

    /// NaN everywhere where the scene lacks what the feature is made of.
    pub fn feature(&self, feature: Feature, window: Window, out: &mut [f32]) -> Result<()> {
        let found = self
            .detection
            .features
            .iter()
            .find(|band| band.feature == feature);
        match found {
            Some(band) => copy(&band.values, window, out, |value| value),
            None => {
                window.check(self.detection.flags.dim(), out.len())?;
                out.fill(f32::NAN);
                Ok(())
            }
        }
    }
}

fn copy<T: Copy, U>(
    plane: &Array2<T>,
    window: Window,
    out: &mut [U],
    convert: impl Fn(T) -> U,
) -> Result<()> {
    window.check(plane.dim(), out.len())?;
    let Window {
        row,
        column,
        rows,
        columns,
    } = window;
    let rectangle: ArrayView2<'_, T> = plane.slice(s![row..row + rows, column..column + columns]);
    for (out, value) in out.iter_mut().zip(rectangle) {
        *out = convert(*value);
    }
    Ok(())
}
