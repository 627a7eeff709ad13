package org.clearshore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The library on its way from the jar into the JVM, each time into a new JVM. */
class LoadingTest {
    private static final byte[] CONTENT = Platform.current().library();

    @TempDir
    Path folder;

    private Path library() {
        return folder.resolve(UnpackedLibrary.version()).resolve(Platform.current().name)
                .resolve(Platform.current().fileName());
    }

    private String load(List<String> options) throws Exception {
        return said(OtherJvm.run(options, Load.class, folder.toString()));
    }

    private static String said(OtherJvm.Ended ended) {
        assertEquals(0, ended.status, ended.output);
        return ended.output;
    }

    private List<String> filesInFolder() throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString())
                    .collect(Collectors.toList());
        }
    }

    @Test
    void itIsUnpackedOnceAndKept() throws Exception {
        assertEquals("loaded", load(List.of()));
        assertArrayEquals(CONTENT, Files.readAllBytes(library()));
        Object first = Files.readAttributes(library(), "fileKey,lastModifiedTime").toString();
        assertEquals("loaded", load(List.of()));
        assertEquals(first, Files.readAttributes(library(), "fileKey,lastModifiedTime").toString());
        assertEquals(List.of(Platform.current().fileName()), filesInFolder());
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncated", "corrupted", "empty"})
    void aSpoiltFileIsReplaced(String how) throws Exception {
        byte[] spoilt = CONTENT.clone();
        spoilt[spoilt.length / 2] ^= 1;
        Files.createDirectories(library().getParent());
        Files.write(library(), how.equals("corrupted") ? spoilt
                : Arrays.copyOf(CONTENT, how.equals("empty") ? 0 : CONTENT.length / 2));
        assertEquals("loaded", load(List.of()));
        assertArrayEquals(CONTENT, Files.readAllBytes(library()));
    }

    @Test
    void manyJvmsMayUnpackAtOnce() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int process = 0; process < 4; process++) {
            processes.add(OtherJvm.start(List.of(), Load.class, folder.toString()));
        }
        for (Process process : processes) {
            assertEquals("loaded", said(OtherJvm.end(process)));
        }
        assertArrayEquals(CONTENT, Files.readAllBytes(library()));
        assertEquals(List.of(Platform.current().fileName()), filesInFolder());
    }

    @Test
    void twoClassLoadersHaveALibraryEach() throws Exception {
        OtherJvm.Ended ended = OtherJvm.run(List.of("-Xcheck:jni"), LoadTwice.class, folder.toString());
        assertEquals("loaded\nloaded", said(ended));
        assertEquals(List.of(Platform.current().fileName()), filesInFolder(), "the copy is gone");
    }

    @Test
    void whereTheFolderCannotBeWrittenATemporaryOneServes() throws Exception {
        Files.createFile(folder.resolve(UnpackedLibrary.version()));
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        assertEquals("loaded", load(List.of("-Djava.io.tmpdir=" + temporary)));
        assertEquals(List.of(UnpackedLibrary.version()), filesInFolder(), "nothing stays behind");
    }

    @Test
    void whereNothingCanBeWrittenTheErrorSaysWhatToDo() throws Exception {
        Files.createFile(folder.resolve(UnpackedLibrary.version()));
        String text = load(List.of("-Djava.io.tmpdir=" + folder.resolve("nowhere")));
        assertTrue(text.contains("IO Io error: the native library can't be unpacked\n  where: " + folder), text);
        assertTrue(text.contains("nowhere") && text.contains("\n  do: make room on the disk"), text);
    }

    @Test
    void aMissingPlatformIsNamedWithThoseThatAreThere() throws Exception {
        String text = load(List.of("-Dos.arch=riscv64"));
        assertTrue(text.startsWith("AUXILIARY Auxiliary error: there is no native library for this platform"), text);
        String got = "\n  got: " + Platform.of(System.getProperty("os.name"), "riscv64").name;
        assertTrue(text.contains(got), text);
        assertTrue(text.contains("\n  expected: " + Platform.current().name), text);
        assertTrue(text.contains(NativeLibrary.OVERRIDE), text);
    }

    @Test
    void anotherLibraryCanBeNamed() throws Exception {
        Path other = Files.write(folder.resolve("other.so"), CONTENT);
        assertEquals("loaded", load(List.of("-Dclearshore.native.library=" + other)));
        assertFalse(Files.exists(library()));
    }

    @ParameterizedTest
    @CsvSource({
        "absent.so, the native library does not exist",
        "text.so, the native library can't be loaded",
        "libprefs.so, the native library is of another version",
    })
    void aWrongLibraryIsNamed(String name, String what) throws Exception {
        Path library = folder.resolve(name);
        if (name.equals("text.so")) {
            Files.writeString(library, "no library");
        } else if (name.equals("libprefs.so")) {
            library = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("prefs"));
        }
        String text = load(List.of("-Dclearshore.native.library=" + library));
        // The JVM may say something of its own before.
        assertTrue(text.contains("AUXILIARY Auxiliary error: " + what), text);
        assertTrue(text.contains(NativeLibrary.OVERRIDE), text);
    }

    @Test
    void aLibraryOfAnotherVersionIsRefused() throws Exception {
        Path classes = folder.resolve("classes");
        Files.createDirectories(classes.resolve("org/clearshore"));
        Files.writeString(classes.resolve("org/clearshore/version"), "9.8.7");
        String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
        String text = said(OtherJvm.end(OtherJvm.start(List.of(), classPath, Load.class, folder.toString())));
        assertTrue(text.startsWith("AUXILIARY"), text);
        assertTrue(text.contains("got: " + UnpackedLibrary.version() + "\n  expected: 9.8.7"), text);
    }

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x64, libclearshore_native.so", "Linux, aarch64, linux-aarch64, libclearshore_native.so",
        "Windows 11, amd64, win-x64, clearshore_native.dll", "Mac OS X, aarch64, osx-aarch64, libclearshore_native.dylib",
        "Mac OS X, x86_64, osx-x64, libclearshore_native.dylib",
    })
    void platformsAreNamedAsInTheJar(String system, String processor, String name, String file) {
        Platform platform = Platform.of(system, processor);
        assertEquals(name, platform.name);
        assertEquals(file, platform.fileName());
    }

    /** Only the library for the tests can fail on demand. */
    @Test
    void theJarsLibraryIsTheOneToShip() throws Exception {
        assertFalse(has(CONTENT, "NativeFailures"));
        assertTrue(has(CONTENT, "Java_org_clearshore_Native_version"));
        String forTests = System.getProperty("test.native");
        assumeTrue(Files.exists(Path.of(forTests)), forTests + " is absent");
        assertTrue(has(Files.readAllBytes(Path.of(forTests)), "NativeFailures"));
    }

    private static boolean has(byte[] content, String text) {
        return new String(content, StandardCharsets.ISO_8859_1).contains(text);
    }
}
