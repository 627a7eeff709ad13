package org.clearshore.snap;

import com.bc.ceres.core.NullProgressMonitor;
import com.bc.ceres.core.ProgressMonitor;
import org.clearshore.snapapi.OperatorDriver;
import org.clearshore.snapapi.Samples;
import org.clearshore.snapapi.WatchedSamples;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.core.gpf.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Tiles from many threads, in odd orders and rectangles, while others cancel or dispose. */
@Timeout(120)
class ManyThreadsTest {
    private static final int THREADS = 16;
    private static final int SIDE = 600;

    private final Product source = Sources.singleSize(SceneData.made(20, SIDE / 3));

    @Test
    void tilesInAnyOrderAndShapeAreTheWhole() throws Exception {
        int[] whole = Drive.flags(source);
        AtomicInteger runs = new AtomicInteger();
        ProgressMonitor counter = new NullProgressMonitor() {
            @Override
            public void beginTask(String taskName, int totalWork) {
                runs.incrementAndGet();
            }
        };
        try (OperatorDriver driver = Drive.of(source).monitor(counter)) {
            List<Rectangle> rectangles = rectangles();
            List<Outcome> outcomes = atOnce(rectangles, rectangle -> {
                int[] tile = (int[]) Drive.raw(driver.tile("clearshore_flags", rectangle));
                assertArrayEquals(window(whole, rectangle), tile, rectangle.toString());
                byte[] classes = (byte[]) Drive.raw(driver.tile("clearshore_class", rectangle));
                assertEquals(tile.length, classes.length);
            });
            outcomes.forEach(outcome -> assertEquals(null, outcome.thrown));
        }
        assertEquals(1, runs.get());
    }

    @Test
    void aCancelReachesEveryThreadAndNobodyStartsAnew() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        ProgressMonitor monitor = new NullProgressMonitor() {
            @Override
            public void beginTask(String taskName, int totalWork) {
                runs.incrementAndGet();
            }

            @Override
            public void setSubTaskName(String subTaskName) {
                begun.countDown();
            }
        };
        source.getBand("B2").setSamples(slow(source, "B2"));
        try (OperatorDriver driver = Drive.of(source).monitor(monitor)) {
            driver.target();
            Thread canceller = new Thread(() -> {
                try {
                    begun.await();
                } catch (InterruptedException e) {
                    return;
                }
                driver.cancel();
            });
            canceller.start();
            List<Outcome> outcomes = atOnce(rectangles(), rectangle -> driver.tile("clearshore_flags", rectangle));
            outcomes.forEach(outcome -> assertTrue(outcome.thrown instanceof OperatorCancelException,
                    String.valueOf(outcome.thrown)));
            canceller.join();
        }
        assertTrue(runs.get() <= 1, runs.get() + " runs");
    }

    @Test
    void disposeDuringTilesIsAnErrorAndNeverWrongPixels() throws Exception {
        int[] whole = Drive.flags(source);
        OperatorDriver driver = Drive.of(source);
        driver.target();
        AtomicInteger served = new AtomicInteger();
        List<Rectangle> rectangles = rectangles();
        List<Outcome> outcomes = atOnce(rectangles, rectangle -> {
            if (served.incrementAndGet() == rectangles.size() / 2) {
                driver.operator().dispose();
            }
            int[] tile = (int[]) Drive.raw(driver.tile("clearshore_flags", rectangle));
            assertArrayEquals(window(whole, rectangle), tile);
        });
        int refused = 0;
        for (Outcome outcome : outcomes) {
            if (outcome.thrown != null) {
                assertTrue(outcome.thrown instanceof OperatorException, String.valueOf(outcome.thrown));
                refused++;
            }
        }
        assertTrue(refused > 0 && refused < outcomes.size(), refused + " of " + outcomes.size());
        assertThrows(OperatorException.class, () -> driver.tile("clearshore_flags", new Rectangle(1, 1)));
        driver.close();
    }

    @Test
    void aDisposedOperatorDoesNotBegin() {
        WatchedSamples watched = WatchedSamples.watch(source.getBand("B2"));
        OperatorDriver driver = Drive.of(source);
        driver.target();
        driver.operator().dispose();
        String message = assertThrows(OperatorException.class,
                () -> driver.tile("clearshore_flags", new Rectangle(1, 1))).getMessage();
        assertTrue(message.contains("disposed"), message);
        assertEquals(0, watched.reads().size());
        driver.close();
    }

    @Test
    void disposeStopsARun() throws Exception {
        source.getBand("B2").setSamples(slow(source, "B2"));
        OperatorDriver driver = Drive.of(source);
        driver.target();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Future<?> tile = pool.submit(() -> driver.tile("clearshore_flags", new Rectangle(1, 1)));
        Thread.sleep(50);
        driver.operator().dispose();
        Exception thrown = assertThrows(Exception.class, tile::get);
        assertTrue(thrown.getCause() instanceof OperatorException, String.valueOf(thrown.getCause()));
        pool.shutdown();
        driver.close();
    }

    @Test
    void twoOperatorsRunAtOnce() throws Exception {
        SceneData other = SceneData.made(20, SIDE / 3);
        other.bands.get("B4").working = other.bands.get("B12").working;
        Product second = Sources.singleSize(other);
        int[] firstFlags = Drive.flags(source);
        int[] secondFlags = Drive.flags(second);
        assertFalse(Arrays.equals(firstFlags, secondFlags));
        ExecutorService pool = Executors.newFixedThreadPool(2);
        for (int i = 0; i < 3; i++) {
            List<Callable<int[]>> both = List.of(() -> Drive.flags(source), () -> Drive.flags(second));
            List<Future<int[]>> results = pool.invokeAll(both);
            assertArrayEquals(firstFlags, results.get(0).get());
            assertArrayEquals(secondFlags, results.get(1).get());
        }
        pool.shutdown();
    }

    @Test
    void anUpdatedOperatorRunsAnew() {
        try (OperatorDriver driver = Drive.of(source)) {
            driver.cancel();
            assertThrows(OperatorCancelException.class, () -> driver.tile("clearshore_flags", new Rectangle(1, 1)));
        }
        try (OperatorDriver driver = Drive.of(source, "cloudBuffer", 0.0)) {
            int[] without = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            driver.operator().setParameter("cloudBuffer", 60.0);
            driver.operator().update();
            int[] with = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            assertFalse(Arrays.equals(without, with));
            assertArrayEquals(Drive.flags(source), with);
        }
    }

    private static Samples slow(Product product, String band) {
        Band raster = product.getBand(band);
        return region -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return raster.readRasterData(region);
        };
    }

    /** Odd ones, some of them twice, in a mixed order. */
    private static List<Rectangle> rectangles() {
        Random random = new Random(7);
        List<Rectangle> rectangles = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int x = random.nextInt(SIDE);
            int y = random.nextInt(SIDE);
            Rectangle rectangle = new Rectangle(x, y, 1 + random.nextInt(SIDE - x), 1 + random.nextInt(SIDE - y));
            rectangles.add(rectangle);
            if (i % 3 == 0) {
                rectangles.add(rectangle);
            }
        }
        Collections.shuffle(rectangles, random);
        return rectangles;
    }

    private static int[] window(int[] whole, Rectangle r) {
        int[] window = new int[r.width * r.height];
        for (int row = 0; row < r.height; row++) {
            System.arraycopy(whole, (r.y + row) * SIDE + r.x, window, row * r.width, r.width);
        }
        return window;
    }

    private interface Request {
        void ask(Rectangle rectangle);
    }

    private static final class Outcome {
        Throwable thrown;
    }

    private static List<Outcome> atOnce(List<Rectangle> rectangles, Request request) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        List<Callable<Outcome>> calls = new ArrayList<>();
        for (Rectangle rectangle : rectangles) {
            calls.add(() -> {
                Outcome outcome = new Outcome();
                try {
                    request.ask(rectangle);
                } catch (Throwable thrown) {
                    outcome.thrown = thrown;
                }
                return outcome;
            });
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> future : pool.invokeAll(calls)) {
            outcomes.add(future.get());
        }
        pool.shutdown();
        return outcomes;
    }
}
