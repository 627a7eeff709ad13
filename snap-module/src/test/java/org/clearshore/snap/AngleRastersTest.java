package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.clearshore.snapapi.MemoryTile;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.TiePointGrid;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

/** Every value of the lattice stands where it was taken. */
class AngleRastersTest {

    @Test
    void theReadersGridIsTakenAsItIs() {
        SceneData data = SceneData.made(20);
        Product source = Sources.multiSize(data);
        FeedDescription.Angles angles = AngleRasters.sun(source, SourceGrid.of(source), MemoryTile::source);
        assertEquals(2, angles.rows);
        assertEquals(2, angles.columns);
        assertArrayEquals(new double[]{0, 0, 5000, 5000},
                new double[]{angles.firstRow, angles.firstColumn, angles.rowStep, angles.columnStep});
        assertArrayEquals(data.sunZenith, angles.zenith);
        assertArrayEquals(data.sunAzimuth, angles.azimuth);
    }

    @Test
    void aCutGridKeepsItsPlace() {
        SceneData data = SceneData.made(20);
        Product source = Sources.multiSize(data);
        for (String name : new String[]{"sun_zenith", "sun_azimuth"}) {
            source.getBand(name).setGeoCoding(
                    UtmGeoCoding.of(data.epsg, data.easting - 3000, data.northing + 1000, 5000));
        }
        FeedDescription.Angles angles = AngleRasters.sun(source, SourceGrid.of(source), MemoryTile::source);
        assertEquals(-3000, angles.firstColumn);
        assertEquals(-1000, angles.firstRow);
    }

    /** Values that say where they are: easting minus northing of the pixel's middle, in kilometres from the corner. */
    @Test
    void pixelsAreSampledInTheirMiddle() {
        for (int side : new int[]{1, 2, 250, 251, 833, 5490}) {
            Product source = new Product("scene", "S2_MSI_Level-1C", side, side);
            source.setSceneGeoCoding(UtmGeoCoding.of(32632, 600_000, 5_000_000, 20));
            for (String name : new String[]{"sun_zenith", "sun_azimuth"}) {
                source.addBand(name, ProductData.TYPE_FLOAT32).setSamples(region ->
                        ProductData.createInstance(new float[]{(float) (place(region.x) - 2 * place(region.y))}));
            }
            FeedDescription.Angles angles = AngleRasters.sun(source, SourceGrid.of(source), MemoryTile::source);
            double lastColumn = angles.firstColumn + (angles.columns - 1) * angles.columnStep;
            assertEquals(true, lastColumn < side * 20, "inside");
            assertEquals(true, side * 20 - lastColumn <= 2 * angles.columns * 20 + 20, "to the edge: " + side);
            assertEquals(true, angles.columnStep <= 5000, "often enough");
            for (int row = 0; row < angles.rows; row++) {
                for (int column = 0; column < angles.columns; column++) {
                    double x = angles.firstColumn + column * angles.columnStep;
                    double y = angles.firstRow + row * angles.rowStep;
                    assertEquals((x - 2 * y) / 1000, angles.zenith[row * angles.columns + column], 1e-3);
                }
            }
        }
    }

    @Test
    void tiePointsDo() {
        Product source = new Product("scene", "S2_MSI_Level-1C", 10, 10);
        source.setSceneGeoCoding(UtmGeoCoding.of(32632, 600_000, 5_000_000, 20));
        source.addTiePointGrid(new TiePointGrid("sun_zenith", 2, 2, 0.5, 0.5, 9, 9, new float[]{30, 30, 30, 30}));
        source.addTiePointGrid(new TiePointGrid("sun_azimuth", 2, 2, 0.5, 0.5, 9, 9, new float[]{150, 150, 150, 150}));
        FeedDescription.Angles angles = AngleRasters.sun(source, SourceGrid.of(source), MemoryTile::source);
        assertEquals(30, angles.zenith[0], 1e-5);
        assertEquals(150, angles.azimuth[angles.azimuth.length - 1], 1e-5);
    }

    @Test
    void noneAreNone() {
        Product source = Sources.multiSize(SceneData.made(20));
        source.removeBand(source.getBand("sun_azimuth"));
        assertNull(AngleRasters.sun(source, SourceGrid.of(source), MemoryTile::source));
    }

    @Test
    void aBandHasItsOwnDirectionsToTheSensorOrThoseOfAll() {
        Product source = new Product("scene", "S2_MSI_Level-1C", 2, 1);
        source.setSceneGeoCoding(UtmGeoCoding.of(32632, 600_000, 5_000_000, 20));
        add(source, "view_zenith_B2", 5, 6);
        add(source, "view_azimuth_B2", 100, 101);
        add(source, "view_zenith_B3", Float.NaN, Float.NaN);
        add(source, "view_azimuth_B3", 1, 1);
        FeedDescription.View own = view(source, "B2");
        assertEquals("B2", own.band);
        assertEquals(0, own.detector, "all together");
        assertEquals(5, own.zenith[0]);
        assertEquals(100, own.azimuth[0]);
        assertNull(view(source, "B3"), "no direction in it");
        assertNull(view(source, "B4"));
        add(source, "view_zenith_mean", 7, 8);
        add(source, "view_azimuth_mean", 200, 201);
        assertEquals(5, view(source, "B2").zenith[0]);
        assertEquals(7, view(source, "B3").zenith[0]);
        assertEquals(200, view(source, "B4").azimuth[0]);
    }

    private static FeedDescription.View view(Product source, String band) {
        return AngleRasters.view(source, band, SourceGrid.of(source), MemoryTile::source);
    }

    private static void add(Product source, String name, float... values) {
        source.addBand(name, ProductData.TYPE_FLOAT32).setRasterData(ProductData.createInstance(values));
    }

    private static double place(int pixel) {
        return (pixel + 0.5) * 20 / 1000;
    }
}
