package org.clearshore;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/**
 * A scene in the native library: opened, run once, read in rectangles, closed.
 *
 * <p>Safe for use by several threads. After {@link #run} has ended, reads copy out of the finished result, in any
 * order and as often as wanted. Every method throws {@link ClearshoreException}; after {@link #close} always one of
 * kind {@code PARAMETER}.
 */
public final class NativeScene implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    /** Never used twice, so that the native library answers calls after the close with an error. */
    private final long handle;
    private final Cleaner.Cleanable closing;

    private NativeScene(long handle) {
        this.handle = handle;
        closing = CLEANER.register(this, () -> Native.close(handle));
    }

    /**
     * Opens a Level-1C product: a {@code .SAFE} folder, its zip archive, its {@code MTD_MSIL1C.xml} or a tile as on AWS.
     *
     * @param product    where it is
     * @param granule    which granule of a product with several (folder, identifier or tile); null for the only one
     * @param parameters values by the names of the parameter table; missing ones take their defaults
     */
    public static NativeScene open(Path product, String granule, Map<String, ?> parameters) {
        load(parameters);
        return new NativeScene(Native.open(product.toString(), granule, Json.write(parameters)));
    }

    /** Begins a scene whose pixels the caller gives, band by band, before the run. */
    public static NativeScene feed(FeedDescription description, Map<String, ?> parameters) {
        load(parameters);
        return new NativeScene(Native.feed(Json.write(description), Json.write(parameters)));
    }

    private static void load(Map<String, ?> parameters) {
        NativeLibrary.load();
        Object detector = parameters.get("cloudDetector");
        if (detector != null && !detector.equals("physics")) {
            NativeLibrary.addOnnxRuntime();
        }
    }

    /** What the scene is. */
    public SceneDescription description() {
        return Json.read(get(Native::describe), SceneDescription.class);
    }

    /**
     * The files of the elevation model {@code demName} that relief shadow may need and that SNAP's folder of it, or
     * {@code demFolder}, lacks. None for sea.
     */
    public List<DemCell> missingDemCells() {
        return List.of(Json.read(get(Native::missingDemCells), DemCell[].class));
    }

    /**
     * Gives raw numbers of a rectangle of a band's own raster, row by row; 0 is no data. A rectangle of a band finer
     * than the working grid begins and ends between pixels of the working grid.
     */
    public void putDn(String band, int x, int y, int width, int height, short[] dn) {
        with(scene -> Native.putDn(scene, band, x, y, width, height, dn));
    }

    /** Gives reflectance of a rectangle of a band's own raster, row by row; NaN is no data. */
    public void putReflectance(String band, int x, int y, int width, int height, float[] reflectance) {
        with(scene -> Native.putReflectance(scene, band, x, y, width, height, reflectance));
    }

    /**
     * Gives a rectangle of a quality mask whose raster has any of the bands' sizes; other than 0 is lost, defective or
     * without data.
     */
    public void putDefective(int rasterWidth, int rasterHeight, int x, int y, int width, int height, byte[] mask) {
        with(scene -> Native.putDefective(scene, rasterWidth, rasterHeight, x, y, width, height, mask));
    }

    /**
     * Gives a rectangle of the footprint of a band's detectors, whose raster has any of the bands' sizes: numbers 1 to 12, 0
     * where none looked. It may be left out: then the detectors are guessed. {@link SceneDescription#usedFootprints} says
     * of which bands it helps.
     */
    public void putDetectors(String band, int rasterWidth, int rasterHeight, int x, int y, int width, int height,
                             byte[] numbers) {
        with(scene -> Native.putDetectors(scene, band, rasterWidth, rasterHeight, x, y, width, height, numbers));
    }

    /**
     * Gives the wind over the scene, before the run; the last one counts. It is used where the parameters want the wind
     * of a forecast: with {@code computeGlint} and without {@code windSpeed}. A wind that none can be is a warning of
     * the run.
     */
    public void putWind(WindGrid wind) {
        with(scene -> Native.putWind(scene, Json.write(wind)));
    }

    /**
     * Runs all detectors. A second call after success gives the same summary at once.
     *
     * @param listener hears how far the run is; null for none
     */
    public RunSummary run(RunListener listener) {
        return Json.read(get(scene -> Native.run(scene, listener)), RunSummary.class);
    }

    /** Asks a run on another thread to stop; it ends with kind {@code CANCELLED}. */
    public void cancel() {
        with(Native::cancel);
    }

    /** Copies flags of a rectangle, row by row. */
    public void readFlags(int x, int y, int width, int height, int[] flags) {
        with(scene -> Native.readFlags(scene, x, y, width, height, flags));
    }

    /** Copies classes of a rectangle, row by row. */
    public void readClasses(int x, int y, int width, int height, byte[] classes) {
        with(scene -> Native.readClasses(scene, x, y, width, height, classes));
    }

    /** Copies evidence bits of a rectangle, row by row; only with the parameter {@code copyEvidence}. */
    public void readEvidence(int x, int y, int width, int height, int[] evidence) {
        with(scene -> Native.readEvidence(scene, x, y, width, height, evidence));
    }

    /** Copies a feature of a rectangle, row by row; NaN where unknown; only with the parameter {@code copyFeatures}. */
    public void readFeature(String feature, int x, int y, int width, int height, float[] values) {
        with(scene -> Native.readFeature(scene, feature, x, y, width, height, values));
    }

    /** Frees the scene. A run on another thread ends with kind {@code CANCELLED}. Closing twice is allowed. */
    @Override
    public void close() {
        closing.clean();
    }

    private <T> T get(LongFunction<T> call) {
        try {
            return call.apply(handle);
        } finally {
            // The cleaner must not close the scene during the call.
            Reference.reachabilityFence(this);
        }
    }

    private void with(LongConsumer call) {
        get(scene -> {
            call.accept(scene);
            return null;
        });
    }
}
