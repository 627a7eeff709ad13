package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.clearshore.snapapi.OperatorDriver;
import org.clearshore.snapapi.WatchedSamples;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.TiePointGrid;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Sun glint of pixels that come through SNAP: where the directions to the sensor and the wind are from, and who says so. */
class GlintTest {
    private static final int WATER = 1 << 15;
    private static final int GLINT_RISK = 1 << 23;
    private static final int DETECTOR_GUESSED = 1 << 13;
    private static final int MEAN_ANGLES_USED = 1 << 14;

    @Test
    void rastersOfAnglesPredictGlintWhereTheMetadataIsLost() {
        Product source = Sources.singleSize(mirroring());
        source.getMetadataRoot().removeElement(source.getMetadataRoot().getElement("Granules"));
        assertGlint(source, MEAN_ANGLES_USED, "mean");
        assertGlint(Sources.multiSize(mirroring()), MEAN_ANGLES_USED, "mean");
    }

    @Test
    void detectorsOfTheMetadataGoBeforeRasters() {
        SceneData data = mirroring();
        data.views = views(data, 30, 330);
        assertGlint(Sources.singleSize(data), DETECTOR_GUESSED, "nearestDetectors");
        // The detectors look elsewhere than the rasters say.
        data.views = views(data, 30, 150);
        try (OperatorDriver driver = run(Sources.singleSize(data))) {
            assertEquals(0, count(driver, "clearshore_flags", GLINT_RISK));
            assertEquals(List.of("none", "none", "none", "none"), glint(driver));
        }
    }

    @Test
    void footprintsSayWhichDetectorLooked() {
        SceneData data = mirroring();
        data.views = views(data, 30, 330);
        data.bands.values().forEach(band -> {
            band.detectors = new byte[band.nativeDn.length];
            for (int i = 0; i < band.detectors.length; i++) {
                band.detectors[i] = (byte) (i % band.nativeWidth < band.nativeWidth / 2 ? 4 : 5);
            }
        });
        for (Product source : new Product[]{Sources.multiSize(data), Sources.singleSize(data)}) {
            WatchedSamples watched = WatchedSamples.watch(source.getBand("B_detector_footprint_B11"));
            assertGlint(source, 0, "detectors");
            assertTrue(watched.reads().size() > 0);
        }
        // All or none.
        Product source = Sources.multiSize(data);
        source.removeBand(source.getBand("B_detector_footprint_B12"));
        assertGlint(source, DETECTOR_GUESSED, "nearestDetectors");
        // Nobody needs them where no glint is predicted.
        data.views = views(data, 30, 150);
        Product dull = Sources.multiSize(data);
        WatchedSamples unread = WatchedSamples.watch(dull.getBand("B_detector_footprint_B11"));
        Drive.flags(dull);
        assertEquals(0, unread.reads().size());
    }

    @Test
    void theMetadataSayWhoseWindItIs() {
        Product source = Sources.singleSize(mirroring());
        assertSaid(List.of("assumed", "5.0 m/s", "none", "mean"), source);
        assertSaid(List.of("parameters", "7.5 m/s", "none", "mean"), source, "windSpeed", 7.5);
        assertSaid(List.of("parameters", "7.5 m/s", "from 240 degrees", "mean"), source, "windSpeed", 7.5,
                "windDirection", 240.0);
        assertSaid(List.of("none", "none", "none", "none"), source, "computeGlint", false);
        for (String name : new String[]{"10u", "10v"}) {
            float speed = name.equals("10u") ? -6 : 0;
            source.addTiePointGrid(new TiePointGrid(name, 2, 2, 0, 0, 600, 600, new float[]{speed, speed, speed, speed}));
        }
        assertSaid(List.of("product", "6.0 m/s", "from 90 degrees", "mean"), source);
    }

    private static void assertSaid(List<String> said, Product source, Object... parameters) {
        try (OperatorDriver driver = Drive.of(source, parameters)) {
            driver.tile("clearshore_flags");
            assertEquals(said, glint(driver));
        }
    }

    private static void assertGlint(Product source, int evidence, String angles) {
        try (OperatorDriver driver = run(source)) {
            assertTrue(count(driver, "clearshore_flags", GLINT_RISK) > 1000);
            assertEquals(evidence != 0, count(driver, "clearshore_evidence", evidence) > 1000);
            assertEquals(0, count(driver, "clearshore_evidence", (DETECTOR_GUESSED | MEAN_ANGLES_USED) & ~evidence));
            int[] flags = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            assertTrue(Arrays.stream(flags).allMatch(bits -> (bits & GLINT_RISK) == 0 || (bits & WATER) != 0));
            assertEquals(angles, glint(driver).get(3));
        }
    }

    private static OperatorDriver run(Product source) {
        return Drive.of(source, "copyEvidence", true);
    }

    private static long count(OperatorDriver driver, String band, int bits) {
        return Arrays.stream((int[]) Drive.raw(driver.tile(band))).filter(value -> (value & bits) != 0).count();
    }

    private static List<String> glint(OperatorDriver driver) {
        MetadataElement element = driver.target().getMetadataRoot().getElement("Clearshore");
        return List.of("windSource", "windSpeed", "windDirection", "viewingAngles").stream()
                .map(element::getAttributeString).collect(Collectors.toList());
    }

    /** A scene whose sensor looks where a level sea mirrors the sun. */
    private static SceneData mirroring() {
        SceneData data = SceneData.made(20);
        data.viewZenith = new float[]{30, 30, 30, 30};
        data.viewAzimuth = new float[]{330, 330, 330, 330};
        return data;
    }

    /** Two detectors side by side in every band, with the same direction. */
    private static FeedDescription.View[] views(SceneData data, float zenith, float azimuth) {
        return data.bands.keySet().stream().flatMap(band -> List.of(4, 5).stream().map(detector -> {
            FeedDescription.View view = new FeedDescription.View();
            view.band = band;
            view.detector = detector;
            view.rows = 2;
            view.columns = 3;
            view.rowStep = 5000;
            view.columnStep = 1200;
            view.zenith = new float[6];
            view.azimuth = new float[6];
            for (int i = 0; i < 6; i++) {
                boolean known = detector == 4 ? i % 3 < 2 : i % 3 > 0;
                view.zenith[i] = known ? zenith : Float.NaN;
                view.azimuth[i] = known ? azimuth : Float.NaN;
            }
            return view;
        })).toArray(FeedDescription.View[]::new);
    }
}
