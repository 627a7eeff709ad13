package org.clearshore.snap;

import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Relief shadow of the simulated scene: with its elevation model, with one cell of it, and without. */
class ReliefShadowTest {
    private static final int INVALID = 1;
    private static final int MOUNTAIN_SHADOW = 1 << 18;
    private static final int TERRAIN_UNKNOWN = 1 << 29;
    /** Clear land and water, and relief's own flags. */
    static final int RELIEFS = 1 << 13 | 1 << 14 | MOUNTAIN_SHADOW | 1 << 21 | 1 << 22 | TERRAIN_UNKNOWN;

    /** Cloud shadow and what follows from it: it also depends on the ground on which it falls, and dark land is neither water
     * nor coast. */
    static final int CLOUD_SHADOWS = 1 << 5 | 1 << 27 | 1 << 9 | 1 << 10 | 1 << 15;

    /** The scene's model is one cell; toward the sun the scene also depends on the next one. */
    @Test
    void theProgramsMaskHasShadowAndUnknownGround() {
        int[] flags = SceneData.ints(Fixture.get().mask(20, "fast", "clearshore_flags"));
        for (int bit : new int[]{MOUNTAIN_SHADOW, TERRAIN_UNKNOWN}) {
            long pixels = count(flags, bit);
            assertTrue(pixels > 1000 && pixels < flags.length / 2, pixels + " pixels");
        }
    }

    @Test
    void metadataNameTheModel() {
        Fixture fixture = Fixture.get();
        try (OperatorDriver driver = Drive.of(source(fixture), "demFolder", fixture.dem.toFile())) {
            driver.tile("clearshore_flags");
            MetadataElement metadata = driver.target().getMetadataRoot().getElement("Clearshore");
            assertEquals(fixture.dem.toString(), metadata.getAttributeString("dem"));
            assertEquals("S45E168.hgt", metadata.getAttributeString("demMissing"));
            String warnings = metadata.getAttributeString("warnings");
            assertTrue(warnings.contains("lacks S45E168.hgt") && warnings.contains("CS_TERRAIN_UNKNOWN"), warnings);
        }
    }

    @Test
    void aFileMayStandForTheFolder() {
        Fixture fixture = Fixture.get();
        File[] cells = fixture.dem.toFile().listFiles();
        assertNotNull(cells);
        assertEquals(1, cells.length, "the scene lies in one cell");
        assertArrayEquals(SceneData.ints(fixture.mask(20, "fast", "clearshore_flags")),
                Drive.flags(source(fixture), "externalDEMFile", cells[0]));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutAModelItIsUnknownAndAllElseIsAsBefore(boolean fromFile) {
        Fixture fixture = Fixture.get();
        Product source = fromFile ? source(fixture) : Sources.multiSize(fixture.data(20, "mean"));
        String resampling = fromFile ? "fast" : "mean";
        int[] expected = SceneData.ints(fixture.maskWithoutDem(20, resampling, "clearshore_flags"));
        try (OperatorDriver driver = Drive.of(source, "resampling", resampling, "copyFeatures", true)) {
            int[] flags = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            assertArrayEquals(expected, flags);
            for (int i = 0; i < flags.length; i++) {
                assertEquals((flags[i] & INVALID) == 0, (flags[i] & TERRAIN_UNKNOWN) != 0);
            }
            assertEquals(0, count(flags, MOUNTAIN_SHADOW));
            for (String feature : new String[]{"cos_incidence", "sun_visibility"}) {
                for (float value : (float[]) Drive.raw(driver.tile(feature))) {
                    assertTrue(Float.isNaN(value), feature);
                }
            }
            MetadataElement metadata = driver.target().getMetadataRoot().getElement("Clearshore");
            assertEquals("none", metadata.getAttributeString("dem"));
            assertTrue(metadata.getAttributeString("warnings").contains("CS_TERRAIN_UNKNOWN"));
            assertEquals((double) count(flags, TERRAIN_UNKNOWN) / (flags.length - count(flags, INVALID)),
                    metadata.getElement("Shares").getAttributeDouble("CS_TERRAIN_UNKNOWN"), 1e-12);
        }
    }

    @Test
    void anotherNameIsRefused() {
        Product source = Sources.multiSize(SceneData.made(20));
        RuntimeException refusal = assertThrows(RuntimeException.class, Drive.of(source, "demName", "ACE30")::target);
        assertTrue(refusal.getMessage().contains("'Elevation model' is invalid: 'ACE30'"), refusal.getMessage());
    }

    private static Product source(Fixture fixture) {
        Product source = Sources.multiSize(fixture.data(20, "fast"));
        source.setFileLocation(fixture.safe.resolve("MTD_MSIL1C.xml").toFile());
        return source;
    }

    private static long count(int[] flags, int bit) {
        return Arrays.stream(flags).filter(flag -> (flag & bit) != 0).count();
    }
}
