//! Where things lie in the coastal scene, and how strong they are: free choices, made to look like a
//! coast and to compress like a real one. Lengths that are not metres are in half tiles: the middle of
//! the tile is (0, 0), its south-east corner (1, 1).

use crate::scene::Band;

/// A disc on the ground.
pub(super) struct Disc {
    east: f64,
    south: f64,
    radius: f64,
}

impl Disc {
    /// 1 in the middle, 0 at the rim and beyond.
    pub fn height(&self, east: f64, south: f64) -> f64 {
        let (x, y) = (east - self.east, south - self.south);
        (1.0 - (x * x + y * y) * (1.0 / (self.radius * self.radius))).max(0.0)
    }
}

/// The town.
pub(super) const TOWN: Disc = Disc {
    east: 0.3,
    south: -0.35,
    radius: 0.2,
};
/// The lake.
pub(super) const LAKE: Disc = Disc {
    east: 0.62,
    south: 0.35,
    radius: 0.16,
};
/// The plateau that keeps the lake inland.
pub(super) const LAKE_PLATEAU: Disc = Disc {
    radius: 0.4,
    ..LAKE
};
/// The river's plume.
pub(super) const RIVER_MOUTH: Disc = Disc {
    east: -0.15,
    south: 0.45,
    radius: 0.35,
};
/// The belt of cirrus, from west to east.
pub(super) const CIRRUS_BELT: Disc = Disc {
    east: 0.0,
    south: -0.65,
    radius: 0.3,
};
/// How much the town and the lake's plateau lift the relief.
pub(super) const LIFT: [f64; 2] = [0.4, 0.5];
/// How much the ground's patches (-1 to 1) ruffle the outlines of lake, plume, snow and town.
pub(super) const RUFFLE: [f64; 4] = [2.0, 2.0, 2.0, 0.8];
/// Height of the lake's disc at its shore.
pub(super) const LAKE_SHORE: f64 = 0.15;
/// Share of plume water at the river's mouth; above 1 the middle is evenly turbid.
pub(super) const PLUME_STRENGTH: f64 = 1.6;
/// Where patches turn from vegetation to bare soil, and how sharply.
pub(super) const SOIL_PATCHES: [f64; 2] = [0.05, 6.0];
/// Height of the town's disc, ruffled, above which there are houses; patches alone make villages.
pub(super) const HOUSES: f64 = 0.3;
/// Share of the snow spectrum above which the ground counts as snow.
pub(super) const SNOW_SHARE: f64 = 0.5;
/// Brightness of a street, relative to the end member.
pub(super) const STREET_BRIGHTNESS: f64 = 0.6;
/// Least brightness of a roof, relative to the end member.
pub(super) const ROOF_BRIGHTNESS: f64 = 0.5;
/// Share of the town's blocks that are gardens; gardens or grey roofs; the rest is white roofs.
pub(super) const BLOCK_KINDS: [f64; 2] = [0.3, 0.75];
/// Weight of the weather (where cumulus grows) against the cumulus' own shape.
pub(super) const WEATHER: f64 = 0.7;
/// Brightness of cumulus relative to the end member: at its edge, by shape, by depth.
pub(super) const CLOUD_BRIGHTNESS: [f64; 3] = [0.9, 0.15, 0.02];
/// Depth from which a cumulus gets no brighter.
pub(super) const DEEP_CLOUD: f64 = 5.0;
/// Strength of the veil in the middle of its belt, and its evenness against its streaks.
pub(super) const VEIL: [f64; 2] = [1.2, 0.7];
/// Pixel size of the finest bands, metres.
pub(super) const FINEST_PIXEL: f64 = 10.0;
/// Finest detail of shores, fields and clouds, metres.
pub(super) const FINEST_DETAIL: f64 = 40.0;
/// Direction in which the land rises: east and south parts of a unit vector (26 degrees north of east).
pub(super) const INLAND: [f64; 2] = [0.9, -0.436];
/// Rise of the land over half the tile, in units of the relief.
pub(super) const RELIEF_TREND: f64 = 1.1;
/// Strength of the fractal part of the relief.
pub(super) const RELIEF_ROUGHNESS: f64 = 1.1;
/// Relief above which the ground is covered by snow, and the width of the transition.
pub(super) const SNOW_LINE: [f64; 2] = [0.95, 0.05];
/// Relief below which the sea is deep, and the width of the transition (the shelf).
pub(super) const SHELF: [f64; 2] = [-0.45, 0.4];
/// Brightness of the sea floor seen through the shelf's water: share of the shallow spectrum at the shore.
pub(super) const SHELF_SHARE: f64 = 0.6;
/// Width of the beach, metres of pseudo-distance from the shore.
pub(super) const BEACH_WIDTH: f64 = 150.0;
/// Soil is sand of this share of its brightness: bare fields.
pub(super) const SOIL_BRIGHTNESS: f64 = 0.55;
/// Side of a town block and width of the street around it, metres.
pub(super) const BLOCK: [f64; 2] = [60.0, 15.0];
/// Share of the roofs that reflect the sun into the sensor.
pub(super) const GLITTERING_ROOFS: f64 = 0.01;
/// The one band that those saturate.
pub(super) const SATURATED_BAND: Band = Band::B04;
/// Optical-depth-like number of cumulus per unit of its field above the threshold.
pub(super) const CUMULUS_GAIN: f64 = 14.0;
/// Threshold of the cumulus field.
pub(super) const CUMULUS_THRESHOLD: f64 = 0.27;
/// Cover above which a pixel counts as cloud.
pub(super) const CLOUD_COVER: f64 = 0.3;
/// Strength of the veil, relative to the end member, above which a pixel counts as cirrus.
pub(super) const CIRRUS_STRENGTH: f64 = 0.3;
/// Relative brightness of the finest texture (20-80 m) on land, water and cloud.
pub(super) const TEXTURE: [f64; 3] = [0.14, 0.03, 0.06];
/// Relative brightness of roughness within a pixel on land, water and cloud (deviation).
pub(super) const ROUGHNESS: [f64; 3] = [0.035, 0.01, 0.01];
/// Signal-to-noise ratio of the sensor at bright ground (mission requirement: 170 in B02), unitless.
pub(super) const SIGNAL_TO_NOISE: f64 = 170.0;
/// Noise in the dark, reflectance.
pub(super) const DARK_NOISE: f64 = 6.0e-4;
/// Highest raw number of a pixel that is not saturated: 15 bits, as in real band files.
pub(super) const HIGHEST_DN: f64 = 32_767.0;
