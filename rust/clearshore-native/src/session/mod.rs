//! A scene behind a handle: opened or fed, run once, read in rectangles, closed.

mod outcome;
mod registry;
mod run;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

#[cfg(feature = "failures")]
pub use registry::count;
pub use registry::{close, find, register};
pub use run::{Listener, Report};

use clearshore::scene::Band;
use clearshore::{Error, Feature, Params, Result, terrain};
use clearshore_io::dem::{self, SnapCell};
use clearshore_io::feed::{Feed, FeedDescription, Request};
use clearshore_io::models;
use clearshore_io::safe::Product;
use clearshore_io::scene::{USED_BANDS, wanted_bands};
use clearshore_io::wind;
use clearshore_io::window::Window;
use outcome::Outcome;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A scene and, after its run, its result. All methods may be called from any thread.
#[derive(Debug)]
pub struct Session {
    params: Params,
    description: Value,
    source: Source,
    state: Mutex<State>,
    /// Wind that the caller gave.
    wind: Mutex<wind::Found>,
    /// What the run wants of its caller now.
    asked: Mutex<Option<Request>>,
    cancelled: AtomicBool,
    closed: AtomicBool,
}

/// Where the pixels come from.
#[derive(Debug)]
enum Source {
    Product(Box<Product>),
    /// `None` after a run took it.
    Tiles(Box<Mutex<Option<Feed>>>),
}

#[derive(Debug)]
enum State {
    Ready,
    Running,
    Done(Arc<Outcome>),
}

impl Session {
    /// Opens a product. `parameters` is a JSON object by the names of the parameter table.
    ///
    /// # Errors
    /// Parameter, Product, Io: as [`Product::open`] and [`Params::from_json`].
    pub fn open(path: &Path, granule: Option<&str>, parameters: &str) -> Result<Self> {
        let params = read_parameters(parameters)?;
        let product = Product::open(path, granule)?;
        let grid = product.grid(params.resolution)?;
        let present = |band: Band| product.band_file(band).is_some();
        let others = models::bands_of_params(&params)?;
        let used = wanted_bands(present, &others).map_err(|error| error.at(product.location()))?;
        let description = json!({
            "name": product.name(),
            "location": product.location(),
            "tile": product.tile().tile_id,
            "processingBaseline": product.metadata().baseline.to_string(),
            "grid": grid.to_json(),
            "usedBands": names(used.iter().copied()),
            "missingBands": names(missing(present)),
        });
        Ok(Self::new(
            params,
            description,
            Source::Product(Box::new(product)),
        ))
    }

    /// Begins a scene whose pixels are given by [`Session::put_dn`] and its like. `description` is a
    /// [`FeedDescription`] in JSON.
    ///
    /// # Errors
    /// Parameter, Product: as [`Feed::new`] and [`Params::from_json`].
    pub fn feed(description: &str, parameters: &str) -> Result<Self> {
        let params = read_parameters(parameters)?;
        let description: FeedDescription = serde_json::from_str(description).map_err(|error| {
            Error::parameter("the description of the scene can't be read").caused_by(error)
        })?;
        let feed = Feed::new(description, &models::bands_of_params(&params)?)?;
        let present = |band: Band| feed.wanted().any(|wanted| wanted == band);
        let description = json!({
            "name": feed.name(),
            "grid": feed.grid().to_json(),
            "usedBands": names(feed.wanted()),
            "missingBands": names(missing(present)),
        });
        Ok(Self::new(
            params,
            description,
            Source::Tiles(Box::new(Mutex::new(Some(feed)))),
        ))
    }

    fn new(params: Params, description: Value, source: Source) -> Self {
        Self {
            params,
            description,
            source,
            state: Mutex::new(State::Ready),
            wind: Mutex::default(),
            asked: Mutex::new(None),
            cancelled: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }
    }

    /// What the scene is, as JSON: `name`, `location`, `tile`, `processingBaseline`, `grid`, `usedBands`, `missingBands`,
    /// `usedFootprints`: the bands of which [`Session::put_detectors`] may be given, with the wind that is known now.
    ///
    /// # Errors
    /// As [`Feed::wanted_footprints`].
    pub fn description(&self) -> Result<String> {
        let footprints = match &self.source {
            Source::Product(_) => None,
            Source::Tiles(feed) => {
                let forecast = self.params.wants_forecast().then(|| lock(&self.wind));
                let wind = forecast.as_ref().and_then(|found| found.0.as_ref());
                let feed = lock(feed);
                let wanted = feed
                    .as_ref()
                    .map(|feed| feed.wanted_footprints(&self.params, wind));
                wanted.transpose()?
            }
        };
        let mut description = self.description.clone();
        description["usedFootprints"] = json!(names(footprints.into_iter().flatten()));
        Ok(description.to_string())
    }

    /// The files of the elevation model `demName` that the scene's relief shadow may need and that `demFolder`, or SNAP's
    /// folder in the user's home, lacks, as JSON: a list of `name`, `latitude` and `longitude` (degrees, of a place in
    /// it). None where no relief shadow is wanted.
    ///
    /// # Errors
    /// Auxiliary: the folder can't be read. Parameter: the run took the scene.
    pub fn missing_dem_cells(&self) -> Result<String> {
        let params = &self.params;
        let area = match &self.source {
            Source::Product(product) => {
                let grid = product.grid(params.resolution)?;
                terrain::ground_in_reach(&grid, product.angles(), params)
            }
            Source::Tiles(feed) => match &*lock(feed) {
                Some(feed) => terrain::ground_in_reach(feed.grid(), feed.angles(), params),
                None => return Err(Error::parameter("the run took the scene")),
            },
        };
        let cells = area.map_or_else(|| Ok(Vec::new()), |area| dem::lacking(params, area))?;
        let to_json = |cell: &SnapCell| {
            let (latitude, longitude) = cell.place;
            json!({ "name": cell.name, "latitude": latitude, "longitude": longitude })
        };
        Ok(Value::from_iter(cells.iter().map(to_json)).to_string())
    }

    /// Takes raw numbers of a rectangle of a band: before the run, or of what it asks for.
    ///
    /// # Errors
    /// Parameter: as [`Feed::put_dn`] and [`Request::put_dn`], or the scene is no longer being given. Cancelled: the run
    /// that asks was.
    pub fn put_dn(&self, band: &str, window: Window, dn: &[u16]) -> Result<()> {
        self.answer(|request| request.put_dn(band, window, dn))
            .unwrap_or_else(|| self.give(|feed| feed.put_dn(band, window, dn)))
    }

    /// Takes reflectance of a rectangle of a band.
    ///
    /// # Errors
    /// As [`Session::put_dn`].
    pub fn put_reflectance(&self, band: &str, window: Window, values: &[f32]) -> Result<()> {
        self.answer(|request| request.put_reflectance(band, window, values))
            .unwrap_or_else(|| self.give(|feed| feed.put_reflectance(band, window, values)))
    }

    /// Takes a rectangle of a quality mask on a raster of (rows, columns).
    ///
    /// # Errors
    /// As [`Session::put_dn`].
    pub fn put_defective(&self, raster: (usize, usize), window: Window, mask: &[u8]) -> Result<()> {
        self.give(|feed| feed.put_defective(raster, window, mask))
    }

    /// Takes a rectangle of the footprint of a band's detectors on a raster of (rows, columns). May be left out.
    ///
    /// # Errors
    /// Parameter: as [`Feed::put_detectors`], or the scene is no longer being given.
    pub fn put_detectors(
        &self,
        band: &str,
        raster: (usize, usize),
        window: Window,
        numbers: &[u8],
    ) -> Result<()> {
        self.give(|feed| feed.put_detectors(band, raster, window, numbers))
    }

    /// Takes the wind over the scene, as [`wind::of_json`] reads it; the last that was given counts. It is used where the
    /// parameters want the wind of a forecast. May be left out.
    ///
    /// # Errors
    /// Parameter: as [`wind::of_json`], or the run began.
    pub fn put_wind(&self, wind: &str) -> Result<()> {
        let wind = wind::of_json(wind)?;
        // Held, so that no run begins meanwhile.
        let state = lock(&self.state);
        if !matches!(*state, State::Ready) {
            return Err(Error::parameter(
                "the scene takes no more wind after its run began",
            ));
        }
        *lock(&self.wind) = wind;
        Ok(())
    }

    /// `None` where nothing is asked for.
    fn answer(&self, put: impl FnOnce(&mut Request) -> Result<()>) -> Option<Result<()>> {
        lock(&self.asked).as_mut().map(|request| {
            if self.must_stop() {
                return Err(Error::cancelled());
            }
            put(request)
        })
    }

    fn give(&self, put: impl FnOnce(&mut Feed) -> Result<()>) -> Result<()> {
        let Source::Tiles(feed) = &self.source else {
            return Err(Error::parameter(
                "the scene reads its product: it takes no pixels",
            ));
        };
        match lock(feed).as_mut() {
            Some(feed) => put(feed),
            None => Err(Error::parameter(
                "the scene takes no more pixels after its run began",
            )),
        }
    }

    /// Asks the present run to stop, or the next one if none is on.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// How the run went, as JSON (see [`Outcome::summary`]).
    ///
    /// # Errors
    /// Parameter: the run has not ended well.
    pub fn summary(&self) -> Result<String> {
        Ok(self.outcome()?.summary().to_owned())
    }

    /// Copies flags of a rectangle.
    ///
    /// # Errors
    /// Parameter: the run has not ended well, or the rectangle does not fit.
    pub fn read_flags(&self, window: Window, out: &mut [i32]) -> Result<()> {
        self.outcome()?.flags(window, out)
    }

    /// Copies classes of a rectangle.
    ///
    /// # Errors
    /// As [`Session::read_flags`].
    pub fn read_classes(&self, window: Window, out: &mut [u8]) -> Result<()> {
        self.outcome()?.classes(window, out)
    }

    /// Copies evidence bits of a rectangle.
    ///
    /// # Errors
    /// As [`Session::read_flags`]; the run was not asked for evidence.
    pub fn read_evidence(&self, window: Window, out: &mut [i32]) -> Result<()> {
        self.outcome()?.evidence(window, out)
    }

    /// Copies a feature of a rectangle; NaN where it is unknown.
    ///
    /// # Errors
    /// As [`Session::read_flags`]; no such feature; the run was not asked for features.
    pub fn read_feature(&self, feature: &str, window: Window, out: &mut [f32]) -> Result<()> {
        let known = Feature::ALL
            .into_iter()
            .find(|known| known.name() == feature);
        let known = known.ok_or_else(|| {
            Error::parameter("there is no such feature")
                .got(feature)
                .expected(Feature::ALL.map(Feature::name).join(", "))
        })?;
        if !self.params.copy_features {
            return Err(Error::parameter("the run was not asked for features")
                .advice("set copyFeatures to true"));
        }
        self.outcome()?.feature(known, window, out)
    }

    /// The result of the run.
    fn outcome(&self) -> Result<Arc<Outcome>> {
        match &*lock(&self.state) {
            State::Done(outcome) => Ok(Arc::clone(outcome)),
            State::Ready => Err(Error::parameter(
                "the scene has no result: it was not run, or its run failed",
            )),
            State::Running => Err(Error::parameter(
                "the scene has no result yet: its run goes on",
            )),
        }
    }
}

fn read_parameters(parameters: &str) -> Result<Params> {
    let parameters = serde_json::from_str(parameters)
        .map_err(|error| Error::parameter("the parameters are not valid JSON").caused_by(error))?;
    Params::from_json(&parameters)
}

fn names(bands: impl Iterator<Item = Band>) -> Vec<&'static str> {
    bands.map(Band::name).collect()
}

fn missing(present: impl Fn(Band) -> bool) -> impl Iterator<Item = Band> {
    USED_BANDS.into_iter().filter(move |band| !present(*band))
}

/// A lock whose holder panicked is still good here: what it guards is replaced whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
