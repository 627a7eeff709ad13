package org.clearshore;

import org.clearshore.ClearshoreException.Kind;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Brings the native library into the JVM: from the jar into a folder of its version, checked, then loaded.
 *
 * <p>Set the system property {@value #OVERRIDE} to the path of a library to load that one instead.
 */
public final class NativeLibrary {
    /** System property with the path of a library to load instead of the jar's. */
    public static final String OVERRIDE = "clearshore.native.library";

    private static boolean loaded;
    /** Where no ONNX Runtime has been put beside it yet. */
    private static Path unpacked;
    private static ClearshoreException failure;
    private static Tables tables;

    private NativeLibrary() {
    }

    /**
     * Loads the library once for this class loader; later calls do nothing, or fail as the first did.
     *
     * @param folder where to unpack to; {@code VERSION/OS-ARCH} is added below it
     */
    public static synchronized void load(Path folder) {
        if (failure != null) {
            throw new ClearshoreException(failure.kind(), failure.getMessage(), failure);
        }
        if (loaded) {
            return;
        }
        try {
            String override = System.getProperty(OVERRIDE);
            unpacked = override == null ? UnpackedLibrary.in(folder) : null;
            link(override == null ? unpacked : given(override));
            checkVersion();
            loaded = true;
        } catch (ClearshoreException e) {
            failure = e;
            throw e;
        }
    }

    /** Loads the library where that has not been done, into {@code .clearshore} in the user's home. */
    static void load() {
        load(Path.of(System.getProperty("user.home"), ".clearshore"));
    }

    /** Puts the plugin's ONNX Runtime, if any, beside the library: it is large, so only when a learned network may need it. */
    static synchronized void addOnnxRuntime() {
        if (unpacked != null) {
            UnpackedLibrary.addOnnxRuntime(unpacked);
            unpacked = null;
        }
    }

    /** The tables of the library. Loads it where that has not been done, into {@code .clearshore} in the user's home. */
    public static synchronized Tables tables() {
        load();
        if (tables == null) {
            tables = Json.read(Native.tables(), Tables.class);
        }
        return tables;
    }

    private static Path given(String override) {
        Path library = Path.of(override).toAbsolutePath();
        if (!Files.isRegularFile(library)) {
            throw new ClearshoreException(Kind.AUXILIARY, "Auxiliary error: the native library does not exist"
                    + "\n  where: " + library
                    + "\n  do: correct or remove the system property " + OVERRIDE, null);
        }
        return library;
    }

    private static void link(Path library) {
        try {
            try {
                System.load(library.toString());
            } catch (UnsatisfiedLinkError e) {
                // The JVM lends a file to one class loader only, so the others need files of their own.
                if (!String.valueOf(e.getMessage()).contains("already loaded in another classloader")) {
                    throw e;
                }
                System.load(UnpackedLibrary.copyOf(library).toString());
            }
        } catch (UnsatisfiedLinkError e) {
            throw new ClearshoreException(Kind.AUXILIARY, "Auxiliary error: the native library can't be loaded"
                    + "\n  where: " + library
                    + "\n  cause: " + e.getMessage()
                    + "\n  do: check that programs may run from this folder (mount option noexec, virus scanner)"
                    + " and that the library is for this system; the system property " + OVERRIDE
                    + " names another library", e);
        }
    }

    private static void checkVersion() {
        String expected = UnpackedLibrary.version();
        String found;
        try {
            found = Native.version();
        } catch (UnsatisfiedLinkError e) {
            found = "another library (" + e.getMessage() + ")";
        }
        if (!found.equals(expected)) {
            throw new ClearshoreException(Kind.AUXILIARY, "Auxiliary error: the native library is of another version"
                    + "\n  got: " + found
                    + "\n  expected: " + expected
                    + "\n  do: correct or remove the system property " + OVERRIDE, null);
        }
    }
}
