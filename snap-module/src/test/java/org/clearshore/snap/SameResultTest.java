package org.clearshore.snap;

import org.clearshore.NativeLibrary;
import org.clearshore.Tables;
import org.clearshore.snapapi.OperatorDriver;
import org.clearshore.snapapi.UpstreamOperator;
import org.clearshore.snapapi.WatchedSamples;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.awt.Rectangle;
import java.util.HashSet;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The operator gives what the program gives, byte for byte, by every way to the same numbers. The edges of the
 * detectors' stripes, which the program has to a pixel, may differ by that through tiles: flags, classes and evidence are
 * the same, features of glint but there.
 */
class SameResultTest {
    /** Share of pixels that resampled sun angles may change, and by how much features may differ elsewhere. */
    private static final double LOST = 1e-3;
    private static final double NOISE = 0.01;
    /** Features in which glint counts. */
    private static final Set<String> GLINTING = Set.of("glint_reflectance", "glint_excess", "glint_angle", "cloud_probability");
    /** Share of the scene in which the program may take a neighbour's detector: a pixel along an edge. */
    private static final double EDGES = 0.005;

    @ParameterizedTest
    @CsvSource({"10, fast", "20, fast", "20, mean", "60, fast", "60, mean"})
    void aProductOfSeveralSizesIsReadFromItsFile(int resolution, String resampling) {
        Fixture fixture = Fixture.get();
        Product source = Sources.multiSize(fixture.data(20, "fast"));
        source.setFileLocation(fixture.safe.resolve("MTD_MSIL1C.xml").toFile());
        WatchedSamples watched = WatchedSamples.watch(source.getBand("B2"));
        assertMask(source, "product", fixture, resolution, resampling);
        assertEquals(0, watched.reads().size(), "the fast way needs no tile");
    }

    @ParameterizedTest
    @CsvSource({"10", "20", "60"})
    void aResampledProductIsReadFromTheFileBehindIt(int resolution) {
        Fixture fixture = Fixture.get();
        SceneData data = fixture.data(resolution, "fast");
        Product read = Sources.multiSize(data);
        read.setFileLocation(fixture.safe.toFile());
        Product source = UpstreamOperator.made("S2Resampling", Sources.singleSize(data), read);
        assertMask(source, "product", fixture, resolution, "fast");
    }

    /** What the sun's direction decides at edges. */
    private static final int SUNS = ReliefShadowTest.RELIEFS | ReliefShadowTest.CLOUD_SHADOWS;

    /** Resampled sun angles are not the numbers of the product's grid: what they decide may differ at edges. */
    @ParameterizedTest
    @CsvSource({"10, fast", "20, fast", "20, mean", "60, fast", "60, mean"})
    void tilesWithTheSameNumbersGiveTheSame(int resolution, String resampling) {
        Fixture fixture = Fixture.get();
        Product source = Sources.singleSize(fixture.data(resolution, resampling));
        try (OperatorDriver driver = masked(source, "tiles", fixture, resolution, resampling)) {
            int[] expected = SceneData.ints(fixture.maskOfResampled(resolution, resampling, "clearshore_flags"));
            int[] flags = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            int differing = 0;
            for (int i = 0; i < flags.length; i++) {
                assertEquals(expected[i] & ~SUNS, flags[i] & ~SUNS);
                differing += flags[i] == expected[i] ? 0 : 1;
            }
            assertTrue(differing <= LOST * flags.length, differing + " pixels of other shadow");
            for (Tables.Feature feature : NativeLibrary.tables().features) {
                float[] program = SceneData.floats(fixture.maskOfResampled(resolution, resampling, feature.name));
                float[] values = (float[]) Drive.raw(driver.tile(feature.name));
                assertAlike(program, values, feature.name);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10, fast", "20, mean", "60, mean"})
    void tilesOfNativeSizeGiveTheProgramsMean(int resolution, String resampling) {
        Fixture fixture = Fixture.get();
        assertMask(Sources.multiSize(fixture.data(resolution, resampling)), "tiles", fixture, resolution, resampling);
    }

    @Test
    void anAlignedPartIsTheWindowOfTheWhole() {
        Fixture fixture = Fixture.get();
        SceneData data = fixture.data(20, "fast");
        Product read = Sources.multiSize(data);
        read.setFileLocation(fixture.safe.toFile());
        Product resampled = UpstreamOperator.made("S2Resampling", Sources.singleSize(data), read);
        Rectangle part = new Rectangle(31, 77, 143, 121);
        Product source = UpstreamOperator.made("Subset", Sources.cut(resampled, data, part), resampled);
        int[] flags = Drive.flags(source, "demFolder", fixture.dem.toFile());
        int[] whole = SceneData.ints(fixture.mask(20, "fast", "clearshore_flags"));
        for (int row = 0; row < part.height; row++) {
            for (int column = 0; column < part.width; column++) {
                assertEquals(whole[(part.y + row) * data.width + part.x + column], flags[row * part.width + column]);
            }
        }
    }

    /**
     * Native pixels in several squares against working pixels in one. B10, finer than its own pixels, is left out, and B7,
     * without which clouds stand apart from the ground in neither.
     */
    @Test
    void squaresFitTogether() {
        int side = 300;
        SceneData data = SceneData.made(20, side);
        data.bands.remove("B10");
        data.bands.remove("B7");
        Product fine = Sources.multiSize(data);
        assertTrue(fine.getBand("B2").getRasterWidth() > TileFeed.SIDE);
        WatchedSamples watched = WatchedSamples.watch(fine.getBand("B2"));
        int[] flags = Drive.flags(fine, "resolution", 20);
        assertArrayEquals(Drive.flags(Sources.singleSize(data)), flags);
        assertEquals(4, watched.reads().size());
        Set<Integer> kinds = new HashSet<>();
        for (int flag : flags) {
            kinds.add(flag);
        }
        assertTrue(kinds.size() > 3, "the scene is not uniform");
    }

    @Test
    void reflectanceIsTakenAsItIs() {
        SceneData data = SceneData.made(20);
        int[] expected = Drive.flags(Sources.singleSize(data));
        Product floats = Sources.singleSize(data);
        data.bands.forEach((name, band) -> {
            floats.removeBand(floats.getBand(name));
            float[] reflectance = new float[band.working.length];
            for (int i = 0; i < reflectance.length; i++) {
                reflectance[i] = band.working[i] == 0 ? Float.NaN : (band.working[i] - 1000) / 10_000f;
            }
            floats.addBand(name, ProductData.TYPE_FLOAT32).setRasterData(ProductData.createInstance(reflectance));
        });
        assertArrayEquals(expected, Drive.flags(floats));
    }

    @Test
    void rawNumbersGoByTheMetadataAndNotByTheScaling() {
        SceneData data = SceneData.made(20);
        int[] expected = Drive.flags(Sources.singleSize(data));
        Product unscaled = Sources.singleSize(data);
        for (String name : L1cMetadata.BANDS) {
            unscaled.getBand(name).setScalingOffset(0);
        }
        assertArrayEquals(expected, Drive.flags(unscaled), "SNAP's preference for offsets is off");
        Product bare = Sources.singleSize(data);
        bare.getMetadataRoot().removeElement(bare.getMetadataRoot().getElement("Level-1C_User_Product"));
        assertArrayEquals(expected, Drive.flags(bare), "the metadata are lost: the scaling says the same");
    }

    @Test
    void theBandsOwnNoDataIsNoData() {
        SceneData data = SceneData.made(20);
        int[] expected = Drive.flags(Sources.singleSize(data));
        for (SceneData.BandData band : data.bands.values()) {
            for (int i = 0; i < band.working.length; i++) {
                band.working[i] = band.working[i] == 0 ? (short) 65_534 : band.working[i];
            }
        }
        Product source = Sources.singleSize(data);
        for (String name : L1cMetadata.BANDS) {
            source.getBand(name).setNoDataValue(65_534);
            source.getBand(name).setNoDataValueUsed(true);
        }
        assertArrayEquals(expected, Drive.flags(source));
        assertEquals((short) 65_534, data.bands.get("B2").working[0], "the source's array is left as it was");
    }

    private static OperatorDriver masked(Product source, String path, Fixture fixture, int resolution,
                                         String resampling) {
        OperatorDriver driver = Drive.of(source, "resolution", resolution, "resampling", resampling,
                "demFolder", fixture.dem.toFile(), "copyFeatures", true, "copyEvidence", true);
        assertEquals(path, driver.target().getMetadataRoot().getElement("Clearshore").getAttributeString("path"));
        return driver;
    }

    private static void assertMask(Product source, String path, Fixture fixture, int resolution, String resampling) {
        try (OperatorDriver driver = masked(source, path, fixture, resolution, resampling)) {
            assertArrayEquals(SceneData.ints(fixture.mask(resolution, resampling, "clearshore_flags")),
                    (int[]) Drive.raw(driver.tile("clearshore_flags")), "flags");
            assertArrayEquals(SceneData.bytes(fixture.mask(resolution, resampling, "clearshore_class")),
                    (byte[]) Drive.raw(driver.tile("clearshore_class")), "classes");
            boolean tiles = path.equals("tiles");
            assertArrayEquals(SceneData.ints(fixture.mask(resolution, resampling, "clearshore_evidence")),
                    (int[]) Drive.raw(driver.tile("clearshore_evidence")), "evidence");
            for (Tables.Feature feature : NativeLibrary.tables().features) {
                float[] expected = SceneData.floats(fixture.mask(resolution, resampling, feature.name));
                float[] values = (float[]) Drive.raw(driver.tile(feature.name));
                if (tiles && GLINTING.contains(feature.name)) {
                    assertAlike(expected, values, feature.name);
                } else {
                    assertArrayEquals(expected, values, feature.name);
                }
            }
        }
    }

    private static void assertAlike(float[] expected, float[] values, String feature) {
        int apart = 0;
        for (int i = 0; i < values.length; i++) {
            boolean same = Float.isNaN(expected[i]) ? Float.isNaN(values[i])
                    : Math.abs(expected[i] - values[i]) <= NOISE;
            apart += same ? 0 : 1;
        }
        int most = (int) ((feature.startsWith("glint_") ? EDGES : LOST) * values.length);
        assertTrue(apart <= most, apart + " pixels of another " + feature + ", at most " + most);
    }
}
