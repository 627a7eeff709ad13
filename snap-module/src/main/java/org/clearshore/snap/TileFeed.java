package org.clearshore.snap;

import org.clearshore.NativeScene;
import org.clearshore.SceneDescription;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.Tile;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Pulls the pixels of a source product through SNAP and gives them to the native library. */
final class TileFeed {
    /** Side of the squares that are pulled, pixels: a multiple of SNAP's tiles, and of 6, so that none cuts a 60 m pixel. */
    static final int SIDE = 1536;
    /** How often the caller is asked whether to go on, milliseconds. */
    private static final long PERIOD = 100;
    /** SNAP's names of the quality masks that make a pixel unusable. */
    private static final List<String> MASKS = List.of("msi_lost", "defective", "nodata");
    /** The band that validity does not ask: a defective column of it costs cirrus, not the pixel. */
    private static final String CIRRUS = "B10";
    /** SNAP's names of the rasters that say which detector saw a pixel, before the band's. */
    private static final String FOOTPRINT = "B_detector_footprint_";

    /** Asked again and again whether to go on. */
    @FunctionalInterface
    interface Watch {
        boolean goesOn(int done, int all);
    }

    private final NativeScene scene;
    private final TileSource tiles;
    private final List<Runnable> squares = new ArrayList<>();
    private volatile boolean stopped;

    private TileFeed(NativeScene scene, TileSource tiles) {
        this.scene = scene;
        this.tiles = tiles;
    }

    /**
     * Everything that a scene wants before its run.
     *
     * @param scene        takes the pixels
     * @param wanted       what it wants
     * @param undegraded   whether the metadata says that the quality masks are empty
     */
    static TileFeed ofScene(Product source, NativeScene scene, SceneDescription wanted, boolean undegraded,
                            TileSource tiles) {
        TileFeed feed = new TileFeed(scene, tiles);
        feed.addBands(source, wanted.usedBands, undegraded);
        feed.addFootprints(source, wanted.usedFootprints);
        return feed;
    }

    /** The rectangles of a band that a run asks for: column, row, width, height, one after the other. */
    static TileFeed ofRequest(Product source, NativeScene scene, String wanted, int[] rectangles, TileSource tiles) {
        TileFeed feed = new TileFeed(scene, tiles);
        Band band = source.getBand(L1cMetadata.snapName(wanted));
        for (int i = 0; i < rectangles.length; i += 4) {
            Rectangle rectangle = new Rectangle(rectangles[i], rectangles[i + 1], rectangles[i + 2], rectangles[i + 3]);
            feed.squares.add(() -> feed.giveBand(band, rectangle));
        }
        return feed;
    }

    private void addBands(Product source, List<String> used, boolean undegraded) {
        for (String wanted : used) {
            String name = L1cMetadata.snapName(wanted);
            Band band = source.getBand(name);
            cut(band, rectangle -> giveBand(band, rectangle));
            if (!name.equals(CIRRUS)) {
                for (String mask : MASKS) {
                    RasterDataNode raster = mask(source, mask + "_" + name, undegraded);
                    if (raster != null) {
                        cut(raster, rectangle -> giveMask(raster, rectangle));
                    }
                }
            }
        }
    }

    /** Of all bands or of none: a guess for one is a guess for all. */
    private void addFootprints(Product source, List<String> used) {
        List<String> names = used.stream().map(L1cMetadata::snapName).collect(Collectors.toList());
        if (names.stream().allMatch(name -> source.getBand(FOOTPRINT + name) != null)) {
            for (String name : names) {
                Band footprint = source.getBand(FOOTPRINT + name);
                cut(footprint, rectangle -> giveFootprint(name, footprint, rectangle));
            }
        }
    }

    /** Pulls everything, in parallel as SNAP's own tile scheduler does; the calling thread listens. */
    void run(int threads, Watch watch) {
        ExecutorService workers = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "clearshore-tiles");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletionService<Void> ended = new ExecutorCompletionService<>(workers);
            for (Runnable square : squares) {
                ended.submit(() -> {
                    if (!stopped) {
                        square.run();
                    }
                }, null);
            }
            for (int done = 0; done < squares.size(); ) {
                if (!watch.goesOn(done, squares.size())) {
                    throw RunProgress.cancelled();
                }
                Future<Void> square = ended.poll(PERIOD, TimeUnit.MILLISECONDS);
                if (square != null) {
                    square.get();
                    done++;
                }
            }
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException
                    ? (RuntimeException) failure.getCause() : new OperatorException(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw RunProgress.cancelled();
        } finally {
            // No interrupt: it would close files under SNAP's readers. What is at work ends by itself.
            stopped = true;
            workers.shutdown();
        }
    }

    /** A quality mask: a raster where the product has them as rasters, drawn from vectors in older products. */
    private static RasterDataNode mask(Product source, String name, boolean undegraded) {
        Band band = source.getBand("B_" + name);
        if (band != null) {
            return undegraded ? null : band;
        }
        return source.getMaskGroup().get(name);
    }

    private void cut(RasterDataNode raster, Consumer<Rectangle> giver) {
        for (int y = 0; y < raster.getRasterHeight(); y += SIDE) {
            for (int x = 0; x < raster.getRasterWidth(); x += SIDE) {
                Rectangle rectangle = new Rectangle(x, y,
                        Math.min(SIDE, raster.getRasterWidth() - x), Math.min(SIDE, raster.getRasterHeight() - y));
                squares.add(() -> giver.accept(rectangle));
            }
        }
    }

    private void giveBand(Band band, Rectangle r) {
        Tile tile = tiles.get(band, r);
        if (Feeding.isRaw(band)) {
            scene.putDn(band.getName(), r.x, r.y, r.width, r.height, rawNumbers(band, tile));
        } else {
            scene.putReflectance(band.getName(), r.x, r.y, r.width, r.height, tile.getSamplesFloat());
        }
    }

    private void giveMask(RasterDataNode raster, Rectangle r) {
        byte[] mask = tiles.get(raster, r).getSamplesByte();
        scene.putDefective(raster.getRasterWidth(), raster.getRasterHeight(), r.x, r.y, r.width, r.height, mask);
    }

    private void giveFootprint(String band, Band footprint, Rectangle r) {
        byte[] numbers = tiles.get(footprint, r).getSamplesByte();
        scene.putDetectors(band, footprint.getRasterWidth(), footprint.getRasterHeight(), r.x, r.y, r.width, r.height,
                numbers);
    }

    /** Raw numbers, the band's own no-data value as 0. The array may be SNAP's: it is not to be changed. */
    private static short[] rawNumbers(Band band, Tile tile) {
        short[] dn = (short[]) tile.getRawSamples().getElems();
        short noData = (short) Math.round(band.getNoDataValue());
        if (!band.isNoDataValueUsed() || noData == 0) {
            return dn;
        }
        short[] cleaned = dn.clone();
        for (int i = 0; i < cleaned.length; i++) {
            if (cleaned[i] == noData) {
                cleaned[i] = 0;
            }
        }
        return cleaned;
    }
}
