//! The folders in which SNAP keeps the DEMs that it has downloaded.

use super::folder::FolderCells;
use super::names::{Kind, is_shipped, wanted};
use clearshore::{DEM_NAMES, Error, Params, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder of a DEM of SNAP, `<user folder>/auxdata/dem/<name>` or where its `dem.properties` says.
///
/// # Errors
/// Parameter for another name; Auxiliary when SNAP has not downloaded anything of it.
pub fn dem_folder(name: &str, user_folder: &Path) -> Result<PathBuf> {
    let known = DEM_NAMES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name.trim()));
    let Some(name) = known else {
        return Err(Error::parameter("no DEM of this name is read")
            .got(format!("'{name}'"))
            .expected(DEM_NAMES.join(", "))
            .advice("choose one of these names, or give the DEM's file or folder"));
    };
    let folder = installed(user_folder.join("auxdata").join("dem").join(name));
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(
        Error::auxiliary(format!("SNAP has no cells of '{name}' yet"))
            .at(folder.display())
            .advice("let SNAP download them, or give the DEM's file or folder"),
    )
}

/// A file that SNAP can download.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapCell {
    /// Its name.
    pub name: String,
    /// Latitude and longitude in degrees of a place well within it.
    pub place: (f64, f64),
}

/// The folder that the parameters name, or SNAP's in the user's home. SNAP's folder counts when it holds cells: SNAP
/// makes it before it downloads any.
pub(super) fn folder_of_params(params: &Params) -> Option<PathBuf> {
    let of_snap = Path::new("auxdata").join("dem").join(&params.dem_name);
    let in_home = || Some(std::env::home_dir()?.join(".snap").join(&of_snap));
    let named = params.dem_folder.clone().or_else(in_home)?;
    let may_be_empty = named.ends_with(&of_snap);
    let folder = installed(named);
    let is_empty = || {
        let is_gone = !folder.exists();
        is_gone || matches!(FolderCells::find(&folder), Ok(None))
    };
    (!may_be_empty || !is_empty()).then_some(folder)
}

/// The files of the DEM of SNAP that the parameters name in an area (west, south, east, north in degrees; east may be
/// beyond 180), which its folder lacks, by name. Those of open sea that no cell beside them tells are among them: SNAP
/// finds that there are none.
///
/// # Errors
/// Auxiliary: the folder can't be read.
pub fn lacking(params: &Params, area: [f64; 4]) -> Result<Vec<SnapCell>> {
    let kind = match params.dem_name.as_str() {
        "SRTM 3Sec" => Kind::TileZip,
        "Copernicus 30m Global DEM" => Kind::Copernicus30,
        "Copernicus 90m Global DEM" => Kind::Copernicus90,
        _ => Kind::HgtZip,
    };
    let folder = folder_of_params(params);
    let folder = folder
        .map(|folder| FolderCells::open(&folder))
        .transpose()?;
    let [west, south, east, north] = area.map(|edge| edge.floor() as i32);
    let mut cells = BTreeMap::new();
    for (south, west) in
        (south..=north).flat_map(|south| (west..=east).map(move |west| (south, west)))
    {
        let corner = (south, (west + 180).rem_euclid(360) - 180);
        let is_lacking = match &folder {
            // A cell that can't be read is told by what reads it.
            Some(folder) => folder.lacks(corner).unwrap_or(true),
            None => true,
        };
        if is_lacking && is_shipped(kind, corner) {
            let middle = (f64::from(corner.0) + 0.5, f64::from(corner.1) + 0.5);
            cells.entry(wanted(kind, corner)).or_insert(middle);
        }
    }
    let cells = cells.into_iter();
    Ok(cells
        .map(|(name, place)| SnapCell { name, place })
        .collect())
}

/// The folder, or where its `dem.properties` says that the cells are.
pub(super) fn installed(folder: PathBuf) -> PathBuf {
    let elsewhere = fs::read(folder.join("dem.properties"))
        .ok()
        .and_then(|text| install_folder(&String::from_utf8_lossy(&text)))
        .filter(|folder| folder.is_dir());
    elsewhere.unwrap_or(folder)
}

/// Value of `dem.installDir`. Source: the format of `java.util.Properties.load`.
fn install_folder(properties: &str) -> Option<PathBuf> {
    let value = properties.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix("dem.installDir")?;
        let value = rest.trim_start();
        let value = value.strip_prefix(['=', ':']).unwrap_or(value);
        // `dem.installDirectory` is another key.
        (value.len() < rest.len() || rest.is_empty()).then(|| value.trim_start())
    })?;
    let mut path = String::new();
    let mut characters = value.trim_end_matches(['\r', '\n']).chars();
    while let Some(character) = characters.next() {
        path.extend(if character == '\\' {
            characters.next()
        } else {
            Some(character)
        });
    }
    (!path.is_empty()).then(|| path.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::ErrorKind;

    #[test]
    fn folders_are_found_by_name_and_by_properties() {
        let user = tempfile::tempdir().unwrap();
        let folder = user.path().join("auxdata/dem/SRTM 3Sec");
        let error = dem_folder("SRTM 3Sec", user.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(dem_folder("srtm 3sec", user.path()).unwrap(), folder);
        let other = user.path().join("other place");
        let text = format!("# by hand\ndem.installDir = {}\n", other.display());
        fs::write(folder.join("dem.properties"), text).unwrap();
        assert_eq!(dem_folder("SRTM 3Sec", user.path()).unwrap(), folder);
        fs::create_dir(&other).unwrap();
        assert_eq!(dem_folder("SRTM 3Sec", user.path()).unwrap(), other);
        let error = dem_folder("ACE30", user.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter);
        assert!(error.to_string().contains("Copernicus 90m Global DEM"));
    }

    fn params(dem_name: &str, user: &Path) -> Params {
        Params {
            dem_name: dem_name.to_owned(),
            dem_folder: Some(user.join("auxdata/dem").join(dem_name)),
            ..Params::default()
        }
    }

    #[test]
    fn the_folder_of_snap_may_be_empty_and_no_other() {
        let user = tempfile::tempdir().unwrap();
        let params = params("SRTM 1Sec HGT", user.path());
        let folder = params.dem_folder.clone().unwrap();
        assert_eq!(folder_of_params(&params), None);
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(folder_of_params(&params), None);
        assert!(super::super::of_params(&params).unwrap().is_none());
        fs::write(folder.join("N43E007.SRTMGL1.hgt.zip"), b"").unwrap();
        assert_eq!(folder_of_params(&params), Some(folder.clone()));
        let other = Params {
            dem_name: "SRTM 3Sec".to_owned(),
            dem_folder: Some(user.path().join("auxdata")),
            ..Params::default()
        };
        assert_eq!(folder_of_params(&other), other.dem_folder);
        fs::remove_dir_all(user.path().join("auxdata/dem")).unwrap();
        assert!(super::super::of_params(&other).is_err());
    }

    /// The coast from the Provence to Corsica, and Fiji.
    #[test]
    fn what_lacks_is_not_there_and_may_be_land() {
        const COAST: [f64; 4] = [7.2, 42.3, 8.7, 43.6];
        const FIJI: [f64; 4] = [178.5, -17.9, 181.5, -16.1];
        let user = tempfile::tempdir().unwrap();
        let names = |dem_name: &str, area| -> Vec<String> {
            let cells = lacking(&params(dem_name, user.path()), area).unwrap();
            cells.into_iter().map(|cell| cell.name).collect()
        };
        let srtm = [
            "N42E007.SRTMGL1.hgt.zip",
            "N42E008.SRTMGL1.hgt.zip",
            "N43E007.SRTMGL1.hgt.zip",
            "N43E008.SRTMGL1.hgt.zip",
        ];
        assert_eq!(names("SRTM 1Sec HGT", COAST), srtm);
        assert_eq!(names("SRTM 3Sec", COAST), ["srtm_38_04.zip"]);
        assert_eq!(
            names("Copernicus 90m Global DEM", COAST)[0],
            "Copernicus_DSM_COG_30_N42_00_E007_00_DEM.tif"
        );
        let fiji = names("SRTM 1Sec HGT", FIJI);
        for name in ["S18E178.SRTMGL1.hgt.zip", "S17W180.SRTMGL1.hgt.zip"] {
            assert!(fiji.iter().any(|found| found == name), "{fiji:?}");
        }
        let norway = [10.0, 60.5, 10.5, 61.0];
        assert_eq!(names("SRTM 1Sec HGT", norway), [""; 0]);
        assert_eq!(names("Copernicus 30m Global DEM", norway).len(), 2);

        let folder = user.path().join("auxdata/dem/SRTM 1Sec HGT");
        fs::create_dir_all(&folder).unwrap();
        // Sea level from border to border: the sea goes on beside it, which says nothing about what lies at its corner.
        fs::write(folder.join("N43E007.hgt"), vec![0; 1201 * 1201 * 2]).unwrap();
        let still = lacking(&params("SRTM 1Sec HGT", user.path()), COAST).unwrap();
        let corsica = SnapCell {
            name: "N42E008.SRTMGL1.hgt.zip".to_owned(),
            place: (42.5, 8.5),
        };
        assert_eq!(still, [corsica]);
        // What can't be read tells nothing.
        fs::write(folder.join("N43E007.hgt"), b"").unwrap();
        let still = lacking(&params("SRTM 1Sec HGT", user.path()), COAST).unwrap();
        assert_eq!(still.len(), 3);
    }

    #[test]
    fn properties_are_java_properties() {
        let folder = |text| install_folder(text).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(
            folder("dem.installDir = C\\:\\\\Data\\\\DEM\r\n").unwrap(),
            "C:\\Data\\DEM"
        );
        assert_eq!(
            folder("a=b\n dem.installDir:/data/dem").unwrap(),
            "/data/dem"
        );
        assert_eq!(folder("dem.installDir /data/dem").unwrap(), "/data/dem");
        for text in [
            "",
            "dem.installDir",
            "dem.installDir=",
            "#dem.installDir=/a",
            "dem.installDirectory=/a",
        ] {
            assert_eq!(folder(text), None, "{text}");
        }
    }
}
