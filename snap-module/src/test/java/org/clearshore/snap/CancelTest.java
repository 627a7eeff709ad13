package org.clearshore.snap;

import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Progress and cancel on a scene that takes seconds. */
class CancelTest {
    private static final int SIDE = 3000;
    /** Promise to the user, milliseconds. */
    private static final long PROMISE = 500;

    /** Cancels when a stage has begun, and remembers when. */
    private static final class Canceller extends RunProgressTest.Stages {
        private final String stage;
        private volatile long asked;

        private Canceller(String stage) {
            this.stage = stage;
        }

        @Override
        public synchronized void setSubTaskName(String subTaskName) {
            super.setSubTaskName(subTaskName);
            if (subTaskName.endsWith(stage)) {
                setCanceled(true);
                asked = System.nanoTime();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reading tiles", "detecting", "merging"})
    void aCancelIsAnsweredAtOnce(String stage) {
        Canceller canceller = new Canceller(stage);
        try (OperatorDriver driver = Drive.of(bigScene())) {
            driver.target();
            assertThrows(OperatorCancelException.class, () -> driver.execute(canceller));
            long waited = (System.nanoTime() - canceller.asked) / 1_000_000;
            assertTrue(canceller.asked != 0 && waited <= PROMISE, stage + ": " + waited + " ms");
            assertTrue(canceller.ended);
        }
    }

    @Test
    void progressGoesForwardToTheEnd() {
        RunProgressTest.Stages recorder = new RunProgressTest.Stages();
        try (OperatorDriver driver = Drive.of(bigScene(), "computeMountainShadow", false)) {
            driver.target();
            driver.execute(recorder);
        }
        // A stage that is over within a glance of the listener is not heard of.
        List<String> stages = new ArrayList<>(List.of("Clearshore: reading tiles", "Clearshore: detecting",
                "Clearshore: coast", "Clearshore: cloud objects", "Clearshore: haze",
                "Clearshore: cloud shadow", "Clearshore: merging"));
        stages.retainAll(recorder.tasks);
        assertEquals(stages, recorder.tasks);
        assertTrue(stages.containsAll(List.of("Clearshore: reading tiles", "Clearshore: detecting")), stages::toString);
        assertTrue(recorder.done > 0.3 * recorder.total && recorder.done <= recorder.total,
                recorder.done + " of " + recorder.total);
    }

    /** Bright and dark squares, made when they are asked for. */
    private static Product bigScene() {
        SceneData data = SceneData.made(20);
        data.width = SIDE;
        data.height = SIDE;
        Product product = new Product(data.name, "S2_MSI_Level-1C", SIDE, SIDE);
        product.setSceneGeoCoding(UtmGeoCoding.of(data.epsg, data.easting, data.northing, 20));
        for (String name : L1cMetadata.BANDS) {
            int number = L1cMetadata.BANDS.indexOf(name);
            Band band = product.addBand(name, ProductData.TYPE_UINT16);
            band.setSamples(region -> {
                short[] dn = new short[region.width * region.height];
                for (int i = 0; i < dn.length; i++) {
                    int x = (region.x + i % region.width) / 50;
                    int y = (region.y + i / region.width) / 50;
                    dn[i] = (short) (1100 + 30 * number + 900 * (x % 5) + 150 * (y % 7));
                }
                return ProductData.createInstance(ProductData.TYPE_UINT16, dn);
            });
        }
        Sources.addMetadata(product, data);
        return product;
    }
}
