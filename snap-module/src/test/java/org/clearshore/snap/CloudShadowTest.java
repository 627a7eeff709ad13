package org.clearshore.snap;

import org.esa.snap.core.datamodel.Product;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The parameters of cloud shadow and of bright ground do what they say. */
class CloudShadowTest {
    private static final int CLOUD = 1 << 1;
    private static final int CLOUD_SHADOW = 1 << 5;
    private static final int SHADOW_BUFFER = 1 << 27;

    @Test
    void shadowAndItsBufferFollowTheParameters() {
        Fixture fixture = Fixture.get();
        int[] usual = Drive.flags(source(fixture), "resolution", 60);
        int[] off = Drive.flags(source(fixture), "resolution", 60, "computeCloudShadow", false);
        int[] unbuffered = Drive.flags(source(fixture), "resolution", 60, "shadowBuffer", 0.0);
        int[] wide = Drive.flags(source(fixture), "resolution", 60, "shadowBuffer", 600.0);
        assertTrue(count(usual, CLOUD_SHADOW) > 100 && count(usual, SHADOW_BUFFER) > 100);
        assertEquals(0, count(off, CLOUD_SHADOW | SHADOW_BUFFER));
        // Sand in the shadow of a cloud is cloud where nobody looks for shadows.
        assertTrue(count(usual, CLOUD) <= count(off, CLOUD));
        assertEquals(count(usual, CLOUD_SHADOW), count(unbuffered, CLOUD_SHADOW));
        assertEquals(0, count(unbuffered, SHADOW_BUFFER));
        assertTrue(count(wide, SHADOW_BUFFER) > count(usual, SHADOW_BUFFER));
    }

    @Test
    void aBrightRasterThatIsMissingIsNamed() {
        Product source = Sources.singleSize(SceneData.made(20));
        RuntimeException refusal = assertThrows(RuntimeException.class,
                () -> Drive.flags(source, "brightRaster", new File("/nonexistent/bright.tif")));
        assertTrue(refusal.getMessage().contains("bright.tif"), refusal.getMessage());
    }

    private static Product source(Fixture fixture) {
        Product source = Sources.multiSize(fixture.data(60, "fast"));
        source.setFileLocation(fixture.safe.resolve("MTD_MSIL1C.xml").toFile());
        return source;
    }

    private static long count(int[] flags, int bits) {
        return Arrays.stream(flags).filter(flag -> (flag & bits) != 0).count();
    }
}
