//! Constants of the three instruments that the product metadata repeats.
//!
//! Source: the metadata of real products of Sentinel-2A (baseline 05.10), 2B (03.01) and 2C (99.04).

use super::description::Spacecraft;
use clearshore::scene::Band;

/// What the product metadata says about a band of an instrument.
#[derive(Clone, Copy, Debug)]
pub(super) struct BandConstants {
    /// Solar irradiance outside the atmosphere, W/m²/µm.
    pub irradiance: f64,
    /// Shortest, longest and central wavelength, nm.
    pub wavelength: [f64; 3],
    /// Physical gain, digital numbers per unit of radiance.
    pub gain: f64,
}

/// Constants of a band.
pub(super) fn constants(spacecraft: Spacecraft, band: Band) -> BandConstants {
    let [irradiance, shortest, longest, central, gain] = match spacecraft {
        Spacecraft::S2A => S2A,
        Spacecraft::S2B => S2B,
        Spacecraft::S2C => S2C,
    }[band.index()];
    BandConstants {
        irradiance,
        wavelength: [shortest, longest, central],
        gain,
    }
}

/// Sentinel-2A: irradiance, shortest, longest and central wavelength, gain.
const S2A: [[f64; 5]; Band::COUNT] = [
    [1884.69, 412.0, 456.0, 442.7, 4.10062317],
    [1959.66, 456.0, 533.0, 492.7, 3.75388987],
    [1823.24, 538.0, 583.0, 559.8, 4.18332046],
    [1512.06, 646.0, 684.0, 664.6, 4.51753627],
    [1424.64, 695.0, 714.0, 704.1, 5.20231561],
    [1287.61, 731.0, 749.0, 740.5, 4.86873675],
    [1162.08, 769.0, 797.0, 782.8, 4.53275751],
    [1041.63, 760.0, 907.0, 832.8, 6.15800422],
    [955.32, 837.0, 881.0, 864.7, 5.13363307],
    [812.92, 932.0, 958.0, 945.1, 8.53029164],
    [367.15, 1337.0, 1412.0, 1373.5, 55.16103243],
    [245.59, 1539.0, 1682.0, 1613.7, 35.32705663],
    [85.25, 2078.0, 2320.0, 2202.4, 106.22282732],
];
/// Sentinel-2B: irradiance, shortest, longest and central wavelength, gain.
const S2B: [[f64; 5]; Band::COUNT] = [
    [1874.3, 411.0, 456.0, 442.3, 4.01049313],
    [1959.75, 456.0, 532.0, 492.3, 3.84947416],
    [1824.93, 536.0, 582.0, 559.0, 4.25943885],
    [1512.79, 646.0, 685.0, 665.0, 4.80072899],
    [1425.78, 694.0, 714.0, 703.8, 5.21649698],
    [1291.13, 730.0, 748.0, 739.1, 5.11528637],
    [1175.57, 766.0, 794.0, 779.7, 4.79172782],
    [1041.28, 774.0, 907.0, 833.0, 6.85963716],
    [953.93, 848.0, 880.0, 864.0, 5.79033302],
    [817.58, 930.0, 957.0, 943.2, 9.41612529],
    [365.41, 1339.0, 1415.0, 1376.9, 56.19738451],
    [247.08, 1538.0, 1679.0, 1610.4, 37.06836887],
    [87.75, 2065.0, 2303.0, 2185.7, 108.58457642],
];
/// Sentinel-2C: irradiance, shortest, longest and central wavelength, gain.
const S2C: [[f64; 5]; Band::COUNT] = [
    [1914.61, 414.0, 474.0, 444.2, 4.65815573],
    [1972.03, 436.0, 543.0, 489.0, 5.09629429],
    [1822.48, 522.0, 599.0, 560.6, 4.99676174],
    [1506.74, 630.0, 703.0, 666.5, 6.4446877],
    [1410.66, 678.0, 736.0, 707.1, 7.03253563],
    [1287.62, 712.0, 770.0, 741.1, 7.78061365],
    [1154.97, 753.0, 816.0, 784.7, 7.04497092],
    [1037.17, 761.0, 923.0, 834.6, 8.97472896],
    [957.92, 834.0, 898.0, 865.6, 7.73073942],
    [807.65, 916.0, 979.0, 947.2, 12.30398611],
    [367.88, 1332.0, 1413.0, 1372.2, 67.90638053],
    [246.31, 1540.0, 1679.0, 1612.0, 39.42590981],
    [86.94, 2066.0, 2312.0, 2191.3, 111.78884913],
];
