package org.clearshore;

import java.nio.file.Path;

/**
 * Brings the native library into the JVM: from the jar into a folder of its version, checked, then loaded.
 *
 * <p>Set the system property {@value #OVERRIDE} to the path of a library to load that one instead.
 */
public final class NativeLibrary {
    /** System property with the path of a library to load instead of the jar's. */
    public static final String OVERRIDE = "clearshore.native.library";

    private NativeLibrary() {
    }

    /**
     * Loads the library once for this class loader; later calls do nothing, or fail as the first did.
     *
     * @param folder where to unpack to; {@code VERSION/OS-ARCH} is added below it
     */
    public static void load(Path folder) {
        throw new UnsupportedOperationException();
    }

    /** The tables of the library. Loads it where that has not been done, into {@code .clearshore} in the user's home. */
    public static Tables tables() {
        throw new UnsupportedOperationException();
    }
}
