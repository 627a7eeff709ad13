//! Auxiliary rasters brought onto the working grid by GDAL's warper.

use crate::cog::geo_transform;
use crate::static_raster::StaticRaster;
use clearshore::scene::Grid;
use clearshore::{Error, Result};
use gdal::Dataset;
use gdal::errors::GdalError;
use ndarray::{Array2, ArrayViewMut2, Axis};
use rayon::prelude::*;
use std::path::Path;

/// Value of the warped raster where the source has no data or does not reach.
const OUTSIDE: i32 = -1;
/// Rows that are warped at once.
const STRIP_HEIGHT: usize = 512;
/// Largest error of the warper's interpolated coordinates, source pixels: gdalwarp's own default.
const WARP_MAX_ERROR: f64 = 0.125;

/// [`StaticRaster::read`] of a raster in any format and projection that GDAL reads, but not rotated. Errors: Auxiliary.
pub(crate) fn warp_static_raster(
    kind: &StaticRaster,
    path: &Path,
    grid: &Grid,
) -> Result<Array2<u8>> {
    let failed =
        |what: &str| Error::auxiliary(format!("the {} {what}", kind.name)).at(path.display());
    let unreadable = |error: GdalError| {
        failed("can't be read")
            .advice("give a raster file that GDAL opens")
            .caused_by(error)
    };
    let description = describe(path).map_err(unreadable)?;
    if description.is_rotated() {
        return Err(failed("is rotated")
            .got(format!("{:?}", description.geo_transform))
            .expected("rows from west to east")
            .advice("warp it with gdalwarp"));
    }
    let warped = description.warped_onto(path, grid);
    let mut percentages = Array2::zeros(grid.shape());
    percentages
        .axis_chunks_iter_mut(Axis(0), STRIP_HEIGHT)
        .into_par_iter()
        .enumerate()
        .try_for_each(|(strip, mut rows)| -> Result<()> {
            let values = read_strip(&warped, strip * STRIP_HEIGHT, &rows).map_err(unreadable)?;
            for (place, value) in rows.iter_mut().zip(values) {
                let value = (value != OUTSIDE).then_some(f64::from(value));
                *place = kind
                    .percent(value)
                    .map_err(|error| error.at(path.display()))?;
            }
            Ok(())
        })?;
    Ok(percentages)
}

/// Sends what GDAL would print on stderr to the log. An error also comes back from the failed call, so
/// that nothing is lost below the levels that are shown. Concerns the whole process: for programs.
pub fn log_gdal_messages() {
    gdal::config::set_error_handler(|class, number, text| {
        log::debug!("GDAL {class:?} {number}: {text}");
    });
}

/// What the warper must be told about a raster.
struct Description {
    geo_transform: [f64; 6],
    reference: String,
    no_data: Option<f64>,
}

fn describe(path: &Path) -> std::result::Result<Description, GdalError> {
    let raster = Dataset::open(path)?;
    Ok(Description {
        geo_transform: raster.geo_transform()?,
        reference: raster.spatial_ref()?.to_wkt()?,
        no_data: raster.rasterband(1)?.no_data_value(),
    })
}

impl Description {
    fn is_rotated(&self) -> bool {
        self.geo_transform[2] != 0.0 || self.geo_transform[4] != 0.0
    }

    /// A virtual raster in GDAL's VRT language: this raster, warped onto the grid when it is read.
    fn warped_onto(&self, path: &Path, grid: &Grid) -> String {
        let numbers = |numbers: [f64; 6]| numbers.map(|number| format!("{number:?}")).join(",");
        let inverse = |transform: [f64; 6]| {
            let [left, across, _, top, _, down] = transform;
            numbers([
                -left / across,
                1.0 / across,
                0.0,
                -top / down,
                0.0,
                1.0 / down,
            ])
        };
        let target = geo_transform(grid);
        let no_data = self.no_data.map_or_else(String::new, |value| {
            format!("<SrcNoDataReal>{value:?}</SrcNoDataReal>")
        });
        format!(
            r#"<VRTDataset rasterXSize="{width}" rasterYSize="{height}" subClass="VRTWarpedDataset">
<SRS>EPSG:{epsg}</SRS><GeoTransform>{target}</GeoTransform>
<VRTRasterBand dataType="Int32" band="1" subClass="VRTWarpedRasterBand"><NoDataValue>{OUTSIDE}</NoDataValue></VRTRasterBand>
<BlockXSize>{STRIP_HEIGHT}</BlockXSize><BlockYSize>{STRIP_HEIGHT}</BlockYSize>
<GDALWarpOptions><ResampleAlg>NearestNeighbour</ResampleAlg><WorkingDataType>Int32</WorkingDataType>
<Option name="INIT_DEST">NO_DATA</Option><SourceDataset relativeToVRT="0">{path}</SourceDataset>
<Transformer><ApproxTransformer><MaxError>{WARP_MAX_ERROR}</MaxError><BaseTransformer><GenImgProjTransformer>
<SrcGeoTransform>{source}</SrcGeoTransform><SrcInvGeoTransform>{source_inverse}</SrcInvGeoTransform>
<DstGeoTransform>{target}</DstGeoTransform><DstInvGeoTransform>{target_inverse}</DstInvGeoTransform>
<ReprojectTransformer><ReprojectionTransformer><SourceSRS>{reference}</SourceSRS><TargetSRS>EPSG:{epsg}</TargetSRS>
</ReprojectionTransformer></ReprojectTransformer></GenImgProjTransformer></BaseTransformer></ApproxTransformer></Transformer>
<BandList><BandMapping src="1" dst="1">{no_data}<DstNoDataReal>{OUTSIDE}</DstNoDataReal></BandMapping></BandList>
</GDALWarpOptions></VRTDataset>"#,
            width = grid.width,
            height = grid.height,
            epsg = grid.zone.epsg(),
            target = numbers(target),
            target_inverse = inverse(target),
            source = numbers(self.geo_transform),
            source_inverse = inverse(self.geo_transform),
            reference = escape(&self.reference),
            path = escape(&path.to_string_lossy()),
        )
    }
}

/// Text as it stands in XML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Rows of the warped raster from `first_row`. A data set serves one thread, so each strip opens its own.
fn read_strip(
    warped: &str,
    first_row: usize,
    rows: &ArrayViewMut2<'_, u8>,
) -> std::result::Result<Vec<i32>, GdalError> {
    let shape = (rows.ncols(), rows.nrows());
    let raster = Dataset::open(warped)?;
    let band = raster.rasterband(1)?;
    let buffer = band.read_as::<i32>((0, first_row as isize), shape, shape, None)?;
    Ok(buffer.into_shape_and_vec().1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::water::tests::shark_bay;
    use crate::water::{UNKNOWN_PERCENT, WATER};
    use clearshore::ErrorKind;
    use gdal::DriverManager;
    use gdal::raster::Buffer;
    use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
    use std::path::PathBuf;

    fn grid() -> Grid {
        shark_bay(600, 700)
    }

    /// A raster in longitude and latitude around the grid; its western part is cut away.
    fn raster(
        folder: &Path,
        transform: [f64; 6],
        no_data: Option<f64>,
        pixel: impl Fn(usize, usize) -> u8,
    ) -> PathBuf {
        let path = folder.join("water & <ice>.tif");
        let size = (500, 500);
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let mut raster = driver
            .create_with_band_type::<u8, _>(&path, size.0, size.1, 1)
            .unwrap();
        raster
            .set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap())
            .unwrap();
        raster.set_geo_transform(&transform).unwrap();
        let values = (0..size.0 * size.1)
            .map(|index| pixel(index / size.0, index % size.0))
            .collect();
        {
            let mut band = raster.rasterband(1).unwrap();
            band.set_no_data_value(no_data).unwrap();
            band.write((0, 0), size, &mut Buffer::new(size, values))
                .unwrap();
        }
        raster.close().unwrap();
        path
    }

    const SOURCE: [f64; 6] = [113.02, 0.000_25, 0.0, -25.29, 0.0, -0.000_25];

    /// Percent from the place in the source raster.
    fn pattern(row: usize, column: usize) -> u8 {
        ((row / 9 * 31 + column / 7 * 17) % 101) as u8
    }

    #[test]
    fn each_pixel_takes_the_source_pixel_under_its_centre() {
        let folder = tempfile::tempdir().unwrap();
        let path = raster(folder.path(), SOURCE, None, pattern);
        let grid = grid();
        let warped = warp_static_raster(&WATER, &path, &grid).unwrap();
        let mut target = SpatialRef::from_epsg(grid.zone.epsg()).unwrap();
        let mut source = SpatialRef::from_epsg(4326).unwrap();
        for reference in [&mut target, &mut source] {
            reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        }
        let to_source = CoordTransform::new(&target, &source).unwrap();
        let (mut outside, mut differing, mut compared) = (0, 0, 0);
        for ((row, column), &percent) in warped.indexed_iter() {
            let (easting, northing) = grid.pixel_centre(row, column);
            let (mut x, mut y) = ([easting], [northing]);
            to_source.transform_coords(&mut x, &mut y, &mut []).unwrap();
            let source_column = (x[0] - SOURCE[0]) / SOURCE[1];
            let source_row = (y[0] - SOURCE[3]) / SOURCE[5];
            if !(0.0..500.0).contains(&source_column) || !(0.0..500.0).contains(&source_row) {
                outside += 1;
                assert!(
                    percent == UNKNOWN_PERCENT || source_column.abs() < 0.2,
                    "{row} {column}"
                );
            } else {
                compared += 1;
                let expected = pattern(source_row as usize, source_column as usize);
                differing += usize::from(percent != expected);
            }
        }
        // The warper interpolates coordinates within an eighth of a pixel: ties may fall either way.
        assert!(outside > 1000 && compared > 100_000, "{outside} {compared}");
        assert!(differing * 20 < compared, "{differing} of {compared}");
    }

    #[test]
    fn ocean_is_water_unless_the_raster_calls_it_no_data() {
        let folder = tempfile::tempdir().unwrap();
        let centre = (300, 350);
        let read = |no_data, value| {
            let path = raster(folder.path(), SOURCE, no_data, |_, _| value);
            warp_static_raster(&WATER, &path, &grid()).map(|plane| plane[centre])
        };
        assert_eq!(read(None, 255).unwrap(), 100);
        assert_eq!(read(Some(255.0), 255).unwrap(), UNKNOWN_PERCENT);
        assert_eq!(read(Some(0.0), 0).unwrap(), UNKNOWN_PERCENT);
        assert_eq!(read(None, 42).unwrap(), 42);
        assert_eq!(read(None, 101).unwrap_err().kind(), ErrorKind::Auxiliary);
    }

    #[test]
    fn unusable_rasters_are_auxiliary_errors() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |path: &Path| {
            warp_static_raster(&WATER, path, &grid())
                .unwrap_err()
                .kind()
        };
        assert_eq!(kind(Path::new("/nonexistent.tif")), ErrorKind::Auxiliary);
        let text = folder.path().join("text.tif");
        std::fs::write(&text, "not a raster").unwrap();
        assert_eq!(kind(&text), ErrorKind::Auxiliary);
        let mut turned = SOURCE;
        turned[2] = 0.000_01;
        assert_eq!(
            kind(&raster(folder.path(), turned, None, pattern)),
            ErrorKind::Auxiliary
        );
    }
}
