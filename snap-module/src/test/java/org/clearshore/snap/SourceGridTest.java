package org.clearshore.snap;

import org.clearshore.Grid;
import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.OperatorException;
import org.junit.jupiter.api.Test;

import java.awt.Point;
import java.awt.geom.AffineTransform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SourceGridTest {
    private static final Grid TILE = new Grid(32632, 600_000, 5_000_040, 20, 100, 90);

    /** Places from GDAL's gdaltransform. */
    @Test
    void theTestsOwnProjectionIsRight() {
        GeoPos south = UtmGeoCoding.place(32758, 727_140, 5_060_380);
        assertArrayEquals(new double[]{-44.5740860838482, 167.860793634499}, new double[]{south.lat, south.lon}, 1e-8);
        GeoPos north = UtmGeoCoding.place(32632, 600_000, 5_000_000);
        assertArrayEquals(new double[]{45.1463928761717, 10.2720329603102}, new double[]{north.lat, north.lon}, 1e-8);
    }

    @Test
    void cornersGoClockwiseFromTheUpperLeft() {
        double[][] corners = SourceGrid.of(product(UtmGeoCoding.of(32632, 600_000, 5_000_000, 20))).corners();
        assertArrayEquals(new double[]{10.2720329603102, 45.1463928761717}, corners[0], 1e-8);
        assertTrue(corners[1][0] > corners[0][0] && Math.abs(corners[1][1] - corners[0][1]) < 0.001);
        assertTrue(corners[2][1] < corners[1][1]);
        assertTrue(corners[3][0] < corners[2][0]);
    }

    @Test
    void aGridThatIsNoneOfMetresIsRefused() {
        assertRefused("not geo-coded", product(null));
        assertRefused("no map grid", product(UtmGeoCoding.of(32632, new AffineTransform())));
        assertRefused("latitude and longitude", product(UtmGeoCoding.of(32632, 10, 45, 0.0002)));
        assertRefused("20.0 x 30.0 m",
                product(UtmGeoCoding.of(32632, new AffineTransform(20, 0, 0, -30, 600_000, 5_000_000))));
        AffineTransform rotated = new AffineTransform(20, 0, 0, -20, 600_000, 5_000_000);
        rotated.rotate(0.1);
        assertRefused("rotated", product(UtmGeoCoding.of(32632, rotated)));
        AffineTransform upsideDown = new AffineTransform(20, 0, 0, 20, 600_000, 5_000_000);
        assertRefused("20.0 x -20.0 m", product(UtmGeoCoding.of(32632, upsideDown)));
    }

    @Test
    void onlyAnAlignedPartHasAnOffset() {
        assertEquals(new Point(0, 0), offset(600_000, 5_000_040, 20));
        assertEquals(new Point(3, 7), offset(600_060, 4_999_900, 20));
        assertNull(offset(600_070, 4_999_900, 20), "half a pixel aside");
        assertNull(offset(599_980, 5_000_040, 20), "outside on the left");
        assertNull(offset(601_980, 5_000_040, 20), "outside on the right");
        assertNull(offset(600_000, 5_000_040, 10), "other pixels");
    }

    private static Point offset(double easting, double northing, double pixelSize) {
        return SourceGrid.of(product(UtmGeoCoding.of(32632, easting, northing, pixelSize))).offsetIn(TILE);
    }

    private static Product product(org.esa.snap.core.datamodel.GeoCoding geoCoding) {
        Product product = new Product("scene", "S2_MSI_Level-1C", 10, 12);
        product.setSceneGeoCoding(geoCoding);
        return product;
    }

    private static void assertRefused(String why, Product product) {
        String message = assertThrows(OperatorException.class, () -> SourceGrid.of(product)).getMessage();
        assertTrue(message.contains(why) && message.contains("before Reproject"), message);
    }
}
