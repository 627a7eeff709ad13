package org.clearshore;

import java.nio.file.Path;
import java.util.Map;

/**
 * A scene in the native library: opened, run once, read in rectangles, closed.
 *
 * <p>Safe for use by several threads. After {@link #run} has ended, reads copy out of the finished result, in any
 * order and as often as wanted. Every method throws {@link ClearshoreException}; after {@link #close} always one of
 * kind {@code PARAMETER}.
 */
public final class NativeScene implements AutoCloseable {

    private NativeScene() {
    }

    /**
     * Opens a Level-1C product: a {@code .SAFE} folder, its zip archive, its {@code MTD_MSIL1C.xml} or a tile as on AWS.
     *
     * @param product    where it is
     * @param granule    which granule of a product with several (folder, identifier or tile); null for the only one
     * @param parameters values by the names of the parameter table; missing ones take their defaults
     */
    public static NativeScene open(Path product, String granule, Map<String, ?> parameters) {
        throw new UnsupportedOperationException();
    }

    /** Begins a scene whose pixels the caller gives, band by band, before the run. */
    public static NativeScene feed(FeedDescription description, Map<String, ?> parameters) {
        throw new UnsupportedOperationException();
    }

    /** What the scene is. */
    public SceneDescription description() {
        throw new UnsupportedOperationException();
    }

    /**
     * Gives raw numbers of a rectangle of a band's own raster, row by row; 0 is no data. A rectangle of a band finer
     * than the working grid begins and ends between pixels of the working grid.
     */
    public void putDn(String band, int x, int y, int width, int height, short[] dn) {
        throw new UnsupportedOperationException();
    }

    /** Gives reflectance of a rectangle of a band's own raster, row by row; NaN is no data. */
    public void putReflectance(String band, int x, int y, int width, int height, float[] reflectance) {
        throw new UnsupportedOperationException();
    }

    /**
     * Gives a rectangle of a quality mask whose raster has any of the bands' sizes; other than 0 is lost, defective or
     * without data.
     */
    public void putDefective(int rasterWidth, int rasterHeight, int x, int y, int width, int height, byte[] mask) {
        throw new UnsupportedOperationException();
    }

    /** Runs all detectors. A second call after success gives the same summary at once. */
    public RunSummary run(RunListener listener) {
        throw new UnsupportedOperationException();
    }

    /** Asks a run on another thread to stop; it ends with kind {@code CANCELLED}. */
    public void cancel() {
        throw new UnsupportedOperationException();
    }

    /** Copies flags of a rectangle, row by row. */
    public void readFlags(int x, int y, int width, int height, int[] flags) {
        throw new UnsupportedOperationException();
    }

    /** Copies classes of a rectangle, row by row. */
    public void readClasses(int x, int y, int width, int height, byte[] classes) {
        throw new UnsupportedOperationException();
    }

    /** Copies evidence bits of a rectangle, row by row; only with the parameter {@code copyEvidence}. */
    public void readEvidence(int x, int y, int width, int height, int[] evidence) {
        throw new UnsupportedOperationException();
    }

    /** Copies a feature of a rectangle, row by row; NaN where unknown; only with the parameter {@code copyFeatures}. */
    public void readFeature(String feature, int x, int y, int width, int height, float[] values) {
        throw new UnsupportedOperationException();
    }

    /** Frees the scene. A run on another thread ends with kind {@code CANCELLED}. Closing twice is allowed. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
