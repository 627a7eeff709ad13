//! The parameters: one table that makes the command line's options, the TOML and JSON keys, the SNAP operator's
//! parameters, and the help.
//!
//! A parameter is here only when something obeys it.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

/// How a band comes to a coarser grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resampling {
    /// From the wavelet's low-pass at half or quarter resolution, moved to where the coarse pixels are:
    /// decodes a quarter to a sixteenth of the numbers. Not the mean, but without bias and displacement.
    #[default]
    Fast,
    /// The mean of the native pixels.
    Mean,
}

/// What is done about places where the DEM holds no height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DemVoidPolicy {
    /// What depends on them is unknown.
    #[default]
    Unknown,
    /// They are filled from around them.
    Fill,
}

/// Who decides on cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudDetector {
    /// The tests of the ATBD.
    #[default]
    Physics,
    /// Boosted trees of that name.
    S2cloudless,
    /// The networks of that name.
    UkisCsmask,
    /// Any network.
    Cnn,
    /// The spectral tree of that name.
    S2cloudmask,
    /// The physics and a learned model together.
    Combined,
}

impl CloudDetector {
    /// The model that is taken when the user names none; `None` where there is none or one has to be named.
    pub fn usual_model(self) -> Option<&'static str> {
        match self {
            Self::Physics | Self::Cnn => None,
            Self::S2cloudless => Some("s2cloudless"),
            Self::UkisCsmask | Self::Combined => Some("ukis-csmask-4b"),
            Self::S2cloudmask => Some("s2cloudmask"),
        }
    }
}

/// All parameters, ready to use. Field names are the table's names in snake case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Params {
    /// Working and output pixel size, metres: 10, 20 or 60.
    pub resolution: u32,
    /// How 10 m bands come to a coarser grid.
    pub resampling: Resampling,
    /// Who decides on cloud.
    pub cloud_detector: CloudDetector,
    /// Learned model: its id, or the path of its manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Probability from which the learned model's cloud is cloud, instead of the model's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_probability_threshold: Option<f64>,
    /// Library of ONNX Runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onnx_runtime: Option<PathBuf>,
    /// Distance from cloud within which pixels are flagged, metres.
    pub cloud_buffer: f64,
    /// Static water occurrence, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub water_raster: Option<PathBuf>,
    /// Ground that is always bright, percent of clear views.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bright_raster: Option<PathBuf>,
    /// Whether shadows of clouds are looked for.
    pub compute_cloud_shadow: bool,
    /// Width of CS_SHADOW_BUFFER, metres.
    pub shadow_buffer: f64,
    /// Whether relief shadow is looked for.
    pub compute_mountain_shadow: bool,
    /// Which of SNAP's elevation models is looked for in its cache.
    pub dem_name: String,
    /// A raster of heights instead of that.
    #[serde(rename = "externalDEMFile", skip_serializing_if = "Option::is_none")]
    pub external_dem_file: Option<PathBuf>,
    /// A folder of cells of an elevation model instead of SNAP's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dem_folder: Option<PathBuf>,
    /// What is done about voids of the elevation model.
    pub dem_void_policy: DemVoidPolicy,
    /// Whether rays to the sun are bent by the standard atmosphere.
    pub refraction: bool,
    /// Whether ground that relief hides from the sensor is looked for.
    pub view_occlusion: bool,
    /// Whether sun glint is looked for.
    pub compute_glint: bool,
    /// Wind speed at 10 m instead of that of the product's forecast, m/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wind_speed: Option<f64>,
    /// Azimuth that the wind comes from, degrees from true north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wind_direction: Option<f64>,
    /// Glint coefficient from which there is a risk of glint, 1/sr.
    pub glint_threshold: f64,
    /// Whether feature bands are written.
    pub copy_features: bool,
    /// Whether the evidence band is written.
    pub copy_evidence: bool,
    /// Worker threads; `None` is one a core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            resolution: 20,
            resampling: Resampling::Fast,
            cloud_detector: CloudDetector::Physics,
            model: None,
            cloud_probability_threshold: None,
            onnx_runtime: None,
            cloud_buffer: 60.0,
            water_raster: None,
            bright_raster: None,
            compute_cloud_shadow: true,
            shadow_buffer: 60.0,
            compute_mountain_shadow: true,
            dem_name: DEM_NAMES[0].to_owned(),
            external_dem_file: None,
            dem_folder: None,
            dem_void_policy: DemVoidPolicy::Unknown,
            refraction: false,
            view_occlusion: false,
            compute_glint: true,
            wind_speed: None,
            wind_direction: None,
            glint_threshold: 0.005,
            copy_features: false,
            copy_evidence: false,
            threads: None,
        }
    }
}

/// Elevation models that are read from SNAP's cache, as SNAP calls them.
pub const DEM_NAMES: [&str; 4] = [
    "SRTM 1Sec HGT",
    "SRTM 3Sec",
    "Copernicus 30m Global DEM",
    "Copernicus 90m Global DEM",
];

/// What a parameter's value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterKind {
    /// One of a few words or numbers.
    Choice(&'static [&'static str]),
    /// A number in a closed interval.
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// A whole number in a closed interval.
    Count {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
    },
    /// On or off.
    Switch,
    /// A file.
    File,
    /// A name.
    Name,
}

/// Who takes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterScope {
    /// The program, the libraries and the SNAP operator.
    Everywhere,
    /// The program and the libraries; SNAP has its own setting.
    Program,
    /// The SNAP operator alone: it concerns SNAP's products.
    Operator,
}

/// A row of the parameter table.
#[derive(Clone, Copy, Debug)]
pub struct ParameterSpec {
    /// Name in GPF, TOML and JSON: camelCase.
    pub name: &'static str,
    /// Short label for a dialog.
    pub label: &'static str,
    /// Who takes it.
    pub scope: ParameterScope,
    /// What it may be.
    pub kind: ParameterKind,
    /// Default as text; empty when there is none.
    pub default: &'static str,
    /// Unit, empty when there is none.
    pub unit: &'static str,
    /// One or two sentences for the user.
    pub description: &'static str,
}

/// The parameter table.
pub const PARAMETERS: [ParameterSpec; 27] = [
    ParameterSpec {
        name: "safePath",
        label: "Original product",
        scope: ParameterScope::Operator,
        kind: ParameterKind::File,
        default: "",
        unit: "",
        description: "The original Level-1C product (.SAFE folder, its zip archive or its MTD_MSIL1C.xml), for a source \
                      product that has lost it, such as one that was saved as BEAM-DIMAP. Pixels and angles are then \
                      read from it.",
    },
    ParameterSpec {
        name: "resolution",
        label: "Resolution",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Choice(&["10", "20", "60"]),
        default: "20",
        unit: "m",
        description: "Working and output pixel size.",
    },
    ParameterSpec {
        name: "resampling",
        label: "Resampling",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Choice(&["fast", "mean"]),
        default: "fast",
        unit: "",
        description: "How 10 m bands come to a coarser grid: 'fast' decodes at reduced resolution and corrects \
                      the wavelet's shift, 'mean' decodes fully and averages.",
    },
    ParameterSpec {
        name: "cloudDetector",
        label: "Cloud detector",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Choice(&[
            "physics",
            "s2cloudless",
            "ukis-csmask",
            "cnn",
            "s2cloudmask",
            "combined",
        ]),
        default: "physics",
        unit: "",
        description: "Who decides on cloud: the tests of the physics, a learned model, or both together ('combined'). Models \
                      are not part of Clearshore: 'clearshore models list' says which are known and where they are looked for.",
    },
    ParameterSpec {
        name: "model",
        label: "Learned model",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Name,
        default: "",
        unit: "",
        description: "Name of a learned model, or the path of its manifest; needed for 'cnn', and instead of the usual model of \
                      the other learned detectors.",
    },
    ParameterSpec {
        name: "cloudProbabilityThreshold",
        label: "Cloud probability threshold",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Number { min: 0.0, max: 1.0 },
        default: "",
        unit: "",
        description: "Probability above which what the learned model calls cloud is cloud; without it the model's own.",
    },
    ParameterSpec {
        name: "onnxRuntime",
        label: "ONNX Runtime",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::File,
        default: "",
        unit: "",
        description: "Library of ONNX Runtime, which learned networks need (libonnxruntime.so, onnxruntime.dll or \
                      libonnxruntime.dylib); without it the one of ORT_DYLIB_PATH, of the plugin 'Clearshore: \
                      ONNX Runtime', or beside the program.",
    },
    ParameterSpec {
        name: "cloudBuffer",
        label: "Cloud buffer",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Number {
            min: 0.0,
            max: 2000.0,
        },
        default: "60",
        unit: "m",
        description: "Distance from cloud within which pixels get CS_CLOUD_BUFFER.",
    },
    ParameterSpec {
        name: "waterRaster",
        label: "Static water raster",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::File,
        default: "",
        unit: "",
        description: "Raster of water occurrence in percent (0-100, 255 is ocean in GSWO and counts as 100); helps the \
                      water test in turbid, frozen or cloudy places. A GeoTIFF in longitude and latitude or UTM, in \
                      the program any raster that GDAL reads.",
    },
    ParameterSpec {
        name: "brightRaster",
        label: "Static bright raster",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::File,
        default: "",
        unit: "",
        description: "Raster of ground that is always bright, in percent (1-100) of the clear views in which it was; 0 and \
                      no data are not. What lies mostly on 50 percent or more is no cloud, unless it holds sure cirrus or stands \
                      apart from the ground. A GeoTIFF in longitude and latitude or UTM, in the program any raster that \
                      GDAL reads.",
    },
    ParameterSpec {
        name: "computeCloudShadow",
        label: "Cloud shadow",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "true",
        unit: "",
        description: "Find the shadows of clouds.",
    },
    ParameterSpec {
        name: "shadowBuffer",
        label: "Shadow buffer",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Number {
            min: 0.0,
            max: 2000.0,
        },
        default: "60",
        unit: "m",
        description: "Distance from cloud shadow within which pixels get CS_SHADOW_BUFFER.",
    },
    ParameterSpec {
        name: "computeMountainShadow",
        label: "Relief shadow",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "true",
        unit: "",
        description: "Find relief shadow over an elevation model; without one its flags are unknown.",
    },
    ParameterSpec {
        name: "demName",
        label: "Elevation model",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Choice(&DEM_NAMES),
        default: "SRTM 1Sec HGT",
        unit: "",
        description: "Elevation model whose cells are taken from where SNAP keeps them; within SNAP, missing ones are downloaded.",
    },
    ParameterSpec {
        name: "externalDEMFile",
        label: "External elevation model",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::File,
        default: "",
        unit: "",
        description: "Raster of heights in metres to use instead: a GeoTIFF in longitude and latitude or UTM, or an .hgt \
                      cell; in the program any raster that GDAL reads.",
    },
    ParameterSpec {
        name: "demFolder",
        label: "Folder of the elevation model",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::File,
        default: "",
        unit: "",
        description: "Folder of .hgt, zipped or GeoTIFF cells to use instead of SNAP's own.",
    },
    ParameterSpec {
        name: "demVoidPolicy",
        label: "Voids of the elevation model",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Choice(&["unknown", "fill"]),
        default: "unknown",
        unit: "",
        description: "Where the elevation model holds no height: 'unknown' leaves open what depends on it, 'fill' fills it \
                      from around it.",
    },
    ParameterSpec {
        name: "refraction",
        label: "Refraction",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "false",
        unit: "",
        description: "Bend the rays to the sun by the standard atmosphere.",
    },
    ParameterSpec {
        name: "viewOcclusion",
        label: "View occlusion",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "false",
        unit: "",
        description: "Also find ground that relief hides from the sensor (evidence VIEW_OCCLUDED).",
    },
    ParameterSpec {
        name: "computeGlint",
        label: "Sun glint",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "true",
        unit: "",
        description: "Find sun glint over water, and take what it adds out of the tests for cloud, haze and foam.",
    },
    ParameterSpec {
        name: "windSpeed",
        label: "Wind speed",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Number {
            min: 0.0,
            max: 20.0,
        },
        default: "",
        unit: "m/s",
        description: "Wind speed 10 m above the sea, instead of the forecast that came with the product. Without either \
                      it is 5 m/s.",
    },
    ParameterSpec {
        name: "windDirection",
        label: "Wind direction",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Number {
            min: 0.0,
            max: 360.0,
        },
        default: "",
        unit: "deg",
        description: "Where the wind comes from, clockwise from true north, instead of the forecast's direction. With a \
                      windSpeed and no direction the waves are taken for alike in all directions.",
    },
    ParameterSpec {
        name: "glintThreshold",
        label: "Glint threshold",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Number {
            min: 1e-6,
            max: 1.0,
        },
        default: "0.005",
        unit: "1/sr",
        description: "Glint coefficient (radiance of glint for a solar irradiance of 1) from which pixels of water get \
                      CS_GLINT_RISK.",
    },
    ParameterSpec {
        name: "copySourceBands",
        label: "Copy source bands",
        scope: ParameterScope::Operator,
        kind: ParameterKind::Switch,
        default: "true",
        unit: "",
        description: "Copy bands, tie-point grids, angles and masks of a source product with one pixel size; needed \
                      before C2RCC.",
    },
    ParameterSpec {
        name: "copyFeatures",
        label: "Write feature bands",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "false",
        unit: "",
        description: "Also write the bands cloud_probability, cloud_shadow_probability, cirrus_reflectance, \
                      hot, cos_incidence, sun_visibility, glint_reflectance, glint_excess and glint_angle.",
    },
    ParameterSpec {
        name: "copyEvidence",
        label: "Write evidence band",
        scope: ParameterScope::Everywhere,
        kind: ParameterKind::Switch,
        default: "false",
        unit: "",
        description: "Also write clearshore_evidence, which says why each flag was set.",
    },
    ParameterSpec {
        name: "threads",
        label: "Threads",
        scope: ParameterScope::Program,
        kind: ParameterKind::Count { min: 1, max: 1024 },
        default: "",
        unit: "",
        description: "Worker threads; all cores when not given. The result does not depend on it.",
    },
];

impl ParameterSpec {
    /// The rows that [`Params`] holds.
    pub fn of_params() -> impl Iterator<Item = &'static Self> {
        PARAMETERS
            .iter()
            .filter(|row| row.scope != ParameterScope::Operator)
    }

    /// The row of a parameter of [`Params`], or an error that names the nearest one.
    pub fn find(name: &str) -> Result<&'static Self> {
        Self::of_params()
            .find(|row| row.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::of_params().map(|row| row.name).collect();
                Error::parameter(format!("there is no parameter '{name}'"))
                    .advice(format!("did you mean '{}'?", nearest(name, &names)))
                    .expected(names.join(", "))
            })
    }

    /// Name as a command-line option: `--cloud-buffer`.
    pub fn option(&self) -> String {
        // DEM is one word.
        let name = self.name.replace("DEM", "Dem");
        name.chars().fold(String::new(), |mut option, letter| {
            if letter.is_ascii_uppercase() {
                option.push('-');
            }
            option.push(letter.to_ascii_lowercase());
            option
        })
    }

    /// What values it takes, in words: `[0, 2000] m`.
    pub fn range(&self) -> String {
        let range = match self.kind {
            ParameterKind::Choice(values) => format!("one of {}", values.join(", ")),
            ParameterKind::Number { min, max } => format!("[{min}, {max}]"),
            ParameterKind::Count { min, max } => format!("a whole number in [{min}, {max}]"),
            ParameterKind::Switch => "true or false".into(),
            ParameterKind::File => "a file".into(),
            ParameterKind::Name => "a name".into(),
        };
        if self.unit.is_empty() {
            range
        } else {
            format!("{range} {}", self.unit)
        }
    }

    /// Checks a JSON value and brings it to the JSON type that [`Params`] reads.
    fn normalise(&self, value: &Value) -> Result<Value> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        let wrong = || {
            let error = Error::parameter(format!("'{}' has no valid value", self.name))
                .got(&text)
                .expected(self.range());
            match self.kind {
                ParameterKind::Choice(values) => error.advice(format!(
                    "the nearest valid value is {}",
                    nearest(&text, values)
                )),
                ParameterKind::Number { min, max } => match text.parse::<f64>() {
                    Ok(number) if !number.is_nan() => error.advice(format!(
                        "the nearest valid value is {}",
                        number.clamp(min, max)
                    )),
                    _ => error,
                },
                ParameterKind::Count { min, max } => match text.parse::<i128>() {
                    Ok(number) => error.advice(format!(
                        "the nearest valid value is {}",
                        number.clamp(min.into(), max.into())
                    )),
                    _ => error,
                },
                ParameterKind::Switch | ParameterKind::File | ParameterKind::Name => error,
            }
        };
        match self.kind {
            ParameterKind::Choice(values) => {
                let word = values
                    .iter()
                    .find(|valid| **valid == text)
                    .ok_or_else(wrong)?;
                Ok(word
                    .parse::<u64>()
                    .map_or_else(|_| Value::from(*word), Value::from))
            }
            ParameterKind::Number { min, max } => match text.parse::<f64>() {
                Ok(number) if (min..=max).contains(&number) => Ok(Value::from(number)),
                _ => Err(wrong()),
            },
            ParameterKind::Count { min, max } => match text.parse::<u64>() {
                Ok(number) if (min..=max).contains(&number) => Ok(Value::from(number)),
                _ => Err(wrong()),
            },
            ParameterKind::Switch => text.parse::<bool>().map(Value::from).map_err(|_| wrong()),
            ParameterKind::File | ParameterKind::Name if text.is_empty() => Err(wrong()),
            ParameterKind::File | ParameterKind::Name => Ok(Value::from(text)),
        }
    }
}

impl Params {
    /// Whether view occlusion is looked for: it is asked for, and so is the evidence that shows it.
    pub fn wants_view_occlusion(&self) -> bool {
        self.view_occlusion && self.copy_evidence
    }

    /// Whether anything that is looked for needs an elevation model.
    pub fn wants_dem(&self) -> bool {
        self.compute_mountain_shadow || self.wants_view_occlusion()
    }

    /// The learned model that is wanted, by id or path; `None` where the physics decides alone.
    ///
    /// # Errors
    /// Parameter: a model is needed and none is named, or one is named that nobody asks.
    pub fn wanted_model(&self) -> Result<Option<&str>> {
        let usual = self.cloud_detector.usual_model();
        match (self.cloud_detector, self.model.as_deref()) {
            (CloudDetector::Physics, Some(model)) => Err(Error::parameter(
                "a model is named, but cloudDetector is physics",
            )
            .got(model)
            .expected("cloudDetector cnn, combined or one of the learned detectors")),
            (CloudDetector::Cnn, None) => Err(Error::parameter("cloudDetector cnn needs a model")
                .expected("the parameter model: a name or the path of a manifest")
                .advice("'clearshore models list' says which are known")),
            (_, model) => Ok(model.or(usual)),
        }
    }

    /// Whether the wind of the product's forecast is wanted.
    pub fn wants_forecast(&self) -> bool {
        self.compute_glint && self.wind_speed.is_none()
    }

    /// Reads a JSON object of parameters by their camelCase names; strings are understood for every type.
    pub fn from_json(json: &Value) -> Result<Self> {
        let Value::Object(given) = json else {
            return Err(
                Error::parameter("the parameters are not an object of names and values").got(json),
            );
        };
        let mut checked = serde_json::Map::new();
        for (name, value) in given {
            let row = ParameterSpec::find(name)?;
            if !value.is_null() {
                checked.insert(name.clone(), row.normalise(value)?);
            }
        }
        serde_json::from_value(Value::Object(checked)).map_err(|error| {
            Error::internal("the parameter table and the parameters disagree").caused_by(error)
        })
    }
}

/// The candidate that is most like a word.
fn nearest<'a>(word: &str, candidates: &[&'a str]) -> &'a str {
    let number = word.parse::<f64>().ok();
    let distance = |candidate: &str| match (number, candidate.parse::<f64>()) {
        (Some(word), Ok(candidate)) => (word - candidate).abs(),
        _ => strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()) as f64,
    };
    candidates
        .iter()
        .copied()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_and_the_struct_hold_the_same_names_and_defaults() {
        let defaults = serde_json::to_value(Params::default()).unwrap();
        let optional = [
            "waterRaster",
            "brightRaster",
            "model",
            "cloudProbabilityThreshold",
            "onnxRuntime",
            "externalDEMFile",
            "demFolder",
            "windSpeed",
            "windDirection",
            "threads",
        ];
        for row in ParameterSpec::of_params() {
            match defaults.get(row.name) {
                Some(value) => {
                    assert_eq!(
                        row.normalise(&json!(row.default)).unwrap(),
                        *value,
                        "{}",
                        row.name
                    );
                }
                None => assert!(optional.contains(&row.name) && row.default.is_empty()),
            }
        }
        assert_eq!(
            defaults.as_object().unwrap().len() + optional.len(),
            ParameterSpec::of_params().count()
        );
        assert_eq!(Params::from_json(&json!({})).unwrap(), Params::default());
    }

    #[test]
    fn values_may_be_words_or_json_and_reach_the_struct() {
        for given in [
            json!({"resolution": 10, "cloudBuffer": 120, "copyFeatures": true, "threads": 3}),
            json!({"resolution": "10", "cloudBuffer": "120", "copyFeatures": "true", "threads": "3"}),
        ] {
            let params = Params::from_json(&given).unwrap();
            let expected = Params {
                resolution: 10,
                cloud_buffer: 120.0,
                copy_features: true,
                threads: Some(3),
                ..Params::default()
            };
            assert_eq!(params, expected);
        }
    }

    #[test]
    fn a_wrong_name_or_value_is_answered_with_the_nearest_valid_one() {
        let text = |json| Params::from_json(&json).unwrap_err().to_string();
        assert!(text(json!({"cloudBufer": 1})).contains("did you mean 'cloudBuffer'?"));
        assert!(text(json!({"resolution": 15})).contains("one of 10, 20, 60 m"));
        assert!(text(json!({"resolution": 55})).contains("nearest valid value is 60"));
        assert!(text(json!({"cloudBuffer": -5})).contains("nearest valid value is 0"));
        assert!(text(json!({"cloudBuffer": 9999})).contains("[0, 2000] m"));
        assert!(text(json!({"cloudBuffer": "NaN"})).contains("[0, 2000] m"));
        assert!(text(json!({"resampling": "fats"})).contains("nearest valid value is fast"));
        assert!(text(json!({"threads": 0})).contains("nearest valid value is 1"));
        assert!(text(json!({"cloudDetector": "cnm"})).contains("nearest valid value is cnn"));
        assert!(text(json!({"model": " "})).contains("a name"));
        assert!(text(json!({"copyFeatures": "maybe"})).contains("true or false"));
        assert!(text(json!([1])).contains("not an object"));
        // A parameter of the SNAP operator alone.
        assert!(text(json!({"copySourceBands": true})).contains("there is no parameter"));
    }

    #[test]
    fn learned_detectors_have_a_model_or_need_one() {
        let wanted = |json| {
            let params = Params::from_json(&json).unwrap();
            params
                .wanted_model()
                .map(|model| model.map(str::to_owned))
                .map_err(|error| error.to_string())
        };
        assert_eq!(wanted(json!({})), Ok(None));
        assert_eq!(
            wanted(json!({"cloudDetector": "s2cloudless"})),
            Ok(Some("s2cloudless".into()))
        );
        assert_eq!(
            wanted(json!({"cloudDetector": "ukis-csmask"})),
            Ok(Some("ukis-csmask-4b".into()))
        );
        let named = json!({"cloudDetector": "ukis-csmask", "model": "ukis-csmask-6b"});
        assert_eq!(wanted(named), Ok(Some("ukis-csmask-6b".into())));
        assert!(
            wanted(json!({"cloudDetector": "cnn"}))
                .unwrap_err()
                .contains("needs a model")
        );
        assert!(
            wanted(json!({"model": "s2cloudless"}))
                .unwrap_err()
                .contains("physics")
        );
    }

    #[test]
    fn options_are_kebab_case() {
        assert_eq!(
            ParameterSpec::find("waterRaster").unwrap().option(),
            "water-raster"
        );
        assert_eq!(
            ParameterSpec::find("externalDEMFile").unwrap().option(),
            "external-dem-file"
        );
    }
}
