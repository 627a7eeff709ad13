package org.clearshore.snap;

import org.clearshore.ClearshoreException;
import org.clearshore.FeedDescription;
import org.clearshore.NativeScene;
import org.clearshore.RunListener;
import org.clearshore.SceneDescription;
import org.clearshore.WindGrid;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.OperatorException;

import java.awt.Point;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Where a scene's pixels come from and where its result lies: decided without looking at a pixel. */
final class ScenePlan {
    private static final List<Double> TILE_PIXEL_SIZES = List.of(10.0, 20.0, 60.0);

    /** The source's raster on whose grid flags are, and whose geo-coding they take; null where all have one size. */
    final Band reference;
    final SourceGrid grid;
    final SceneDescription scene;
    /** The original product; null where pixels come through SNAP's tiles. */
    final SafeFinder.Found original;
    /** What the user should know of how the way was chosen. */
    final List<String> notes = new ArrayList<>();

    private final Product source;
    private final L1cMetadata metadata;
    private final Map<String, Object> parameters;

    /**
     * @param safePath   where the user says that the original product is; may be null
     * @param parameters of the native library
     */
    ScenePlan(Product source, File safePath, int resolution, Map<String, Object> parameters) {
        this.source = source;
        this.parameters = new LinkedHashMap<>(parameters);
        metadata = metadata(source);
        if (!metadata.isPresent() && !source.getProductType().contains("Level-1C") && safePath == null) {
            throw new OperatorException("Source product '" + source.getName() + "' is no Sentinel-2 Level-1C product: "
                    + "its type is '" + source.getProductType() + "' and it has no Level-1C metadata. Give a Level-1C "
                    + "product, or set 'safePath' to the one from which it was made.");
        }
        reference = source.isMultiSize() ? SourceGrid.referenceBand(source, resolution) : null;
        grid = reference == null ? SourceGrid.of(source) : SourceGrid.of(reference);
        boolean tileSize = TILE_PIXEL_SIZES.contains(grid.pixelSize);
        if (tileSize) {
            this.parameters.put("resolution", (int) grid.pixelSize);
        }
        if (grid.pixelSize != resolution) {
            notes.add("the source has pixels of " + grid.pixelSize + " m: parameter resolution is not used");
        }
        SceneDescription tiles = null;
        RuntimeException unfit = null;
        try (NativeScene fed = NativeScene.feed(Feeding.describe(source, grid, metadata), this.parameters)) {
            tiles = fed.description();
        } catch (ClearshoreException | OperatorException failure) {
            unfit = failure;
        }
        Integer epsg = tiles == null ? metadata.epsg() : Integer.valueOf(tiles.grid.epsg);
        SafeFinder finder = new SafeFinder(metadata, grid, epsg, this.parameters, notes);
        if (safePath != null) {
            original = finder.named(safePath.toPath());
        } else if (tileSize) {
            original = finder.behind(source);
        } else {
            notes.add("no tile has pixels of " + grid.pixelSize + " m");
            original = null;
        }
        if (original == null && unfit != null) {
            throw unfit;
        }
        scene = original == null ? tiles : original.scene;
    }

    /** Where the target's first pixel lies in the native scene. */
    Point offset() {
        return original == null ? new Point() : original.offset;
    }

    /** Opens the scene; where it is not read from the original product, pixels remain to be given. */
    NativeScene begin(TileSource tiles) {
        if (original != null) {
            return NativeScene.open(original.path, original.granule, parameters);
        }
        FeedDescription description = Feeding.describe(source, grid, metadata);
        description.sun = AngleRasters.sun(source, grid, tiles);
        List<String> used = scene.usedBands.stream().map(L1cMetadata::snapName).collect(Collectors.toList());
        ViewAngles.addTo(description, used, metadata, source, grid, tiles);
        return NativeScene.feed(description, parameters);
    }

    /** Gives the wind that the source has in tie points, if it has any. */
    void giveWind(NativeScene scene) {
        WindGrid wind = TiePointWind.of(source, this.scene.grid);
        if (wind != null) {
            scene.putWind(wind);
        }
    }

    /** Gives the pixels of the source, where the scene is not read from the original product. */
    void feed(NativeScene scene, TileSource tiles, RunProgress progress) {
        if (original == null) {
            TileFeed.ofScene(source, scene, scene.description(), metadata.isUndegraded(), tiles)
                    .run(threads(), (done, all) -> progress.progress("reading tiles", done, all));
        }
    }

    /** What hears the run of a scene, and gives it the pixels of the source that it asks for. */
    RunListener listener(NativeScene scene, TileSource tiles, RunProgress progress) {
        return new RunListener() {
            @Override
            public boolean progress(String stage, long done, long total) {
                return progress.progress(stage, done, total);
            }

            @Override
            public void give(String band, int[] rectangles) {
                TileFeed.ofRequest(source, scene, band, rectangles, tiles)
                        .run(threads(), (done, all) -> progress.goesOn());
            }
        };
    }

    private int threads() {
        return (int) parameters.get("threads");
    }

    /** The metadata of the source, or of the product from which it was cut without its metadata. */
    private static L1cMetadata metadata(Product source) {
        for (Product product : SafeFinder.lineage(source)) {
            L1cMetadata metadata = L1cMetadata.of(product);
            if (metadata.isPresent()) {
                return metadata;
            }
        }
        return L1cMetadata.of(source);
    }
}
