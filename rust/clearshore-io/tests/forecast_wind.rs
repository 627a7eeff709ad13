//! Wind from the forecasts of products: real ones, one with known fields, and of simulated scenes.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // Also in the helpers of the tests.

use clearshore::scene::{Direction, Grid, UtmZone, WindGrid};
use clearshore::simulate::{Preset, Setting, Wind};
use clearshore::{NoProgress, Params};
use clearshore_io::auxiliary::Auxiliary;
use clearshore_io::safe::Product;
use clearshore_io::safe_writer::{Description, Spacecraft, UtcTime, write};
use clearshore_io::simulation::{Acquisition, describe};
use clearshore_io::wind;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(part);
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

/// Writes a product of T32TLP without bands, over the coast where the fixture's forecast lies, with some wind.
fn product(folder: &Path, wind: Wind) -> PathBuf {
    let grid = Grid {
        zone: UtmZone::from_epsg(32_632).unwrap(),
        easting: 300_000.0,
        northing: 4_900_020.0,
        pixel_size: 10.0,
        height: 10_980,
        width: 10_980,
    };
    let sun = Direction::from_degrees(38.0, 151.0);
    let setting = Setting {
        wind,
        ..Setting::of_preset(Preset::Coast, 1, grid, sun)
    };
    let acquisition = Acquisition {
        spacecraft: Spacecraft::S2A,
        // Masks of older baselines are small.
        baseline: "02.09".into(),
        sensing: UtcTime::parse("2023-08-23T09:55:59.024Z").unwrap(),
        tile: "32TLP".into(),
    };
    let description = Description {
        true_colour: false,
        ..describe(&setting, &acquisition)
    };
    write(folder, &description, &mut |_| Ok(None), &NoProgress).unwrap()
}

fn no_direction() -> Wind {
    Wind {
        speed: 7.0,
        direction: None,
    }
}

/// Path of the forecast, by the layout of real products.
fn forecast(product: &Path) -> PathBuf {
    let mut granules = fs::read_dir(product.join("GRANULE")).unwrap();
    let granule = granules.next().unwrap().unwrap().path();
    granule.join("AUX_DATA/AUX_ECMWFT")
}

fn read(path: &Path) -> (Option<WindGrid>, Vec<String>) {
    let product = Product::open(path, None).unwrap();
    let grid = product.grid(20).unwrap();
    wind::of_product(&product, &grid)
}

#[test]
fn known_fields_are_read_right_from_a_folder_and_from_an_archive() {
    let Some(fixture) = shared("golden/glint/AUX_ECMWFT_u10v10.grib1") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = product(folder.path(), no_direction());
    fs::copy(fixture, forecast(&path)).unwrap();
    let archive = folder.path().join("product.zip");
    zip_folder(&path, &archive);
    let (from_folder, warnings) = read(&path);
    assert_eq!(warnings, Vec::<String>::new());
    let wind = from_folder.unwrap();
    assert_eq!(read(&archive), (Some(wind.clone()), Vec::new()));

    // The fields of ../shared/spec/glint.md, section 3: 9 x 9 nodes from 7.0 E, 44.5 N to 8.4 E, 43.5 N.
    let utm = SpatialRef::from_epsg(32_632).unwrap();
    let mut degrees = SpatialRef::from_epsg(4_326).unwrap();
    degrees.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let to_degrees = CoordTransform::new(&utm, &degrees).unwrap();
    let mut inside = 0;
    for ((row, column), eastward) in wind.eastward.indexed_iter() {
        let (east, south) = wind.nodes.place(row, column);
        let (mut x, mut y) = ([300_000.0 + east], [4_900_020.0 - south]);
        to_degrees
            .transform_coords(&mut x, &mut y, &mut [])
            .unwrap();
        let (i, j) = ((x[0] - 7.0) / 0.175, (44.5 - y[0]) / 0.125);
        inside += usize::from((0.0..=8.0).contains(&i) && (0.0..=8.0).contains(&j));
        let (i, j) = (i.clamp(0.0, 8.0), j.clamp(0.0, 8.0));
        let expected = [-6.0 + 0.5 * i - 0.25 * j, 3.0 + 0.25 * j + 0.125 * i];
        let ours = [*eastward, wind.northward[[row, column]]];
        for (ours, expected) in ours.into_iter().zip(expected) {
            assert!(
                (ours - expected).abs() < 1e-3,
                "{row} {column}: {ours} {expected}"
            );
        }
    }
    // Some of the tile lies west of the forecast.
    assert!(
        (200..400).contains(&inside),
        "{inside} of {}",
        wind.eastward.len()
    );
}

fn zip_folder(folder: &Path, archive: &Path) {
    let mut writer = ZipWriter::new(File::create(archive).unwrap());
    let root = folder.parent().unwrap();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            writer
                .start_file(name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(&fs::read(&path).unwrap()).unwrap();
        }
    }
    writer.finish().unwrap();
}

#[test]
fn real_forecasts_are_read_as_eccodes_reads_them() {
    let Some(folder) = shared("data/l1c_safe") else {
        return;
    };
    // Bilinear between the nodes of `grib_get_data` (ecCodes 2.28), at places of gdaltransform (GDAL 3.6).
    for (name, expected) in [
        (
            "newer/S2A_MSIL1C_20240120T105341_N0510_R051_T31TCJ_20240120T125244.SAFE",
            [
                ((0, 0), [-0.584_020, 0.852_493]),
                ((4, 15), [-0.736_976, 0.573_409]),
                ((11, 7), [-0.822_229, 0.494_810]),
                ((22, 22), [1.060_940, -0.496_055]),
            ],
        ),
        (
            "newer/S2A_MSIL1C_20220125T151701_N0400_R125_T18LTM_20220125T190036.SAFE",
            [
                ((0, 0), [-2.420_241, 4.548_634]),
                ((4, 15), [0.271_546, 3.799_713]),
                ((11, 7), [-2.275_008, 4.916_203]),
                ((22, 22), [-0.184_643, 4.185_615]),
            ],
        ),
    ] {
        let (wind, warnings) = read(&folder.join(name));
        assert_eq!(warnings, Vec::<String>::new(), "{name}");
        let wind = wind.unwrap();
        for (node, [eastward, northward]) in expected {
            let at = [wind.eastward[node], wind.northward[node]];
            assert!(
                (at[0] - eastward).abs() < 1e-5,
                "{node:?}: {at:?} {eastward}"
            );
            assert!(
                (at[1] - northward).abs() < 1e-5,
                "{node:?}: {at:?} {northward}"
            );
        }
    }
}

#[test]
fn forecasts_without_wind_are_nothing_to_tell() {
    let Some(folder) = shared("data/l1c_safe") else {
        return;
    };
    for name in [
        "newer/S2A_MSIL1C_20180315T160021_N0206_R097_T17RLM_20180315T194425.SAFE",
        "zips/S2A_MSIL1C_20201031T004711_N0209_R102_T53JQJ_20201031T022859.zip",
    ] {
        assert_eq!(read(&folder.join(name)), (None, Vec::new()), "{name}");
    }
}

#[test]
fn the_wind_of_a_simulated_scene_comes_with_its_product() {
    for (speed, from) in [(9.0, 240.0_f64), (0.5, 10.0), (20.0, 0.0), (14.3, 123.0)] {
        let folder = tempfile::tempdir().unwrap();
        let direction = Some(from.to_radians());
        let path = product(folder.path(), Wind { speed, direction });
        let (wind, warnings) = read(&path);
        assert_eq!(warnings, Vec::<String>::new());
        let wind = wind.unwrap();
        for (eastward, northward) in wind.eastward.iter().zip(&wind.northward) {
            // The wind blows to where it does not come from.
            let toward = (from + 180.0).to_radians();
            assert!((eastward - speed * toward.sin()).abs() < 1e-3, "{eastward}");
            assert!(
                (northward - speed * toward.cos()).abs() < 1e-3,
                "{northward}"
            );
            assert!((eastward.hypot(*northward) - speed).abs() < 1e-2);
        }
    }
}

#[test]
fn the_wind_of_the_forecast_is_there_when_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let direction = Some(1.0);
    let path = product(
        folder.path(),
        Wind {
            speed: 6.0,
            direction,
        },
    );
    let of_params = |path: &Path, params: &Params| {
        let product = Product::open(path, None).unwrap();
        let grid = product.grid(params.resolution).unwrap();
        let auxiliary = Auxiliary::of_params(params, &grid).unwrap();
        let auxiliary = auxiliary.with_forecast(&product, params, &grid);
        (auxiliary.wind.is_some(), auxiliary.warnings)
    };
    let usual = Params::default();
    let own_speed = Params {
        wind_speed: Some(3.0),
        ..Params::default()
    };
    let no_glint = Params {
        compute_glint: false,
        ..Params::default()
    };
    assert_eq!(of_params(&path, &usual), (true, Vec::new()));
    assert_eq!(of_params(&path, &own_speed), (false, Vec::new()));
    assert_eq!(of_params(&path, &no_glint), (false, Vec::new()));

    // A damaged one is a warning, where it is wanted.
    let file = forecast(&path);
    fs::write(&file, b"GRIB").unwrap();
    let (has_wind, warnings) = of_params(&path, &usual);
    assert!(!has_wind);
    assert_eq!(warnings.len(), 1);
    let warning = &warnings[0];
    assert!(warning.starts_with("the wind of ") && warning.contains("AUX_DATA/AUX_ECMWFT"));
    assert!(warning.ends_with("is not used: it is damaged, no whole message is at byte 0"));
    assert_eq!(of_params(&path, &own_speed), (false, Vec::new()));
    fs::write(&file, vec![0; (1 << 20) + 1]).unwrap();
    let (_, warnings) = of_params(&path, &usual);
    assert!(
        warnings[0].contains("1048577 bytes are too many"),
        "{warnings:?}"
    );
    // Without a forecast there is no wind, and nothing to tell.
    fs::remove_file(&file).unwrap();
    assert_eq!(of_params(&path, &usual), (false, Vec::new()));
}

#[test]
fn a_scene_whose_wind_has_no_direction_has_no_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let path = product(folder.path(), no_direction());
    assert!(Product::open(&path, None).unwrap().ecmwf().is_none());
    assert_eq!(read(&path), (None, Vec::new()));
}
