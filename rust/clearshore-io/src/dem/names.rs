//! Names under which DEMs are shipped, and the cells of one degree that they tell.
//!
//! Sources: NASA/JPL, *SRTM Topography*; CGIAR-CSI, *SRTM 90 m Digital Elevation Data v4.1*; ESA, *Copernicus DEM
//! Product Handbook* (GEO1988-CopernicusDEM-SPE-002).

/// Latitudes of the southern edges of SRTM's cells, degrees.
const SRTM_LATITUDES: std::ops::Range<i32> = -56..60;
/// Degrees along a side of CGIAR's tiles.
pub const TILE_DEGREES: i32 = 5;
/// Northern edge of CGIAR's first row of tiles, degrees.
const TILES_NORTH: i32 = 60;

/// What a file holds, by its name. The smaller is preferred where two hold the same cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// SRTM's own format, one degree.
    Hgt,
    /// The same, zipped.
    HgtZip,
    /// Copernicus DEM at 30 m, GeoTIFF, one degree.
    Copernicus30,
    /// Copernicus DEM at 90 m, GeoTIFF, one degree.
    Copernicus90,
    /// CGIAR's SRTM at 3", GeoTIFF, five degrees.
    Tile,
    /// The same, zipped.
    TileZip,
}

/// Latitude of the southern edge and longitude of the western edge, degrees.
pub type Corner = (i32, i32);

/// Kind and south-western corner of a file by its name.
pub fn parse(name: &str) -> Option<(Kind, Corner)> {
    let name = name.to_ascii_lowercase();
    if let Some(rest) = name.strip_prefix("copernicus_dsm_") {
        let rest = rest.strip_prefix("cog_").unwrap_or(rest);
        let (kind, rest) = match rest.split_once('_')? {
            ("10", rest) => (Kind::Copernicus30, rest),
            ("30", rest) => (Kind::Copernicus90, rest),
            _ => return None,
        };
        let rest = rest.strip_suffix("_00_dem.tif")?;
        let (latitude, longitude) = rest.split_once("_00_")?;
        return Some((kind, corner(latitude, longitude)?));
    }
    if let Some(rest) = name.strip_prefix("srtm_") {
        let (numbers, kind) = match rest.split_once('.')? {
            (numbers, "tif") => (numbers, Kind::Tile),
            (numbers, "zip") => (numbers, Kind::TileZip),
            _ => return None,
        };
        let (column, row) = numbers.split_once('_')?;
        let (column, row) = (number(column, 2)?, number(row, 2)?);
        let corner = (
            TILES_NORTH - TILE_DEGREES * row,
            TILE_DEGREES * (column - 1) - 180,
        );
        return ((1..=72).contains(&column) && (1..=24).contains(&row)).then_some((kind, corner));
    }
    let kind = match () {
        () if name.ends_with(".hgt") => Kind::Hgt,
        () if name.ends_with(".hgt.zip") => Kind::HgtZip,
        () => return None,
    };
    let (latitude, longitude) = (name.get(..3)?, name.get(3..7)?);
    name[7..]
        .starts_with('.')
        .then_some((kind, corner(latitude, longitude)?))
}

fn corner(latitude: &str, longitude: &str) -> Option<Corner> {
    let signed = |text: &str, positive, negative, digits| {
        let sign = match text.chars().next()? {
            letter if letter == positive => 1,
            letter if letter == negative => -1,
            _ => return None,
        };
        Some(sign * number(text.get(1..)?, digits)?)
    };
    let (south, west) = (
        signed(latitude, 'n', 's', 2)?,
        signed(longitude, 'e', 'w', 3)?,
    );
    ((-90..90).contains(&south) && (-180..180).contains(&west)).then_some((south, west))
}

fn number(text: &str, digits: usize) -> Option<i32> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.parse().ok()).flatten()
}

/// A cell as SRTM calls it, such as `N43E007`.
pub fn cell_name((south, west): Corner) -> String {
    format!("{}{}", latitude(south), longitude(west))
}

fn latitude(south: i32) -> String {
    format!(
        "{}{:02}",
        if south < 0 { 'S' } else { 'N' },
        south.unsigned_abs()
    )
}

fn longitude(west: i32) -> String {
    format!(
        "{}{:03}",
        if west < 0 { 'W' } else { 'E' },
        west.unsigned_abs()
    )
}

/// Whether a DEM of this kind reaches so far north or south.
pub fn is_shipped(kind: Kind, (south, _): Corner) -> bool {
    matches!(kind, Kind::Copernicus30 | Kind::Copernicus90) || SRTM_LATITUDES.contains(&south)
}

/// The file that a user would look for to get a cell: of the kind that is used, or a Copernicus DEM where SRTM ends.
pub fn wanted(kind: Kind, corner: Corner) -> String {
    let (south, west) = corner;
    let copernicus = |number| {
        format!(
            "Copernicus_DSM_COG_{number}_{}_00_{}_00_DEM.tif",
            latitude(south),
            longitude(west)
        )
    };
    match kind {
        Kind::Copernicus30 => copernicus(10),
        Kind::Copernicus90 => copernicus(30),
        _ if !is_shipped(kind, corner) => format!(
            "{} (SRTM ends at 60 degrees north and 56 degrees south: use the Copernicus DEM)",
            copernicus(10)
        ),
        Kind::Hgt => format!("{}.hgt", cell_name(corner)),
        Kind::HgtZip => format!("{}.SRTMGL1.hgt.zip", cell_name(corner)),
        Kind::Tile => format!("{}.tif", tile_name(corner)),
        Kind::TileZip => format!("{}.zip", tile_name(corner)),
    }
}

/// CGIAR's name of the tile that has a cell.
fn tile_name((south, west): Corner) -> String {
    let column = (west + 180).div_euclid(TILE_DEGREES) + 1;
    let row = (TILES_NORTH - 1 - south).div_euclid(TILE_DEGREES) + 1;
    format!("srtm_{column:02}_{row:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kind_and_corner() {
        for (name, kind, corner) in [
            ("N43E007.hgt", Kind::Hgt, (43, 7)),
            ("s05w071.HGT", Kind::Hgt, (-5, -71)),
            ("S01W180.hgt.zip", Kind::HgtZip, (-1, -180)),
            ("N41E011.SRTMGL1.hgt.zip", Kind::HgtZip, (41, 11)),
            (
                "Copernicus_DSM_COG_10_N41_00_E011_00_DEM.tif",
                Kind::Copernicus30,
                (41, 11),
            ),
            (
                "Copernicus_DSM_COG_30_S56_00_W070_00_DEM.tif",
                Kind::Copernicus90,
                (-56, -70),
            ),
            (
                "Copernicus_DSM_10_N00_00_E000_00_DEM.tif",
                Kind::Copernicus30,
                (0, 0),
            ),
            ("srtm_05_09.zip", Kind::TileZip, (15, -160)),
            ("srtm_38_04.tif", Kind::Tile, (40, 5)),
            ("SRTM_72_24.ZIP", Kind::TileZip, (-60, 175)),
        ] {
            assert_eq!(parse(name), Some((kind, corner)), "{name}");
        }
        for name in [
            "",
            ".hgt",
            "N43.hgt",
            "N43E7.hgt",
            "N91E007.hgt",
            "N43E181.hgt",
            "X43E007.hgt",
            "N43E007",
            "N4éE007.hgt",
            "srtm_73_01.zip",
            "srtm_00_01.zip",
            "srtm_1_1.zip",
            "srtm_38_04.hdr",
            "N43E007x.hgt",
            "Copernicus_DSM_COG_10_N41_00_E011_00_EDM.tif",
            "Copernicus_DSM_COG_20_N41_00_E011_00_DEM.tif",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_wanted_is_what_is_found() {
        let kinds = [
            Kind::Hgt,
            Kind::HgtZip,
            Kind::Copernicus30,
            Kind::Copernicus90,
            Kind::Tile,
            Kind::TileZip,
        ];
        for kind in kinds {
            for corner in [
                (43, 7),
                (-5, -71),
                (-1, -180),
                (0, 0),
                (59, 179),
                (-56, -180),
            ] {
                let (found, (south, west)) = parse(&wanted(kind, corner)).unwrap();
                assert_eq!(found, kind);
                let size = if kind >= Kind::Tile { TILE_DEGREES } else { 1 };
                assert!(
                    (0..size).contains(&(corner.0 - south))
                        && (0..size).contains(&(corner.1 - west))
                );
            }
        }
        let north = wanted(Kind::Hgt, (61, 10));
        assert!(
            north.starts_with("Copernicus_DSM_COG_10_N61_00_E010_00_DEM.tif"),
            "{north}"
        );
    }
}
