//! Finding the files of a granule: bands, masks, weather.

use super::layout::Parts;
use super::metadata::ProductMetadata;
use super::store::Store;
use clearshore::Result;
use clearshore::scene::Band;
use serde::Serialize;
use std::collections::BTreeMap;

/// A file of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFile {
    /// Name relative to the product's folder.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
}

/// Kind of a mask, as its file name has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MaskKind {
    /// Detector footprints.
    Detfoo,
    /// Quality, eight planes; from baseline 04.00 on.
    Qualit,
    /// Clouds and snow, three planes; from baseline 04.00 on.
    Classi,
    /// Technical quality: lost and degraded packets; before.
    Tecqua,
    /// Defective pixels; before.
    Defect,
    /// No data, and pixels partially corrected for crosstalk; before.
    Nodata,
    /// Saturated pixels; before.
    Satura,
    /// Clouds; before.
    Clouds,
}

impl MaskKind {
    const ALL: [Self; 8] = [
        Self::Detfoo,
        Self::Qualit,
        Self::Classi,
        Self::Tecqua,
        Self::Defect,
        Self::Nodata,
        Self::Satura,
        Self::Clouds,
    ];

    /// As in file names, without `MSK_`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detfoo => "DETFOO",
            Self::Qualit => "QUALIT",
            Self::Classi => "CLASSI",
            Self::Tecqua => "TECQUA",
            Self::Defect => "DEFECT",
            Self::Nodata => "NODATA",
            Self::Satura => "SATURA",
            Self::Clouds => "CLOUDS",
        }
    }
}

/// How a mask is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskFormat {
    /// JPEG 2000, from baseline 04.00 on.
    Raster,
    /// Polygons in GML, before.
    Gml,
}

/// A mask's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskFile {
    /// The file.
    pub file: ProductFile,
    /// How it is written.
    pub format: MaskFormat,
}

/// Masks by kind and band; those for all bands (`B00`) have none.
pub type Masks = BTreeMap<(MaskKind, Option<Band>), MaskFile>;

/// Files of the bands that are there: those the metadata lists, else those named like a band.
pub fn bands(
    store: &dyn Store,
    parts: &Parts,
    metadata: &ProductMetadata,
) -> Result<BTreeMap<Band, ProductFile>> {
    let mut files = BTreeMap::new();
    let images = metadata.granules.iter().flat_map(|granule| &granule.images);
    for image in images {
        let Some(band) = band_of(stem(image)) else {
            continue;
        };
        let suffix = if has_suffix(image, "jp2") { "" } else { ".jp2" };
        // Since the compact format with its folder, before without.
        let name = if image.contains('/') {
            format!("{image}{suffix}")
        } else {
            format!("{}/{image}{suffix}", parts.images)
        };
        let in_granule = name.starts_with(&format!("{}/", parts.granule));
        if let Some(size) = store.size(&name)?.filter(|_| in_granule) {
            files.insert(band, ProductFile { name, size });
        }
    }
    for (name, stem) in named(store, &parts.images, &["jp2"])? {
        if let Some(band) = band_of(&stem)
            && !files.contains_key(&band)
            && let Some(size) = store.size(&name)?
        {
            files.insert(band, ProductFile { name, size });
        }
    }
    Ok(files)
}

/// Files of the masks, by their names: the order of `MASK_FILENAME` in the metadata means nothing.
pub fn masks(store: &dyn Store, parts: &Parts) -> Result<Masks> {
    let mut masks = Masks::new();
    for (format, suffix) in [(MaskFormat::Raster, "jp2"), (MaskFormat::Gml, "gml")] {
        for (name, stem) in named(store, &parts.quality, &[suffix])? {
            let kind = MaskKind::ALL
                .into_iter()
                .find(|kind| stem.split('_').any(|part| part == kind.name()));
            if let Some(kind) = kind
                && let Some(size) = store.size(&name)?
            {
                let file = ProductFile { name, size };
                masks
                    .entry((kind, band_of(&stem)))
                    .or_insert(MaskFile { file, format });
            }
        }
    }
    Ok(masks)
}

/// The weather forecast of ECMWF, if it is there.
pub fn ecmwf(store: &dyn Store, parts: &Parts) -> Result<Option<ProductFile>> {
    for entry in store.list(&parts.auxiliary)? {
        if !entry.is_folder && entry.name.contains("ECMWF") {
            let name = join(&parts.auxiliary, &entry.name);
            return Ok(store.size(&name)?.map(|size| ProductFile { name, size }));
        }
    }
    Ok(None)
}

/// Files of a folder with a suffix: name from the product's folder, and stem.
fn named(store: &dyn Store, folder: &str, suffixes: &[&str]) -> Result<Vec<(String, String)>> {
    let entries = store.list(folder)?.into_iter();
    let files = entries.filter(|entry| {
        !entry.is_folder
            && suffixes
                .iter()
                .any(|suffix| has_suffix(&entry.name, suffix))
    });
    Ok(files
        .map(|entry| (join(folder, &entry.name), stem(&entry.name).to_owned()))
        .collect())
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.into()
    } else {
        format!("{folder}/{name}")
    }
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| end.eq_ignore_ascii_case(suffix))
}

/// File name without folder and the suffix of an image or mask.
fn stem(name: &str) -> &str {
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    if has_suffix(name, "jp2") || has_suffix(name, "gml") {
        &name[..name.len() - ".jp2".len()]
    } else {
        name
    }
}

/// The band that a file's stem names as one of its parts: `T10SEH_20200929T190109_B02`, `B02`,
/// `S2A_OPER_MSK_DETFOO_..._T32TQR_B01_MSIL1C`.
fn band_of(stem: &str) -> Option<Band> {
    stem.rsplit('_')
        .filter(|part| part.len() == Band::B01.name().len())
        .find_map(Band::from_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_known_by_a_part_of_the_name() {
        for (name, band) in [
            (
                "GRANULE/L1C_T/IMG_DATA/T10SEH_20200929T190109_B02",
                Some(Band::B02),
            ),
            ("B8A.jp2", Some(Band::B8A)),
            (
                "S2A_OPER_MSK_DETFOO_MTI__2015_A000123_T32TQR_B01_MSIL1C.gml",
                Some(Band::B01),
            ),
            ("MSK_CLOUDS_B00.gml", None),
            ("T10SEH_20200929T190109_TCI.jp2", None),
            ("T10SEH_20200929T190109_PVI.jp2", None),
            ("preview.jp2", None),
            ("jp2", None),
            ("", None),
        ] {
            assert_eq!(band_of(stem(name)), band, "{name}");
        }
    }
}
