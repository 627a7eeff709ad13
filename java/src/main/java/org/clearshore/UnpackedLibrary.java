package org.clearshore;

import org.clearshore.ClearshoreException.Kind;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The library of the jar as a file, for only files can be loaded. Several JVMs may unpack it at once. */
final class UnpackedLibrary {
    private static final String ONNX_RUNTIME = "onnxruntime";

    private UnpackedLibrary() {
    }

    /** Version of the Java classes, and so of the library they need. */
    static String version() {
        try (InputStream resource = UnpackedLibrary.class.getResourceAsStream("version")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException e) {
            throw new ClearshoreException(Kind.IO, "Io error: the jar of Clearshore can't be read"
                    + "\n  cause: " + e, e);
        }
    }

    /** The library of this platform below a folder, or in the temporary folder where that one can't be written. */
    static Path in(Path folder) {
        Platform platform = Platform.current();
        byte[] content = platform.library();
        Path place = folder.resolve(version()).resolve(platform.name).toAbsolutePath();
        Path library = place.resolve(platform.fileName());
        try {
            put(library, content);
            return library;
        } catch (IOException e) {
            return temporary(library, content, e);
        }
    }

    /**
     * Puts the ONNX Runtime of the plugin that brings it beside a library, where that looks for it; nothing without that plugin. What
     * can't be put there is missed, and named, only by who wants a learned network.
     */
    static void addOnnxRuntime(Path library) {
        Platform platform = Platform.current();
        String name = platform.fileName(ONNX_RUNTIME);
        platform.content(name).ifPresent(content -> {
            Path file = library.resolveSibling(name);
            try {
                put(file, content);
            } catch (IOException e) {
                System.getLogger(NativeLibrary.class.getName()).log(System.Logger.Level.WARNING,
                        "Clearshore: ONNX Runtime can't be unpacked to " + file, e);
            }
        });
    }

    /** A copy beside a library, or in the temporary folder; it goes when the JVM ends, if the system lets it. */
    static Path copyOf(Path library) {
        try {
            byte[] content = Files.readAllBytes(library);
            try {
                return copy(library.getParent(), library, content);
            } catch (IOException e) {
                return temporary(library, content, e);
            }
        } catch (IOException e) {
            throw unwritable(library, e);
        }
    }

    private static Path temporary(Path library, byte[] content, IOException first) {
        try {
            return copy(Path.of(System.getProperty("java.io.tmpdir")), library, content);
        } catch (IOException e) {
            first.addSuppressed(e);
            throw unwritable(library, first);
        }
    }

    private static Path copy(Path folder, Path library, byte[] content) throws IOException {
        Path copy = Files.createTempFile(folder, "copy-", "-" + library.getFileName());
        copy.toFile().deleteOnExit();
        return Files.write(copy, content);
    }

    private static ClearshoreException unwritable(Path library, IOException cause) {
        return new ClearshoreException(Kind.IO, "Io error: the native library can't be unpacked"
                + "\n  where: " + library.getParent() + ", then " + System.getProperty("java.io.tmpdir")
                + "\n  cause: " + cause
                + "\n  do: make room on the disk or make one of the folders writable; or unpack the library from the"
                + " jar yourself and name it in the system property " + NativeLibrary.OVERRIDE, cause);
    }

    /** Writes a file where it does not hold the content already. */
    private static void put(Path file, byte[] content) throws IOException {
        if (!holds(file, content)) {
            Files.createDirectories(file.getParent());
            write(file, content);
        }
    }

    private static boolean holds(Path file, byte[] content) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) == content.length
                && MessageDigest.isEqual(sha256(Files.readAllBytes(file)), sha256(content));
    }

    /** Under another name first, so that nobody sees half of it. */
    private static void write(Path file, byte[] content) throws IOException {
        Path part = Files.createTempFile(file.getParent(), "part-", ".tmp");
        try {
            Files.write(part, content);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            // Another JVM was faster, and its file is in use.
            if (!holds(file, content)) {
                throw e;
            }
        }
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
