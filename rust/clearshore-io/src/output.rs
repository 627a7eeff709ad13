//! The files of one product: which there are and how they are called.

use crate::safe::{Layout, Product};
use clearshore::codes::Codes;
use clearshore::flags::{CLASS_BAND, EVIDENCE_BAND, FLAG_BAND};
use clearshore::{Feature, Params};

/// Longest stem of a file name, bytes: file systems allow 255 for the whole name.
const MAX_STEM_BYTES: usize = 200;

/// A file that a run writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// `NAME_clearshore_flags.tif`.
    Flags,
    /// `NAME_clearshore_class.tif`.
    Class,
    /// `NAME_clearshore_evidence.tif`.
    Evidence,
    /// `NAME_clearshore_fmask.tif` and its like: class codes of another program.
    Codes(&'static Codes),
    /// `NAME_cloud_probability.tif` and its like.
    Feature(Feature),
    /// `NAME_clearshore_quicklook.png`.
    Quicklook,
    /// `NAME_clearshore.json`, the STAC item. Written last: where it stands, the others do.
    Item,
}

impl Output {
    /// File name for a product of a name.
    pub fn file(self, name: &str) -> String {
        match self {
            Self::Flags => format!("{name}_{FLAG_BAND}.tif"),
            Self::Class => format!("{name}_{CLASS_BAND}.tif"),
            Self::Evidence => format!("{name}_{EVIDENCE_BAND}.tif"),
            Self::Codes(codes) => format!("{name}_{}.tif", codes.band()),
            Self::Feature(feature) => format!("{name}_{}.tif", feature.name()),
            Self::Quicklook => format!("{name}_clearshore_quicklook.png"),
            Self::Item => format!("{name}_clearshore.json"),
        }
    }

    /// What a run with these codes and features writes, the item last.
    pub fn all(
        params: &Params,
        codes: &[&'static Codes],
        features: impl IntoIterator<Item = Feature>,
    ) -> Vec<Self> {
        let evidence = params.copy_evidence.then_some(Self::Evidence);
        [Self::Flags, Self::Class]
            .into_iter()
            .chain(codes.iter().copied().map(Self::Codes))
            .chain(evidence)
            .chain(features.into_iter().map(Self::Feature))
            .chain([Self::Quicklook, Self::Item])
            .collect()
    }
}

/// Stem of a product's output files: its name without `.SAFE`; with the tile where the product has many
/// granules; the granule's identifier in the AWS layout, whose folders are called alike.
///
/// The name comes from outside: whatever is no letter, digit, `-` or `.` becomes `_`.
pub fn stem(product: &Product) -> String {
    let tile = product.tile();
    let name = match product.layout() {
        Layout::Aws => tile.granule_id.clone(),
        _ if product.metadata().granules.len() > 1 => {
            format!("{}_{}", product.name(), tile.tile_id)
        }
        _ => product.name().to_owned(),
    };
    safe_stem(&name)
}

fn safe_stem(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    let mut stem: String = name
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .take(MAX_STEM_BYTES)
        .collect();
    if stem.is_empty() || stem.starts_with('.') {
        stem.insert(0, '_');
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_the_product_and_the_item_is_last() {
        let params = Params {
            copy_evidence: true,
            ..Params::default()
        };
        let codes = Codes::named("scl").unwrap();
        let files: Vec<String> = Output::all(&params, &[codes], [Feature::Hot])
            .into_iter()
            .map(|output| output.file("S2A"))
            .collect();
        assert_eq!(
            files,
            [
                "S2A_clearshore_flags.tif",
                "S2A_clearshore_class.tif",
                "S2A_clearshore_scl.tif",
                "S2A_clearshore_evidence.tif",
                "S2A_hot.tif",
                "S2A_clearshore_quicklook.png",
                "S2A_clearshore.json"
            ]
        );
    }

    #[test]
    fn a_name_from_the_metadata_cannot_leave_the_folder() {
        assert_eq!(safe_stem("S2A_MSIL1C-1.x"), "S2A_MSIL1C-1.x");
        assert_eq!(safe_stem("../../etc/passwd"), "_.._.._etc_passwd");
        assert_eq!(safe_stem("a\0b\\c:d é"), "a_b_c_d__");
        assert_eq!(safe_stem(""), "_");
        assert_eq!(safe_stem(&"x".repeat(999)).len(), MAX_STEM_BYTES);
    }
}
