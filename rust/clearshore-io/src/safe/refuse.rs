//! Saying what a thing is that is not a Level-1C product.

use super::store::{Entry, Store};
use super::xml::Element;
use clearshore::{Error, Result};
use std::path::Path;

/// What to do when the level is wrong.
const ADVICE: &str = "give the Level-1C product (MSIL1C) of the same scene";
/// How many entries of an unknown folder are named.
const SHOWN_ENTRIES: usize = 5;

/// Beginnings of product names of other missions.
const MISSIONS: [(&str, &str); 13] = [
    ("S1A_", "a Sentinel-1 product"),
    ("S1B_", "a Sentinel-1 product"),
    ("S1C_", "a Sentinel-1 product"),
    ("S3A_", "a Sentinel-3 product"),
    ("S3B_", "a Sentinel-3 product"),
    ("S5P_", "a Sentinel-5P product"),
    ("LC08_", "a Landsat 8 product"),
    ("LC09_", "a Landsat 9 product"),
    ("LE07_", "a Landsat 7 product"),
    ("LT05_", "a Landsat 5 product"),
    ("LT04_", "a Landsat 4 product"),
    ("VENUS", "a VENµS product"),
    ("SENTINEL2", "a Sentinel-2 product in the format of MAJA"),
];

/// The error for a product of a wrong level: `what` is `Level-2A`, say.
pub fn level(place: &str, what: &str) -> Error {
    Error::product(format!("this is a {what} product, not Level-1C"))
        .at(place)
        .got(what)
        .expected("Level-1C")
        .advice(ADVICE)
}

/// Whether the document is of the expected kind; if not, says which it is.
pub fn wrong_root(root: Element, expected: &str) -> Result<()> {
    if root.name() == expected {
        return Ok(());
    }
    let (place, name) = (root.place(), root.name());
    let (kind, rest) = name.split_at(name.find('_').unwrap_or(name.len()));
    if kind.starts_with("Level-") && kind != "Level-1C" {
        let part = if rest.starts_with("_Tile") {
            "tile"
        } else {
            "product"
        };
        return Err(level(&place, kind).got(format!("the {part} metadata of a {kind} product")));
    }
    Err(
        Error::product("this is not the metadata of a Sentinel-2 Level-1C product")
            .at(place)
            .got(name)
            .expected(expected)
            .advice("give the product's .SAFE folder, its zip archive or its MTD_MSIL1C.xml"),
    )
}

/// The error for a folder or archive in which no Level-1C product was found.
pub fn folder(store: &dyn Store, entries: &[Entry]) -> Error {
    let place = store.label();
    let has = |test: &dyn Fn(&str) -> bool| entries.iter().any(|entry| test(&entry.name));
    for (short, long) in [
        ("2A", "Level-2A"),
        ("1B", "Level-1B"),
        ("1A", "Level-1A"),
        ("0", "Level-0"),
    ] {
        let compact = format!("MTD_MSIL{short}");
        let old = format!("_MTD_SAFL{short}");
        if has(&|name| name.starts_with(&compact) || name.contains(&old)) {
            return level(&place, long);
        }
    }
    let name = Path::new(&place)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let error = Error::product("this is not a Sentinel-2 Level-1C product")
        .at(&place)
        .expected("a folder or zip archive with MTD_MSIL1C.xml, S2x_OPER_MTD_SAFL1C*.xml, or metadata.xml of the AWS layout");
    let mission = MISSIONS.iter().find(|(beginning, _)| {
        name.starts_with(beginning) || has(&|entry| entry.starts_with(beginning))
    });
    if let Some((_, mission)) = mission {
        return error.got(mission).advice(ADVICE);
    }
    let shown: Vec<&str> = entries
        .iter()
        .take(SHOWN_ENTRIES)
        .map(|entry| entry.name.as_str())
        .collect();
    let got = match entries.len() {
        0 => "nothing in it".to_owned(),
        count if count > shown.len() => format!("{count} entries: {}, ...", shown.join(", ")),
        _ => shown.join(", "),
    };
    error
        .got(got)
        .advice("give the product's .SAFE folder or its zip archive")
}

/// The error for a file that is neither an archive nor XML, from its first bytes.
pub fn file(path: &Path, beginning: &[u8]) -> Error {
    const KINDS: [(&[u8], &str); 8] = [
        (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 codestream"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"\x89HDF", "an HDF5 or NetCDF file"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"\x89PNG", "a PNG image"),
    ];
    let kind = KINDS.iter().find(|(magic, _)| beginning.starts_with(magic));
    let got = match kind {
        Some((_, kind)) => kind,
        None if beginning.is_empty() => "an empty file",
        None => "a file of unknown kind",
    };
    Error::product("this is not a Sentinel-2 Level-1C product")
        .at(path.display())
        .got(got)
        .expected("a .SAFE folder, its zip archive or its MTD_MSIL1C.xml")
        .advice("give the whole product, not one of its files")
}
