//! Decoding pieces of a file in parallel.
//!
//! A piece is a tile, cut out; or the whole image where cutting is not possible.

use super::Jp2;
use super::codestream::{Frame, ceil_shift};
use super::cut::Selection;
use crate::window::Window;
use clearshore::{Error, Progress, Result};
use hayro_jpeg2000::{DecodeSettings, DecodedImage, DecoderContext, Image};
use ndarray::Array2;
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Full-resolution pixels that a worker takes at a time. It keeps its decoder's buffers between the
/// pieces of a batch; the 192 x 192 tiles of 60 m bands decode a sixth faster for it.
const BATCH_PIXELS: usize = 1 << 20;

/// How the image falls into pieces at a reduction.
pub(crate) struct Pieces<'a> {
    frame: &'a Frame,
    pub reduction: u8,
    pub down: usize,
    pub across: usize,
    pub cut: bool,
}

impl<'a> Pieces<'a> {
    pub fn new(frame: &'a Frame, reduction: u8) -> Self {
        let size = &frame.size;
        // The decoder takes a reduction as a target size, which a tile narrower than a pixel lacks.
        let side = 1_u32 << reduction;
        let last = |length: u32, tile: u32| length - (length.div_ceil(tile) - 1) * tile;
        let cut = !frame.packed_headers
            && last(size.rows, size.tile_rows) >= side
            && last(size.columns, size.tile_columns) >= side;
        let (down, across) = if cut {
            (size.tiles_down() as usize, size.tiles_across() as usize)
        } else {
            (1, 1)
        };
        Self {
            frame,
            reduction,
            down,
            across,
            cut,
        }
    }

    /// Where a piece lies in the reduced image.
    pub fn window(&self, piece: usize) -> Window {
        let size = &self.frame.size;
        let (rows, columns) = if self.cut {
            self.frame.tile_extent(piece)
        } else {
            (0..size.rows, 0..size.columns)
        };
        let reduced = |value: u32| ceil_shift(value, self.reduction) as usize;
        let (row, column) = (reduced(rows.start), reduced(columns.start));
        Window {
            row,
            column,
            rows: reduced(rows.end) - row,
            columns: reduced(columns.end) - column,
        }
    }
}

impl Jp2 {
    /// Decodes pieces in parallel and hands the samples of `components` to `consume`, with the value
    /// that came with the piece. Results are in the order of `work`.
    pub(crate) fn decode_pieces<V: Send, T: Send>(
        &self,
        work: Vec<(usize, V)>,
        components: &[usize],
        reduction: u8,
        progress: &dyn Progress,
        consume: impl Fn(usize, V, Vec<Array2<u16>>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let selection = Selection {
            reduction,
            ..Selection::default()
        };
        self.decode_selected(work, components, &selection, progress, consume)
    }

    /// As [`Jp2::decode_pieces`], of what is selected.
    pub(super) fn decode_selected<V: Send, T: Send>(
        &self,
        work: Vec<(usize, V)>,
        components: &[usize],
        selection: &Selection<'_>,
        progress: &dyn Progress,
        consume: impl Fn(usize, V, Vec<Array2<u16>>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let pieces = Pieces::new(&self.frame, selection.reduction);
        let first = pieces.window(0);
        let pixels = (first.rows * first.columns) << (2 * selection.reduction);
        let batches: Vec<Vec<T>> = work
            .into_par_iter()
            .chunks((BATCH_PIXELS / pixels).max(1))
            .map(|batch| {
                progress.check()?;
                let streams = batch
                    .iter()
                    .map(|(piece, _)| self.piece_stream(&pieces, *piece, selection))
                    .collect::<Result<Vec<_>>>()?;
                let images = batch
                    .iter()
                    .zip(&streams)
                    .map(|((piece, _), stream)| self.piece_image(&pieces, *piece, stream))
                    .collect::<Result<Vec<_>>>()?;
                let mut context = DecoderContext::default();
                batch
                    .into_iter()
                    .zip(&images)
                    .map(|((piece, value), image)| {
                        progress.check()?;
                        let planes =
                            self.decode_piece(&pieces, piece, image, &mut context, components)?;
                        consume(piece, value, planes)
                    })
                    .collect()
            })
            .collect::<Result<_>>()?;
        Ok(batches.into_iter().flatten().collect())
    }

    fn piece_stream(
        &self,
        pieces: &Pieces<'_>,
        piece: usize,
        selection: &Selection<'_>,
    ) -> Result<Vec<u8>> {
        if pieces.cut {
            self.frame.cut(&*self.source, piece, selection)
        } else {
            self.frame.whole(&*self.source)
        }
        .map_err(|error| self.unreadable(error))
    }

    pub(super) fn unreadable(&self, error: std::io::Error) -> Error {
        Error::io("band file can't be read")
            .at(&self.label)
            .caused_by(error)
    }

    fn piece_image<'s>(
        &self,
        pieces: &Pieces<'_>,
        piece: usize,
        stream: &'s [u8],
    ) -> Result<Image<'s>> {
        let (rows, columns) = if pieces.cut {
            self.frame.tile_extent(piece)
        } else {
            (0..self.frame.size.rows, 0..self.frame.size.columns)
        };
        let target = (columns.len() as u32, rows.len() as u32);
        let settings = DecodeSettings {
            resolve_palette_indices: false,
            strict: true,
            target_resolution: Some((target.0 >> pieces.reduction, target.1 >> pieces.reduction)),
        };
        self.guarded(piece, || Image::new(stream, &settings))
    }

    fn decode_piece<'i>(
        &self,
        pieces: &Pieces<'_>,
        piece: usize,
        image: &'i Image<'i>,
        context: &mut DecoderContext<'i>,
        components: &[usize],
    ) -> Result<Vec<Array2<u16>>> {
        let window = pieces.window(piece);
        let decoded: DecodedImage<'_> = self.guarded(piece, || image.decode(context))?;
        let largest = self.largest();
        components
            .iter()
            .map(|&component| {
                // Adding a half and cutting rounds; the conversion saturates at 0.
                let samples = decoded.components().get(component).map(|plane| {
                    let round = |sample: &f32| ((sample + 0.5) as u16).min(largest);
                    plane.samples().iter().map(round).collect()
                });
                samples
                    .and_then(|s| Array2::from_shape_vec((window.rows, window.columns), s).ok())
                    .ok_or_else(|| self.undecodable(piece, "another size than its header says"))
            })
            .collect()
    }

    /// Runs the decoder; its errors and panics become Product errors.
    fn guarded<T>(
        &self,
        piece: usize,
        run: impl FnOnce() -> hayro_jpeg2000::Result<T>,
    ) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.undecodable(piece, error)),
            Err(_) => Err(self.undecodable(piece, "bytes that break the decoder")),
        }
    }

    fn undecodable(&self, piece: usize, got: impl std::fmt::Display) -> Error {
        Error::product("JPEG 2000 file can't be decoded")
            .at(format!("{}, tile {piece}", self.label))
            .got(got)
            .expected("an intact codestream")
            .advice("download the product again; the file is damaged")
    }
}
