package org.clearshore;

import static org.clearshore.Scenes.SIDE;
import static org.clearshore.Scenes.fails;
import static org.clearshore.Scenes.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.clearshore.ClearshoreException.Kind;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

@Tag("failures")
class FailuresTest {
    /** Longest time that a run may take to end after it was stopped, seconds. */
    private static final double PROMPT = 0.5;

    @BeforeAll
    static void load() {
        String library = System.getProperty(NativeLibrary.OVERRIDE);
        assumeTrue(library != null, "needs a library with the feature failures in " + NativeLibrary.OVERRIDE);
        NativeLibrary.load(Scenes.FOLDER);
    }

    @ParameterizedTest
    @CsvSource({
        "literal, a literal text", "formatted, a text about formatted", "index, index out of bounds",
        "worker, met a test",
    })
    void aPanicIsAnInternalErrorWithItsText(String kind, String text) {
        String message = fails(Kind.INTERNAL, () -> NativeFailures.panic(kind)).getMessage();
        assertTrue(message.contains(text), message);
        // Where several workers panic at once, the place may be lost.
        assertTrue(kind.equals("worker") || message.contains("failures.rs:"), message);
        assertTrue(message.contains("report"), message);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyKindOfErrorArrives(Kind kind) {
        String name = kind.name().charAt(0) + kind.name().substring(1).toLowerCase(Locale.ROOT);
        String expected = kind == Kind.CANCELLED ? "asked for" : name + " error: asked for\n  where: here";
        assertEquals(expected, fails(kind, () -> NativeFailures.fail(name)).getMessage());
    }

    @Test
    void aPanicInAWorkerEndsTheRunOnly() {
        try (NativeScene scene = given(); NativeScene other = given()) {
            NativeFailures.panicInNextRun();
            String message = fails(Kind.INTERNAL, () -> scene.run(null)).getMessage();
            assertTrue(message.contains("met a test"), message);
            other.run(null);
            assertEquals(SIDE * SIDE, Scenes.flags(other).length);
        }
    }

    static Stream<Throwable> throwables() {
        return Stream.of(new IllegalStateException("from the listener"), new AssertionError("an error"),
                new ClearshoreException(Kind.PRODUCT, "ours", null), new IOException("checked"));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void whatTheListenerThrowsComesOutUnchanged(Throwable thrown) {
        try (NativeScene scene = given()) {
            NativeFailures.waitInNextRun();
            int[] calls = {0};
            long[] start = {0};
            Throwable caught = assertThrows(Throwable.class, () -> scene.run((stage, done, total) -> {
                calls[0]++;
                start[0] = System.nanoTime();
                throw FailuresTest.<RuntimeException>unchecked(thrown);
            }));
            assertPrompt(start[0]);
            assertSame(thrown, caught);
            assertEquals(1, calls[0]);
            assertEquals(0, caught.getSuppressed().length);
            // The run is over.
            fails(Kind.PARAMETER, () -> Scenes.flags(scene));
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void theListenerIsCalledOnTheCallersThreadAndMayCancel() {
        try (NativeScene scene = given()) {
            NativeFailures.waitInNextRun();
            List<String> heard = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            fails(Kind.CANCELLED, () -> scene.run((stage, done, total) -> {
                heard.add(stage + " " + done + "/" + total);
                threads.add(Thread.currentThread());
                return heard.size() < 100;
            }));
            // A hundred calls: more than there is room for references in a native frame.
            assertEquals(100, heard.size());
            assertEquals("waiting 0/1", heard.get(99));
            threads.forEach(thread -> assertSame(Thread.currentThread(), thread));
        }
    }

    @ParameterizedTest
    @CsvSource({"cancel", "close"})
    void aRunStopsPromptlyFromAnotherThread(String how) throws Exception {
        NativeScene scene = given();
        NativeFailures.waitInNextRun();
        CountDownLatch runs = new CountDownLatch(1);
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(() -> scene.run((stage, done, total) -> {
            runs.countDown();
            return true;
        }));
        runs.await();
        fails(Kind.PARAMETER, () -> Scenes.flags(scene));
        fails(Kind.PARAMETER, () -> scene.run(null));
        long start = System.nanoTime();
        if (how.equals("cancel")) {
            scene.cancel();
        } else {
            scene.close();
        }
        Throwable cause = assertThrows(ExecutionException.class, run::get).getCause();
        assertPrompt(start);
        assertEquals(Kind.CANCELLED, ((ClearshoreException) cause).kind());
        scene.close();
    }

    private static void assertPrompt(long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(seconds < PROMPT, seconds + " s");
    }

    @Test
    void aSceneThatNobodyClosesIsFreed() throws Exception {
        System.gc();
        int before = NativeFailures.openScenes();
        for (int scene = 0; scene < 10; scene++) {
            NativeScene.feed(Scenes.description(SIDE), Map.of());
        }
        long end = System.nanoTime() + 20_000_000_000L;
        while (NativeFailures.openScenes() > before) {
            assertTrue(System.nanoTime() < end, "scenes are still open");
            System.gc();
            Thread.sleep(20);
        }
        try (NativeScene scene = NativeScene.feed(Scenes.description(SIDE), Map.of())) {
            assertEquals(SIDE, scene.description().grid.width);
            assertEquals(before + 1, NativeFailures.openScenes());
        }
        assertEquals(before, NativeFailures.openScenes());
    }

    /** With -Xcheck:jni the JVM says on its output what it does not like. */
    @Test
    void theJvmFindsNothingWrongAndEndsByItself() throws Exception {
        OtherJvm.Ended ended = OtherJvm.run(List.of("-Xcheck:jni",
                "-D" + NativeLibrary.OVERRIDE + "=" + System.getProperty(NativeLibrary.OVERRIDE)), Workload.class);
        assertEquals(0, ended.status, ended.output);
        assertEquals("all done", ended.output);
    }
}
