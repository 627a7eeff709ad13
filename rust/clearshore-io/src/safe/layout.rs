//! How a product's files are laid out, and which granule of it is read.

use super::archive::Archive;
use super::refuse;
use super::store::{Entry, Folder, Store, unreadable};
use super::tile::tile_of;
use super::xml::{self, Element};
use clearshore::{Error, Result};
use serde::Serialize;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest XML file given as the product.
const MAX_XML_BYTES: u64 = 64 << 20;
/// Bytes of a file that are enough to tell its kind.
const MAGIC_BYTES: u64 = 16;

/// A layout of the product's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// `MTD_MSIL1C.xml` and one granule, since December 2016.
    CompactSafe,
    /// `S2x_OPER_MTD_SAFL1C*.xml` and one or many granules, before.
    MultiGranuleSafe,
    /// One tile as it lies on AWS: `metadata.xml` and `B02.jp2` side by side.
    Aws,
}

/// Where the parts of the chosen granule lie in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Layout of the product.
    pub layout: Layout,
    /// File of the product's metadata.
    pub product_metadata: Option<String>,
    /// File of the tile's metadata.
    pub tile_metadata: String,
    /// Folder of the granule; empty in the AWS layout.
    pub granule: String,
    /// Folder of the images.
    pub images: String,
    /// Folder of the masks.
    pub quality: String,
    /// Folder of the auxiliary data.
    pub auxiliary: String,
}

/// Finds the product at a path that the user gave, and one granule of it.
pub fn find(path: &Path, granule: Option<&str>) -> Result<(Box<dyn Store>, Parts)> {
    let (mut store, given) = open(path)?;
    let mut entries = store.list("")?;
    if given.is_none()
        && product_metadata(&entries).is_none()
        && !has_aws_metadata(&entries)
        && let Some(inner) = only_product(&*store, &entries)?
    {
        store = store.below(&inner)?;
        entries = store.list("")?;
    }
    let parts = match given.or_else(|| product_metadata(&entries)) {
        Some(metadata) => safe_parts(&*store, metadata, granule)?,
        None if has_aws_metadata(&entries) => aws_parts(&*store, granule)?,
        None => return Err(refuse::folder(&*store, &entries)),
    };
    Ok((store, parts))
}

/// Opens a path; with it the name of the product's metadata where the user gave that file.
fn open(path: &Path) -> Result<(Box<dyn Store>, Option<String>)> {
    let place = path.display().to_string();
    let metadata = path.metadata().map_err(|error| {
        Error::product("there is no product at this path")
            .at(&place)
            .caused_by(error)
            .advice("give a .SAFE folder, its zip archive or its MTD_MSIL1C.xml")
    })?;
    if metadata.is_dir() {
        return Ok((Box::new(Folder::open(path)?), None));
    }
    let read = |limit: u64| {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut bytes))
            .map_err(|error| unreadable(&place, error))?;
        Ok::<_, Error>(bytes)
    };
    let beginning = read(MAGIC_BYTES)?;
    if beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"PK\x05\x06") {
        return Ok((Box::new(Archive::open(path)?), None));
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let text = beginning
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&beginning);
    let (Some(name), Some(b'<')) = (name, text.trim_ascii_start().first()) else {
        return Err(refuse::file(path, &beginning));
    };
    let text = String::from_utf8(read(MAX_XML_BYTES)?).map_err(|error| {
        Error::product("the XML is not UTF-8")
            .at(&place)
            .caused_by(error)
    })?;
    let document = xml::parse(&text, &place)?;
    let root = Element::root(&document, &place);
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(refuse::file(path, &beginning)),
    };
    let store = Box::new(Folder::open(folder)?);
    if root.name() == "Level-1C_Tile_ID" {
        if name == AWS_METADATA {
            return Ok((store, None));
        }
        return Err(
            Error::product("this is the metadata of one tile, not of a product")
                .at(&place)
                .expected("a .SAFE folder, its zip archive or its MTD_MSIL1C.xml")
                .advice(
                    "give the .SAFE folder that holds the tile, with the option for the granule",
                ),
        );
    }
    refuse::wrong_root(root, "Level-1C_User_Product")?;
    Ok((store, Some(name.to_owned())))
}

/// Name of the tile's metadata in the AWS layout.
const AWS_METADATA: &str = "metadata.xml";

fn has_aws_metadata(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| !entry.is_folder && entry.name == AWS_METADATA)
}

fn product_metadata(entries: &[Entry]) -> Option<String> {
    let is_metadata = |name: &str| {
        name == "MTD_MSIL1C.xml"
            || (name.starts_with("S2") && name.contains("_MTD_SAFL1C") && name.ends_with(".xml"))
    };
    entries
        .iter()
        .find(|entry| !entry.is_folder && is_metadata(&entry.name))
        .map(|entry| entry.name.clone())
}

/// The one product in a folder or archive that holds products.
fn only_product(store: &dyn Store, entries: &[Entry]) -> Result<Option<String>> {
    let folders = || entries.iter().filter(|entry| entry.is_folder);
    let products: Vec<&str> = folders()
        .map(|entry| entry.name.as_str())
        .filter(|name| name.ends_with(".SAFE"))
        .collect();
    match products[..] {
        [product] => Ok(Some(product.into())),
        // An archive of a product whose folder was renamed.
        [] => Ok(match (folders().next(), entries) {
            (Some(folder), [_]) => Some(folder.name.clone()),
            _ => None,
        }),
        _ => Err(Error::product("there are several products")
            .at(store.label())
            .got(products.join(", "))
            .expected("one")
            .advice("give the path of one of them")),
    }
}

fn safe_parts(store: &dyn Store, metadata: String, granule: Option<&str>) -> Result<Parts> {
    let mut granules = Vec::new();
    for folder in store
        .list("GRANULE")?
        .into_iter()
        .filter(|entry| entry.is_folder)
    {
        let entries = store.list(&format!("GRANULE/{}", folder.name))?;
        let is_metadata = |name: &str| {
            name == "MTD_TL.xml" || (name.contains("_MTD_L1C") && name.ends_with(".xml"))
        };
        if let Some(file) = entries.into_iter().find(|entry| is_metadata(&entry.name)) {
            granules.push((folder.name, file.name));
        }
    }
    let (folder, file) = choose(store, granules, granule)?;
    let granule = format!("GRANULE/{folder}");
    Ok(Parts {
        layout: if metadata.contains("_MTD_SAFL1C") {
            Layout::MultiGranuleSafe
        } else {
            Layout::CompactSafe
        },
        product_metadata: Some(metadata),
        tile_metadata: format!("{granule}/{file}"),
        images: format!("{granule}/IMG_DATA"),
        quality: format!("{granule}/QI_DATA"),
        auxiliary: format!("{granule}/AUX_DATA"),
        granule,
    })
}

/// Chooses among granules, given as folder and file of the metadata.
fn choose(
    store: &dyn Store,
    mut granules: Vec<(String, String)>,
    wanted: Option<&str>,
) -> Result<(String, String)> {
    let folders: Vec<String> = granules.iter().map(|(folder, _)| folder.clone()).collect();
    if folders.is_empty() {
        return Err(Error::product("the tile's metadata is missing")
            .at(store.place("GRANULE"))
            .expected("GRANULE/*/MTD_TL.xml")
            .advice("download the whole product"));
    }
    if let Some(wanted) = wanted {
        let tile = tile_of(wanted).map_or_else(|| format!("T{wanted}"), Into::into);
        if folders.iter().any(|folder| folder == wanted) {
            granules.retain(|(folder, _)| folder == wanted);
        } else {
            granules.retain(|(folder, _)| tile_of(folder) == Some(&tile));
        }
    }
    let what = match (granules.len(), wanted) {
        (1, _) => return Ok(granules.swap_remove(0)),
        (0, _) => "the product has no such granule",
        (_, Some(_)) => "the product has several such granules",
        (_, None) => "the product has several granules",
    };
    Err(Error::parameter(what)
        .at(store.label())
        .got(wanted.unwrap_or("none chosen"))
        .expected(format!("one of {}", folders.join(", ")))
        .advice("choose a granule by its name or by its tile, such as T32TQR"))
}

fn aws_parts(store: &dyn Store, granule: Option<&str>) -> Result<Parts> {
    let folder = |names: [&str; 2]| -> Result<String> {
        for name in names {
            if !store.list(name)?.is_empty() {
                return Ok(name.into());
            }
        }
        Ok(names[0].into())
    };
    if let Some(wanted) = granule {
        return Err(
            Error::parameter("a single tile has no granules to choose from")
                .at(store.label())
                .got(wanted)
                .advice("leave the granule out"),
        );
    }
    Ok(Parts {
        layout: Layout::Aws,
        product_metadata: None,
        tile_metadata: AWS_METADATA.into(),
        granule: String::new(),
        images: String::new(),
        quality: folder(["qi", "QI_DATA"])?,
        auxiliary: folder(["auxiliary", "AUX_DATA"])?,
    })
}
