package org.clearshore.snapapi;

import java.awt.Rectangle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.RasterDataNode;

/** Counts the reads of a raster and lets a test slow them down or break them. */
public final class WatchedSamples implements Samples {
    private final Samples samples;
    private final Consumer<Rectangle> before;
    private final List<Rectangle> reads = new CopyOnWriteArrayList<>();

    private WatchedSamples(Samples samples, Consumer<Rectangle> before) {
        this.samples = samples;
        this.before = before;
    }

    /** Watches a raster from now on; the action runs before each read and may wait or throw. */
    public static WatchedSamples watch(RasterDataNode raster, Consumer<Rectangle> before) {
        Samples old = raster.getSamples();
        WatchedSamples watched = new WatchedSamples(old != null ? old : raster::readRasterData, before);
        raster.setSamples(watched);
        return watched;
    }

    public static WatchedSamples watch(RasterDataNode raster) {
        return watch(raster, region -> { });
    }

    /** The regions read so far, in order. */
    public List<Rectangle> reads() {
        return List.copyOf(reads);
    }

    @Override
    public ProductData read(Rectangle region) {
        reads.add(new Rectangle(region));
        before.accept(region);
        return samples.read(region);
    }
}
