//! JPEG 2000 band and mask files: any window, at full or reduced resolution.
//!
//! The file is cut, without decoding, into one small codestream per tile; tiles are decoded in parallel
//! by the pure-Rust decoder `hayro-jpeg2000`. Lossless files (reversible 5-3 wavelet) give the same
//! numbers as GDAL with OpenJPEG, at every reduction. Lossy files (9-7 wavelet) are decoded too; they may
//! differ from other decoders by a rounding step.
//!
//! Not supported, and refused when the file is opened: signed samples, more than 16 bits, subsampled
//! components, image or tile offsets. Palettes and colour spaces are not applied.

mod codestream;
mod cut;
mod decode;

use crate::bytes::ByteSource;
use crate::window::Window;
use clearshore::{Error, Progress, Result};
use codestream::{Frame, ceil_shift};
use cut::Selection;
use decode::Pieces;
use ndarray::{Array2, ArrayViewMut2, Axis, s};
use std::fmt;
use std::sync::Arc;

/// An opened JPEG 2000 file (JP2 or raw codestream). Only headers have been read.
pub struct Jp2 {
    source: Arc<dyn ByteSource>,
    label: String,
    frame: Frame,
}

impl fmt::Debug for Jp2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jp2")
            .field("label", &self.label)
            .field("size", &self.frame.size)
            .finish_non_exhaustive()
    }
}

impl Jp2 {
    /// Reads the headers and finds the tiles. `label` names the band and the file in errors.
    ///
    /// # Errors
    /// Product: empty, truncated, damaged or not JPEG 2000; or of a kind that is not supported.
    pub fn open(source: Arc<dyn ByteSource>, label: impl Into<String>) -> Result<Self> {
        let label = label.into();
        let frame = Frame::read(&*source, &label)?;
        Ok(Self {
            source,
            label,
            frame,
        })
    }

    /// What names the band and the file in errors.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Rows at full resolution.
    pub fn rows(&self) -> usize {
        self.frame.size.rows as usize
    }

    /// Columns at full resolution.
    pub fn columns(&self) -> usize {
        self.frame.size.columns as usize
    }

    /// Number of components (planes).
    pub fn components(&self) -> usize {
        usize::from(self.frame.size.components)
    }

    /// Bits of a sample, 1 to 16.
    pub fn bit_depth(&self) -> u8 {
        self.frame.size.bit_depth
    }

    /// Rows and columns of a tile at full resolution.
    pub fn tile_size(&self) -> (usize, usize) {
        let size = &self.frame.size;
        (size.tile_rows as usize, size.tile_columns as usize)
    }

    /// How often the resolution can be halved: reductions 0 to this can be read.
    pub fn reductions(&self) -> u8 {
        let shortest = self.frame.size.rows.min(self.frame.size.columns);
        self.frame.levels.min(shortest.ilog2() as u8)
    }

    /// Rows and columns at a reduction: halved that often, rounded up.
    pub fn shape(&self, reduction: u8) -> (usize, usize) {
        let size = &self.frame.size;
        (
            ceil_shift(size.rows, reduction) as usize,
            ceil_shift(size.columns, reduction) as usize,
        )
    }

    /// Units of work of reading a whole plane at a reduction: one per tile.
    pub fn work_units(&self, reduction: u8) -> u64 {
        let pieces = self.pieces(reduction);
        (pieces.down * pieces.across) as u64
    }

    /// Reads some components, each (rows, columns) of `window` or of the whole image.
    ///
    /// The window is in pixels of the reduced image; sample (r, c) there lies on sample
    /// (2^reduction r, 2^reduction c) of the full image. Only tiles that the window touches are read,
    /// each of them whole. Advances `progress` by one per tile.
    ///
    /// # Errors
    /// Product: damaged file. Io: unreadable file. Internal: no such component, reduction or window.
    pub fn read(
        &self,
        components: &[usize],
        reduction: u8,
        window: Option<Window>,
        progress: &dyn Progress,
    ) -> Result<Vec<Array2<u16>>> {
        let (rows, columns) = self.shape(reduction);
        let window = window.unwrap_or(Window {
            row: 0,
            column: 0,
            rows,
            columns,
        });
        if reduction > self.reductions()
            || window.rows > rows.saturating_sub(window.row)
            || window.columns > columns.saturating_sub(window.column)
            || components.iter().any(|&c| c >= self.components())
        {
            return Err(Error::internal("no such part of a JPEG 2000 image")
                .at(&self.label)
                .got(format!("{components:?}, reduction {reduction}, {window:?}"))
                .expected(format!(
                    "{} components, reductions to {}, {rows} x {columns} pixels",
                    self.components(),
                    self.reductions()
                )));
        }
        let mut planes =
            vec![Array2::<u16>::zeros((window.rows, window.columns)); components.len()];
        let pieces = self.pieces(reduction);
        let heights: Vec<usize> = (0..pieces.down)
            .map(|down| window.shared_rows(&pieces.window(down * pieces.across)))
            .collect();
        let widths: Vec<usize> = (0..pieces.across)
            .map(|across| window.shared_columns(&pieces.window(across)))
            .collect();
        let mut targets: Vec<Vec<ArrayViewMut2<'_, u16>>> = Vec::new();
        targets.resize_with(pieces.down * pieces.across, Vec::new);
        for plane in &mut planes {
            let views = split_grid(plane.view_mut(), &heights, &widths);
            for (targets, view) in targets.iter_mut().zip(views) {
                targets.push(view);
            }
        }
        let work = targets
            .into_iter()
            .enumerate()
            .filter(|(_, targets)| targets.iter().any(|target| !target.is_empty()))
            .collect();
        self.decode_pieces(
            work,
            components,
            reduction,
            progress,
            |piece, targets, samples| {
                let whole = pieces.window(piece);
                let row = window.row.saturating_sub(whole.row);
                let column = window.column.saturating_sub(whole.column);
                for (mut target, samples) in targets.into_iter().zip(samples) {
                    let (rows, columns) = target.dim();
                    target.assign(&samples.slice(s![row..row + rows, column..column + columns]));
                }
                progress.advance(1);
                Ok(())
            },
        )?;
        Ok(planes)
    }

    /// Reads the first component where `wanted` holds, which is asked for rectangles of the image at full resolution;
    /// (rows, columns) of [`Jp2::shape`]. Elsewhere samples are 0 or wrong: only tiles are decoded that are wanted, and
    /// in files of one layer that tell the lengths of their packets (PLT) only precincts. An image that can't be cut into
    /// tiles is one tile.
    ///
    /// # Errors
    /// As [`Jp2::read`].
    pub fn read_where(
        &self,
        reduction: u8,
        wanted: impl Fn(&Window) -> bool + Sync,
        progress: &dyn Progress,
    ) -> Result<Array2<u16>> {
        self.read_selected(
            &Selection {
                reduction,
                wanted: Some(&wanted),
                details: false,
            },
            progress,
        )
    }

    /// Reads what the last step of the reversible wavelet adds to the first component where `wanted` holds: (rows, columns) at
    /// full resolution as [`Jp2::read_where`] at reduction 0, but for an image that is [`Jp2::middle`] at half the resolution, and
    /// cut like every sample to the range that the file has. Nothing where a wanted tile can't be read without the rest.
    ///
    /// # Errors
    /// As [`Jp2::read`].
    pub fn read_details_where(
        &self,
        wanted: impl Fn(&Window) -> bool + Sync,
        progress: &dyn Progress,
    ) -> Result<Option<Array2<u16>>> {
        let pieces = self.pieces(0);
        for piece in 0..pieces.down * pieces.across {
            let is_wanted = wanted(&pieces.window(piece));
            if !pieces.cut || is_wanted && !self.tells_details(piece)? {
                return Ok(None);
            }
        }
        let selection = Selection {
            reduction: 0,
            wanted: Some(&wanted),
            details: true,
        };
        self.read_selected(&selection, progress).map(Some)
    }

    fn tells_details(&self, piece: usize) -> Result<bool> {
        let told = self.frame.tells_details(&*self.source, piece);
        told.map_err(|error| self.unreadable(error))
    }

    /// The largest sample that the file can hold.
    pub fn largest(&self) -> u16 {
        u16::MAX >> (16 - self.bit_depth())
    }

    /// The sample in the middle of the range, which the wavelet takes for 0.
    pub fn middle(&self) -> u16 {
        1 << (self.bit_depth() - 1)
    }

    fn read_selected(
        &self,
        selection: &Selection<'_>,
        progress: &dyn Progress,
    ) -> Result<Array2<u16>> {
        let (full, pieces) = (self.pieces(0), self.pieces(selection.reduction));
        let is_wanted = |piece: usize| {
            let wanted = selection.wanted.filter(|_| full.cut == pieces.cut);
            wanted.is_none_or(|wanted| wanted(&full.window(piece)))
        };
        let mut plane = Array2::zeros(self.shape(selection.reduction));
        let heights: Vec<usize> = (0..pieces.down)
            .map(|down| pieces.window(down * pieces.across).rows)
            .collect();
        let widths: Vec<usize> = (0..pieces.across)
            .map(|across| pieces.window(across).columns)
            .collect();
        let work = split_grid(plane.view_mut(), &heights, &widths)
            .into_iter()
            .enumerate()
            .filter(|(piece, _)| is_wanted(*piece))
            .collect();
        self.decode_selected(work, &[0], selection, progress, |_, mut target, samples| {
            for samples in samples {
                target.assign(&samples);
            }
            Ok(())
        })?;
        Ok(plane)
    }

    /// Reads the first component whole, (rows, columns) of [`Jp2::shape`]. See [`Jp2::read`].
    pub fn read_plane(&self, reduction: u8, progress: &dyn Progress) -> Result<Array2<u16>> {
        let planes = self.read(&[0], reduction, None, progress)?;
        planes
            .into_iter()
            .next()
            .ok_or_else(|| Error::internal("no plane").at(&self.label))
    }

    pub(crate) fn pieces(&self, reduction: u8) -> Pieces<'_> {
        Pieces::new(&self.frame, reduction)
    }
}

/// Cuts a plane into a grid of parts of these heights and widths, row by row.
pub(crate) fn split_grid<'p>(
    plane: ArrayViewMut2<'p, u16>,
    heights: &[usize],
    widths: &[usize],
) -> Vec<ArrayViewMut2<'p, u16>> {
    let mut parts = Vec::with_capacity(heights.len() * widths.len());
    let mut below = plane;
    for &height in heights {
        let (mut right, rest) = below.split_at(Axis(0), height);
        below = rest;
        for &width in widths {
            let (part, rest) = right.split_at(Axis(1), width);
            right = rest;
            parts.push(part);
        }
    }
    parts
}

#[cfg(test)]
#[cfg(feature = "gdal")]
pub(crate) mod tests;
