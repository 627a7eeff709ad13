package org.clearshore.snap;

import com.bc.ceres.core.ProgressMonitor;
import org.clearshore.Grid;
import org.clearshore.WindGrid;
import org.clearshore.snapapi.OperatorDriver;
import org.clearshore.snapapi.UpstreamOperator;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.TiePointGrid;
import org.junit.jupiter.api.Test;

import java.awt.Rectangle;
import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The wind in SNAP's tie points reaches the native library, whichever way the pixels take. */
class TiePointWindTest {
    /** Nodes along a side, and pixels of 10 m between them: as SNAP's reader of Sentinel-2 has them. */
    private static final int NODES = 9;
    private static final double STEP = 1220;
    /** No wind in numbers, and what the library says of it: 9999 m/s toward the east and the south. */
    private static final float NO_WIND = 9999;
    private static final String UNUSED = "the wind of the host is not used: it holds 14140.7 m/s";

    @Test
    void tiePointsLieWhereSnapHasThem() {
        SceneData data = SceneData.made(20);
        Product read = Sources.multiSize(data);
        assertNull(TiePointWind.of(read, grid(data)));
        addWind(read, 0.5, STEP, 3);
        WindGrid wind = TiePointWind.of(read, grid(data));
        assertEquals(NODES, wind.rows);
        assertEquals(NODES, wind.columns);
        assertLattice(wind, 5, 5, 12_200);
        assertEquals(3 + 2.75f, wind.eastward[11]);
        assertEquals(-3 - 2.75f, wind.northward[11]);

        // Resampled to 20 m by SNAP: the same places in larger pixels.
        Product resampled = Sources.singleSize(data);
        addWind(resampled, 0.25, STEP / 2, 4);
        assertLattice(TiePointWind.of(resampled, grid(data)), 5, 5, 12_200);
    }

    @Test
    void distancesCountFromTheCornerOfTheSceneThatIsRun() {
        SceneData data = SceneData.made(20);
        Product cut = Sources.cut(Sources.singleSize(data), data, new Rectangle(30, 60, 40, 40));
        addWind(cut, -29.75, -59.75, STEP / 2, 4);
        // Of the whole tile, which is read natively.
        assertLattice(TiePointWind.of(cut, grid(data)), 5, 5, 12_200);
        // Of the part, whose pixels come through SNAP.
        Grid part = new Grid(data.epsg, data.easting + 600, data.northing - 1200, 20, 40, 40);
        assertLattice(TiePointWind.of(cut, part), -1195, -595, 12_200);
    }

    @Test
    void theWindIsThatOfTheNextProductUpThatHasBothSpeeds() {
        SceneData data = SceneData.made(20);
        Product read = Sources.multiSize(data);
        addWind(read, 0.5, STEP, 3);
        Product resampled = UpstreamOperator.made("S2Resampling", Sources.singleSize(data), read);
        assertLattice(TiePointWind.of(resampled, grid(data)), 5, 5, 12_200);
        // One alone is no wind, two of different lattices neither.
        resampled.addTiePointGrid(tiePoints("10u", 0.25, 0.25, STEP / 2, 1));
        assertEquals(3, TiePointWind.of(resampled, grid(data)).eastward[0]);
        resampled.addTiePointGrid(tiePoints("10v", 0.25, 0.25, STEP, 1));
        assertEquals(3, TiePointWind.of(resampled, grid(data)).eastward[0]);
        // An operator that may have changed anything hides what is above it.
        assertNull(TiePointWind.of(UpstreamOperator.made("BandMaths", Sources.singleSize(data), read), grid(data)));
    }

    @Test
    void unknownWindGoesAsItIsAndTheTiePointsStayAsTheyAre() {
        SceneData data = SceneData.made(20);
        Product read = Sources.multiSize(data);
        addWind(read, 0.5, STEP, 3);
        float[] tiePoints = read.getTiePointGrid("10u").getTiePoints();
        tiePoints[4] = Float.NaN;
        WindGrid wind = TiePointWind.of(read, grid(data));
        assertTrue(Float.isNaN(wind.eastward[4]));
        wind.eastward[0] = 99;
        assertEquals(3, tiePoints[0]);
        assertFalse(warnings(read).contains("the wind of the host"), warnings(read));
    }

    @Test
    void theRunTakesTheWindWhenItsPixelsComeThroughSnap() {
        SceneData data = SceneData.made(20);
        for (Product source : new Product[]{Sources.multiSize(data), Sources.singleSize(data)}) {
            assertFalse(warnings(source).contains(UNUSED));
            addWind(source, 0.5, STEP, NO_WIND);
            assertTrue(warnings(source).contains(UNUSED), warnings(source));
            assertFalse(warnings(source, "windSpeed", 5.0).contains(UNUSED));
            assertFalse(warnings(source, "computeGlint", false).contains(UNUSED));
        }
    }

    @Test
    void theRunTakesTheWindWhenItReadsTheOriginalProduct() {
        Fixture fixture = Fixture.get();
        Product source = Sources.multiSize(fixture.data(60, "fast"));
        source.setFileLocation(fixture.safe.resolve("MTD_MSIL1C.xml").toFile());
        addWind(source, 0.5, STEP, NO_WIND);
        assertTrue(warnings(source, "resolution", 60).contains(UNUSED));
        assertFalse(warnings(source, "resolution", 60, "windSpeed", 5.0, "windDirection", 240.0).contains(UNUSED));
    }

    private static String warnings(Product source, Object... parameters) {
        Object[] all = Arrays.copyOf(parameters, parameters.length + 2);
        all[parameters.length] = "computeMountainShadow";
        all[parameters.length + 1] = false;
        try (OperatorDriver driver = Drive.of(source, all)) {
            driver.execute(ProgressMonitor.NULL);
            return driver.target().getMetadataRoot().getElement("Clearshore").getAttributeString("warnings");
        }
    }

    private static void assertLattice(WindGrid wind, double firstRow, double firstColumn, double step) {
        assertArrayEquals(new double[]{firstRow, firstColumn, step, step},
                new double[]{wind.firstRow, wind.firstColumn, wind.rowStep, wind.columnStep}, 1e-9);
    }

    private static Grid grid(SceneData data) {
        return new Grid(data.epsg, data.easting, data.northing, data.pixelSize, data.width, data.height);
    }

    private static void addWind(Product product, double offset, double step, float first) {
        addWind(product, offset, offset, step, first);
    }

    private static void addWind(Product product, double offsetX, double offsetY, double step, float first) {
        product.addTiePointGrid(tiePoints("10u", offsetX, offsetY, step, first));
        product.addTiePointGrid(tiePoints("10v", offsetX, offsetY, step, -first));
    }

    /** Speeds that differ from node to node. */
    private static TiePointGrid tiePoints(String name, double offsetX, double offsetY, double step, float first) {
        float[] speeds = new float[NODES * NODES];
        for (int i = 0; i < speeds.length; i++) {
            speeds[i] = first + Math.signum(first) * i / 4;
        }
        return new TiePointGrid(name, NODES, NODES, offsetX, offsetY, step, step, speeds);
    }
}
