package org.clearshore.snapapi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.bc.ceres.core.NullProgressMonitor;
import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.Tile;
import org.junit.jupiter.api.Test;

class OperatorDriverTest {
    private static final int WIDTH = 20;
    private static final int HEIGHT = 10;

    /** Raw samples are 4 x + 100 y. */
    private static Product source() {
        Product product = new Product("source", "RAW_1", WIDTH, HEIGHT);
        Band band = product.addBand("first", ProductData.TYPE_UINT16);
        band.setScalingFactor(0.1);
        band.setScalingOffset(-10);
        short[] samples = new short[WIDTH * HEIGHT];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (4 * (i % WIDTH) + 100 * (i / WIDTH));
        }
        band.setRasterData(ProductData.createUnsignedInstance(samples));
        return product;
    }

    private static OperatorDriver driver() {
        return new OperatorDriver(new HalvingOp.Spi()).source("input", source());
    }

    private static HalvingOp operator(OperatorDriver driver) {
        return (HalvingOp) driver.operator();
    }

    @Test
    void initialisesOnceAndExecutesOnceBeforeTheFirstTile() {
        OperatorDriver driver = driver();
        assertEquals(0, operator(driver).initialised.get());
        assertSame(driver.target(), driver.target());
        assertEquals(1, operator(driver).initialised.get());
        assertEquals(0, operator(driver).executed.get());
        Tile tile = driver.tile("half", new Rectangle(3, 2, 4, 3));
        assertEquals((4 * 5 + 100 * 3) / 2, tile.getSampleInt(5, 3));
        assertEquals((4 * 5 + 100 * 3) / 2, driver.tile("half").getSampleInt(5, 3));
        driver.execute(ProgressMonitor.NULL);
        assertEquals(1, operator(driver).initialised.get());
        assertEquals(1, operator(driver).executed.get());
        assertEquals(2, operator(driver).stacks.get());
        assertEquals("Halving", driver.operator().getSpi().getOperatorAlias());
    }

    @Test
    void threadsThatAskFirstWaitForOneExecution() throws Exception {
        OperatorDriver driver = driver();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        List<Callable<Float>> asks = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Rectangle part = new Rectangle(i % WIDTH, i % HEIGHT, 1, 1);
            asks.add(() -> driver.tile("negative", part).getSampleFloat(part.x, part.y));
        }
        List<Future<Float>> answers = threads.invokeAll(asks);
        for (int i = 0; i < answers.size(); i++) {
            assertEquals(-(4 * (i % WIDTH) + 100 * (i % HEIGHT)), answers.get(i).get());
        }
        threads.shutdown();
        assertEquals(1, operator(driver).executed.get());
        assertEquals(64, operator(driver).stacks.get());
    }

    @Test
    void aFailedExecutionIsThrownAndRepeatedAtTheNextTile() {
        OperatorDriver driver = driver();
        RuntimeException failure = new IllegalStateException("broken");
        operator(driver).failure = failure;
        Rectangle part = new Rectangle(2, 2);
        assertSame(failure, assertThrows(RuntimeException.class, () -> driver.tile("half", part)));
        assertSame(failure, assertThrows(RuntimeException.class, () -> driver.tile("negative", part)));
        operator(driver).failure = null;
        assertEquals(2, driver.tile("half", part).getSampleInt(1, 0));
        assertEquals(3, operator(driver).executed.get());
    }

    @Test
    void desktopLosesTheFailureAndAsksForTheTileAllTheSame() {
        OperatorDriver driver = driver().desktop();
        operator(driver).failure = new IllegalStateException("broken");
        assertEquals("a tile before doExecute",
                assertThrows(IllegalStateException.class, () -> driver.tile("half")).getMessage());
        assertThrows(IllegalStateException.class, () -> driver.execute(ProgressMonitor.NULL), "broken");
        assertEquals(2, operator(driver).executed.get());
    }

    @Test
    void theMonitorReachesTheExecution() {
        List<String> calls = new ArrayList<>();
        ProgressMonitor monitor = new NullProgressMonitor() {
            @Override
            public void beginTask(String taskName, int totalWork) {
                calls.add(taskName + " " + totalWork);
            }

            @Override
            public void worked(int work) {
                calls.add("worked " + work);
            }
        };
        driver().monitor(monitor).tile("half");
        assertEquals(List.of("halving 2", "worked 2"), calls);
    }

    @Test
    void aCancelledOperatorThrows() {
        OperatorDriver driver = driver();
        driver.tile("half");
        driver.cancel();
        assertThrows(OperatorCancelException.class, () -> driver.tile("half"));
    }

    @Test
    void passedThroughBandsAreReadFromTheSource() {
        OperatorDriver driver = driver();
        Product source = driver.operator().getSourceProduct("input");
        WatchedSamples watched = WatchedSamples.watch(source.getBand("first"));
        Tile tile = driver.tile("first", new Rectangle(1, 1, 2, 2));
        assertEquals(104, tile.getRawSamples().getElemInt());
        assertEquals(List.of(new Rectangle(1, 1, 2, 2)), watched.reads());
        assertEquals(0, operator(driver).executed.get());
        assertEquals(0.1, driver.target().getBand("first").getScalingFactor());
    }

    @Test
    void aTargetBandReadsAsSourceOfTheNextOperator() {
        OperatorDriver driver = driver();
        Product next = new Product("next", "RAW_2", WIDTH, HEIGHT);
        Band first = next.addBand("first", ProductData.TYPE_INT32);
        first.setSamples(driver.target().getBand("half")::readSamples);
        Tile tile = new OperatorDriver(new HalvingOp.Spi()).source("source", next).tile("half");
        assertEquals((4 * 7 + 100 * 9) / 4, tile.getSampleInt(7, 9));
    }

    @Test
    void anExceptionOfTheSourceComesThrough() {
        OperatorDriver driver = driver();
        WatchedSamples.watch(driver.operator().getSourceProduct("input").getBand("first"), region -> {
            throw new IllegalStateException("unreadable");
        });
        assertEquals("unreadable",
                assertThrows(IllegalStateException.class, () -> driver.tile("half")).getMessage());
    }

    @Test
    void disposesOnce() {
        OperatorDriver driver = driver();
        driver.tile("half");
        driver.close();
        driver.close();
        assertEquals(1, operator(driver).disposed.get());
    }

    @Test
    void sourcesAreFoundByNameOrAliasAndChecked() {
        OperatorDriver byName = new OperatorDriver(new HalvingOp.Spi()).source("source", source());
        byName.target();
        assertEquals("source", operator(byName).source.getName());
        assertEquals("source", operator(byName).getSourceProduct().getName());
        OperatorException missing = assertThrows(OperatorException.class,
                () -> new OperatorDriver(new HalvingOp.Spi()).target());
        assertTrue(missing.getMessage().contains("(field 'source') not set"), missing.getMessage());
        Product wrong = source();
        wrong.setProductType("other");
        assertTrue(assertThrows(OperatorException.class,
                () -> new OperatorDriver(new HalvingOp.Spi()).source("input", wrong).target())
                .getMessage().contains("does not match type"));
        Product empty = new Product("empty", "raw", WIDTH, HEIGHT);
        assertTrue(assertThrows(OperatorException.class,
                () -> new OperatorDriver(new HalvingOp.Spi()).source("input", empty).target())
                .getMessage().contains("does not contain the band 'first'"));
    }

    @Test
    void parametersHaveDefaultsAndAreConvertedAndChecked() {
        HalvingOp plain = operator(driver());
        assertEquals(2, plain.divisor);
        assertEquals("20", plain.resolution);
        assertNull(plain.weight);
        assertFalse(plain.loud);
        HalvingOp set = operator(driver().parameter("divisor", "5").parameter("mode", "60").parameter("weight", 0.5)
                .parameter("loud", "true"));
        assertEquals(5, set.divisor);
        assertEquals("60", set.getParameter("resolution"));
        assertEquals(0.5, set.weight);
        assertTrue(set.loud);
        for (String[] wrong : new String[][] {{"divisor", "0"}, {"divisor", "11"}, {"divisor", "many"},
            {"resolution", "30"}, {"weight", ""}, {"loud", "perhaps"}}) {
            OperatorException refused = assertThrows(OperatorException.class,
                    () -> driver().parameter(wrong[0], wrong[1]).operator(), wrong[0] + "=" + wrong[1]);
            assertTrue(refused.getMessage().startsWith("Operator 'HalvingOp': Value for '"), refused.getMessage());
        }
        assertThrows(OperatorException.class, () -> driver().parameter("weight", 1).operator());
        assertThrows(IllegalArgumentException.class, () -> driver().parameter("divisors", "5").operator());
    }

    @Test
    void regionsOutsideTheRasterAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> driver().tile("half", new Rectangle(18, 0, 4, 4)));
        assertThrows(IllegalArgumentException.class, () -> driver().tile("first", new Rectangle(-1, 0, 4, 4)));
    }

    @Test
    void aTargetTileIsWholeAndPlain() {
        float[] negative = driver().tile("negative", new Rectangle(0, 0, 2, 2)).getSamplesFloat();
        assertArrayEquals(new float[] {0, -4, -100, -104}, negative);
    }
}
