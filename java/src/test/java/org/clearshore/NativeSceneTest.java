package org.clearshore;

import static org.clearshore.Scenes.SIDE;
import static org.clearshore.Scenes.fails;
import static org.clearshore.Scenes.flags;
import static org.clearshore.Scenes.given;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.clearshore.ClearshoreException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class NativeSceneTest {

    @Test
    void aSceneIsDescribedAsItWasGiven() {
        try (NativeScene scene = given()) {
            SceneDescription description = scene.description();
            assertEquals("synthetic", description.name);
            assertNull(description.location);
            assertEquals("EPSG:32631, upper left 400000.0, 4900000.0, 300 x 300 pixels of 20.0 m",
                    description.grid.toString());
            assertEquals(7, description.usedBands.size());
            assertTrue(description.usedBands.containsAll(Scenes.BANDS));
        }
    }

    @Test
    void lostPixelsAreInvalidAndNoOthers() {
        try (NativeScene scene = given()) {
            scene.putDn("B04", 30, 10, 20, 5, new short[100]);
            // Half as fine as the grid: its pixel (6, 5) covers columns 12, 13 and rows 10, 11.
            scene.putDefective(SIDE / 2, SIDE / 2, 6, 5, 1, 1, new byte[] {-128});
            RunSummary summary = scene.run(null);
            int[] flags = flags(scene);
            int lost = 0;
            for (int row = 0; row < SIDE; row++) {
                for (int column = 0; column < SIDE; column++) {
                    boolean noData = column >= 30 && column < 50 && row >= 10 && row < 15;
                    boolean defective = column >= 12 && column < 14 && row >= 10 && row < 12;
                    assertEquals(noData || defective, (flags[row * SIDE + column] & 1) != 0, row + ", " + column);
                    lost += noData || defective ? 1 : 0;
                }
            }
            assertEquals(lost, summary.flags.get(0).pixels);
            assertEquals("CS_INVALID", summary.flags.get(0).name);
            assertEquals("tiles", summary.source);
            assertTrue(summary.warnings.contains("the source has no sun angles"), summary.warnings.toString());
        }
    }

    @Test
    void windIsTakenBeforeTheRunAndSaidWhereItIsNone() {
        WindGrid wind = new WindGrid();
        wind.rows = 1;
        wind.columns = 2;
        wind.rowStep = 12_200;
        wind.columnStep = 12_200;
        wind.eastward = new float[] {3, Float.NaN};
        wind.northward = new float[] {-4, Float.NaN};
        String unused = "the wind of the host is not used: it holds 300.0 m/s";
        try (NativeScene scene = given(60, Map.of())) {
            scene.putWind(wind);
            RunSummary summary = scene.run(null);
            assertTrue(summary.warnings.stream().noneMatch(text -> text.startsWith("the wind of the host")));
            assertTrue(fails(Kind.PARAMETER, () -> scene.putWind(wind)).getMessage().contains("no more wind"));
        }
        wind.eastward[1] = 300;
        wind.northward[1] = 0;
        try (NativeScene scene = given(60, Map.of())) {
            scene.putWind(wind);
            RunSummary summary = scene.run(null);
            assertTrue(summary.warnings.stream().anyMatch(text -> text.startsWith(unused)), summary.warnings.toString());
        }
        wind.columns = 3;
        try (NativeScene scene = given(60, Map.of())) {
            assertTrue(fails(Kind.PARAMETER, () -> scene.putWind(wind)).getMessage().contains("number of speeds"));
        }
    }

    /** The haze-optimised transform is B02 - 0.5 B04 - 0.08. */
    @Test
    void numbersArriveUnchangedWhicheverWayTheyCome() {
        FeedDescription description = Scenes.description(SIDE);
        description.bands.set(2, Scenes.band("B4", SIDE, "reflectance"));
        try (NativeScene scene = NativeScene.feed(description, Map.of("copyFeatures", true))) {
            float[] red = new float[SIDE * SIDE];
            for (String band : Scenes.BANDS) {
                short[] dn = Scenes.dn(band, SIDE);
                // DN beyond the range of a short are negative there.
                dn[0] = band.equals("B02") ? (short) 40_000 : dn[0];
                if (band.equals("B04")) {
                    for (int pixel = 0; pixel < red.length; pixel++) {
                        red[pixel] = (dn[pixel] - 1000) / 10_000f;
                    }
                    scene.putReflectance("B04", 0, 0, SIDE, SIDE, red);
                } else {
                    scene.putDn(band, 0, 0, SIDE, SIDE, dn);
                }
            }
            scene.run(null);
            float[] hot = new float[SIDE * SIDE];
            scene.readFeature("hot", 0, 0, SIDE, SIDE, hot);
            short[] blue = Scenes.dn("B02", SIDE);
            assertEquals(3.9 - 0.5 * red[0] - 0.08, hot[0], 1e-6);
            for (int pixel = 1; pixel < hot.length; pixel++) {
                assertEquals((blue[pixel] - 1000) / 10_000.0 - 0.5 * red[pixel] - 0.08, hot[pixel], 1e-6);
            }
        }
    }

    @Test
    void rectanglesAreCutOutOfTheWhole() {
        try (NativeScene scene = given(SIDE, Map.of("copyEvidence", "true", "threads", 2))) {
            scene.run((stage, done, total) -> true);
            int[] whole = flags(scene);
            int[] evidence = new int[SIDE * SIDE];
            byte[] classes = new byte[SIDE * SIDE];
            scene.readEvidence(0, 0, SIDE, SIDE, evidence);
            scene.readClasses(0, 0, SIDE, SIDE, classes);
            int[] flagsPart = new int[31 * 45];
            int[] evidencePart = new int[31 * 45];
            byte[] classesPart = new byte[31 * 45];
            scene.readFlags(140, 70, 31, 45, flagsPart);
            scene.readEvidence(140, 70, 31, 45, evidencePart);
            scene.readClasses(140, 70, 31, 45, classesPart);
            for (int pixel = 0; pixel < flagsPart.length; pixel++) {
                int there = (70 + pixel / 31) * SIDE + 140 + pixel % 31;
                assertEquals(whole[there], flagsPart[pixel]);
                assertEquals(evidence[there], evidencePart[pixel]);
                assertEquals(classes[there], classesPart[pixel]);
            }
            int cloud = whole[SIDE / 2 * SIDE + SIDE / 2];
            assertTrue((cloud & 2) != 0, "the cloud is seen");
            assertEquals(0, whole[20 * SIDE + 20] & 2, "the sea is not cloud");
            scene.readFlags(300, 300, 0, 0, new int[0]);
        }
    }

    @Test
    void aSecondRunAnswersWithTheSame() {
        try (NativeScene scene = given()) {
            RunSummary first = scene.run(null);
            RunSummary second = scene.run((stage, done, total) -> false);
            assertEquals(first.flags.size(), second.flags.size());
            for (int flag = 0; flag < first.flags.size(); flag++) {
                assertEquals(first.flags.get(flag).pixels, second.flags.get(flag).pixels);
            }
        }
    }

    @Test
    void readingBeforeTheRunIsRefused() {
        try (NativeScene scene = given()) {
            String text = fails(Kind.PARAMETER, () -> flags(scene)).getMessage();
            assertTrue(text.contains("has no result"), text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1, 1, 1, negative", "0, -1, 1, 1, 1, negative", "0, 0, -1, -1, 1, negative",
        "300, 0, 1, 1, 1, leaves the raster", "0, 299, 1, 2, 2, leaves the raster",
        "2147483647, 2147483647, 1, 1, 1, leaves the raster",
        "0, 0, 2147483647, 2147483647, 1, another size", "0, 0, 65536, 65536, 0, another size",
        "0, 0, 2, 2, 3, another size", "0, 0, 2, 2, 5, another size",
    })
    void aRectangleThatDoesNotFitIsRefused(int x, int y, int width, int height, int length, String text) {
        try (NativeScene scene = NativeScene.feed(Scenes.description(SIDE), Map.of())) {
            List<Runnable> puts = List.of(
                    () -> scene.putDn("B02", x, y, width, height, new short[length]),
                    () -> scene.putDefective(SIDE, SIDE, x, y, width, height, new byte[length]));
            for (Runnable put : puts) {
                String message = fails(Kind.PARAMETER, put::run).getMessage();
                assertTrue(message.contains(text), message);
            }
        }
        try (NativeScene scene = given(SIDE, Map.of("copyEvidence", true, "copyFeatures", true))) {
            scene.run(null);
            List<Runnable> reads = List.of(
                    () -> scene.readFlags(x, y, width, height, new int[length]),
                    () -> scene.readClasses(x, y, width, height, new byte[length]),
                    () -> scene.readEvidence(x, y, width, height, new int[length]),
                    () -> scene.readFeature("hot", x, y, width, height, new float[length]));
            for (Runnable read : reads) {
                String message = fails(Kind.PARAMETER, read::run).getMessage();
                assertTrue(message.contains(text), message);
            }
        }
    }

    @Test
    void nullIsRefused() {
        try (NativeScene scene = given()) {
            fails(Kind.PARAMETER, () -> scene.readFlags(0, 0, 1, 1, null));
            fails(Kind.PARAMETER, () -> scene.putDn(null, 0, 0, 1, 1, new short[1]));
            fails(Kind.PARAMETER, () -> scene.putDn("B02", 0, 0, 1, 1, null));
            fails(Kind.PARAMETER, () -> scene.readFeature(null, 0, 0, 1, 1, new float[1]));
            fails(Kind.PARAMETER, () -> Native.open(null, null, "{}"));
            fails(Kind.PARAMETER, () -> Native.feed(null, null));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x7f00_0000_1000L})
    void aHandleThatIsNoneIsRefused(long handle) {
        fails(Kind.PARAMETER, () -> Native.describe(handle));
        fails(Kind.PARAMETER, () -> Native.run(handle, null));
        fails(Kind.PARAMETER, () -> Native.cancel(handle));
        fails(Kind.PARAMETER, () -> Native.putDn(handle, "B02", 0, 0, 1, 1, new short[1]));
        fails(Kind.PARAMETER, () -> Native.readFlags(handle, 0, 0, 1, 1, new int[1]));
        fails(Kind.PARAMETER, () -> Native.close(handle));
    }

    @Test
    void afterTheCloseAllIsRefusedButAnotherClose() {
        NativeScene scene = given();
        scene.run(null);
        scene.close();
        scene.close();
        fails(Kind.PARAMETER, scene::description);
        fails(Kind.PARAMETER, scene::cancel);
        fails(Kind.PARAMETER, () -> scene.run(null));
        fails(Kind.PARAMETER, () -> scene.putDn("B02", 0, 0, 1, 1, new short[1]));
        fails(Kind.PARAMETER, () -> scene.putReflectance("B02", 0, 0, 1, 1, new float[1]));
        fails(Kind.PARAMETER, () -> scene.putDefective(1, 1, 0, 0, 1, 1, new byte[1]));
        fails(Kind.PARAMETER, () -> scene.readFlags(0, 0, 1, 1, new int[1]));
        fails(Kind.PARAMETER, () -> scene.readClasses(0, 0, 1, 1, new byte[1]));
        fails(Kind.PARAMETER, () -> scene.readEvidence(0, 0, 1, 1, new int[1]));
        fails(Kind.PARAMETER, () -> scene.readFeature("hot", 0, 0, 1, 1, new float[1]));
    }

    @Test
    void twoScenesAtOnceDoNotMeet() throws Exception {
        int[] alone;
        try (NativeScene scene = given()) {
            scene.run(null);
            alone = flags(scene);
        }
        List<Callable<int[]>> runs = new ArrayList<>();
        for (int run = 0; run < 4; run++) {
            int side = run % 2 == 0 ? SIDE : SIDE / 2;
            runs.add(() -> {
                try (NativeScene scene = given(side, Map.of())) {
                    scene.run(null);
                    return flags(scene);
                }
            });
        }
        ExecutorService pool = Executors.newFixedThreadPool(runs.size());
        List<Future<int[]>> answers = pool.invokeAll(runs);
        pool.shutdown();
        assertArrayEquals(alone, answers.get(0).get());
        assertArrayEquals(alone, answers.get(2).get());
        assertEquals(SIDE * SIDE / 4, answers.get(1).get().length);
        assertArrayEquals(answers.get(1).get(), answers.get(3).get());
    }

    @Test
    void manyThreadsReadWhileTheSceneIsClosed() throws Exception {
        NativeScene scene = given();
        scene.run(null);
        int[] whole = flags(scene);
        ExecutorService pool = Executors.newFixedThreadPool(16);
        List<Future<Boolean>> readers = new ArrayList<>();
        for (int reader = 0; reader < 16; reader++) {
            int first = reader;
            readers.add(pool.submit(() -> {
                int[] row = new int[SIDE];
                try {
                    for (int y = first; ; y = (y + 7) % SIDE) {
                        scene.readFlags(0, y, SIDE, 1, row);
                        for (int x = 0; x < SIDE; x++) {
                            assertEquals(whole[y * SIDE + x], row[x]);
                        }
                    }
                } catch (ClearshoreException e) {
                    return e.kind() == Kind.PARAMETER && e.getMessage().contains("closed");
                }
            }));
        }
        Thread.sleep(50);
        scene.close();
        for (Future<Boolean> reader : readers) {
            assertTrue(reader.get());
        }
        pool.shutdown();
    }

    @Test
    void aCancelBeforeTheRunStopsIt() {
        try (NativeScene scene = given()) {
            scene.cancel();
            assertEquals("cancelled", fails(Kind.CANCELLED, () -> scene.run(null)).getMessage());
        }
    }

    @Test
    void aRunThatIsHardAtWorkStopsPromptly() {
        try (NativeScene scene = given(2000, Map.of())) {
            long[] stopped = {0};
            fails(Kind.CANCELLED, () -> scene.run((stage, done, total) -> {
                stopped[0] = System.nanoTime();
                return false;
            }));
            double seconds = (System.nanoTime() - stopped[0]) / 1e9;
            assertTrue(seconds < 0.5, seconds + " s");
        }
    }

    @Test
    void aBandThatWasNotGivenIsNamed() {
        try (NativeScene scene = NativeScene.feed(Scenes.description(SIDE), Map.of())) {
            for (String band : Scenes.BANDS.subList(1, Scenes.BANDS.size())) {
                scene.putDn(band, 0, 0, SIDE, SIDE, Scenes.dn(band, SIDE));
            }
            String text = fails(Kind.PARAMETER, () -> scene.run(null)).getMessage();
            assertTrue(text.contains("B02"), text);
        }
    }

    @Test
    void parametersAreCheckedByTheTable() {
        FeedDescription description = Scenes.description(SIDE);
        String text = fails(Kind.PARAMETER,
                () -> NativeScene.feed(description, Map.of("threads", "many"))).getMessage();
        assertTrue(text.contains("threads") && text.contains("many"), text);
        fails(Kind.PARAMETER, () -> NativeScene.feed(description, Map.of("thread", 1)));
        fails(Kind.PARAMETER, () -> NativeScene.feed(description, Map.of("cloudBuffer", Double.NaN)));
    }

    /** Characters that modified UTF-8 writes as surrogates, and the one that it writes as two bytes. */
    @Test
    void textsPassUnchanged() {
        String name = "Zürich 𝄞 大\0海";
        FeedDescription description = Scenes.description(SIDE);
        description.name = name;
        try (NativeScene scene = NativeScene.feed(description, Map.of())) {
            assertEquals(name, scene.description().name);
        }
        Path nowhere = Path.of("/nirgends/Zürich 𝄞 大海.SAFE");
        String text = fails(Kind.PRODUCT, () -> NativeScene.open(nowhere, null, Map.of())).getMessage();
        assertTrue(text.contains(nowhere.toString()), text);
        assertTrue(text.contains("\n  do: "), text);
    }

    @Test
    void anglesMayBeUnknown() {
        FeedDescription description = Scenes.description(SIDE);
        description.sun = new FeedDescription.Angles();
        description.sun.rows = 2;
        description.sun.columns = 2;
        description.sun.rowStep = 6000;
        description.sun.columnStep = 6000;
        description.sun.zenith = new float[] {40, Float.NaN, 41, 42};
        description.sun.azimuth = new float[] {150, Float.NaN, 151, 152};
        NativeScene.feed(description, Map.of()).close();
        description.easting = Double.NaN;
        fails(Kind.PARAMETER, () -> NativeScene.feed(description, Map.of()));
    }

    @Test
    void theTablesAreWhole() {
        Tables tables = NativeLibrary.tables();
        assertEquals("clearshore_flags", tables.flagBand);
        int last = -1;
        for (Tables.Flag flag : tables.flags) {
            assertTrue(flag.bit > last, flag.name);
            assertEquals(3, flag.colour.length);
            last = flag.bit;
        }
        Tables.Parameter resolution = tables.parameters.stream()
                .filter(parameter -> parameter.name.equals("resolution")).findFirst().orElseThrow();
        assertEquals("choice", resolution.kind);
        assertEquals(List.of("10", "20", "60"), resolution.values);
        assertNull(resolution.min);
    }
}
