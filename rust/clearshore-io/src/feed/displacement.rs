//! The bands in which clouds stand apart from the ground, asked of whoever feeds the scene, where they are wanted.

use super::description::{FedBand, FedKind, FeedDescription};
use super::plane::{dn_of_reflectance, radiometry};
use crate::displacement::{on_grid, touch};
use crate::window::Window;
use clearshore::scene::{Band, BandPlane, DisplacementSource, Grid, Radiometry, Rectangle};
use clearshore::{Error, Progress, Result};
use ndarray::{Array2, ArrayView2, s};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The bands, and along a side how many of their pixels lie along one of the planes.
const BANDS: [(Band, usize); 3] = [(Band::B07, 1), (Band::B08, 2), (Band::B8A, 1)];
/// Side of the squares that are asked for, pixels: that of SNAP's tiles.
const SQUARE: usize = 512;

/// Rectangles of a band's own raster that a run needs, and room for their numbers.
#[derive(Debug)]
pub struct Request {
    band: Band,
    kind: FedKind,
    lacking: Vec<Window>,
    dn: Array2<u16>,
}

impl Request {
    /// The band.
    pub fn band(&self) -> Band {
        self.band
    }

    /// The rectangles that have not been given yet.
    pub fn lacking(&self) -> &[Window] {
        &self.lacking
    }

    /// Takes raw numbers of one of the rectangles; 0 is no data.
    ///
    /// # Errors
    /// Parameter: another band, a rectangle that is not asked for, that has another size than the numbers, or that was
    /// given before; reflectance was announced.
    pub fn put_dn(&mut self, band: &str, window: Window, dn: &[u16]) -> Result<()> {
        self.put(band, FedKind::Dn, window, dn)
    }

    /// Takes reflectance of one of the rectangles; NaN is no data.
    ///
    /// # Errors
    /// As [`Request::put_dn`].
    pub fn put_reflectance(&mut self, band: &str, window: Window, values: &[f32]) -> Result<()> {
        let dn: Vec<u16> = values.iter().copied().map(dn_of_reflectance).collect();
        self.put(band, FedKind::Reflectance, window, &dn)
    }

    fn put(&mut self, band: &str, kind: FedKind, window: Window, dn: &[u16]) -> Result<()> {
        window.check(self.dn.dim(), dn.len())?;
        let asked = self.lacking.iter().position(|lacking| *lacking == window);
        let (Some(asked), true) = (asked, Band::from_name(band) == Some(self.band)) else {
            return Err(Error::parameter("the run does not want this now")
                .got(format!("{band}, {window:?}"))
                .expected(format!("rectangles of {} that it asked for", self.band)));
        };
        if kind != self.kind {
            return Err(
                Error::parameter("the band was announced with other numbers")
                    .at(self.band)
                    .got(format!("{kind:?}"))
                    .expected(format!("{:?}", self.kind)),
            );
        }
        let samples = ArrayView2::from_shape((window.rows, window.columns), dn)
            .map_err(|error| Error::internal("a rectangle without its shape").caused_by(error))?;
        let Window {
            row,
            column,
            rows,
            columns,
        } = window;
        self.dn
            .slice_mut(s![row..row + rows, column..column + columns])
            .assign(&samples);
        self.lacking.swap_remove(asked);
        Ok(())
    }
}

/// Has requests answered, by whoever feeds the scene.
pub trait Host: Send + Sync {
    /// The request, of which nothing is lacking. Called by a worker of the run, one request at a time.
    ///
    /// # Errors
    /// What the host says; Cancelled.
    fn answer(&self, request: Request, progress: &dyn Progress) -> Result<Request>;
}

/// The three bands of a scene that is fed.
#[derive(Clone, Debug)]
pub(super) struct NativeBands {
    grid: Grid,
    /// Whether that is the scene's own grid.
    is_of_scene: bool,
    bands: [(Band, usize, FedKind, Radiometry); 3],
}

impl NativeBands {
    /// `None` where the caller answers no requests, or has not all three at their own resolution.
    pub(super) fn of(
        description: &FeedDescription,
        offered: &BTreeMap<Band, &FedBand>,
        grid: &Grid,
    ) -> Result<Option<Self>> {
        let pixel_size = f64::from(Band::B8A.native_pixel_size());
        let count = |pixels: usize| {
            let count = pixels as f64 * grid.pixel_size / pixel_size;
            (count.fract() == 0.0).then_some(count as usize)
        };
        let (Some(height), Some(width)) = (count(grid.height), count(grid.width)) else {
            return Ok(None);
        };
        let native = BANDS.map(|(band, fine)| {
            let found = offered.get(&band)?;
            let is_native = (found.height, found.width) == (height * fine, width * fine);
            is_native.then_some((band, fine, *found))
        });
        let [Some(near), Some(apart), Some(base)] = native else {
            return Ok(None);
        };
        if !description.gives_on_request {
            return Ok(None);
        }
        let known = |(band, fine, offered): (Band, usize, &FedBand)| -> Result<_> {
            let radiometry = radiometry(offered).map_err(|error| error.at(band))?;
            Ok((band, fine, offered.kind, radiometry))
        };
        Ok(Some(Self {
            is_of_scene: grid.pixel_size == pixel_size,
            grid: Grid {
                pixel_size,
                height,
                width,
                ..*grid
            },
            bands: [known(near)?, known(apart)?, known(base)?],
        }))
    }

    /// The source of them, which asks `host`.
    pub(super) fn asked_of(self, host: Arc<dyn Host>) -> FedDisplacement {
        FedDisplacement { native: self, host }
    }
}

/// Asks for the bands where they are wanted.
pub(super) struct FedDisplacement {
    native: NativeBands,
    host: Arc<dyn Host>,
}

impl DisplacementSource for FedDisplacement {
    fn grid(&self) -> Grid {
        self.native.grid
    }

    fn plane(
        &self,
        band: Band,
        places: &[Rectangle],
        progress: &dyn Progress,
    ) -> Result<BandPlane> {
        let found = self.native.bands.iter().find(|(of, ..)| *of == band);
        let Some(&(_, fine, kind, radiometry)) = found else {
            return Err(Error::internal("a band in which nothing is displaced").got(band));
        };
        let (rows, columns) = self.native.grid.shape();
        let shape = (rows * fine, columns * fine);
        let wanted = |square: &Window| touch(places, fine, square);
        let request = Request {
            band,
            kind,
            lacking: squares(shape).filter(wanted).collect(),
            dn: Array2::zeros(shape),
        };
        let answered = if request.lacking.is_empty() {
            request
        } else {
            self.host.answer(request, progress)?
        };
        if !answered.lacking.is_empty() {
            return Err(
                Error::parameter("the caller did not give what the run asked for")
                    .at(band)
                    .got(format!("{} rectangles less", answered.lacking.len())),
            );
        }
        Ok(BandPlane {
            dn: on_grid(answered.dn, fine, places, (rows, columns)),
            radiometry,
        })
    }

    fn is_in_scene(&self, band: Band) -> bool {
        band == Band::B8A && self.native.is_of_scene
    }
}

/// The squares of a raster of (rows, columns); the last of a line or column may be smaller.
fn squares((rows, columns): (usize, usize)) -> impl Iterator<Item = Window> {
    (0..rows).step_by(SQUARE).flat_map(move |row| {
        (0..columns).step_by(SQUARE).map(move |column| Window {
            row,
            column,
            rows: SQUARE.min(rows - row),
            columns: SQUARE.min(columns - column),
        })
    })
}
